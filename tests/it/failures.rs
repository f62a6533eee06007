//! A refresh that does not go well: what is tried again, what is not, and that the group before stands.

use crate::stage::source::{Asked, FaultySource};
use crate::stage::{RunningWorker, Stage, event_with, sample_roster, workspace};
use activities::roster::{Roster, RosterData, RosterSource};
use buyer_group::sample;
use contracts::{FailureClass, OutcomeKind, RefreshOutcome, Step, Unavailable};
use std::num::NonZeroUsize;
use std::time::Duration;
use store::SavedGroup;
use temporalio_client::WorkflowExecutionStatus;
use temporalio_client::errors::WorkflowGetResultError;
use test_support::TestDb;

async fn group(stage: &Stage, outcome: &RefreshOutcome) -> SavedGroup {
    stage.store.group(&workspace(), outcome.company_id.as_deref().unwrap()).await.unwrap().unwrap()
}

/// How the refresh of this workflow is recorded in the store.
async fn recorded(stage: &Stage, workflow_id: &str) -> (Option<OutcomeKind>, String, Option<String>) {
    let refresh = stage.store.refresh_by_workflow(workflow_id).await.unwrap().unwrap();
    (refresh.outcome, refresh.step, refresh.error_class)
}

#[tokio::test(flavor = "multi_thread")]
async fn q4_what_passes_by_itself_is_tried_again_and_attempts_are_no_new_refreshes() {
    let stage = Stage::new().await;
    stage.source.fail(Asked::Resolve, [FailureClass::Transient]);
    stage.source.fail(Asked::People, [FailureClass::RateLimited]);
    stage.source.fail(Asked::Contact, [FailureClass::Transient, FailureClass::Pending]);
    let answer = stage.post("evt-1").await;
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    assert_eq!(stage.source.calls(Asked::Resolve).len(), 2);
    assert_eq!(stage.source.calls(Asked::Contact).len(), outcome.members as usize + 2);
    let status = stage.until(answer.workflow_id(), |status| status.outcome.is_some()).await;
    assert_eq!(status.attempts, 5 + outcome.members + 4, "every failed attempt is counted");
    let refreshes = stage.store.refreshes(&workspace(), 10).await.unwrap();
    assert_eq!(refreshes.iter().map(|refresh| &refresh.refresh_id).collect::<Vec<_>>(), [&outcome.refresh_id]);
    stage.record("transient-then-success", answer.workflow_id()).await;
}

/// Failing at each step in turn: where it failed is recorded, nothing is left half-done, and the group before stands.
async fn fails_at(step: Step, name: &str, class: FailureClass, break_it: impl AsyncFnOnce(&Stage)) {
    let stage = Stage::new().await;
    let before = stage.refreshed("evt-before").await;
    let group_before = group(&stage, &before).await;
    break_it(&stage).await;
    let answer = stage.post("evt-broken").await;
    let error = stage.ended(answer.workflow_id()).await.unwrap_err();
    assert!(matches!(error, WorkflowGetResultError::Failed(_)), "{error:?}");
    let description = stage.handle(answer.workflow_id()).describe(Default::default()).await.unwrap();
    assert_eq!(description.search_attributes().get(&contracts::BGR_OUTCOME).as_deref(), Some("failed"));
    assert_eq!(description.search_attributes().get(&contracts::BGR_STEP).as_deref(), Some(step.as_str()));
    if step != Step::Begin {
        let (outcome, at, error) = recorded(&stage, answer.workflow_id()).await;
        assert_eq!((outcome, at.as_str()), (Some(OutcomeKind::Failed), step.as_str()));
        assert_eq!(error.as_deref(), Some(class.type_name()));
    }
    assert_eq!(group(&stage, &before).await, group_before, "the group before has changed");
    stage.record(name, answer.workflow_id()).await;

    // And the next event goes through, so nothing is in its way.
    if step == Step::Save {
        stage.sql("ALTER TABLE diffs_away RENAME TO diffs").await.unwrap();
    }
    let after = stage.refreshed("evt-after").await;
    assert_eq!(after.diff.total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_at_begin() {
    // Another event is recorded under this id, by a run that the server does not know.
    fails_at(Step::Begin, "failed-begin", FailureClass::InvalidRequest, async |stage: &Stage| {
        stage.record_another_event("evt-broken").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_at_resolve_company() {
    fails_at(Step::ResolveCompany, "failed-resolve", FailureClass::AuthFailed, async |stage: &Stage| {
        stage.source.fail(Asked::Resolve, [FailureClass::AuthFailed]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_at_discover() {
    fails_at(Step::Discover, "failed-discover", FailureClass::Malformed, async |stage: &Stage| {
        stage.source.fail(Asked::People, [FailureClass::Malformed]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_at_enrich() {
    fails_at(Step::Enrich, "failed-enrich", FailureClass::AuthFailed, async |stage: &Stage| {
        stage.source.fail(Asked::Contact, [FailureClass::AuthFailed]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_at_save() {
    fails_at(Step::Save, "failed-save", FailureClass::Internal, async |stage: &Stage| {
        // A table that only this step needs.
        stage.sql("ALTER TABLE diffs RENAME TO diffs_away").await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q6_a_source_that_gives_nobody_or_fails_is_a_failure_and_no_empty_group() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    let people = include_str!("../../sample/people.csv");
    std::fs::write(&file, people).unwrap();
    let roster = Roster { data: RosterData::File(file.clone()), ..sample::roster(&workspace()) };
    let stage = Stage::with(FaultySource::new(RosterSource::new(vec![roster]).unwrap())).await;
    let before = stage.refreshed("evt-before").await;
    let group_before = group(&stage, &before).await;
    assert!(!group_before.members.is_empty());
    let fails_as = async |event: &str, class: FailureClass| {
        let answer = stage.post(event).await;
        let error = stage.ended(answer.workflow_id()).await.unwrap_err();
        assert!(matches!(error, WorkflowGetResultError::Failed(_)), "{event}: {error:?}");
        let recorded = recorded(&stage, answer.workflow_id()).await;
        let failed = (Some(OutcomeKind::Failed), "discover".to_owned(), Some(class.type_name().to_owned()));
        assert_eq!(recorded, failed, "{event}");
        assert_eq!(group(&stage, &before).await, group_before, "{event}: the group before has changed");
    };
    // Also those which, of a contact lookup, would only withhold an answer.
    for class in FailureClass::ALL.into_iter().filter(|class| !class.is_retryable()) {
        stage.source.fail(Asked::People, [class]);
        fails_as(&format!("evt-{class}"), class).await;
    }
    // A list without anybody on it.
    let (header, _) = people.split_once('\n').unwrap();
    std::fs::write(&file, format!("{header}\n")).unwrap();
    fails_as("evt-nobody", FailureClass::Malformed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permanent_failure_is_asked_once() {
    let stage = Stage::new().await;
    stage.source.fail(Asked::Resolve, [FailureClass::InvalidRequest]);
    stage.refresh("evt-1").await.unwrap_err();
    assert_eq!(stage.source.calls(Asked::Resolve).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_withheld_degrades_the_refresh_and_erases_nothing() {
    let stage = Stage::new().await;
    let before = group(&stage, &stage.refreshed("evt-1").await).await;
    let all = before.members.len();
    stage.source.fail(Asked::Contact, vec![FailureClass::OutOfCredits; all]);
    let answer = stage.post("evt-2").await;
    let outcome = stage.ended(answer.workflow_id()).await.unwrap();
    assert_eq!(outcome.outcome, OutcomeKind::Refreshed);
    assert_eq!(outcome.degraded, [Unavailable::OutOfCredits]);
    assert_eq!(outcome.diff.contact_changed, 0);
    let after = group(&stage, &outcome).await;
    let contacts =
        |group: &SavedGroup| group.members.iter().map(|saved| saved.member.person.contact.clone()).collect::<Vec<_>>();
    assert_eq!(contacts(&after), contacts(&before));
    stage.record("degraded", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q9_a_cancelled_refresh_ends_as_cancelled_and_leaves_the_group_before() {
    let stage = Stage::with(FaultySource::new(sample_roster()).slow(Duration::from_secs(2))).await;
    let identify = event_with("evt-before", |event| event["source"] = "identifying".into());
    let before = crate::stage::post(&stage.url, &crate::stage::SECRET.to_uppercase(), identify).await;
    let before = stage.ended(before.workflow_id()).await.unwrap();
    let group_before = group(&stage, &before).await;

    let answer = stage.post("evt-1").await;
    stage.until(answer.workflow_id(), |status| status.step == Step::Enrich).await;
    let handle = stage.handle(answer.workflow_id());
    handle.cancel(Default::default()).await.unwrap();
    let error = stage.ended(answer.workflow_id()).await.unwrap_err();
    assert!(matches!(error, WorkflowGetResultError::Cancelled { .. }), "{error:?}");
    let description = handle.describe(Default::default()).await.unwrap();
    assert_eq!(description.status(), WorkflowExecutionStatus::Canceled);

    let (outcome, step, _) = recorded(&stage, answer.workflow_id()).await;
    assert_eq!((outcome, step.as_str()), (Some(OutcomeKind::Cancelled), "enrich"));
    assert_eq!(group(&stage, &before).await, group_before);
    let asked = stage.source.calls(Asked::Contact).len();
    assert!(asked < group_before.members.len(), "{asked} lookups although it was cancelled at once");
    stage.record("cancelled-in-enrich", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_cancelled_while_it_saves_ends_as_what_it_did() {
    let database = TestDb::postgres().await.unwrap();
    let source = FaultySource::new(sample_roster());
    let mut stage = Stage::without_worker(source, Some(database.url().to_owned())).await;
    // Somebody else's trigger makes the transaction of `save`, and nothing else, take three seconds.
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
                'BEGIN PERFORM pg_sleep(3); RETURN NEW; END'";
    stage.sql(slow).await.unwrap();
    stage.sql("CREATE TRIGGER slow BEFORE INSERT ON diffs FOR EACH ROW EXECUTE FUNCTION slow()").await.unwrap();
    stage.start_worker();

    let answer = stage.post("evt-1").await;
    stage.until(answer.workflow_id(), |status| status.step == Step::Save).await;
    stage.handle(answer.workflow_id()).cancel(Default::default()).await.unwrap();
    let ended = stage.ended(answer.workflow_id()).await;
    let refresh = stage.store.refresh_by_workflow(answer.workflow_id()).await.unwrap().unwrap();
    let company_id = refresh.company_id.clone().unwrap();
    let group = stage.store.group(&workspace(), &company_id).await.unwrap();
    // Too late to be stopped or in time: server, refresh log and group must tell the same story.
    match ended {
        Ok(outcome) => {
            assert_eq!((outcome.outcome, refresh.outcome), (OutcomeKind::Refreshed, Some(OutcomeKind::Refreshed)));
            assert!(group.is_some());
        }
        Err(WorkflowGetResultError::Cancelled { .. }) => {
            assert_eq!(refresh.outcome, Some(OutcomeKind::Cancelled));
            assert!(group.is_none());
        }
        Err(error) => panic!("{error:?}"),
    }
    stage.record("cancelled-in-save", answer.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q5_discover_goes_on_where_it_had_got_to_however_often_it_is_interrupted() {
    let whole = Stage::new().await;
    let expected = group(&whole, &whole.refreshed("evt-1").await).await;

    let roster = sample_roster().with_page_size(NonZeroUsize::new(25).unwrap());
    let stage = Stage::with(FaultySource::new(roster)).await;
    // Three pages, then two attempts in a row that get nowhere.
    let faults = [None, None, None, Some(FailureClass::Transient), Some(FailureClass::RateLimited)];
    stage.source.answer(Asked::People, faults);
    let outcome = stage.refreshed("evt-1").await;
    let asked = stage.source.calls(Asked::People);
    assert_eq!(asked.iter().filter(|cursor| *cursor == "first page").count(), 1, "{asked:?}");
    assert_eq!(asked.len(), 191usize.div_ceil(25) + 2, "{asked:?}");
    let resumed = group(&stage, &outcome).await;
    assert_eq!((resumed.considered, resumed.tier), (expected.considered, expected.tier));
    let people = |group: &SavedGroup| group.members.iter().map(|saved| saved.member.clone()).collect::<Vec<_>>();
    assert_eq!(people(&resumed), people(&expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn q5_every_activity_run_twice_leaves_the_state_of_once() {
    let once = Stage::new().await;
    let expected = group(&once, &once.refreshed("evt-1").await).await;

    let stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    let _worker = RunningWorker::start_twice(stage.server.address(), stage.refresher());
    let outcome = stage.refreshed("evt-1").await;
    let twice = group(&stage, &outcome).await;
    let people = |group: &SavedGroup| {
        group.members.iter().map(|saved| (saved.member.clone(), saved.contact_source.clone())).collect::<Vec<_>>()
    };
    assert_eq!(people(&twice), people(&expected));
    assert_eq!((twice.version, twice.cohesion, twice.confidence), (1, expected.cohesion, expected.confidence));
    assert_eq!(outcome.diff.joined, outcome.members);
    assert_eq!(stage.source.calls(Asked::Contact).len(), outcome.members as usize, "a lookup was paid for twice");
}
