//! Answers to deliveries of several events, and in the forms that senders demand.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::super::{DeliveryWindow, Intake, SourceFacts, read};
use super::*;
use crate::Starting;
use contracts::EnrichmentLevel;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;

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

/// Status, `Retry-After` and body of the answer.
async fn answered(
    intake: Intake,
    body: Value,
    starts: Vec<Result<&'static str, StartError>>,
) -> (u16, Option<String>, Value) {
    let facts = SourceFacts {
        name: "feed".parse().unwrap(),
        workspace: "demo".parse().unwrap(),
        level: EnrichmentLevel::Enrich,
        intake,
        window: DeliveryWindow::Week,
    };
    let delivery = read(&facts, body.to_string().as_bytes(), NOW, None).unwrap();
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
    let unreadable = json!({"contactId": "987", "datapoints": [{}]});
    assert_eq!(answered(Intake::LushaSignal, unreadable, vec![]).await.0, 422);
}
