//! Each payload at the address of a source that is configured for it, signed as its sender signs.

use crate::*;
use contracts::{CompanyWanted, SourceName, StartRequest};
use starter::intakes::Intake;
use std::num::NonZeroU32;

const LUSHA: &str = "lusha-0123456789abcdef0123456789";
const STANDARD: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
const CORESIGNAL: &str = "coresignal-0123456789abcdef01234";

fn source(name: &str, preset: Preset, intake: Intake, secret: &str) -> SourceConfig {
    let scheme = preset.scheme().unwrap();
    let config = SourceConfig::new("demo".parse().unwrap(), name.parse().unwrap(), scheme, secret.into());
    SourceConfig { intake, ..config }
}

async fn server() -> Server {
    let sources = vec![
        source("lusha", Preset::Lusha, Intake::LushaSignal, LUSHA),
        source("partner", Preset::StandardWebhooks, Intake::Standard, STANDARD),
        source("coresignal", Preset::PathToken, Intake::CoresignalEmployee, CORESIGNAL),
    ];
    Server::of(sources, ServerLimits::default()).await
}

impl Server {
    async fn send_as(&self, name: &str, preset: Preset, secret: &str, id: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let signer = Signer::of(preset, &SecretString::from(secret)).unwrap();
        let to_sign = ToSign { method: &http::Method::POST, url: "", id, at: NOW, body: body.as_bytes() };
        let signed = signer.sign(&to_sign).unwrap();
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(signed.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())));
        self.raw(&request("POST", &format!("/api/webhooks/demo/{name}"), &headers, body.as_bytes())).await
    }
}

#[tokio::test]
async fn a_standard_webhook_has_the_signed_id_and_no_other() {
    let server = server().await;
    let event = json!({"type": "person.role_change", "timestamp": "2025-10-10T12:00:00Z", "data": {
        "person": {"id": "p_1", "oldTitle": "VP Sales", "newTitle": "CRO"}, "company": {"name": "Harbour Works"}}});
    let answer = server.send_as("partner", Preset::StandardWebhooks, STANDARD, "msg_1", &event).await;
    assert_eq!((answer.status, answer.json()["eventId"].clone()), (202, json!("msg_1")), "{answer:?}");
    assert_eq!(server.starts()[0].event.source, "partner".parse::<SourceName>().unwrap());
}

#[tokio::test]
async fn lusha_hears_what_it_demands_and_an_opt_out_becomes_a_suppression() {
    let server = server().await;
    let signal = json!({"id": "sig-1", "type": "companyChange", "entityType": "contact", "entityId": 42,
        "data": {"currentCompanyName": "Harbour Works", "currentDomain": "harbour.example",
            "previousCompanyName": "Acme", "signalDate": "2025-10-09"}});
    let answer = server.send_as("lusha", Preset::Lusha, LUSHA, "", &signal).await;
    assert_eq!((answer.status, answer.json()["received"].clone()), (201, json!(true)), "{answer:?}");
    let companies: Vec<_> = server.starts().iter().map(|start| start.company.named().unwrap().name.clone()).collect();
    assert_eq!(companies, ["Harbour Works", "Acme"]);

    let golden = include_str!("../golden/lusha_signal.v1/opt_out.json");
    let golden: Value = serde_json::from_str(golden).unwrap();
    let answer = server.send_as("lusha", Preset::Lusha, LUSHA, "", &golden["body"]).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let suppressed = server.recorder.all.lock().unwrap().clone();
    let Some(StartRequest::Suppress(request)) = suppressed.last() else { panic!("{suppressed:?}") };
    assert!(!request.data_points.is_empty());
    assert!(!format!("{request:?}").contains('@'), "contact data in {request:?}");
}

#[tokio::test]
async fn of_a_delivery_with_several_events_each_is_judged_alone() {
    let server = server().await;
    let golden = include_str!("../golden/coresignal_employee.v1/one_of_three_is_wrong.json");
    let golden: Value = serde_json::from_str(golden).unwrap();
    let body = golden["body"].to_string();
    let path = format!("/api/webhooks/demo/coresignal/{CORESIGNAL}");
    let answer = server.raw(&request("POST", &path, &[("content-type", "application/json")], body.as_bytes())).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (202, json!("partly")), "{answer:?}");
    let events = answer.json()["events"].as_array().unwrap().len();
    let starts = server.starts();
    assert!(events == 3 && starts.len() == 2, "{answer:?}");
    assert!(starts.iter().all(|start| matches!(start.company, CompanyWanted::EmployerOf { .. })));
}

/// One company was refreshed when somebody moved, and the one they had left kept them.
#[tokio::test]
async fn w16_a_move_refreshes_both_companies() {
    let server = Server::start().await;
    let event = json!({
        "id": "evt_move", "source": "crm", "type": "person.company_change", "timestamp": "2025-10-10T12:00:00Z",
        "person": {"id": "p_123", "oldCompany": "Acme", "newCompany": "Harbour Works"},
        "company": {"name": "Harbour Works"}});
    let answer = server.deliver(event.to_string().as_bytes()).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let starts = server.starts();
    let started: Vec<_> =
        starts.iter().map(|start| (start.event.id.as_str(), start.company.named().unwrap().name.as_str())).collect();
    assert_eq!(started, [("evt_move", "Harbour Works"), ("evt_move:from", "Acme")]);
}

/// What asks for nothing was answered as if the sender had sent too much, and the sender came again.
#[tokio::test]
async fn w13_what_asks_for_nothing_is_acknowledged_as_that() {
    let server = Server::start().await;
    let mut event = sample();
    event["type"] = json!("person.birthday");
    let answer = server.deliver(event.to_string().as_bytes()).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (200, json!("ignored")), "{answer:?}");
    assert_eq!(answer.json()["reason"], "no refresh follows from events of this type");
    assert_eq!(server.starts(), []);
}

/// A change without a change caused a paid refresh.
#[tokio::test]
async fn w17_a_change_without_a_change_starts_nothing() {
    let server = Server::start().await;
    let mut event = sample();
    event["changes"] = json!({"title": {"old": "CRO", "new": "CRO"}});
    event["person"]["oldTitle"] = json!("CRO");
    let answer = server.deliver(event.to_string().as_bytes()).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (200, json!("ignored")), "{answer:?}");
    assert_eq!(server.starts(), []);
}

/// There was no tenant at all, and equal ids of two senders were one event.
#[tokio::test]
async fn w12_the_workspace_is_the_secrets_and_never_the_bodys() {
    let server = Server::start().await;
    let mut event = sample();
    event["workspace"] = json!("somebody-else");
    let body = event.to_string();
    for secret in [SECRET, SECOND] {
        let signature = signed(secret, body.as_bytes());
        let answer =
            server.post(&[("x-timestamp", &NOW.to_string()), ("x-signature", &signature)], body.as_bytes()).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }
    let starts = server.starts();
    let ids: Vec<_> = starts.iter().map(|start| StartRequest::from(start.clone()).workflow_id().to_string()).collect();
    assert_eq!(ids, ["buyer-group-refresh/demo/crm/evt_001", "buyer-group-refresh/second/crm/evt_001"]);
}

#[tokio::test]
async fn a_source_may_not_send_longer_bodies_than_its_settings_say() {
    let config = source("crm", Preset::PersonChange, Intake::PersonChange, SECRET);
    let body = sample().to_string();
    let max_body = NonZeroU32::new(u32::try_from(body.len()).unwrap());
    let limits = starter::auth::SourceLimits { max_body, ..Default::default() };
    let server = Server::of(vec![SourceConfig { limits, ..config }], ServerLimits::default()).await;
    assert_eq!(server.deliver(body.as_bytes()).await.status, 202);
    let longer = format!("{body} ");
    server.deliver(longer.as_bytes()).await.problem(413, "body-too-large");
    // Who is not known does not learn of it.
    let headers = [("x-timestamp", &*NOW.to_string()), ("x-signature", &"0".repeat(64))];
    server.post(&headers, longer.as_bytes()).await.problem(401, "invalid-signature");
}
