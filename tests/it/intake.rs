//! From the socket to the Temporal server: one workflow for one event, whatever is sent how often.

use crate::stage::source::FaultySource;
use crate::stage::{Stage, event_with, eventually, sample_roster};
use contracts::OutcomeKind;
use futures::future::join_all;

async fn workflows(stage: &Stage) -> usize {
    let count = stage.client.count_workflows("WorkflowType = 'BuyerGroupRefresh'", Default::default()).await.unwrap();
    count.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_delivery_is_answered_with_the_first_one_s_ids() {
    let stage = Stage::new().await;
    let first = stage.post("evt-1").await;
    let while_running = stage.post("evt-1").await;
    stage.ended(first.workflow_id()).await.unwrap();
    let after = stage.post("evt-1").await;
    assert_eq!((first.status, while_running.status, after.status), (202, 200, 200));
    for answer in [&while_running, &after] {
        assert_eq!(answer.body["status"], "duplicate");
        assert_eq!((answer.workflow_id(), answer.run_id()), (first.workflow_id(), first.run_id()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_concurrent_deliveries_are_one_workflow_and_sixty_four_good_answers() {
    let stage = Stage::new().await;
    let answers = join_all((0..64).map(|_| stage.post("evt-1"))).await;
    let accepted = answers.iter().filter(|answer| answer.status == 202).count();
    let duplicates = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((accepted, duplicates), (1, 63), "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| answer.run_id() == answers[0].run_id()));
    stage.ended(answers[0].workflow_id()).await.unwrap();
    eventually(async || (workflows(&stage).await == 1).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d7_the_same_id_with_another_body_is_a_conflict_and_changes_nothing() {
    let stage = Stage::new().await;
    let first = stage.post("evt-1").await;
    let other = event_with("evt-1", |event| event["person"]["newTitle"] = "Chief Executive Officer".into());
    let conflict = stage.post_body(other).await;
    assert_eq!(conflict.status, 409, "{}", conflict.body);
    assert!(conflict.body["type"].as_str().unwrap().contains("conflict"), "{}", conflict.body);
    assert_eq!(stage.ended(first.workflow_id()).await.unwrap().outcome, OutcomeKind::Refreshed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_temporal_has_forgotten_is_still_not_refreshed_twice() {
    let mut stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    stage.start_worker();
    let first = stage.refreshed("evt-1").await;
    // The namespace's retention passes: the closed workflow is gone, and the server takes its id again.
    let id = "buyer-group-refresh/demo/sample/evt-1";
    stage.forget(id).await;
    let again = eventually(async || {
        let answer = stage.post("evt-1").await;
        (answer.status == 202).then_some(answer)
    })
    .await;
    let outcome = stage.ended(again.workflow_id()).await.unwrap();
    assert_eq!(outcome.outcome, OutcomeKind::Duplicate);
    assert_eq!(outcome.refresh_id, first.refresh_id);
    stage.record("duplicate-after-retention", again.workflow_id()).await;
}
