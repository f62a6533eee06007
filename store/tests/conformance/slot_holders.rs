//! Holders that are late, dead, or fail for reasons of ours: nobody who folded into them is held up or lost.

use crate::fixture::{Fixture, NOW, failing, request, workflow};
use crate::slots::{WINDOW, claim_of, into, run, run_for, wait};
use contracts::{Begun, ClaimInput, FailureInput, OutcomeKind};
use std::time::Duration;

crate::on_both! {
    whoever_waits_for_long_is_looked_after_every_quarter_of_an_hour,
    one_that_is_late_loses_its_place_and_its_followers_go_along,
    one_that_is_late_and_wakes_asks_like_anybody,
    a_company_whose_refreshes_still_try_is_left_alone_as_well,
    a_person_who_wants_it_now_does_not_end_a_pause,
    what_would_befall_any_company_is_not_held_against_this_one,
    a_retry_takes_those_along_who_shared_the_failure,
    a_round_of_the_keeper_asked_again_starts_the_same,
}

const QUARTER: i64 = 15 * 60_000;
const DAY: i64 = 24 * 60 * 60_000;

impl Fixture {
    async fn overdue(&self, at: i64) -> Vec<String> {
        let overdue = self.overdue_refreshes(NOW + at, 10).await.unwrap();
        overdue.into_iter().map(|one| one.refresh_id).collect()
    }

    /// A refresh that runs fails with this class.
    async fn fails(&self, run: &str, class: &str, at: i64) {
        let failure = FailureInput { class: Some(class.to_owned()), ..failing(run, OutcomeKind::Failed) };
        self.record_failure(&failure, NOW + at).await.unwrap();
    }
}

async fn whoever_waits_for_long_is_looked_after_every_quarter_of_an_hour(db: Fixture) {
    let window = Duration::from_secs(24 * 60 * 60);
    for run in ["first", "next", "late"] {
        db.open(run).await;
        db.claim_slot(&claim_of(run), None, window, NOW).await.unwrap();
    }
    db.saves("first", 10).await;
    assert_eq!(db.overdue(QUARTER - 1).await, Vec::<String>::new());
    assert_eq!(db.overdue(QUARTER).await, ["next"], "a day before its time");
    db.found_running("next", NOW + QUARTER).await.unwrap();
    assert_eq!(db.overdue(2 * QUARTER - 1).await, Vec::<String>::new());
    assert_eq!(db.overdue(2 * QUARTER).await, ["next"]);
}

async fn one_that_is_late_loses_its_place_and_its_followers_go_along(db: Fixture) {
    db.burst().await;
    db.saves("first", 3_000).await;
    // A minute before, it may still come.
    assert_eq!(db.asks("hopeful", WINDOW + QUARTER - 1).await, into("next"));
    assert_eq!(db.asks("quick", WINDOW + QUARTER).await, run_for(3));
    assert_eq!(db.asks("after", WINDOW + QUARTER + 1).await, wait(2 * WINDOW + QUARTER));
    // It was dead, and by now the keeper knows.
    db.fails("next", "Terminated", WINDOW + QUARTER + 2).await;
    assert_eq!(db.carries("round", NOW + WINDOW + QUARTER + 3, 10).await, Ok(Vec::new()));
    db.saves("quick", WINDOW + QUARTER + 5).await;
    for event in ["late-1", "late-2", "hopeful"] {
        assert_eq!(
            db.answer(event).await,
            (vec![event.to_owned(), "quick".to_owned()], Some(OutcomeKind::Refreshed), false)
        );
    }
}

async fn one_that_is_late_and_wakes_asks_like_anybody(db: Fixture) {
    db.burst().await;
    db.saves("first", 3_000).await;
    let at = WINDOW + QUARTER;
    assert_eq!(db.asks("quick", at).await, run_for(2));
    // Nobody waits: the next slot is its own again, without those who went along.
    assert_eq!(db.claim("next", at + 1).await, wait(2 * WINDOW + QUARTER));
    assert_eq!(db.asks("after", at + 2).await, into("next"));
    // Somebody else waits by the time it wakes: it folds like anybody.
    let at = 2 * at + QUARTER;
    assert_eq!(db.asks("quicker", at).await, run_for(1));
    db.asks("patient", at + 1).await;
    assert_eq!(db.claim("next", at + 2).await, into("patient"));
}

async fn a_company_whose_refreshes_still_try_is_left_alone_as_well(db: Fixture) {
    let mut at = 0;
    for (number, pause) in [WINDOW, 2 * WINDOW, 4 * WINDOW, 8 * WINDOW, 16 * WINDOW, DAY].into_iter().enumerate() {
        // None of those before has ended.
        let trying = format!("trying-{number}");
        assert_eq!(db.asks(&trying, at).await, run(), "{number}");
        let patient = format!("patient-{number}");
        at += pause;
        assert_eq!(db.asks(&patient, at - 1).await, wait(at), "{number}");
        db.ends(&patient, OutcomeKind::Cancelled, at - 1).await;
    }
    // One that ends well shows that it can be done: the window counts from the last start, as ever.
    db.saves("trying-5", at - DAY + 10).await;
    assert_eq!(db.asks("after", at - DAY + 20).await, wait(at - DAY + WINDOW));
}

async fn a_person_who_wants_it_now_does_not_end_a_pause(db: Fixture) {
    assert_eq!(db.asks("failing", 0).await, run());
    db.ends("failing", OutcomeKind::Failed, 10).await;
    let open = 10 + 2 * WINDOW;
    db.open("impatient").await;
    let now = ClaimInput { run_now: true, ..claim_of("impatient") };
    let window = Duration::from_millis(WINDOW.unsigned_abs());
    db.claim_slot(&now, None, window, NOW + 20).await.unwrap();
    assert_eq!(db.asks("next", 30).await, wait(open + 10));
    // Unless it goes well.
    db.saves("impatient", 40).await;
    assert_eq!(db.claim("next", 50).await, wait(20 + WINDOW));
}

async fn what_would_befall_any_company_is_not_held_against_this_one(db: Fixture) {
    let mut at = 0;
    for (number, class) in ["AuthFailed", "OutOfCredits", "PlanForbidden"].into_iter().enumerate() {
        for again in 0..2 {
            let failing = format!("failing-{number}-{again}");
            db.asks(&failing, at).await;
            db.fails(&failing, class, at + 1).await;
            at += WINDOW;
        }
    }
    // Eight of them have neither made it pause nor used up what its followers are carried on for.
    assert_eq!(db.asks("holder", at).await, run());
    assert_eq!(db.asks("next", at + 1).await, wait(at + WINDOW));
    assert_eq!(db.asks("late", at + 2).await, into("next"));
    db.ends("holder", OutcomeKind::Kept, at + 3).await;
    db.claim("next", at + WINDOW).await;
    db.fails("next", "OutOfCredits", at + WINDOW + 1).await;
    assert!(db.answer("late").await.2, "it shares a failure that was none of its company's");
    assert_eq!(db.carry_on("carried", at + WINDOW + 2).await, "late");
}

async fn a_retry_takes_those_along_who_shared_the_failure(db: Fixture) {
    let mut at = 0;
    for number in 0..4 {
        let failing = format!("failing-{number}");
        assert_eq!(db.asks(&failing, at).await, run());
        db.ends(&failing, OutcomeKind::Failed, at).await;
        at += DAY;
    }
    assert_eq!(db.asks("other", at).await, run());
    db.ends("other", OutcomeKind::Cancelled, at + 1).await;
    assert_eq!(db.asks("holder", at + 2).await, wait(at + 16 * WINDOW));
    for late in ["late-1", "late-2"] {
        assert_eq!(db.asks(late, at + 3).await, into("holder"));
    }
    at += DAY + 4;
    assert_eq!(db.claim("holder", at).await, run_for(2));
    db.ends("holder", OutcomeKind::Failed, at).await;
    let shared = |event: &str| (vec![event.to_owned(), "holder".to_owned()], Some(OutcomeKind::Failed), false);
    assert_eq!(db.answer("late-1").await, shared("late-1"), "the fifth failure");
    // One of the two is tried again by itself, and needs nobody any more.
    assert_eq!(begun_again(&db, "late-2", at + 1).await, "late-2-again");
    begun_again(&db, "holder", at + 2).await;
    assert_eq!(
        db.answer("late-1").await,
        (vec!["late-1".to_owned(), "holder".to_owned()], Some(OutcomeKind::Failed), true)
    );
    at += 2 * DAY;
    assert_eq!(db.claim("holder-again", at).await, run_for(1));
    db.saves("holder-again", at + 1).await;
    let through = vec!["late-1".to_owned(), "holder-again".to_owned()];
    assert_eq!(db.answer("late-1").await, (through, Some(OutcomeKind::Refreshed), false));
}

/// Tries an event again, and answers the run that does.
async fn begun_again(db: &Fixture, event: &str, at: i64) -> String {
    let run = format!("{event}-again");
    let begun = db.begin(&request(event), &workflow(event), &run, NOW + at).await.unwrap();
    assert_eq!(begun, Begun::Open { refresh_id: run.clone(), announce: false });
    run
}

async fn a_round_of_the_keeper_asked_again_starts_the_same(db: Fixture) {
    db.burst().await;
    db.ends("next", OutcomeKind::Cancelled, 5_000).await;
    let first = db.carries("round-1", NOW + 6_000, 10).await.unwrap();
    assert_eq!(first.len(), 1);
    // Its answer was lost.
    assert_eq!(db.carries("round-1", NOW + 7_000, 10).await.unwrap(), first);
    // The next round leaves it the time to claim the slot.
    assert_eq!(db.carries("round-2", NOW + 8_000, 10).await, Ok(Vec::new()));
}
