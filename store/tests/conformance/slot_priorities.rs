//! How soon a refresh is wanted is kept with its claim, and a holder's is that of whoever wants it soonest.

use crate::fixture::{COMPANY, Fixture, NOW, assert_corrupt, company, failing, member, request, workflow, workspace};
use crate::slots::{WINDOW, claim_of};
use contracts::{ClaimInput, FailureInput, OutcomeKind, Priority, RefreshReason, SlotClaim};
use engine::Role;
use std::time::Duration;
use store::Unjudged;

crate::on_both! {
    a_reason_says_how_soon_and_a_judgement_may_say_sooner,
    a_refresh_that_asks_again_is_wanted_as_soon_as_before,
    an_event_that_folds_is_wanted_as_soon_as_before,
    whoever_wants_it_now_wants_it_like_somebody_who_asked,
    a_claim_of_the_release_before_says_nothing,
    an_event_is_judged_once,
}

impl Fixture {
    /// Opens a refresh for this reason and asks for the slot, `at` milliseconds from now.
    async fn wants(&self, run: &str, reason: RefreshReason, judged: Option<Priority>, at: i64) -> SlotClaim {
        let mut wanted = request(run);
        wanted.reason = reason;
        self.begin(&wanted, &workflow(run), run, NOW).await.unwrap();
        self.put_company(run, &workspace(), COMPANY, &company(), None, NOW).await.unwrap();
        self.wants_again(run, judged, at).await
    }

    async fn wants_again(&self, run: &str, judged: Option<Priority>, at: i64) -> SlotClaim {
        let window = Duration::from_millis(WINDOW.unsigned_abs());
        self.claim_slot(&claim_of(run), judged, window, NOW + at).await.unwrap()
    }
}

fn priority(claim: &SlotClaim) -> Option<Priority> {
    match claim {
        SlotClaim::Run { priority, .. } => *priority,
        other => panic!("{other:?}"),
    }
}

async fn a_reason_says_how_soon_and_a_judgement_may_say_sooner(db: Fixture) {
    use Priority::{Bulk, Manual, MemberChange, Scheduled, Webhook};
    for (number, (reason, judged, wanted)) in [
        (RefreshReason::Manual, None, Manual),
        (RefreshReason::Left, None, Webhook),
        (RefreshReason::Left, Some(Webhook), Webhook),
        (RefreshReason::Left, Some(MemberChange), MemberChange),
        (RefreshReason::from("coresignal.changed".to_owned()), None, Webhook),
        (RefreshReason::Scheduled, None, Scheduled),
        (RefreshReason::Bulk, None, Bulk),
        (RefreshReason::Bulk, Some(Webhook), Webhook),
    ]
    .into_iter()
    .enumerate()
    {
        let at = i64::try_from(number).unwrap() * 48 * 60 * 60_000;
        let run = format!("run-{number}");
        let claim = db.wants(&run, reason.clone(), judged, at).await;
        assert_eq!(priority(&claim), Some(wanted), "{reason} {judged:?}");
        db.saves(&run, at + 1).await;
    }
}

async fn a_refresh_that_asks_again_is_wanted_as_soon_as_before(db: Fixture) {
    let first = db.wants("first", RefreshReason::Left, Some(Priority::MemberChange), 0).await;
    assert_eq!(priority(&first), Some(Priority::MemberChange));
    // The answer was lost, and nothing is judged any more.
    assert_eq!(db.wants_again("first", None, 1).await, first);
    db.saves("first", 2).await;
    // And after a wait.
    let waits = db.wants("next", RefreshReason::Left, Some(Priority::MemberChange), 3).await;
    assert_eq!(waits, SlotClaim::Wait { until: NOW + WINDOW });
    assert_eq!(priority(&db.wants_again("next", None, WINDOW).await), Some(Priority::MemberChange));
}

async fn an_event_that_folds_is_wanted_as_soon_as_before(db: Fixture) {
    db.wants("first", RefreshReason::Bulk, None, 0).await;
    db.saves("first", 1).await;
    db.wants("next", RefreshReason::Bulk, None, 2).await;
    db.wants("later", RefreshReason::Scheduled, None, 3).await;
    db.wants("member", RefreshReason::Left, Some(Priority::MemberChange), 4).await;
    let claim = db.wants_again("next", None, WINDOW).await;
    assert_eq!(priority(&claim), Some(Priority::MemberChange));
    // It goes along with whoever takes its event.
    db.ends("next", OutcomeKind::Cancelled, WINDOW + 1).await;
    db.wants("another", RefreshReason::Bulk, None, WINDOW + 2).await;
    assert_eq!(priority(&db.wants_again("another", None, 2 * WINDOW).await), Some(Priority::MemberChange));
}

async fn whoever_wants_it_now_wants_it_like_somebody_who_asked(db: Fixture) {
    db.wants("first", RefreshReason::Bulk, None, 0).await;
    db.wants("next", RefreshReason::Bulk, None, 1).await;
    let window = Duration::from_millis(WINDOW.unsigned_abs());
    let now = ClaimInput { run_now: true, ..claim_of("next") };
    for _ in 0..2 {
        let claim = db.claim_slot(&now, None, window, NOW + 2).await.unwrap();
        assert_eq!(priority(&claim), Some(Priority::Manual));
    }
}

async fn a_claim_of_the_release_before_says_nothing(db: Fixture) {
    db.wants("first", RefreshReason::Left, None, 0).await;
    db.saves("first", 1).await;
    db.wants("next", RefreshReason::Left, None, 2).await;
    db.wants("late", RefreshReason::Manual, None, 3).await;
    db.sql("UPDATE slot_claims SET priority = NULL").await;
    assert_eq!(priority(&db.wants_again("next", None, WINDOW).await), Some(Priority::Webhook), "its own, asked again");
    db.sql("UPDATE slot_claims SET priority = 0").await;
    assert_corrupt(db.claim_slot(&claim_of("next"), None, Duration::ZERO, NOW + WINDOW).await);
}

async fn an_event_is_judged_once(db: Fixture) {
    db.open("run-1").await;
    let person = async || db.known_person(&claim_of("run-1"), "pe_123").await.unwrap();
    assert!(matches!(person().await, Unjudged::Person(_)));
    let ignored = FailureInput {
        class: None,
        reason: Some("irrelevant_person".to_owned()),
        ..failing("run-1", OutcomeKind::Ignored)
    };
    db.record_failure(&ignored, NOW + 1).await.unwrap();
    // Whatever a refresh of the company has found since.
    db.refreshed("run-2", &[member("a", Role::Champion)], 2).await;
    assert_eq!(person().await, Unjudged::Ignored("irrelevant_person".to_owned()));
    db.open("run-3").await;
    db.wants_again("run-3", None, 3).await;
    let known = db.known_person(&claim_of("run-3"), "pe_123").await.unwrap();
    assert_eq!(known, Unjudged::WorthIt);
}
