//! What the event says, and what the sender hears.

use crate::*;

#[tokio::test]
async fn answers_by_what_became_of_the_start() {
    let server = Server::start().await;
    let body = sample().to_string();

    let accepted = server.deliver(body.as_bytes()).await;
    assert_eq!((accepted.status, accepted.header("cache-control")), (202, Some("no-store")));
    let ids = json!({"status": "accepted", "workflowId": "buyer-group-refresh/demo/crm/evt_001", "runId": "run-1", "eventId": "evt_001"});
    assert_eq!(accepted.json(), ids);

    server.script(Script::Duplicate);
    let duplicate = server.deliver(body.as_bytes()).await;
    assert_eq!((duplicate.status, duplicate.json()["status"].clone()), (200, json!("duplicate")));
    for id in ["workflowId", "runId", "eventId"] {
        assert_eq!(duplicate.json()[id], ids[id]);
    }

    server.script(Script::Conflict);
    let problem = server.deliver(body.as_bytes()).await.problem(409, "event-conflict");
    assert_eq!((&problem["pointer"], &problem["workflowId"]), (&json!("/id"), &ids["workflowId"]));

    server.script(Script::Unavailable);
    let away = server.deliver(body.as_bytes()).await;
    away.problem(503, "temporarily-unavailable");
    assert_eq!(away.header("retry-after"), Some("8"));

    server.script(Script::Reject);
    let first = server.deliver(body.as_bytes()).await.problem(500, "internal-error");
    server.script(Script::Panic);
    let second = server.deliver(body.as_bytes()).await.problem(500, "internal-error");
    assert_ne!(first["instance"], second["instance"]);

    server.script(Script::Start);
    assert_eq!(server.deliver(body.as_bytes()).await.status, 202, "a panic is the end of one request only");
    assert_eq!(server.starts().len(), 7);
}

#[tokio::test]
async fn the_request_carries_what_the_credential_says_and_no_personal_data() {
    let server = Server::start().await;
    let body = sample().to_string();
    server.deliver(body.as_bytes()).await;
    let request = server.starts().remove(0);
    assert_eq!(request.event.digest, contracts::Digest::of(body.as_bytes()));
    assert_eq!((request.event.occurred_at, request.event.received_at), (1_760_097_600_000, NOW));
    let text = serde_json::to_string(&request).unwrap();
    for private in ["John", "john", "VP Sales", "CRO"] {
        assert!(!text.contains(private), "{text}");
    }
}

#[tokio::test]
async fn unknown_types_are_acknowledged_and_start_nothing() {
    let server = Server::start().await;
    for kind in ["person.birthday", "company.renamed", "PERSON.ROLE_CHANGE", "manual", "x"] {
        let body = json!({"id": "evt_9", "source": "crm", "type": kind, "anything": {"at": "all"}}).to_string();
        let answer = server.deliver(body.as_bytes()).await;
        assert_eq!(answer.status, 200, "{kind}: {answer:?}");
        let reason = answer.json()["reason"].clone();
        assert!(reason.is_string());
        assert_eq!(answer.json(), json!({"status": "ignored", "reason": reason, "eventId": "evt_9"}));
    }
    let mut same = sample();
    same["changes"] = json!({"title": {"old": "CRO", "new": "CRO"}});
    assert_eq!(server.deliver(same.to_string().as_bytes()).await.json()["status"], "ignored");
    assert_eq!(server.starts(), []);
}

/// Replaces the value at this place; `None` removes it.
fn changed(pointer: &str, value: Option<Value>) -> String {
    let mut event = sample();
    match pointer.rsplit_once('/') {
        None => event = value.unwrap_or_default(),
        Some((parent, name)) => {
            let parent = event.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            match value {
                Some(value) => parent.insert(name.to_owned(), value),
                None => parent.remove(name),
            };
        }
    }
    event.to_string()
}

#[tokio::test]
async fn each_field_is_checked_and_named() {
    let server = Server::start().await;
    let long = |length: usize| Some(json!("x".repeat(length)));
    let text = |text: &str| Some(json!(text));
    let mut cases: Vec<(&str, Option<Value>)> = vec![
        ("/id", text("")),
        ("/id", long(513)),
        ("/id", text("a\u{0}b")),
        ("/id", text("a\nb")),
        ("/source", text("")),
        ("/source", text("other")),
        ("/source", text("CRM")),
        ("/source", text("crm ")),
        ("/source", text("manual")),
        ("/type", text("")),
        ("/type", long(129)),
        ("/timestamp", text("")),
        ("/timestamp", text("yesterday")),
        ("/timestamp", text("2025-10-10")),
        ("/timestamp", text("2025-10-10T12:00:00")),
        ("/timestamp", text("2025-02-30T12:00:00Z")),
        ("/timestamp", text("1760097600000")),
        ("/person/id", text("")),
        ("/person/id", long(256)),
        ("/person/id", text("  ")),
        ("/person/id", text("p\u{0}")),
        ("/person/name", text("")),
        ("/person/name", text("  ")),
        ("/person/name", long(513)),
        ("/person/name", text("a\u{0}")),
        ("/company/name", text("")),
        ("/company/name", text(" \t ")),
        ("/company/name", text("\u{3000}")),
        ("/company/name", long(513)),
        ("/company/name", text("a\u{0}b")),
        ("/company/name", text("a\r\nb")),
        ("/company/id", text("")),
        ("/company/id", long(256)),
        ("/company/id", text("c\n1")),
        ("/company/domain", text("")),
        ("/company/domain", long(513)),
        ("/company/domain", text("a b.example")),
        ("/company/domain", text("jane@acme.example")),
    ];
    for required in ["/id", "/source", "/type", "/timestamp", "/person", "/person/id", "/company", "/company/name"] {
        cases.push((required, None));
        cases.push((required, Some(Value::Null)));
    }
    let fields = [
        "/id",
        "/source",
        "/type",
        "/timestamp",
        "/person/id",
        "/person/name",
        "/person/email",
        "/person/oldTitle",
        "/person/newTitle",
        "/person/oldCompany",
        "/person/newCompany",
        "/company/id",
        "/company/name",
        "/company/domain",
    ];
    for field in fields {
        for wrong in [json!(5), json!(1.5e300), json!(true), json!([]), json!({}), json!(["x"])] {
            cases.push((field, Some(wrong)));
        }
    }
    for field in ["", "/person", "/company", "/changes", "/changes/title"] {
        for wrong in [json!(5), json!("x"), json!(true), json!([]), json!(["evt_001", "crm", "person.role_change"])] {
            cases.push((field, Some(wrong)));
        }
    }
    for (pointer, value) in cases {
        let answer = server.deliver(changed(pointer, value.clone()).as_bytes()).await;
        assert_eq!(answer.status, 422, "{pointer} {value:?}: {answer:?}");
        let problem = answer.problem(422, "invalid-event");
        assert_eq!(problem["pointer"], pointer, "{value:?}: {answer:?}");
        assert!(!answer.body.contains("jane@") && !answer.body.contains("John"), "{answer:?}");
    }
    assert_eq!(server.starts(), []);
}

#[tokio::test]
async fn a_name_that_stands_twice_is_refused_wherever_it_is() {
    let server = Server::start().await;
    let good = sample().to_string();
    for (body, pointer) in [
        (good.replacen('{', "{\"id\":\"evt_2\",", 1), "/id"),
        (good.replacen("\"person\":{", "\"person\":{\"id\":\"p_9\",", 1), "/person/id"),
        (good.replacen('{', "{\"x\":{\"a\":1,\"\\u0061\":2},", 1), "/x/a"),
    ] {
        let problem = server.deliver(body.as_bytes()).await.problem(422, "invalid-event");
        assert_eq!(problem["pointer"], pointer);
    }
}

#[tokio::test]
async fn unusual_but_valid_events_are_taken() {
    let server = Server::start().await;
    let cases: Vec<(&str, Option<Value>)> = vec![
        ("/id", Some(json!("x".repeat(512)))),
        ("/id", Some(json!("a/../b c 🎉"))),
        ("/id", Some(json!("__proto__"))),
        ("/person/id", Some(json!("x".repeat(255)))),
        ("/person/id", Some(json!("urn:li:person:1/2"))),
        ("/person/email", None),
        ("/person/email", Some(Value::Null)),
        ("/person/name", None),
        ("/changes", None),
        ("/company/id", None),
        ("/company/name", Some(json!("x".repeat(512)))),
        ("/company/name", Some(json!("株式会社"))),
        ("/company/name", Some(json!("Robert'); DROP TABLE companies;-- ${x} {{y}} =1+1"))),
        ("/company/domain", Some(json!("https://www.example.co.uk/about"))),
        ("/company/domain", Some(Value::Null)),
        ("/timestamp", Some(json!("2031-01-01T00:00:00.5+14:00"))),
        ("/__proto__", Some(json!({"admin": true}))),
    ];
    for (pointer, value) in cases {
        let answer = server.deliver(changed(pointer, value.clone()).as_bytes()).await;
        assert_eq!(answer.status, 202, "{pointer} {value:?}: {answer:?}");
        assert!(answer.json()["workflowId"].as_str().unwrap().len() <= 255);
    }
}

#[tokio::test]
async fn conflicts_and_what_cannot_be_read_are_counted() {
    starter::metrics::install().unwrap();
    let server = Server::start().await;
    server.script(Script::Conflict);
    server.deliver(sample().to_string().as_bytes()).await.problem(409, "event-conflict");
    let mut event = sample();
    event["company"]["name"] = json!(5);
    server.deliver(event.to_string().as_bytes()).await.problem(422, "invalid-event");
    let text = server.raw(&request("GET", "/metrics", &[], b"")).await.body;
    for line in [
        r#"bgr_webhook_conflicts_total{workspace="demo",source="crm"} 1"#,
        r#"bgr_webhook_unreadable_total{workspace="demo",source="crm",field="/company/name"} 1"#,
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}
