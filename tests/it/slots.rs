//! At most one refresh of a company starts in a window, and no event is lost to that.

use crate::notify::{requests, telling};
use crate::refresh::decoded_payloads;
use crate::stage::receiver::{TestReceiver, config};
use crate::stage::source::{Asked, FaultySource};
use crate::stage::{Stage, UNLIMITED, event_with, eventually, sample_roster, workspace};
use activities::Pace;
use buyer_group::commands::steer::{self, Word};
use buyer_group::temporal::create_slot_schedule;
use contracts::{
    FailureClass, KeepSlots, OutcomeKind, SLOT_KEEPER_SCHEDULE, SlotKeeperDefinition, SlotsKept, Steering, Step,
    TASK_QUEUE,
};
use std::time::Duration;
use store::EventAnswer;
use temporalio_client::errors::WorkflowGetResultError;
use temporalio_client::{WorkflowStartOptions, WorkflowTerminateOptions};

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

/// A stage on which a company is refreshed at most once in this time.
pub(crate) async fn stage_with_window(window: Duration) -> Stage {
    let mut stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
    stage.pace = Pace { window, ..UNLIMITED };
    stage.start_worker();
    stage
}

/// What became of an event.
async fn answer(stage: &Stage, event: &str) -> EventAnswer {
    let (source, event) = ("sample".parse().unwrap(), event.parse().unwrap());
    stage.store.event_answer(&workspace(), &source, &event).await.unwrap().unwrap()
}

/// The outcome of the refresh that answers for an event in the end.
async fn outcome(stage: &Stage, event: &str) -> Option<OutcomeKind> {
    answer(stage, event).await.chain.last().unwrap().outcome
}

/// Posts an event that finds the company's window closed, and answers its workflow id once it waits.
pub(crate) async fn waiting(stage: &Stage, event: &str) -> String {
    let posted = stage.post(event).await;
    stage.until(posted.workflow_id(), |status| status.waiting_until.is_some()).await;
    posted.workflow_id().to_owned()
}

/// Posts an event that must be coalesced into the refresh with this workflow id.
async fn coalesced(stage: &Stage, event: &str, into: &str) -> String {
    let posted = stage.post(event).await;
    let ended = stage.ended(posted.workflow_id()).await.unwrap();
    assert_eq!(ended.outcome, OutcomeKind::Coalesced);
    assert_eq!(ended.into.unwrap().workflow_id, into);
    posted.workflow_id().to_owned()
}

pub(crate) async fn run_now(stage: &Stage, workflow_id: &str) -> bool {
    steer::say(&stage.handle(workflow_id), Word::RunNow, Steering::default()).await.unwrap().done
}

/// One round of the keeper.
async fn keeper_s_round(stage: &Stage, id: &str) -> SlotsKept {
    let options = WorkflowStartOptions::new(TASK_QUEUE, id).build();
    let started = stage.client.start_workflow(SlotKeeperDefinition, KeepSlots {}, options).await.unwrap();
    started.get_result(Default::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn w4_what_happens_while_the_window_is_closed_is_seen_by_one_refresh_when_it_opens() {
    let stage = stage_with_window(Duration::from_secs(20)).await;
    let first = stage.post("evt-1").await;
    stage.until(first.workflow_id(), |status| status.step >= Step::Discover).await;
    let next = waiting(&stage, "evt-2").await;
    let third = coalesced(&stage, "evt-3", &next).await;
    coalesced(&stage, "evt-4", &next).await;
    assert_eq!(outcome(&stage, "evt-4").await, None, "it waits with the one that answers for it");

    let refreshed = stage.ended(&next).await.unwrap();
    assert_eq!(refreshed.outcome, OutcomeKind::Refreshed);
    let status = stage.until(&next, |status| status.outcome.is_some()).await;
    assert_eq!((status.holds_for, status.waiting_until), (2, None));
    for event in ["evt-1", "evt-2", "evt-3", "evt-4"] {
        assert_eq!(outcome(&stage, event).await, Some(OutcomeKind::Refreshed), "{event}");
    }
    assert_eq!(stage.source.calls(Asked::People).len(), 2, "four events cost two refreshes");
    stage.record("waited", &next).await;
    stage.record("coalesced", &third).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_have_a_waiting_refresh_run_now_and_steers_nothing_else() {
    let stage = stage_with_window(HOUR).await;
    stage.refreshed("evt-1").await;
    let next = waiting(&stage, "evt-2").await;
    let refused = steer::say(&stage.handle(&next), Word::Approve, Steering::default()).await.unwrap_err();
    assert_eq!(refused.to_string(), "this refresh is not in review; it is in step wait");
    let loud = Steering { by: Some("x".repeat(65)) };
    let refused = steer::say(&stage.handle(&next), Word::RunNow, loud).await.unwrap_err();
    assert!(refused.to_string().contains("at most 64 characters"), "{refused}");

    assert!(run_now(&stage, &next).await);
    assert_eq!(stage.ended(&next).await.unwrap().outcome, OutcomeKind::Refreshed);
    let late = steer::say(&stage.handle(&next), Word::RunNow, Steering::default()).await.unwrap_err();
    assert!(late.is::<buyer_group::exit::NotFound>(), "{late:?}");
    // The window begins anew, so the one after it waits as well.
    waiting(&stage, "evt-3").await;
    stage.record("run-now", &next).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_the_one_that_waits_carries_its_events_into_another() {
    let stage = stage_with_window(HOUR).await;
    let before = stage.refreshed("evt-1").await;
    let group = stage.store.group(&workspace(), before.company_id.as_deref().unwrap()).await.unwrap();
    let next = waiting(&stage, "evt-2").await;
    coalesced(&stage, "evt-3", &next).await;
    coalesced(&stage, "evt-4", &next).await;
    stage.handle(&next).cancel(Default::default()).await.unwrap();
    let error = stage.ended(&next).await.unwrap_err();
    assert!(matches!(error, WorkflowGetResultError::Cancelled { .. }), "{error:?}");
    assert_eq!(outcome(&stage, "evt-2").await, Some(OutcomeKind::Cancelled));
    let status = stage.until(&next, |status| status.outcome.is_some()).await;
    assert_eq!(status.waiting_until, None, "it still says that it waits");
    assert!(answer(&stage, "evt-3").await.stranded);
    assert_eq!(stage.store.group(&workspace(), before.company_id.as_deref().unwrap()).await.unwrap(), group);
    stage.record("cancelled-in-wait", &next).await;

    let kept = keeper_s_round(&stage, "round-1").await;
    let [carry] = kept.carry.as_slice() else { panic!("{kept:?}") };
    assert_eq!((kept.looked_at, carry.request.event.id.as_str()), (0, "evt-3"));
    // It waits for the same slot as the one that was cancelled, and nobody is started twice.
    stage.until(&carry.workflow_id, |status| status.waiting_until.is_some()).await;
    assert_eq!(keeper_s_round(&stage, "round-2").await, SlotsKept::default());
    run_now(&stage, &carry.workflow_id).await;
    let carried = stage.ended(&carry.workflow_id).await.unwrap();
    assert_eq!(carried.outcome, OutcomeKind::Refreshed);
    for event in ["evt-3", "evt-4"] {
        let EventAnswer { chain, stranded, .. } = answer(&stage, event).await;
        let last = chain.last().unwrap();
        assert_eq!((last.outcome, &last.refresh_id), (Some(OutcomeKind::Refreshed), &carried.refresh_id), "{event}");
        assert!(!stranded);
    }
    stage.record("carried", &carry.workflow_id).await;
    stage.record("slot-keeper", "round-1").await;
    let history = stage.handle("round-1").fetch_history(Default::default()).to_json().await.unwrap();
    assert!(decoded_payloads(&history).contains("evt-3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn w6_a_terminated_holder_strands_nobody() {
    let stage = stage_with_window(HOUR).await;
    stage.refreshed("evt-1").await;
    let next = waiting(&stage, "evt-2").await;
    coalesced(&stage, "evt-3", &next).await;
    stage.handle(&next).terminate(WorkflowTerminateOptions::default()).await.unwrap();
    // The keeper would look after it within a quarter of an hour; here that is now.
    stage.sql("UPDATE refreshes SET look_at = 1").await.unwrap();
    assert!(create_slot_schedule(&stage.client, Duration::from_secs(2)).await.unwrap());
    assert!(!create_slot_schedule(&stage.client, Duration::from_secs(2)).await.unwrap(), "made twice");

    let carried = eventually(async || {
        let last = answer(&stage, "evt-3").await.chain.pop().unwrap();
        last.workflow_id.starts_with("buyer-group-refresh-carried/demo/co_").then_some(last.workflow_id)
    })
    .await;
    let dead = answer(&stage, "evt-2").await.chain.pop().unwrap();
    assert_eq!((dead.outcome, dead.error_class.as_deref()), (Some(OutcomeKind::Failed), Some("Terminated")));
    stage.until(&carried, |status| status.waiting_until.is_some()).await;
    run_now(&stage, &carried).await;
    assert_eq!(stage.ended(&carried).await.unwrap().outcome, OutcomeKind::Refreshed);
    assert_eq!(outcome(&stage, "evt-3").await, Some(OutcomeKind::Refreshed));
    let handle = stage.client.get_schedule_handle(SLOT_KEEPER_SCHEDULE);
    handle.delete(Default::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn w17_news_that_the_group_already_shows_is_ignored_with_a_reason_and_nobody_is_asked() {
    let stage = Stage::new().await;
    let refreshed = stage.refreshed("evt-1").await;
    let resolved = stage.source.calls(Asked::People).len();
    // Somebody without a seat left before the group was chosen.
    let left = event_with("evt-2", |event| {
        event["type"] = "person.left".into();
        event["person"]["id"] = "nobody-in-the-group".into();
    });
    let posted = stage.post_body(left).await;
    let ended = stage.ended(posted.workflow_id()).await.unwrap();
    assert_eq!((ended.outcome, ended.reason.as_deref()), (OutcomeKind::Ignored, Some("already_reflected")));
    assert_eq!(ended.company_id, refreshed.company_id);
    assert_eq!(stage.source.calls(Asked::People).len(), resolved, "people were read for nothing");
    let told = answer(&stage, "evt-2").await.chain.pop().unwrap();
    assert_eq!((told.outcome, told.end_reason.as_deref()), (Some(OutcomeKind::Ignored), Some("already_reflected")));
    stage.record("ignored", posted.workflow_id()).await;
    // The same of somebody who leaves later is worth a refresh.
    let later = event_with("evt-3", |event| {
        event["type"] = "person.left".into();
        event["person"]["id"] = "nobody-in-the-group".into();
        event["timestamp"] = jiff::Timestamp::now().to_string().into();
    });
    let posted = stage.post_body(later).await;
    assert_eq!(stage.ended(posted.workflow_id()).await.unwrap().outcome, OutcomeKind::Refreshed);
}

#[tokio::test(flavor = "multi_thread")]
async fn w5_a_company_that_fails_is_left_alone_for_a_while_and_its_events_are_not_lost() {
    let stage = stage_with_window(Duration::from_secs(6)).await;
    let first = stage.post("evt-1").await;
    stage.until(first.workflow_id(), |status| status.step >= Step::Discover).await;
    stage.ended(first.workflow_id()).await.unwrap();
    let failing = waiting_or_running(&stage, "evt-2").await;
    stage.source.fail(Asked::People, [FailureClass::Malformed]);
    stage.ended(&failing).await.unwrap_err();
    // Twice the window counts from the failure.
    let next = stage.post("evt-3").await;
    let status = stage.until(next.workflow_id(), |status| status.waiting_until.is_some()).await;
    let failed = answer(&stage, "evt-2").await.chain.pop().unwrap();
    assert_eq!(status.waiting_until.unwrap() - failed.completed_at.unwrap(), 12_000);
    assert_eq!(stage.ended(next.workflow_id()).await.unwrap().outcome, OutcomeKind::Refreshed);
    assert_eq!(stage.source.calls(Asked::People).len(), 3);
}

/// Posts an event that may have to wait for a short window.
async fn waiting_or_running(stage: &Stage, event: &str) -> String {
    stage.post(event).await.workflow_id().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_told_of_a_refresh_that_was_lost() {
    let receiver = TestReceiver::start([]).await;
    let stage = telling(&[config("ops", &receiver.url)]).await;
    // Begun long ago, by a workflow that the server does not know.
    stage.record_another_event("evt-lost").await;
    let kept = keeper_s_round(&stage, "round-1").await;
    assert_eq!((kept.looked_at, kept.closed, kept.announce.len()), (1, 1, 1), "{kept:?}");
    let lost = stage.store.refresh("another-run").await.unwrap().unwrap();
    assert_eq!((lost.outcome, lost.error_class.as_deref()), (Some(OutcomeKind::Failed), Some("Gone")));
    assert_eq!(requests(&receiver, 1).await.len(), 1);
}
