//! Bodies beyond 64 KiB: to whom they are open, and what strangers learn of that.

use crate::*;
use starter::auth::SourceLimits;
use starter::intake::{LARGEST_BODY, MAX_BODY};
use starter::intakes::{Intake, MAX_EVENTS};
use std::num::NonZeroU32;

const TOKEN: &str = "coresignal-0123456789abcdef01234";

fn batches(limits: SourceLimits) -> SourceConfig {
    let scheme = Preset::PathToken.scheme().unwrap();
    let config = SourceConfig::new("demo".parse().unwrap(), "feed".parse().unwrap(), scheme, TOKEN.into());
    SourceConfig { intake: Intake::CoresignalEmployee, limits, ..config }
}

fn single(name: &str, secret: &str, max_body: Option<usize>) -> SourceConfig {
    let scheme = Preset::PersonChange.scheme().unwrap();
    let config = SourceConfig::new("demo".parse().unwrap(), name.parse().unwrap(), scheme, secret.into());
    let max_body = max_body.map(|bytes| NonZeroU32::new(u32::try_from(bytes).unwrap()).unwrap());
    SourceConfig { limits: SourceLimits { max_body, ..SourceLimits::default() }, ..config }
}

/// So many changes, each of another person.
fn changes(count: usize) -> Vec<u8> {
    let one = |n: usize| json!({"member_id": 90_000_000 + n, "status": "changed", "changed_fields": ["experience", "headline"]});
    Value::from((0..count).map(one).collect::<Vec<_>>()).to_string().into_bytes()
}

impl Server {
    async fn send(&self, path: &str, secret: &str, body: &[u8]) -> Answer {
        let (at, signature) = (NOW.to_string(), signed(secret, body));
        let headers = [("content-type", "application/json"), ("x-timestamp", &*at), ("x-signature", &*signature)];
        self.raw(&request("POST", path, &headers, body)).await
    }

    async fn send_changes(&self, body: &[u8]) -> Answer {
        let path = format!("/api/webhooks/demo/feed/{TOKEN}");
        self.raw(&request("POST", &path, &[("content-type", "application/json")], body)).await
    }
}

/// From about 600 changes on a batch was refused, and its sender does not send it again.
#[tokio::test]
async fn a_batch_of_a_thousand_changes_is_taken_whole() {
    let server = Server::of(vec![batches(SourceLimits::default())], ServerLimits::default()).await;
    let body = changes(1_000);
    assert!(body.len() > MAX_BODY);
    let answer = server.send_changes(&body).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (202, json!("accepted")), "{answer:?}");
    assert_eq!(answer.json()["events"].as_array().unwrap().len(), 1_000);
    assert_eq!(server.starts().len(), 1_000);
}

#[tokio::test]
async fn more_events_than_one_delivery_may_hold_are_refused_as_that() {
    let server = Server::of(vec![batches(SourceLimits::default())], ServerLimits::default()).await;
    server.send_changes(&changes(MAX_EVENTS + 1)).await.problem(413, "too-many-events");
    // Many values in few events are no way around.
    let body = format!("[{{\"member_id\":1,\"status\":\"changed\",\"x\":[{}0]}}]", "0,".repeat(400_000));
    server.send_changes(body.as_bytes()).await.problem(413, "too-many-events");
    assert_eq!(server.starts(), []);
}

#[tokio::test]
async fn a_source_may_be_given_more_at_its_own_path_and_only_there() {
    let longest = 3 * MAX_BODY;
    let sources = vec![single("crm", SECRET, Some(longest)), single("hr", SECOND, None)];
    let server = Server::of(sources, ServerLimits::default()).await;
    let padded = |length: usize| {
        let mut body = sample().to_string().into_bytes();
        body.resize(length, b' ');
        body
    };
    assert_eq!(server.send("/api/webhooks/demo/crm", SECRET, &padded(longest)).await.status, 202);
    server.send("/api/webhooks/demo/crm", SECRET, &padded(longest + 1)).await.problem(413, "body-too-large");
    server.send(PATH, SECRET, &padded(MAX_BODY + 1)).await.problem(413, "body-too-large");
    // Another source is not given what this one is.
    let refused = server.send("/api/webhooks/demo/hr", SECOND, &padded(MAX_BODY + 1)).await;
    let detail = refused.problem(413, "body-too-large")["detail"].clone();
    assert_eq!(detail, format!("The body is larger than {MAX_BODY} bytes."));
    assert_eq!(server.starts().len(), 1);
}

/// Whether a source exists, and how much it may send, is for those who can prove that they are it.
#[tokio::test]
async fn strangers_hear_the_same_of_every_path_at_every_length() {
    let sources = vec![single("crm", SECRET, Some(4 * MAX_BODY)), single("hr", SECOND, None)];
    let server = Server::of(sources, ServerLimits::default()).await;
    for (length, status) in [
        (100, 401),
        (MAX_BODY, 401),
        (MAX_BODY + 1, 401),
        (4 * MAX_BODY, 401),
        (4 * MAX_BODY + 1, 413),
        (LARGEST_BODY + 1, 413),
    ] {
        let body = vec![b' '; length];
        let mut answers = Vec::new();
        for path in ["demo/crm", "demo/hr", "demo/nobody", "nobody/crm", "demo/crm/token", "demo/nobody/token"] {
            let answer = server.send(&format!("/api/webhooks/{path}"), "nobody-at-all-0123456789abcdef", &body).await;
            assert_eq!(answer.status, status, "{path} {length}: {answer:?}");
            let headers: Vec<_> = answer.headers.into_iter().filter(|(name, _)| name != "date").collect();
            answers.push((headers, answer.body));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{length}: {answers:?}");
    }
    assert_eq!(server.starts(), []);
}

#[tokio::test]
async fn a_large_body_for_which_there_is_no_memory_is_shed() {
    let limits = ServerLimits { body_budget: 4 * MAX_BODY, ..ServerLimits::default() };
    let server = Server::of(vec![batches(SourceLimits::default())], limits).await;
    let body = changes(5_000);
    assert!(body.len() > 3 * MAX_BODY);
    server.send_changes(&body).await.problem(503, "overloaded");
    // The same, when it does not say beforehand how long it is.
    let head = format!(
        "POST /api/webhooks/demo/feed/{TOKEN} HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n",
        body.len()
    );
    let answer = server.raw(&[head.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat()).await;
    answer.problem(503, "overloaded");
    assert_eq!((answer.header("connection"), answer.header("retry-after")), (Some("close"), Some("1")));
    assert_eq!(server.send_changes(&changes(10)).await.status, 202);
}

#[tokio::test]
async fn each_event_of_a_batch_takes_a_token() {
    let limits = SourceLimits { per_second: NonZeroU32::new(1), burst: NonZeroU32::new(10), max_body: None };
    let server = Server::of(vec![batches(limits)], ServerLimits::default()).await;
    let answer = server.send_changes(&changes(4)).await;
    assert_eq!((answer.status, answer.header("ratelimit")), (202, Some("\"source\";r=6")), "{answer:?}");
    let answer = server.send_changes(&changes(9)).await;
    answer.problem(429, "rate-limited");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
    assert_eq!(server.starts().len(), 4, "all or none");

    // What is more than the bucket ever holds passes when it is full: it could never pass otherwise.
    let server = Server::of(vec![batches(limits)], ServerLimits::default()).await;
    let answer = server.send_changes(&changes(30)).await;
    assert_eq!((answer.status, answer.header("ratelimit")), (202, Some("\"source\";r=0")), "{answer:?}");
    server.send_changes(&changes(9)).await.problem(429, "rate-limited");
}
