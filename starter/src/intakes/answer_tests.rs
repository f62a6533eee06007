//! Answers to deliveries of several events, and in the forms that senders demand.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::super::{DeliveryWindow, Intake, SourceFacts, read};
use super::*;
use crate::{StartAnswer, Starting};
use contracts::{EnrichmentLevel, StartRequest};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

const NOW: i64 = 1_795_608_000_000;

/// Answers each start in turn from a list, by its place; what is beyond the list is started.
struct Scripted {
    answers: Vec<Result<&'static str, StartError>>,
    seen: Mutex<HashMap<String, usize>>,
}

impl Scripted {
    fn new(answers: Vec<Result<&'static str, StartError>>) -> Self {
        Self { answers, seen: Mutex::default() }
    }
}

impl StartRefresh for Scripted {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(async move {
            let workflow_id = request.workflow_id();
            let place = {
                let mut seen = self.seen.lock().unwrap();
                let next = seen.len();
                *seen.entry(workflow_id.to_string()).or_insert(next)
            };
            let run_id = format!("run-{place}");
            match self.answers.get(place).cloned().unwrap_or(Ok("started")) {
                Ok("duplicate") => Ok(StartAnswer::Duplicate { workflow_id, run_id: Some(run_id) }),
                Ok("conflict") => Ok(StartAnswer::Conflict { workflow_id, run_id: Some(run_id) }),
                Ok(_) => Ok(StartAnswer::Started { workflow_id, run_id }),
                Err(error) => Err(error),
            }
        })
    }
}

fn later() -> Result<&'static str, StartError> {
    Err(StartError::Unavailable { retry_after: Duration::from_secs(7), cause: "internal text".to_owned() })
}

fn facts(intake: Intake) -> SourceFacts {
    SourceFacts {
        name: "feed".parse().unwrap(),
        workspace: "demo".parse().unwrap(),
        level: EnrichmentLevel::Enrich,
        intake,
        window: DeliveryWindow::Week,
        openings: None,
    }
}

/// Status, `Retry-After` and body of the answer.
async fn answered(
    intake: Intake,
    body: Value,
    starts: Vec<Result<&'static str, StartError>>,
) -> (u16, Option<String>, Value) {
    let delivery = read(&facts(intake), body.to_string().as_bytes(), NOW, None).unwrap();
    let response = respond(delivery, &Scripted::new(starts)).await;
    let after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(!String::from_utf8_lossy(&body).contains("internal text"));
    (status, after, serde_json::from_slice(&body).unwrap())
}

fn three() -> Value {
    json!([
        {"member_id": 1, "status": "changed"},
        {"member_id": 2, "status": "changed"},
        {"member_id": 3, "status": "changed", "changed_fields": ["skills"]},
    ])
}

fn statuses(body: &Value) -> Vec<&str> {
    body["events"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_event_of_a_batch_is_answered_and_the_whole_as_well() {
    let (status, _, body) = answered(Intake::CoresignalEmployee, three(), vec![]).await;
    assert_eq!((status, &body["status"]), (202, &json!("accepted")));
    assert_eq!(statuses(&body), ["accepted", "accepted", "ignored"]);
    let first = &body["events"][0];
    assert!(first["workflowId"].as_str().unwrap().ends_with(first["eventId"].as_str().unwrap()), "{first}");
    assert!(body["events"][2]["reason"].is_string() && body.get("eventId").is_none());

    let (status, _, body) = answered(Intake::CoresignalEmployee, three(), vec![Ok("duplicate"), Ok("duplicate")]).await;
    assert_eq!((status, &body["status"]), (200, &json!("duplicate")));

    let (status, _, body) = answered(Intake::CoresignalEmployee, json!([]), vec![]).await;
    assert_eq!((status, &body["status"], statuses(&body).len()), (200, &json!("ignored"), 0));
}

#[tokio::test]
async fn what_is_wrong_with_one_event_does_not_fail_the_others() {
    let mut body = three();
    body[1]["member_id"] = json!(null);
    let (status, _, body) = answered(Intake::CoresignalEmployee, body, vec![]).await;
    assert_eq!((status, &body["status"]), (202, &json!("partly")));
    assert_eq!(statuses(&body), ["accepted", "invalid", "ignored"]);
    let problem = &body["events"][1]["problem"];
    assert_eq!((&problem["type"], &problem["pointer"]), (&json!("/problems/invalid-event"), &json!("/1/member_id")));

    let (status, _, body) = answered(Intake::CoresignalEmployee, three(), vec![Ok("conflict")]).await;
    assert_eq!((status, statuses(&body)), (202, vec!["conflict", "accepted", "ignored"]));

    let (status, _, body) = answered(Intake::CoresignalEmployee, json!([{}, 5]), vec![]).await;
    assert_eq!((status, &body["pointer"]), (422, &json!("/0/member_id")), "nothing of it could be read");
}

#[tokio::test]
async fn when_some_could_not_be_made_durable_the_whole_is_to_be_sent_again() {
    let (status, after, body) = answered(Intake::CoresignalEmployee, three(), vec![Ok("started"), later()]).await;
    assert_eq!(
        (status, after.as_deref(), &body["type"]),
        (503, Some("7"), &json!("/problems/temporarily-unavailable"))
    );
    let failed = Err(StartError::Rejected("internal text".to_owned()));
    assert_eq!(answered(Intake::CoresignalEmployee, three(), vec![failed]).await.0, 500);
}

#[tokio::test]
async fn lusha_is_acknowledged_as_it_demands_whether_or_not_anything_was_to_be_done() {
    let signal = |kind: &str| json!({"id": "0b1c", "type": kind, "entityId": "42", "data": {"personId": 42, "currentCompanyName": "Northwind"}});
    let expected = json!({"received": true, "timestamp": "2026-11-25T12:00:00Z", "webhookId": "0b1c"});
    for (kind, start) in
        [("promotion", "started"), ("promotion", "duplicate"), ("promotion", "conflict"), ("websiteTraffic", "started")]
    {
        let (status, _, body) = answered(Intake::LushaSignal, signal(kind), vec![Ok(start)]).await;
        assert_eq!((status, &body), (201, &expected), "{kind} {start}");
    }
    assert_eq!(answered(Intake::LushaSignal, signal("promotion"), vec![later()]).await.0, 503);
    let points = json!([{"datapointId": "jane@acme.example", "datapointType": "email"}, {}]);
    let opt_out = json!({"contactId": "987", "contactOptOutDate": "2026-05-02", "datapoints": points});
    let (status, _, body) = answered(Intake::LushaSignal, opt_out.clone(), vec![]).await;
    assert_eq!((status, &body["received"]), (201, &json!(true)), "one point is unreadable, the other is suppressed");
}

/// Three refusals switch a subscription off, so nothing that is an object is refused.
#[tokio::test]
async fn lusha_is_acknowledged_whatever_stands_in_the_object() {
    let data = json!({"personId": 42, "currentCompanyName": "Northwind"});
    let digest = |body: &Value| contracts::Digest::of(body.to_string().as_bytes()).as_str().to_owned();
    let good = json!({"id": "0b1c", "type": "promotion", "data": data});
    let with = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        body
    };
    for (body, id) in [
        (json!({}), None),
        (with("id", json!(null)), None),
        (with("id", json!({"a": 1})), None),
        (with("id", json!("x".repeat(600))), None),
        (with("type", json!(5)), Some("0b1c")),
        (with("type", json!("")), Some("0b1c")),
        (with("data", json!([1])), Some("0b1c")),
        (with("data", json!({"personId": {}})), Some("0b1c")),
        (with("data", json!({"personId": 4.5, "entityId": 1})), Some("0b1c")),
        (json!({"contactId": "987", "datapoints": [{}]}), Some("opt-out-")),
        (json!({"contactId": "987", "datapoints": 7}), None),
        (json!({"datapoints": null, "id": "0b1c"}), Some("0b1c")),
    ] {
        let (status, _, answer) = answered(Intake::LushaSignal, body.clone(), vec![]).await;
        assert_eq!((status, &answer["received"]), (201, &json!(true)), "{body}: {answer}");
        let webhook_id = answer["webhookId"].as_str().unwrap();
        match id {
            None => assert_eq!(webhook_id, digest(&body), "{body}"),
            Some(id) => assert!(webhook_id.starts_with(id), "{body}: {answer}"),
        }
    }
}

/// A refusal of one malformed part loses the news as well.
#[tokio::test]
async fn of_a_signal_what_cannot_be_read_is_not_told() {
    let facts = facts(Intake::LushaSignal);
    let body = json!({"id": "0b1c", "type": "companyChange", "entityId": "42", "data": {"personId": {}, "currentCompanyName": 5,
        "currentDomain": "northwind.example", "previousCompanyName": "Contoso", "previousDomain": "not a domain"}});
    let delivery = read(&facts, body.to_string().as_bytes(), NOW, None).unwrap();
    assert_eq!(delivery.unread, ["/data/currentCompanyName", "/data/previousDomain"]);
    let companies: Vec<_> = delivery.items.into_iter().map(|item| item.event.unwrap()).collect();
    let company = |event: &Event| match event {
        Event::Start(request) => match &**request {
            StartRequest::Refresh(refresh) => {
                refresh.company.named().map(|company| (company.name.clone(), company.domain.clone()))
            }
            StartRequest::Suppress(_) | StartRequest::Bulk(_) => None,
        },
        Event::Ignored { .. } => None,
    };
    let domain = "northwind.example".to_owned();
    assert_eq!(company(&companies[0]), Some((domain.clone(), Some(domain))));
    assert_eq!(company(&companies[1]), Some(("Contoso".to_owned(), None)));
}

fn many(count: usize) -> Value {
    (0..count).map(|n| json!({"member_id": n, "status": "changed"})).collect()
}

#[tokio::test]
async fn once_one_could_not_be_made_durable_the_rest_is_not_tried() {
    let facts = facts(Intake::CoresignalEmployee);
    let delivery = read(&facts, many(1_000).to_string().as_bytes(), NOW, None).unwrap();
    let starter = Scripted::new(vec![later()]);
    assert_eq!(respond(delivery, &starter).await.status().as_u16(), 503);
    let tried = starter.seen.lock().unwrap().len();
    assert!(tried <= crate::start::AT_ONCE, "{tried} were tried");
}

/// What is our fault with one event keeps no other from being started.
#[tokio::test]
async fn after_one_that_is_rejected_the_others_are_started() {
    let facts = facts(Intake::CoresignalEmployee);
    let delivery = read(&facts, many(100).to_string().as_bytes(), NOW, None).unwrap();
    let starter = Scripted::new(vec![Err(StartError::Rejected("internal text".to_owned()))]);
    assert_eq!(respond(delivery, &starter).await.status().as_u16(), 500);
    assert_eq!(starter.seen.lock().unwrap().len(), 100);
}

#[tokio::test]
async fn of_many_problems_the_first_are_told_and_all_are_counted() {
    let mut body = many(31);
    for place in 1..31 {
        body[place]["member_id"] = json!(null);
    }
    let (status, _, body) = answered(Intake::CoresignalEmployee, body, vec![]).await;
    assert_eq!((status, &body["status"], &body["problems"]), (202, &json!("partly"), &json!(30)));
    assert_eq!(statuses(&body)[1..], ["invalid"; 30]);
    let told: Vec<bool> = body["events"].as_array().unwrap().iter().map(|one| one["problem"].is_object()).collect();
    assert_eq!(told.iter().filter(|told| **told).count(), 20);
    assert!(!told[0] && told[1] && told[20] && !told[21], "{told:?}");
}

/// "Nothing was changed" was said although the refresh of the other company had started.
#[tokio::test]
async fn a_move_of_which_one_half_is_in_conflict_is_neither_done_nor_refused() {
    let event = json!({"id": "evt_1", "source": "feed", "type": "person.company_change", "timestamp": "2025-10-10T12:00:00Z",
        "person": {"id": "p_1", "oldCompany": "Acme", "newCompany": "Harbour Works"}, "company": {"name": "Harbour Works"}});
    let answer = async |starts| answered(Intake::PersonChange, event.clone(), starts).await;
    for (starts, status) in [
        (vec![Ok("conflict"), Ok("started")], 202),
        (vec![Ok("started"), Ok("conflict")], 202),
        (vec![Ok("conflict"), Ok("duplicate")], 200),
    ] {
        let words: Vec<_> = starts.iter().map(|start| start.clone().unwrap().replace("started", "accepted")).collect();
        let (got, _, body) = answer(starts).await;
        assert_eq!((got, &body["status"], &body["problems"]), (status, &json!("partly"), &json!(1)), "{body}");
        assert_eq!(statuses(&body), words);
    }
    let (status, _, body) = answer(vec![Ok("conflict"), Ok("conflict")]).await;
    assert_eq!((status, &body["type"]), (409, &json!("/problems/event-conflict")));
}
