//! The review gate: a group that is much worse than the one before waits for a person.

use crate::stage::source::FaultySource;
use crate::stage::{Stage, UNLIMITED, sample_roster, workspace};
use activities::Pace;
use activities::roster::{Roster, RosterData, RosterSource};
use buyer_group::commands::steer::{self, Word};
use buyer_group::sample;
use contracts::{OutcomeKind, RefreshStatus, Steered, Steering, Step};
use std::sync::Arc;
use std::time::Duration;
use store::SavedGroup;
use temporalio_client::errors::WorkflowGetResultError;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A company with a saved group, whose source then forgets most of that group's members.
struct Worse {
    stage: Stage,
    before: SavedGroup,
}

impl Worse {
    async fn with_review(review: Duration) -> Self {
        let mut stage = Stage::without_worker(FaultySource::new(sample_roster()), None).await;
        stage.pace = Pace { review, ..UNLIMITED };
        stage.start_worker();
        let first = stage.refreshed("evt-before").await;
        let before = stage.store.group(&workspace(), first.company_id.as_deref().unwrap()).await.unwrap().unwrap();
        let gone: Vec<String> =
            before.members.iter().skip(2).map(|saved| format!("{},", saved.member.person.id)).collect();
        stage.source = Arc::new(FaultySource::new(roster_without(&gone)));
        stage.start_worker();
        Self { stage, before }
    }

    /// Posts an event, and answers its workflow id and status once it is in review.
    async fn in_review(&self) -> (String, RefreshStatus) {
        let posted = self.stage.post("evt-worse").await;
        let status = self.stage.until(posted.workflow_id(), |status| status.review.is_some()).await;
        (posted.workflow_id().to_owned(), status)
    }

    async fn say(&self, workflow_id: &str, word: Word) -> anyhow::Result<Steered> {
        let by = Steering { by: Some("data-team".to_owned()) };
        steer::say(&self.stage.handle(workflow_id), word, by).await
    }

    async fn group(&self) -> SavedGroup {
        self.stage.store.group(&workspace(), &self.before.company_id).await.unwrap().unwrap()
    }
}

fn roster_without(gone: &[String]) -> RosterSource {
    let text = std::str::from_utf8(include_bytes!("../../sample/people.csv")).unwrap();
    let rows = text.lines().filter(|row| !gone.iter().any(|id| row.starts_with(id.as_str())));
    let rows: Vec<_> = rows.map(|row| format!("{row}\n")).collect();
    let data = RosterData::Embedded { name: "fewer.csv", bytes: rows.concat().leak().as_bytes() };
    RosterSource::new(vec![Roster { data, ..sample::roster(&workspace()) }]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_much_worse_group_is_saved_once_somebody_approves_it() {
    let worse = Worse::with_review(HOUR).await;
    let (id, status) = worse.in_review().await;
    assert_eq!(status.step, Step::Review);
    let review = status.review.unwrap();
    assert!(review.why.iter().any(|why| why.code == "half_gone"), "{review:?}");
    assert!((review.until - review.since - 3_600_000).abs() < 60_000, "{review:?}");
    let refresh = worse.stage.store.refresh_by_workflow(&id).await.unwrap().unwrap();
    assert_eq!((refresh.step.as_str(), refresh.waiting_until), ("review", Some(review.until)));
    let description = worse.stage.handle(&id).describe(Default::default()).await.unwrap();
    assert_eq!(description.search_attributes().get(&contracts::BGR_STEP).as_deref(), Some("review"));
    assert_eq!(worse.group().await, worse.before, "it was saved before anybody looked");

    let refused = worse.say(&id, Word::RunNow).await.unwrap_err();
    assert_eq!(refused.to_string(), "this refresh is not waiting for a slot; it is in step review");
    assert!(worse.say(&id, Word::Approve).await.unwrap().done);
    let ended = worse.stage.ended(&id).await.unwrap();
    assert_eq!(ended.outcome, OutcomeKind::Refreshed);
    let after = worse.group().await;
    assert_eq!(after.refresh_id, ended.refresh_id);
    assert!(ended.diff.left as usize >= worse.before.members.len() - 2, "{:?}", ended.diff);
    worse.stage.record("review-approved", &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_group_leaves_the_one_before() {
    let worse = Worse::with_review(HOUR).await;
    let (id, _) = worse.in_review().await;
    assert!(worse.say(&id, Word::Reject).await.unwrap().done);
    let ended = worse.stage.ended(&id).await.unwrap();
    assert_eq!((ended.outcome, ended.reason.as_deref()), (OutcomeKind::Kept, Some("rejected")));
    assert_eq!(worse.group().await, worse.before);
    let refresh = worse.stage.store.refresh(&ended.refresh_id).await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.end_reason.as_deref()), (Some(OutcomeKind::Kept), Some("rejected")));
    let status = worse.stage.until(&id, |status| status.outcome.is_some()).await;
    assert_eq!((status.step, status.review), (Step::Done, None));
    worse.stage.record("review-rejected", &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_nobody_looks_at_in_time_leaves_the_one_before() {
    let worse = Worse::with_review(Duration::from_secs(2)).await;
    let posted = worse.stage.post("evt-worse").await;
    let ended = worse.stage.ended(posted.workflow_id()).await.unwrap();
    assert_eq!((ended.outcome, ended.reason.as_deref()), (OutcomeKind::Kept, Some("review_timed_out")));
    assert_eq!(worse.group().await, worse.before);
    worse.stage.record("review-timed-out", posted.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_in_review_leaves_the_group_before() {
    let worse = Worse::with_review(HOUR).await;
    let (id, _) = worse.in_review().await;
    worse.stage.handle(&id).cancel(Default::default()).await.unwrap();
    let error = worse.stage.ended(&id).await.unwrap_err();
    assert!(matches!(error, WorkflowGetResultError::Cancelled { .. }), "{error:?}");
    let refresh = worse.stage.store.refresh_by_workflow(&id).await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.step.as_str()), (Some(OutcomeKind::Cancelled), "review"));
    assert_eq!(worse.group().await, worse.before);
    worse.stage.record("cancelled-in-review", &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_refresh_ends_a_review_that_is_out_of_date() {
    let worse = Worse::with_review(HOUR).await;
    let (older, _) = worse.in_review().await;
    let later = worse.stage.post("evt-later").await;
    let ended = worse.stage.ended(&older).await.unwrap();
    assert_eq!((ended.outcome, ended.reason.as_deref()), (OutcomeKind::Kept, Some("overtaken")));
    assert_eq!(worse.group().await, worse.before);
    let refresh = worse.stage.store.refresh(&ended.refresh_id).await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.end_reason.as_deref()), (Some(OutcomeKind::Kept), Some("overtaken")));
    worse.stage.record("review-overtaken", &older).await;

    worse.stage.until(later.workflow_id(), |status| status.review.is_some()).await;
    assert!(worse.say(later.workflow_id(), Word::Approve).await.unwrap().done);
    let ended = worse.stage.ended(later.workflow_id()).await.unwrap();
    assert_eq!((ended.outcome, worse.group().await.refresh_id), (OutcomeKind::Refreshed, ended.refresh_id));
    worse.stage.record("review-overtakes", later.workflow_id()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_approves_too_late_is_told_that_the_later_group_stands() {
    let worse = Worse::with_review(HOUR).await;
    let (id, _) = worse.in_review().await;
    // A later refresh has saved, and could not tell this one.
    worse.stage.sql("UPDATE buyer_groups SET chosen_at = chosen_at + 1000000000").await.unwrap();
    assert!(worse.say(&id, Word::Approve).await.unwrap().done);
    let ended = worse.stage.ended(&id).await.unwrap();
    assert_eq!((ended.outcome, ended.reason.as_deref()), (OutcomeKind::Kept, Some("overtaken")));
    assert_eq!(worse.group().await.refresh_id, worse.before.refresh_id);
}
