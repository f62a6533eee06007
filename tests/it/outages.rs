//! Parts of the house away for a while: nothing accepted is lost, and what was done stays done once.

use crate::stage::source::{Asked, FaultySource};
use crate::stage::{Answer, PATIENCE, SECRET, Stage, event, eventually, post, sample_roster, starter_on, workspace};
use crate::worker_process;
use contracts::{EnrichInput, OutcomeKind, RefreshOutcome, Step, person_ref};
use starter::StartLimits;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use store::OperationStatus;
use temporalio_client::WorkflowExecutionStatus;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use test_support::Cluster;
use tokio::process::Command;

/// How many members one refresh looks up at once.
const AT_ONCE: usize = 4;

/// Who was asked about, and how often, by the workers that write into this file.
fn lookups(log: &Path) -> BTreeMap<String, usize> {
    let mut lookups = BTreeMap::new();
    for line in std::fs::read_to_string(log).unwrap_or_default().lines() {
        if let Some(person) = line.strip_prefix("Contact ") {
            *lookups.entry(person.to_owned()).or_default() += 1;
        }
    }
    lookups
}

/// The members, by reference, whose enrichment the server has ordered and not seen the end of.
async fn in_flight(stage: &Stage, workflow_id: &str) -> BTreeSet<String> {
    let mut ordered = BTreeMap::new();
    let history = stage.handle(workflow_id).fetch_history(Default::default());
    for event in history.into_events().await.unwrap() {
        match event.attributes {
            Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => {
                let input = scheduled.input.and_then(|input| input.payloads.into_iter().next()).unwrap();
                if let Ok(input) = serde_json::from_slice::<EnrichInput>(&input.data) {
                    ordered.insert(event.event_id, input.person_ref);
                }
            }
            Some(Attributes::ActivityTaskCompletedEventAttributes(completed)) => {
                ordered.remove(&completed.scheduled_event_id);
            }
            _ => {}
        }
    }
    ordered.into_values().collect()
}

/// What stands and will be asked for after whatever happens next.
struct Midway {
    answer: Answer,
    /// Who was asked about so far.
    asked: BTreeSet<String>,
}

/// Posts an event and waits until the workers that write into `log` have answers about some members and are asking about
/// more.
async fn in_the_middle_of_enrich(stage: &Stage, log: &Path) -> Midway {
    let answer = stage.post("evt-1").await;
    stage.until(answer.workflow_id(), |status| status.members_enriched >= 4).await;
    let asked = eventually(async || {
        let asked = lookups(log);
        (asked.len() > AT_ONCE).then_some(asked)
    })
    .await;
    let status = stage.until(answer.workflow_id(), |_| true).await;
    assert_eq!((status.step, status.outcome), (Step::Enrich, None), "too late: {status:?}");
    assert!(status.members_enriched < status.members_found, "too late: {status:?}");
    Midway { answer, asked: asked.into_keys().collect() }
}

/// The refresh that was begun under this workflow id still has members to enrich.
async fn is_still_enriching(stage: &Stage, workflow_id: &str) {
    let description = stage.handle(workflow_id).describe(Default::default()).await.unwrap();
    assert_eq!(description.status(), WorkflowExecutionStatus::Running);
    let refresh = stage.store.refresh_by_workflow(workflow_id).await.unwrap().unwrap();
    assert_eq!((refresh.step.as_str(), refresh.outcome), (Step::Enrich.as_str(), None));
}

/// The members of the group that this refresh saved, and how each is referred to.
async fn members(stage: &Stage, outcome: &RefreshOutcome) -> BTreeMap<String, String> {
    let group = stage.store.group(&workspace(), outcome.company_id.as_deref().unwrap()).await.unwrap().unwrap();
    let ids = group.members.iter().map(|saved| saved.member.person.id.as_str().to_owned());
    ids.map(|id| (person_ref(&workspace(), &id), id)).collect()
}

/// How often the enrichment of each member was logged as completed.
async fn completed(stage: &Stage, outcome: &RefreshOutcome) -> BTreeMap<String, usize> {
    let mut completed = BTreeMap::new();
    for operation in stage.store.operations(&outcome.refresh_id).await.unwrap() {
        if operation.step == Step::Enrich.as_str() && operation.status == OperationStatus::Completed {
            *completed.entry(operation.subject).or_default() += 1;
        }
    }
    completed
}

#[tokio::test(flavor = "multi_thread")]
async fn q5_a_worker_killed_in_the_middle_of_enrich_is_replaced_and_nobody_is_enriched_twice() {
    let stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    let log = stage.folder.path().join("lookups");
    let mut first = worker_process::spawn(&stage.server.address(), &stage.database_url, &log);
    let Midway { answer, .. } = in_the_middle_of_enrich(&stage, &log).await;
    first.kill().await.unwrap();
    let killed = Instant::now();
    is_still_enriching(&stage, answer.workflow_id()).await;
    let asked_before = lookups(&log);
    assert!(asked_before.values().all(|times| *times == 1), "{asked_before:?}");
    let in_flight = in_flight(&stage, answer.workflow_id()).await;
    let mut answered_before = BTreeSet::new();
    for person in asked_before.keys() {
        if stage.store.enrichment(answer.run_id(), person).await.unwrap().is_some() {
            answered_before.insert(person.clone());
        }
    }

    let _second = worker_process::spawn(&stage.server.address(), &stage.database_url, &log);
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();
    println!("recovered and finished {:.1} s after the kill", killed.elapsed().as_secs_f64());
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    assert_eq!(outcome.diff.joined, outcome.members);

    let members = members(&stage, &outcome).await;
    let in_flight: BTreeSet<_> = in_flight.iter().map(|reference| members[reference].clone()).collect();
    assert!((1..=AT_ONCE).contains(&in_flight.len()), "{in_flight:?}");
    assert!(!answered_before.is_empty(), "nobody was answered before the kill");
    // The kill came in the middle of these lookups, so they are the ones that had to be made again.
    let cut_off: BTreeSet<_> = asked_before.keys().filter(|person| !answered_before.contains(*person)).collect();
    assert!(!cut_off.is_empty(), "nobody was being asked about at the kill");
    let lookups = lookups(&log);
    assert_eq!(
        lookups.keys().collect::<Vec<_>>(),
        members.values().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    );
    for (person, times) in &lookups {
        let expected = if cut_off.contains(person) { 2 } else { 1 };
        assert_eq!(*times, expected, "{person} of {lookups:?}, in flight were {in_flight:?}");
        assert!(*times == 1 || in_flight.contains(person), "{person} was not in flight: {in_flight:?}");
    }
    // One answer for every member. An attempt that had all but told the server is made again, and finds that answer.
    let completed = completed(&stage, &outcome).await;
    for (reference, person) in &members {
        assert!(stage.store.enrichment(&outcome.refresh_id, person).await.unwrap().is_some(), "{person}");
        let times = completed.get(reference).copied().unwrap_or_default();
        assert!(times == 1 || (times == 2 && in_flight.contains(person)), "{person}: {completed:?}");
    }
    stage.record("worker-killed", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_told_to_stop_finishes_its_lookups_and_another_goes_on_without_repeating_any() {
    let stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    let log = stage.folder.path().join("lookups");
    let mut first = worker_process::spawn(&stage.server.address(), &stage.database_url, &log);
    let Midway { answer, asked } = in_the_middle_of_enrich(&stage, &log).await;
    let id = first.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    let ended = tokio::time::timeout(PATIENCE, first.wait()).await.expect("it does not stop").unwrap();
    assert_eq!(ended.code(), Some(0));
    is_still_enriching(&stage, answer.workflow_id()).await;
    let in_flight = in_flight(&stage, answer.workflow_id()).await;
    for person in &asked {
        let kept = stage.store.enrichment(answer.run_id(), person).await.unwrap();
        assert!(kept.is_some(), "the answer about {person} was thrown away");
        assert!(!in_flight.contains(&person_ref(&workspace(), person)), "the server was not told about {person}");
    }

    let _second = worker_process::spawn(&stage.server.address(), &stage.database_url, &log);
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    let lookups = lookups(&log);
    assert_eq!(lookups.len(), outcome.members as usize);
    assert!(lookups.values().all(|times| *times == 1), "a lookup was made again: {lookups:?}");
}

/// Posts an event and waits until one member is enriched and the gate holds the lookups of as many as fit.
async fn held_at_the_gate(stage: &Stage) -> Answer {
    let answer = stage.post("evt-1").await;
    stage.until(answer.workflow_id(), |status| status.members_enriched == 1).await;
    eventually(async || (stage.source.calls(Asked::Contact).len() == 1 + AT_ONCE).then_some(())).await;
    answer
}

/// Nothing more was done, although something was away in between.
async fn is_held_at_the_gate(stage: &Stage, workflow_id: &str) {
    let status = stage.until(workflow_id, |_| true).await;
    assert_eq!((status.step, status.members_enriched, status.outcome), (Step::Enrich, 1, None), "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_in_the_middle_of_a_refresh_only_delays_it() {
    let mut cluster = Cluster::create().await.unwrap();
    let database = cluster.fresh_database().await.unwrap();
    let source = FaultySource::new(sample_roster()).gated_after(1);
    let mut stage = Stage::without_worker(source, Some(database.url().to_owned())).await;
    stage.start_worker();
    let answer = held_at_the_gate(&stage).await;
    cluster.stop_immediate().await.unwrap();
    is_held_at_the_gate(&stage, answer.workflow_id()).await;
    stage.source.open_gate();

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
    // With the limits of production, which are about exactly this.
    let (url, _starter) = starter_on(&stage.client, StartLimits::default()).await;
    stage.server.kill_hard().await.unwrap();
    let began = Instant::now();
    let refused = post(&url, SECRET, event("evt-1")).await;
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
    let mut stage = Stage::with(FaultySource::new(sample_roster()).gated_after(1)).await;
    let answer = held_at_the_gate(&stage).await;
    is_held_at_the_gate(&stage, answer.workflow_id()).await;
    stage.server.kill_hard().await.unwrap();
    // The answers come while there is nobody to be told of them; but they are in the store.
    stage.source.open_gate();
    stage.server.restart().await.unwrap();
    let outcome = eventually(async || {
        let ended = stage.handle(answer.workflow_id()).get_result(Default::default()).await;
        ended.ok()
    })
    .await;
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    let asked = stage.source.calls(Asked::Contact);
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), asked.len(), "somebody was asked about twice");
    assert_eq!(asked.len(), outcome.members as usize);
}
