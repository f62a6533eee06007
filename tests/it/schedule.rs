//! Companies are refreshed because it is time, on a real server.

use crate::refresh::decoded_payloads;
use crate::stage::source::Asked;
use crate::stage::{PATIENCE, Stage, eventually, workspace};
use buyer_group::sample;
use buyer_group::temporal::make_due_schedule;
use contracts::{DUE_SCHEDULE, DueStarted, FailureClass, OutcomeKind};
use std::time::Duration;
use store::NextDue;
use temporalio_client::schedules::ScheduleOverlapPolicy;
use workflows::RefreshDue;

/// Seldom enough that it does nothing by itself while a scenario runs.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Has the schedule start a run, and gives its id and what it did. `before` runs have been started.
async fn run(stage: &Stage, before: usize) -> (String, DueStarted) {
    let schedule = stage.client.get_schedule_handle(DUE_SCHEDULE);
    schedule.trigger(ScheduleOverlapPolicy::Skip, Default::default()).await.unwrap();
    let id = eventually(async || {
        let actions = schedule.describe(Default::default()).await.unwrap().recent_actions();
        actions.get(before).map(|action| action.workflow_id.clone())
    })
    .await;
    let handle = stage.client.get_workflow_handle::<RefreshDue>(&id);
    let ended = tokio::time::timeout(PATIENCE, handle.get_result(Default::default())).await;
    (id, ended.expect("the run has not ended").unwrap())
}

async fn next(stage: &Stage) -> NextDue {
    stage.store.due_overview(None, 1, 0).await.unwrap().next.remove(0)
}

/// As if it had been refreshed long ago.
async fn make_due(stage: &Stage) {
    stage.sql("UPDATE refresh_schedules SET due_at = 1000, try_at = 1000").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_is_due_is_refreshed_once_and_then_is_not_due() {
    let stage = Stage::new().await;
    let company = stage.refreshed("evt-1").await.company_id.unwrap();
    assert!(make_due_schedule(&stage.client, DAY).await.unwrap(), "it was there");
    assert!(!make_due_schedule(&stage.client, DAY).await.unwrap(), "it is made twice");
    let fresh = next(&stage).await;
    assert!(fresh.due_at > fresh.refreshed_at);
    let (_, started) = run(&stage, 0).await;
    assert_eq!(started, DueStarted::default(), "a company that is not due was refreshed");

    make_due(&stage).await;
    let (id, started) = run(&stage, 1).await;
    assert_eq!(started, DueStarted { started: 1, ..DueStarted::default() });
    let refresh = format!("buyer-group-refresh/demo/schedule/{company}-1000");
    let outcome = stage.ended(&refresh).await.unwrap();
    assert_eq!((outcome.outcome, outcome.company_id), (OutcomeKind::Refreshed, Some(company)));
    let after = next(&stage).await;
    assert!(after.due_at > 1000 && after.refreshed_at > fresh.refreshed_at, "{after:?}");
    assert_eq!(stage.store.refresh(&outcome.refresh_id).await.unwrap().unwrap().reason.as_str(), "scheduled");

    // It comes after what was asked for, and takes its workspace's turn.
    let description = stage.handle(&refresh).describe(Default::default()).await.unwrap();
    let info = description.raw().workflow_execution_info.as_ref().unwrap();
    let priority = info.priority.as_ref().unwrap();
    assert_eq!((priority.priority_key, priority.fairness_key.as_str()), (4, workspace().as_str()));
    // The run names the company to the refresh, and nobody to anybody.
    let history = stage.client.get_workflow_handle::<RefreshDue>(&id).fetch_history(Default::default());
    let payloads = decoded_payloads(&history.to_json().await.unwrap());
    assert!(payloads.contains(sample::NAME) && !payloads.contains('@'));

    // The same try again, as after an answer that was lost: its event has its refresh.
    make_due(&stage).await;
    let (_, started) = run(&stage, 2).await;
    assert_eq!(started, DueStarted { already_started: 1, ..DueStarted::default() });
    stage.record("refresh-due", &id).await;
    stage.record("refresh-scheduled", &refresh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_refresh_that_fails_is_tried_again_under_another_event() {
    let stage = Stage::new().await;
    let company = stage.refreshed("evt-1").await.company_id.unwrap();
    make_due_schedule(&stage.client, DAY).await.unwrap();
    make_due(&stage).await;
    stage.source.fail(Asked::People, [FailureClass::AuthFailed]);
    run(&stage, 0).await;
    let refresh = format!("buyer-group-refresh/demo/schedule/{company}-1000");
    stage.ended(&refresh).await.unwrap_err();
    let failed = next(&stage).await;
    assert_eq!((failed.due_at, failed.tries), (1000, 0));
    assert!(failed.try_at > failed.refreshed_at, "it is tried again at once");

    // As if the pause had passed.
    stage.sql("UPDATE refresh_schedules SET try_at = 1000, pause = 0").await.unwrap();
    run(&stage, 1).await;
    let outcome = stage.ended(&format!("{refresh}-1")).await.unwrap();
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    assert!(next(&stage).await.due_at > 1000);
}
