//! Who sent it. Every failure is the same 401.

use crate::*;

/// Signature headers that are nearly right: one refused delivery each.
fn nearly(body: &[u8]) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let at = NOW.to_string();
    let good = signed(SECRET, body);
    let with = |signature: String| vec![("x-timestamp", NOW.to_string()), ("x-signature", signature)];
    let upper_letter = good.chars().map(|c| c.to_ascii_uppercase()).collect::<String>();
    vec![
        ("nothing at all", vec![]),
        ("no signature", vec![("x-timestamp", at.clone())]),
        ("no timestamp", vec![("x-signature", good.clone())]),
        ("empty", with(String::new())),
        ("one byte", with("a".into())),
        ("odd length", with(good[..63].into())),
        ("too short", with(good[..62].into())),
        ("too long", with(format!("{good}00"))),
        ("twice in one value", with(format!("{good}{good}"))),
        ("ten thousand characters", with("a".repeat(10_000))),
        ("upper case", with(upper_letter)),
        ("not hexadecimal", with("z".repeat(64))),
        ("prefixed", with(format!("sha256={good}"))),
        ("a 0x before", with(format!("0x{good}"))),
        ("comma list", with(format!("{good},{good}"))),
        ("space list", with(format!("{good} {good}"))),
        ("base64", with("5bO0SzKpV3o2Yg1xAkTn6pZrKz1w0A9v8uB7cD6eF5g=".into())),
        ("not ASCII", with("é".repeat(32))),
        ("full-width digits", with("０".repeat(64))),
        ("all zeros", with("0".repeat(64))),
        ("another secret", with(signed("a secret that nobody configured", body))),
        ("another body", with(signed(SECRET, b"{}"))),
        ("the body with a newline", with(signed(SECRET, &[body, b"\n"].concat()))),
        (
            "doubled signature",
            vec![("x-timestamp", at.clone()), ("x-signature", good.clone()), ("x-signature", good.clone())],
        ),
        ("doubled timestamp", vec![("x-timestamp", at.clone()), ("x-timestamp", at), ("x-signature", good)]),
    ]
}

#[tokio::test]
async fn every_failure_is_the_same_401() {
    let server = Server::start().await;
    let body = sample().to_string();
    let mut bodies = Vec::new();
    for (case, headers) in nearly(body.as_bytes()) {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = server.post(&headers, body.as_bytes()).await;
        assert_eq!(answer.status, 401, "{case}: {answer:?}");
        answer.problem(401, "invalid-signature");
        bodies.push((case, answer.body));
    }
    for (case, text) in &bodies {
        assert_eq!(text, &bodies[0].1, "{case} tells something");
    }
    assert_eq!(server.starts(), []);
}

#[tokio::test]
async fn a_timestamp_in_any_other_form_is_refused_although_it_is_signed() {
    let server = Server::start().await;
    let seconds = (NOW / 1000).to_string();
    let twenty = "1".repeat(20);
    let forms = [
        "NaN",
        "1e3",
        "0x10",
        "-1",
        "-1760097600000",
        "+1760097600000",
        "01760097600000",
        "0",
        twenty.as_str(),
        &seconds,
        "1760097600000.0",
        "1760097600000.5",
        "1760097600000,0",
        "17600976 00000",
        "１７６００９７６０００００",
        "1760097600000Z",
        "9223372036854775807",
        "9223372036854775808",
        "Fri, 10 Oct 2025 12:00:00 GMT",
    ];
    for form in forms {
        let body = sample().to_string();
        // An independent computation of the MAC, over exactly these bytes.
        let signature = splice(SECRET, form, &body);
        let answer = server.post(&[("x-timestamp", form), ("x-signature", &signature)], body.as_bytes()).await;
        assert_eq!(answer.status, 401, "{form}: {answer:?}");
        answer.problem(401, "invalid-signature");
    }
    assert_eq!(server.starts(), []);
}

fn splice(secret: &str, timestamp: &str, body: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn the_window_includes_its_edges() {
    let server = Server::start().await;
    for (offset, status) in [(-300_000, 202), (300_000, 202), (-300_001, 401), (300_001, 401)] {
        let (at, body) = ((NOW + offset).to_string(), sample().to_string());
        let signature = signed_at(SECRET, NOW + offset, body.as_bytes());
        assert_eq!(signature, splice(SECRET, &at, &body));
        let answer = server.post(&[("x-timestamp", &at), ("x-signature", &signature)], body.as_bytes()).await;
        assert_eq!(answer.status, status, "{offset}: {answer:?}");
    }
}

#[tokio::test]
async fn a_dot_cannot_be_moved_out_of_the_body() {
    let server = Server::start().await;
    let body = sample().to_string();
    let signature = signed(SECRET, format!("5.{body}").as_bytes());
    let answer =
        server.post(&[("x-timestamp", &format!("{NOW}.5")), ("x-signature", &signature)], body.as_bytes()).await;
    answer.problem(401, "invalid-signature");
}

#[tokio::test]
async fn one_source_name_in_two_workspaces_is_told_apart_by_the_secret() {
    let server = Server::start().await;
    let body = sample().to_string();
    for (secret, workspace) in [(SECRET, "demo"), (SECOND, "second")] {
        let signature = signed(secret, body.as_bytes());
        let answer =
            server.post(&[("x-timestamp", &NOW.to_string()), ("x-signature", &signature)], body.as_bytes()).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        assert_eq!(answer.json()["workflowId"], format!("buyer-group-refresh/{workspace}/crm/evt_001"));
    }
    let workspaces: Vec<String> = server.starts().into_iter().map(|request| request.workspace.to_string()).collect();
    assert_eq!(workspaces, ["demo", "second"]);
}

#[tokio::test]
async fn a_bad_signature_is_found_before_a_bad_body() {
    let server = Server::start().await;
    for body in ["", "{", "[]", "{\"source\":\"other\"}"] {
        let answer =
            server.post(&[("x-timestamp", &NOW.to_string()), ("x-signature", &"0".repeat(64))], body.as_bytes()).await;
        answer.problem(401, "invalid-signature");
    }
}
