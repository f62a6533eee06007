//! Groups that wait for a person, and what happens to them when the company is refreshed again meanwhile.

use crate::fixture::{Fixture, NOW, failing, group, ids, member, saving, workflow};
use contracts::{FailureInput, Holder, OutcomeKind, ReviewInput, ReviewOpened, SaveInput, Saved};
use engine::Role;

crate::on_both! {
    a_review_is_looked_after_every_quarter_of_an_hour,
    a_later_review_overtakes_those_before_it,
    a_later_group_overtakes_open_reviews,
    who_is_approved_too_late_is_told_so_and_nothing_is_called_saved,
}

const DAY: i64 = 24 * 60 * 60_000;

impl Fixture {
    /// Chooses a group for a new refresh, `at` milliseconds from now, and has somebody look at it.
    async fn reviewed(&self, run: &str, at: i64) -> ReviewOpened {
        self.open(run).await;
        self.choose(run, &group(&[member(run, Role::Champion)]), NOW + at).await.unwrap();
        self.review(run, at).await
    }

    async fn review(&self, run: &str, at: i64) -> ReviewOpened {
        let input = ReviewInput { refresh_id: run.to_owned(), why: Vec::new(), announce: false };
        self.open_review(&input, NOW + at + 3 * DAY, NOW + at).await.unwrap()
    }
}

fn approved(run: &str) -> SaveInput {
    SaveInput { reviewed: true, ..saving(run) }
}

fn names(overtakes: &[Holder]) -> Vec<&str> {
    overtakes.iter().map(|holder| holder.refresh_id.as_str()).collect()
}

async fn a_review_is_looked_after_every_quarter_of_an_hour(db: Fixture) {
    let opened = db.reviewed("run-1", 0).await;
    assert_eq!(opened, ReviewOpened { until: NOW + 3 * DAY, overtakes: Vec::new() });
    let overdue = async |at: i64| db.overdue_refreshes(NOW + at, 10).await.unwrap().len();
    assert_eq!((overdue(15 * 60_000 - 1).await, overdue(15 * 60_000).await), (0, 1));
}

async fn a_later_review_overtakes_those_before_it(db: Fixture) {
    for (at, run) in ["run-1", "run-2"].into_iter().enumerate() {
        db.reviewed(run, i64::try_from(at).unwrap()).await;
    }
    let third = db.reviewed("run-3", 2).await;
    assert_eq!(names(&third.overtakes), ["run-1", "run-2"]);
    assert_eq!(third.overtakes[0].workflow_id, workflow("run-1"));
    // Until they have ended it says the same; and it is no earlier one's place to say so of a later one.
    assert_eq!(db.review("run-3", 9).await, third);
    assert_eq!(names(&db.review("run-2", 9).await.overtakes), ["run-1"]);
    for run in ["run-1", "run-2"] {
        let end = FailureInput { class: None, reason: Some("overtaken".to_owned()), ..failing(run, OutcomeKind::Kept) };
        db.record_failure(&end, NOW + 10).await.unwrap();
    }
    assert_eq!(db.review("run-3", 11).await.overtakes, []);
    assert_eq!(ids(&db.approve("run-3", 12).await), ["run-3"]);
}

impl Fixture {
    /// Saves what somebody approved, and answers the group that stands.
    async fn approve(&self, run: &str, at: i64) -> store::SavedGroup {
        let saved = self.save(&approved(run), NOW + at).await.unwrap();
        assert!(!saved.overtaken);
        self.saved().await.unwrap()
    }
}

async fn a_later_group_overtakes_open_reviews(db: Fixture) {
    db.reviewed("run-1", 0).await;
    let saved = db.refreshed("run-2", &[member("run-2", Role::Champion)], 5).await;
    assert_eq!(names(&saved.overtakes), ["run-1"]);
    assert_eq!(db.save(&saving("run-2"), NOW + 6).await.unwrap(), saved, "asked again");
    // A review of what was chosen later stays open.
    db.reviewed("run-3", 9).await;
    assert_eq!(names(&db.save(&saving("run-2"), NOW + 10).await.unwrap().overtakes), ["run-1"]);
}

async fn who_is_approved_too_late_is_told_so_and_nothing_is_called_saved(db: Fixture) {
    db.reviewed("run-1", 0).await;
    db.refreshed("run-2", &[member("run-2", Role::Champion)], 5).await;
    for at in [7, 8] {
        let told = db.save(&approved("run-1"), NOW + at).await.unwrap();
        assert_eq!(told, Saved { members: 1, overtaken: true, ..Saved::default() });
    }
    let refresh = db.refresh("run-1").await.unwrap().unwrap();
    assert_eq!((refresh.outcome, refresh.end_reason.as_deref()), (Some(OutcomeKind::Kept), Some("overtaken")));
    assert_eq!((refresh.completed_at, refresh.waiting_until), (Some(NOW + 7), None));
    assert_eq!(ids(&db.saved().await.unwrap()), ["run-2"]);
    assert_eq!(db.diff("run-1").await.unwrap(), None);
}
