//! Trying again what did not end well.

use crate::stage::source::{Asked, FaultySource};
use crate::stage::{PATIENCE, Stage, eventually, sample_roster, workspace};
use contracts::{FailureClass, OutcomeKind};
use starter::{RefreshStarter, RetryAnswer, StartLimits};
use std::time::Duration;
use temporalio_client::{WorkflowCancelOptions, WorkflowTerminateOptions};

fn starter(stage: &Stage) -> RefreshStarter {
    let limits = StartLimits { deadline: PATIENCE, per_attempt: Duration::from_secs(10), max_in_flight: 4 };
    RefreshStarter::new(stage.client.clone(), limits)
}

/// Tries it again, as the command and the API do.
async fn again(stage: &Stage, workflow_id: &str) -> RetryAnswer {
    let kept = stage.store.kept_of(workflow_id).await.unwrap();
    starter(stage).retry(workflow_id, kept).await.unwrap()
}

#[track_caller]
fn run_of(answer: RetryAnswer) -> String {
    match answer {
        RetryAnswer::Started { run_id } => run_id,
        other => panic!("{other:?}"),
    }
}

/// Waits for the end of this very run.
async fn refreshed(stage: &Stage, workflow_id: &str, run_id: &str) {
    let outcome = stage.ended(workflow_id).await.unwrap();
    assert_eq!((outcome.outcome, outcome.refresh_id.as_str()), (OutcomeKind::Refreshed, run_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn q2_a_failed_refresh_is_tried_again_under_its_own_id_with_its_own_request() {
    let stage = Stage::new().await;
    stage.source.fail(Asked::Resolve, [FailureClass::AuthFailed]);
    let answer = stage.post("evt-1").await;
    stage.ended(answer.workflow_id()).await.unwrap_err();
    let failed = stage.store.refresh_by_workflow(answer.workflow_id()).await.unwrap().unwrap();

    let run = run_of(again(&stage, answer.workflow_id()).await);
    refreshed(&stage, answer.workflow_id(), &run).await;
    let record = stage.store.refresh(&run).await.unwrap().unwrap();
    assert_eq!(record.retry_of.as_deref(), Some(failed.refresh_id.as_str()));
    assert_eq!((&record.event_id, &record.reason), (&failed.event_id, &failed.reason));
    // What failed stays on record as what it was.
    let before = stage.store.refresh(&failed.refresh_id).await.unwrap().unwrap();
    assert_eq!((before.outcome, before.error_class.as_deref()), (Some(OutcomeKind::Failed), Some("AuthFailed")));

    // What ended well is left alone, and a delivery of the same event is the duplicate that it was before.
    assert_eq!(again(&stage, answer.workflow_id()).await, RetryAnswer::EndedWell);
    assert_eq!(stage.post("evt-1").await.status, 200);
    stage.record("retried", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cancelled_or_terminated_is_tried_again_and_what_runs_is_left_alone() {
    let stage = Stage::with(FaultySource::new(sample_roster()).gated_after(2)).await;
    let (cancelled, terminated) = (stage.post("evt-1").await, stage.post("evt-2").await);
    for answer in [&cancelled, &terminated] {
        stage.until(answer.workflow_id(), |status| status.members_found > 0).await;
        assert_eq!(again(&stage, answer.workflow_id()).await, RetryAnswer::Running);
    }
    stage.handle(cancelled.workflow_id()).cancel(WorkflowCancelOptions::default()).await.unwrap();
    stage.ended(cancelled.workflow_id()).await.unwrap_err();
    stage.handle(terminated.workflow_id()).terminate(WorkflowTerminateOptions::default()).await.unwrap();
    stage.source.open_gate();
    for answer in [&cancelled, &terminated] {
        let run = run_of(again(&stage, answer.workflow_id()).await);
        refreshed(&stage, answer.workflow_id(), &run).await;
        let record = stage.store.refresh(&run).await.unwrap().unwrap();
        assert_eq!(record.retry_of.as_deref(), Some(answer.run_id()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q2_what_temporal_has_forgotten_is_tried_again_from_what_the_store_has() {
    let stage = Stage::new().await;
    stage.source.fail(Asked::Resolve, [FailureClass::AuthFailed]);
    let answer = stage.post("evt-1").await;
    stage.ended(answer.workflow_id()).await.unwrap_err();
    stage.forget(answer.workflow_id()).await;
    eventually(async || {
        let description = stage.handle(answer.workflow_id()).describe(Default::default()).await;
        description.is_err().then_some(())
    })
    .await;
    let run = run_of(again(&stage, answer.workflow_id()).await);
    refreshed(&stage, answer.workflow_id(), &run).await;
    let unknown = "buyer-group-refresh/demo/sample/nothing";
    assert_eq!(again(&stage, unknown).await, RetryAnswer::Unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_try_one_again_at_once_one_does() {
    let stage = Stage::with(FaultySource::new(sample_roster()).gated_after(0)).await;
    stage.source.fail(Asked::Resolve, [FailureClass::AuthFailed]);
    let answer = stage.post("evt-1").await;
    stage.ended(answer.workflow_id()).await.unwrap_err();
    let answers = futures::future::join_all((0..8).map(|_| again(&stage, answer.workflow_id()))).await;
    let started = answers.iter().filter(|answer| matches!(answer, RetryAnswer::Started { .. })).count();
    let running = answers.iter().filter(|answer| **answer == RetryAnswer::Running).count();
    assert_eq!((started, running), (1, 7), "{answers:?}");
    stage.source.open_gate();
    stage.ended(answer.workflow_id()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn q5_a_refresh_that_is_tried_again_pays_for_no_lookup_twice() {
    let stage = Stage::with(FaultySource::new(sample_roster()).costing(40_000)).await;
    // A table that only `save` needs: by then everything is looked up.
    stage.sql("ALTER TABLE diffs RENAME TO diffs_away").await.unwrap();
    let answer = stage.post("evt-1").await;
    stage.ended(answer.workflow_id()).await.unwrap_err();
    let asked = stage.source.calls(Asked::Contact);
    let paid = 40_000 * asked.len() as u64;
    let failed = stage.store.refresh_by_workflow(answer.workflow_id()).await.unwrap().unwrap();
    assert_eq!((failed.step.as_str(), failed.cost_micros), ("save", paid));

    stage.sql("ALTER TABLE diffs_away RENAME TO diffs").await.unwrap();
    let run = run_of(again(&stage, answer.workflow_id()).await);
    refreshed(&stage, answer.workflow_id(), &run).await;
    assert_eq!(stage.source.calls(Asked::Contact), asked, "a lookup was paid for twice");
    let record = stage.store.refresh(&run).await.unwrap().unwrap();
    assert_eq!((record.members as usize, record.cost_micros), (asked.len(), 0));
    // What was paid for is there.
    let group = stage.store.group(&workspace(), record.company_id.as_deref().unwrap()).await.unwrap().unwrap();
    let told = group.members.iter().filter(|saved| saved.contact_source.as_deref() == Some("faulty-roster")).count();
    assert!(told > 0, "{told} of {} can be reached", asked.len());
}
