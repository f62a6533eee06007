//! What the earlier design got wrong at this door, by the number under which it is known.

use crate::*;

/// Invalid JSON or a missing field was a 500, and neither size nor depth had a limit.
#[tokio::test]
async fn w10_what_cannot_be_read_is_the_senders_fault_and_has_a_limit() {
    let server = Server::start().await;
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    for (body, status, kind) in [
        (b"{".to_vec(), 400, "invalid-json"),
        (deep.into_bytes(), 400, "invalid-json"),
        (b"{}".to_vec(), 422, "invalid-event"),
        (vec![b' '; starter::intake::MAX_BODY + 1], 413, "body-too-large"),
    ] {
        server.deliver(&body).await.problem(status, kind);
    }
    assert_eq!(server.starts(), []);
}

/// The text of an internal error was returned to the sender.
#[tokio::test]
async fn w14_what_goes_wrong_inside_stays_inside() {
    let server = Server::start().await;
    let body = sample().to_string();
    for (script, status, kind) in [
        (Script::Reject, 500, "internal-error"),
        (Script::Panic, 500, "internal-error"),
        (Script::Unavailable, 503, "temporarily-unavailable"),
    ] {
        server.script(script);
        let answer = server.deliver(body.as_bytes()).await;
        answer.problem(status, kind);
        for inside in ["internal text", "internal-host", "refused", "InvalidArgument", "panicked", ".rs"] {
            assert!(!answer.body.contains(inside), "{inside}: {answer:?}");
        }
    }
}

/// Nothing was tested end to end, and every authentic call was a 500.
#[tokio::test]
async fn w19_an_authentic_call_ends_in_a_start() {
    let server = Server::start().await;
    let body = sample().to_string();
    let answer = server.deliver(body.as_bytes()).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (202, json!("accepted")), "{answer:?}");
    let starts = server.starts();
    assert_eq!(starts.len(), 1);
    assert_eq!(
        (starts[0].event.id.as_str(), starts[0].company.named().unwrap().name.as_str()),
        ("evt_001", "Test Company")
    );
}
