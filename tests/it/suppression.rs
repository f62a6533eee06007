//! Somebody objects to the use of their contact data, and somebody is only known by reference.

use crate::refresh::decoded_payloads;
use crate::stage::{PATIENCE, Stage, eventually, workspace};
use contracts::{
    CompanyWanted, DataPoint, DataPointKind, Digest, EnrichmentLevel, EventRef, OutcomeKind, RefreshReason,
    RefreshRequest, StartRequest, SuppressRequest, person_ref,
};
use starter::{RefreshStarter, StartAnswer, StartLimits};
use std::time::Duration;
use workflows::SuppressContact;

pub fn event(id: &str) -> EventRef {
    EventRef {
        source: "sample".parse().unwrap(),
        id: id.parse().unwrap(),
        digest: Digest::of(id.as_bytes()),
        occurred_at: 1,
        received_at: 2,
    }
}

pub async fn start(stage: &Stage, request: &StartRequest) -> String {
    let limits = StartLimits { deadline: PATIENCE, per_attempt: Duration::from_secs(10), max_in_flight: 4 };
    let starter = RefreshStarter::new(stage.client.clone(), limits);
    match starter.start(request).await.unwrap() {
        StartAnswer::Started { workflow_id, .. } => workflow_id.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_erases_at_once_and_no_later_refresh_brings_the_data_back() {
    let stage = Stage::new().await;
    let outcome = stage.refreshed("evt-1").await;
    let company = outcome.company_id.unwrap();
    let group = stage.store.group(&workspace(), &company).await.unwrap().unwrap();
    let reached = |group: &store::SavedGroup| -> Vec<String> {
        group.members.iter().filter_map(|saved| saved.member.person.contact.email.clone()).collect()
    };
    let address = reached(&group).remove(0);
    let point = DataPoint::of(&workspace(), DataPointKind::Email, &address).unwrap();
    let request =
        SuppressRequest { workspace: workspace(), event: event("opt-out-1"), data_points: vec![point.clone()] };
    let id = start(&stage, &request.clone().into()).await;
    assert_eq!(id, "suppress-contact/demo/sample/opt-out-1");
    eventually(async || stage.store.is_suppressed(&workspace(), &point).await.unwrap().then_some(())).await;
    eventually(async || {
        let group = stage.store.group(&workspace(), &company).await.unwrap().unwrap();
        (!reached(&group).contains(&address)).then_some(())
    })
    .await;
    stage.refreshed("evt-2").await;
    let group = stage.store.group(&workspace(), &company).await.unwrap().unwrap();
    assert!(!reached(&group).is_empty() && !reached(&group).contains(&address), "it is back");
    // Waiting for writes that were under way, which are looked for once more.
    let handle = stage.client.get_workflow_handle::<SuppressContact>(&id);
    let history = handle.fetch_history(Default::default()).to_json().await.unwrap();
    assert!(String::from_utf8_lossy(&history).contains("TimerStartedEventAttributes"), "it waits for nothing");
    let payloads = decoded_payloads(&history);
    assert!(payloads.contains(&point.hash), "the data point is not in the history");
    assert!(!payloads.contains(&address), "the address is in the history");
    stage.record("suppress-contact", &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_s_company_is_refreshed_where_they_are_known_and_nowhere_else() {
    let stage = Stage::new().await;
    let first = stage.refreshed("evt-1").await;
    let company = first.company_id.unwrap();
    let group = stage.store.group(&workspace(), &company).await.unwrap().unwrap();
    let member = person_ref(&workspace(), group.members[0].member.person.id.as_str());
    let request = |id: &str, person: String| RefreshRequest {
        workspace: workspace(),
        company: CompanyWanted::EmployerOf { employer_of: person.clone() },
        reason: RefreshReason::from("coresignal.changed".to_owned()),
        level: EnrichmentLevel::Enrich,
        event: event(id),
        person_ref: Some(person),
        could_sit: None,
    };
    let known = start(&stage, &request("hint-1", member).into()).await;
    let outcome = stage.ended(&known).await.unwrap();
    assert_eq!((outcome.outcome, outcome.company_id), (OutcomeKind::Refreshed, Some(company)));
    stage.record("refresh-employer-of", &known).await;
    let stranger = start(&stage, &request("hint-2", person_ref(&workspace(), "nobody we know")).into()).await;
    assert_eq!(stage.ended(&stranger).await.unwrap().outcome, OutcomeKind::NoMatch);
}
