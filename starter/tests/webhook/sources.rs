//! Sources with addresses of their own, over a real socket.

use crate::*;
use starter::auth::Scheme;
use starter::path_of;

const CURRENT: &str = "current-0123456789abcdef0123";
const PREVIOUS: &str = "previous-0123456789abcdef0123";

fn source(preset: Preset, name: &str, secret: &str) -> SourceConfig {
    of_scheme(preset.scheme().unwrap(), name, secret)
}

fn of_scheme(scheme: Scheme, name: &str, secret: &str) -> SourceConfig {
    let secret = SecretString::from(secret);
    SourceConfig::new("demo".parse().unwrap(), name.parse().unwrap(), scheme, secret)
}

fn path(name: &str) -> String {
    path_of(&"demo".parse().unwrap(), &name.parse().unwrap())
}

async fn post(server: &Server, path: &str, headers: &[(String, String)], body: &[u8]) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    server.raw(&request("POST", path, &all, body)).await
}

fn signed_by(preset: Preset, secret: &str, path: &str, body: &[u8]) -> Vec<(String, String)> {
    let url = format!("https://hooks.example.com{path}");
    let signer = Signer::of(preset, &SecretString::from(secret)).unwrap();
    let to_sign = ToSign { method: &http::Method::POST, url: &url, id: "msg_1", at: NOW, body };
    let signed = signer.sign(&to_sign).unwrap();
    signed.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn every_preset_is_served_at_the_sources_own_address() {
    for preset in Preset::ALL.iter().copied() {
        if matches!(preset, Preset::Unsigned | Preset::PathToken | Preset::StandardWebhooksEd25519) {
            continue;
        }
        let whsec = matches!(preset, Preset::Svix | Preset::StandardWebhooks);
        let secret = if whsec { "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" } else { CURRENT };
        let config =
            SourceConfig { public_url: Some("https://hooks.example.com".into()), ..source(preset, "crm", secret) };
        let server = Server::of(vec![config], ServerLimits::default()).await;
        let body = sample().to_string();
        let (path, body) = (path("crm"), body.as_bytes());
        let answer = post(&server, &path, &signed_by(preset, secret, &path, body), body).await;
        assert_eq!(answer.status, 202, "{preset}: {answer:?}");
        let other = if whsec { "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=" } else { PREVIOUS };
        let answer = post(&server, &path, &signed_by(preset, other, &path, body), body).await;
        answer.problem(401, "invalid-signature");
        server.raw(&request("GET", &path, &[], b"")).await.problem(405, "method-not-allowed");
    }
}

#[tokio::test]
async fn nobody_learns_which_sources_exist() {
    let server = Server::of(vec![source(Preset::Stripe, "pay", CURRENT)], ServerLimits::default()).await;
    let body = sample().to_string();
    let mut texts = Vec::new();
    for path in [
        path("pay"),
        path("nobody"),
        "/api/webhooks/other/pay".to_owned(),
        format!("{}/token", path("pay")),
        PATH.into(),
    ] {
        let answer =
            post(&server, &path, &signed_by(Preset::Stripe, PREVIOUS, &path, body.as_bytes()), body.as_bytes()).await;
        answer.problem(401, "invalid-signature");
        texts.push(answer.body);
        // A well-signed delivery of somebody else is none.
        if path != self::path("pay") {
            let good = signed_by(Preset::Stripe, CURRENT, &path, body.as_bytes());
            assert_eq!(post(&server, &path, &good, body.as_bytes()).await.body, texts[0]);
        }
        server.raw(&request("GET", &path, &[], b"")).await.problem(405, "method-not-allowed");
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    assert_eq!(server.starts(), []);
}

#[tokio::test]
async fn a_token_in_the_path_is_the_whole_path_behind_the_source() {
    let server = Server::of(vec![source(Preset::PathToken, "crm", CURRENT)], ServerLimits::default()).await;
    let body = sample().to_string();
    let good = format!("{}/{CURRENT}", path("crm"));
    assert_eq!(post(&server, &good, &[], body.as_bytes()).await.status, 202);
    for token in ["", &CURRENT[1..], &CURRENT.to_uppercase(), &format!("{CURRENT}x"), "%63urrent-0123456789abcdef0123"]
    {
        let answer = post(&server, &format!("{}/{token}", path("crm")), &[], body.as_bytes()).await;
        assert!(matches!(answer.status, 401 | 404), "{token}: {answer:?}");
    }
    post(&server, &path("crm"), &[], body.as_bytes()).await.problem(401, "invalid-signature");
}

#[tokio::test]
async fn an_unsigned_source_accepts_anybody_when_that_is_meant() {
    let config = source(Preset::Unsigned, "crm", "");
    let config = SourceConfig { secrets: vec![], i_accept_unsigned_events: true, ..config };
    let server = Server::of(vec![config], ServerLimits::default()).await;
    let body = sample().to_string();
    assert_eq!(post(&server, &path("crm"), &[], body.as_bytes()).await.status, 202);
    // It is not thereby in the common address.
    server.post(&[], body.as_bytes()).await.problem(401, "invalid-signature");
}

#[tokio::test]
async fn w15_a_secret_is_changed_while_serving_and_the_old_one_counts_as_long_as_it_is_kept() {
    let config = source(Preset::PersonChange, "crm", PREVIOUS);
    let server = Server::of(vec![config], ServerLimits::default()).await;
    let body = sample().to_string();
    let statuses = async || {
        let mut statuses = Vec::new();
        for secret in [CURRENT, PREVIOUS] {
            for path in [PATH, &path("crm")] {
                let headers = signed_by(Preset::PersonChange, secret, path, body.as_bytes());
                statuses.push(post(&server, path, &headers, body.as_bytes()).await.status);
            }
        }
        statuses
    };
    let rotate = |secrets: &[&str]| {
        let secrets: Vec<SecretString> = secrets.iter().map(|text| SecretString::from(*text)).collect();
        server.sources.rotate(&"demo".parse().unwrap(), &"crm".parse().unwrap(), &secrets).unwrap()
    };
    assert_eq!(statuses().await, [401, 401, 202, 202]);
    assert!(rotate(&[CURRENT, PREVIOUS]));
    assert_eq!(statuses().await, [202, 202, 202, 202]);
    assert!(rotate(&[CURRENT]));
    assert_eq!(statuses().await, [202, 202, 401, 401]);
}

#[tokio::test]
async fn w8_a_signature_of_any_length_is_refused_and_never_an_error() {
    for preset in [Preset::PersonChange, Preset::Github, Preset::Shopify, Preset::Stripe, Preset::Fullenrich] {
        let server = Server::of(vec![source(preset, "crm", CURRENT)], ServerLimits::default()).await;
        let (body, path) = (sample().to_string(), path("crm"));
        for length in (0..140).chain([1000, 10_000]) {
            let mut headers = signed_by(preset, CURRENT, &path, body.as_bytes());
            let value = &mut headers.last_mut().unwrap().1;
            if length == value.len() {
                continue;
            }
            *value = value.chars().cycle().take(length).collect();
            let answer = post(&server, &path, &headers, body.as_bytes()).await;
            assert_eq!(answer.status, 401, "{preset} {length}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn w9_a_time_that_is_no_plain_number_is_refused_although_it_is_signed() {
    let server = Server::of(vec![source(Preset::Slack, "crm", CURRENT)], ServerLimits::default()).await;
    let (body, path) = (sample().to_string(), path("crm"));
    let seconds = NOW / 1000;
    for time in [
        "NaN".to_owned(),
        format!("{seconds}abc"),
        format!("{seconds}.0"),
        format!("+{seconds}"),
        format!("0{seconds}"),
        "1e9".into(),
    ] {
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(CURRENT.as_bytes()).unwrap();
        mac.update(format!("v0:{time}:{body}").as_bytes());
        let signature = format!("v0={}", hex::encode(mac.finalize().into_bytes()));
        let headers = [("x-slack-request-timestamp".to_owned(), time), ("x-slack-signature".to_owned(), signature)];
        post(&server, &path, &headers, body.as_bytes()).await.problem(401, "invalid-signature");
    }
}

#[tokio::test]
async fn w11_one_event_id_of_two_sources_is_two_events() {
    let sources = vec![source(Preset::Github, "crm", CURRENT), source(Preset::Github, "hr", PREVIOUS)];
    let server = Server::of(sources, ServerLimits::default()).await;
    let mut ids = Vec::new();
    for (name, secret) in [("crm", CURRENT), ("hr", PREVIOUS)] {
        let mut event = sample();
        event["source"] = name.into();
        let body = event.to_string();
        let headers = signed_by(Preset::Github, secret, &path(name), body.as_bytes());
        let answer = post(&server, &path(name), &headers, body.as_bytes()).await;
        ids.push(answer.json()["workflowId"].as_str().unwrap().to_owned());
        // Nor does the one speak for the other.
        let other = if name == "crm" { "hr" } else { "crm" };
        post(&server, &path(other), &headers, body.as_bytes()).await.problem(401, "invalid-signature");
    }
    assert_eq!(ids, ["buyer-group-refresh/demo/crm/evt_001", "buyer-group-refresh/demo/hr/evt_001"]);
}

#[tokio::test]
async fn a_body_that_is_not_text_is_verified_before_it_is_refused() {
    let server = Server::of(vec![source(Preset::Github, "crm", CURRENT)], ServerLimits::default()).await;
    let body = b"\xff\xfe\x00{\"id\"";
    let headers = signed_by(Preset::Github, CURRENT, &path("crm"), body);
    post(&server, &path("crm"), &headers, body).await.problem(400, "invalid-json");
}
