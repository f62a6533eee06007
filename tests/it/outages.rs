//! Parts of the house away for a while: nothing accepted is lost, and what was done stays done once.

use crate::stage::source::{Asked, FaultySource};
use crate::stage::{Stage, eventually, sample_roster, workspace};
use crate::worker_process;
use contracts::{OutcomeKind, Step};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use test_support::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_the_middle_of_enrich_is_replaced_and_nobody_is_enriched_twice() {
    let stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    let log = stage.folder.path().join("lookups");
    let mut first = worker_process::spawn(&stage.server.address(), &stage.database_url, &log);
    let answer = stage.post("evt-1").await;
    stage.until(answer.workflow_id(), |status| status.step == Step::Enrich && status.members_enriched > 0).await;
    first.kill().await.unwrap();
    let killed = Instant::now();

    let _second = worker_process::spawn(&stage.server.address(), &stage.database_url, &log);
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();
    println!("recovered and finished {:.1} s after the kill", killed.elapsed().as_secs_f64());
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);

    // One enrichment for every member in the store; a second lookup only for those that were in flight.
    let operations = stage.store.operations(&outcome.refresh_id).await.unwrap();
    let mut finished = BTreeMap::<&str, u32>::new();
    for operation in operations.iter().filter(|operation| operation.step == "enrich") {
        let completed = operation.status == store::OperationStatus::Completed;
        *finished.entry(&operation.subject).or_default() += u32::from(completed);
    }
    assert_eq!(finished.len(), outcome.members as usize);
    assert!(finished.values().all(|times| *times == 1), "{finished:?}");
    let lookups = std::fs::read_to_string(&log).unwrap();
    let lookups = lookups.lines().filter(|line| line.starts_with("Contact")).count();
    assert!(lookups <= outcome.members as usize + 4, "{lookups} lookups for {} members", outcome.members);
    assert_eq!(outcome.diff.joined, outcome.members);
    stage.record("worker-killed", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_in_the_middle_of_a_refresh_only_delays_it() {
    let mut cluster = Cluster::create().await.unwrap();
    let source = FaultySource::new(sample_roster()).slow(Duration::from_millis(500));
    let database = cluster.fresh_database().await.unwrap();
    let mut stage = Stage::without_worker(source, Some(database.url().to_owned())).await;
    stage.start_worker();
    let answer = stage.post("evt-1").await;
    stage.until(answer.workflow_id(), |status| status.members_enriched > 0).await;
    cluster.stop_immediate().await.unwrap();

    // It is tried again, and not given up.
    let handle = stage.handle(answer.workflow_id());
    eventually(async || {
        let description = handle.describe(Default::default()).await.ok()?;
        description.raw().pending_activities.iter().any(|activity| activity.attempt > 1).then_some(())
    })
    .await;
    cluster.start().await.unwrap();
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    let group = stage.store.group(&workspace(), outcome.company_id.as_deref().unwrap()).await.unwrap().unwrap();
    assert_eq!((group.version, group.members.len()), (1, outcome.members as usize));
    stage.record("database-down", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_temporal_an_event_is_not_accepted_and_with_it_back_it_is_accepted_once() {
    let mut stage = Stage::new().await;
    stage.server.kill_hard().await.unwrap();
    let began = Instant::now();
    let refused = stage.post("evt-1").await;
    assert!(began.elapsed() < Duration::from_secs(5), "answered after {:?}", began.elapsed());
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.retry_after.unwrap().parse::<u64>().unwrap() > 0);

    stage.server.restart().await.unwrap();
    let accepted = eventually(async || {
        let answer = stage.post("evt-1").await;
        (answer.status != 503).then_some(answer)
    })
    .await;
    assert_eq!(accepted.status, 202);
    assert_eq!(stage.ended(accepted.workflow_id()).await.unwrap().outcome, OutcomeKind::Refreshed);
    assert_eq!(stage.post("evt-1").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporal_server_killed_in_the_middle_of_a_refresh_only_delays_it() {
    let mut stage = Stage::with(FaultySource::new(sample_roster()).slow(Duration::from_millis(500))).await;
    let answer = stage.post("evt-1").await;
    stage.until(answer.workflow_id(), |status| status.members_enriched > 0).await;
    stage.server.kill_hard().await.unwrap();
    stage.server.restart().await.unwrap();
    let outcome = eventually(async || {
        let ended = stage.handle(answer.workflow_id()).get_result(Default::default()).await;
        ended.ok()
    })
    .await;
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    let asked = stage.source.calls(Asked::Contact).len();
    assert!(asked <= outcome.members as usize + 4, "{asked} lookups for {} members", outcome.members);
}
