//! Somebody is erased, and what is old is let go of, on a real server.

use crate::refresh::decoded_payloads;
use crate::stage::{Stage, eventually, workspace};
use crate::suppression::{event, start};
use buyer_group::temporal::create_retention_schedule;
use contracts::{DataPointKind, RETENTION_SCHEDULE, Retained, SuppressRequest};
use store::Whom;
use temporalio_client::schedules::ScheduleOverlapPolicy;
use workflows::{ApplyRetention, SuppressContact};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_erased_leaves_the_group_and_no_refresh_brings_them_back() {
    let stage = Stage::new().await;
    let company = stage.refreshed("evt-1").await.company_id.unwrap();
    let group = async || stage.store.group(&workspace(), &company).await.unwrap().unwrap();
    let before = group().await;
    let person = before.members[0].member.person.clone();
    let is_in = |group: &store::SavedGroup| group.members.iter().any(|saved| saved.member.person.name == person.name);
    let data_points = stage.store.erasure_of(&workspace(), &Whom::Person(person.id.as_str())).await.unwrap();
    assert!(data_points.iter().any(|point| point.kind == DataPointKind::Person), "{data_points:?}");
    let request = SuppressRequest { workspace: workspace(), event: event("erase-1"), data_points };
    let id = start(&stage, &request.into()).await;
    eventually(async || (!is_in(&group().await)).then_some(())).await;
    assert_eq!(group().await.members.len(), before.members.len() - 1);
    stage.refreshed("evt-2").await;
    assert!(!is_in(&group().await), "they are back");
    let handle = stage.client.get_workflow_handle::<SuppressContact>(&id);
    let payloads = decoded_payloads(&handle.fetch_history(Default::default()).to_json().await.unwrap());
    assert!(!payloads.contains(&person.name) && !payloads.contains("@"), "a person is in the history");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_lets_go_of_what_is_old() {
    let stage = Stage::new().await;
    let refresh = stage.refreshed("evt-1").await.refresh_id;
    assert!(!stage.store.operations(&refresh).await.unwrap().is_empty());
    assert!(create_retention_schedule(&stage.client).await.unwrap(), "it was there");
    assert!(!create_retention_schedule(&stage.client).await.unwrap(), "it is made twice");
    // As if that refresh had been long ago.
    stage.sql("UPDATE refreshes SET completed_at = 2").await.unwrap();
    let schedule = stage.client.get_schedule_handle(RETENTION_SCHEDULE);
    schedule.trigger(ScheduleOverlapPolicy::Unspecified, Default::default()).await.unwrap();
    let started = eventually(async || {
        let description = schedule.describe(Default::default()).await.unwrap();
        description.recent_actions().first().map(|action| action.workflow_id.clone())
    })
    .await;
    let handle = stage.client.get_workflow_handle::<ApplyRetention>(&started);
    let retained: Retained = handle.get_result(Default::default()).await.unwrap();
    assert!(retained.operations > 0 && retained.diffs > 0 && retained.candidates > 0, "{retained:?}");
    assert!(stage.store.operations(&refresh).await.unwrap().is_empty());
    assert_eq!(stage.store.diff(&refresh).await.unwrap(), None);
    stage.record("apply-retention", &started).await;
}
