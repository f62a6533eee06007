//! At most one refresh of a company starts in a window, and no event is lost to that.

use crate::fixture::{COMPANY, Fixture, NOW, company, failing, group, member, request, saving, workflow, workspace};
use contracts::{Begun, ClaimInput, EnrichmentLevel, FailureInput, Holder, OutcomeKind, Priority, SlotClaim};
use engine::Role;
use std::time::Duration;
use store::{EventAnswer, StoreError};

crate::on_both! {
    w3_of_64_events_at_once_one_starts_one_waits_and_the_others_fold_into_it,
    w4_every_event_of_a_burst_has_an_answer,
    w5_a_company_that_fails_is_tried_less_and_less,
    w6_a_refresh_that_died_holds_nobody_up,
    a_refresh_that_asks_again_hears_the_same,
    the_window_counts_from_the_start_and_the_one_who_waits_goes_first,
    a_person_who_wants_it_now_does_not_wait,
    whoever_runs_is_told_what_the_others_want,
    another_company_and_another_workspace_have_slots_of_their_own,
    without_a_window_nobody_waits,
    q2_events_of_a_holder_that_failed_are_carried_on,
    events_of_a_holder_that_ended_badly_go_to_whoever_waits,
    cancelling_who_waits_costs_the_company_nothing,
    events_are_not_carried_on_for_ever,
    a_carried_refresh_that_never_claims_is_followed_by_another,
    a_refresh_that_was_reset_may_ask_again,
    a_run_that_takes_a_holder_s_event_over_takes_its_followers_along,
    an_event_that_was_coalesced_is_done_when_its_holder_is,
    refreshes_nobody_has_heard_of_are_listed,
    a_slot_is_claimed_for_a_refresh_that_exists_and_answers_for_its_event,
}

pub(crate) const WINDOW: i64 = 60_000;

pub(crate) fn claim_of(run: &str) -> ClaimInput {
    ClaimInput {
        refresh_id: run.to_owned(),
        workspace: workspace(),
        company_id: COMPANY.to_owned(),
        run_now: false,
        news: None,
    }
}

pub(crate) fn run() -> SlotClaim {
    run_at(Priority::Webhook)
}

fn run_at(priority: Priority) -> SlotClaim {
    SlotClaim::Run { folded: 0, level: None, priority: Some(priority) }
}

pub(crate) fn run_for(folded: u32) -> SlotClaim {
    SlotClaim::Run { folded, level: Some(EnrichmentLevel::Enrich), priority: Some(Priority::Webhook) }
}

pub(crate) fn wait(until: i64) -> SlotClaim {
    SlotClaim::Wait { until: NOW + until }
}

pub(crate) fn into(run: &str) -> SlotClaim {
    SlotClaim::Coalesced { holder: Holder { refresh_id: run.to_owned(), workflow_id: workflow(run) } }
}

impl Fixture {
    /// Asks for the slot, `at` milliseconds from now.
    pub(crate) async fn claim(&self, run: &str, at: i64) -> SlotClaim {
        let window = Duration::from_millis(WINDOW.unsigned_abs());
        self.claim_slot(&claim_of(run), None, window, NOW + at).await.unwrap()
    }

    /// Opens a refresh and asks for the slot.
    pub(crate) async fn asks(&self, run: &str, at: i64) -> SlotClaim {
        self.open(run).await;
        self.claim(run, at).await
    }

    /// One that runs, one that waits, and two that folded into that.
    pub(crate) async fn burst(&self) {
        assert_eq!(self.asks("first", 0).await, run());
        assert_eq!(self.asks("next", 1_000).await, wait(WINDOW));
        for late in ["late-1", "late-2"] {
            assert_eq!(self.asks(late, 2_000).await, into("next"));
        }
    }

    pub(crate) async fn ends(&self, run: &str, outcome: OutcomeKind, at: i64) {
        // A failure that is the company's own.
        let class = (outcome == OutcomeKind::Failed).then(|| "Malformed".to_owned());
        self.record_failure(&FailureInput { class, ..failing(run, outcome) }, NOW + at).await.unwrap();
    }

    pub(crate) async fn saves(&self, run: &str, at: i64) {
        self.choose(run, &group(&[member("a", Role::Champion)]), NOW + at).await.unwrap();
        self.save(&saving(run), NOW + at).await.unwrap();
    }

    /// What became of an event: the refreshes it went through, how the last one stands, and whether it is stranded.
    pub(crate) async fn answer(&self, event: &str) -> (Vec<String>, Option<OutcomeKind>, bool) {
        let source = "crm".parse().unwrap();
        let answer = self.event_answer(&workspace(), &source, &event.parse().unwrap()).await.unwrap();
        let EventAnswer { chain, stranded, .. } = answer.unwrap();
        let last = chain.last().unwrap().outcome;
        (chain.into_iter().map(|refresh| refresh.refresh_id).collect(), last, stranded)
    }

    /// Begins what has to be carried on, as run `run`, and says for which event.
    pub(crate) async fn carry_on(&self, run: &str, at: i64) -> String {
        let carries = self.carries(run, NOW + at, 10).await.unwrap();
        let [carry] = carries.as_slice() else { panic!("{carries:?}") };
        let begun = self.begin(&carry.request, &carry.workflow_id, run, NOW + at).await.unwrap();
        assert_eq!(begun, Begun::Open { refresh_id: run.to_owned(), announce: false });
        self.put_company(run, &workspace(), COMPANY, &company(), Some("src-1"), NOW + at).await.unwrap();
        carry.request.event.id.to_string()
    }
}

async fn w3_of_64_events_at_once_one_starts_one_waits_and_the_others_fold_into_it(db: Fixture) {
    let runs: Vec<String> = (0..64).map(|number| format!("run-{number}")).collect();
    for run in &runs {
        db.open(run).await;
    }
    let claims = futures::future::join_all(runs.iter().map(|run| db.claim(run, 0))).await;
    assert_eq!(claims.iter().filter(|claim| **claim == run()).count(), 1, "{claims:?}");
    let waiting: Vec<&String> =
        runs.iter().zip(&claims).filter(|(_, claim)| **claim == wait(WINDOW)).map(|(run, _)| run).collect();
    let [waiting] = waiting.as_slice() else { panic!("{claims:?}") };
    assert_eq!(claims.iter().filter(|claim| **claim == into(waiting)).count(), 62, "{claims:?}");
    // At the end of the window there is one more, for all of them.
    assert_eq!(db.claim(waiting, WINDOW).await, run_for(62));
}

async fn w4_every_event_of_a_burst_has_an_answer(db: Fixture) {
    db.burst().await;
    assert_eq!(db.answer("first").await, (vec!["first".to_owned()], None, false));
    let late = || vec!["late-1".to_owned(), "next".to_owned()];
    assert_eq!(db.answer("late-1").await, (late(), None, false));
    let waiting = db.refresh("next").await.unwrap().unwrap();
    assert_eq!((waiting.step.as_str(), waiting.waiting_until), ("wait", Some(NOW + WINDOW)));
    let folded = db.refresh("late-1").await.unwrap().unwrap();
    assert_eq!((folded.outcome, folded.completed_at), (Some(OutcomeKind::Coalesced), Some(NOW + 2_000)));
    db.claim("next", WINDOW).await;
    db.saves("next", WINDOW + 5_000).await;
    assert_eq!(db.answer("late-1").await, (late(), Some(OutcomeKind::Refreshed), false));
    assert_eq!(db.refresh("next").await.unwrap().unwrap().waiting_until, None);
    let counts = db.events_count_by_outcome(&workspace()).await.unwrap();
    let counts: Vec<_> = counts.iter().map(|(outcome, events)| (outcome.as_str(), *events)).collect();
    assert_eq!(counts, [("coalesced", 2), ("refreshed", 1), ("running", 1)]);
    let nobody = db.event_answer(&workspace(), &"crm".parse().unwrap(), &"no-such".parse().unwrap()).await.unwrap();
    assert_eq!(nobody, None);
}

async fn w5_a_company_that_fails_is_tried_less_and_less(db: Fixture) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let mut at = 0;
    for (number, pause) in [2 * WINDOW, 4 * WINDOW, 8 * WINDOW, 16 * WINDOW, DAY, DAY].into_iter().enumerate() {
        let failing = format!("failing-{number}");
        assert_eq!(db.asks(&failing, at).await, run(), "{number}");
        db.ends(&failing, OutcomeKind::Failed, at + 10).await;
        let patient = format!("patient-{number}");
        at += 10 + pause;
        assert_eq!(db.asks(&patient, at - 1).await, wait(at), "{number}");
        db.ends(&patient, OutcomeKind::Cancelled, at - 1).await;
    }
    // One that does not fail makes it as it was.
    assert_eq!(db.asks("good", at).await, run());
    db.saves("good", at + 10).await;
    assert_eq!(db.asks("after", at + 20).await, wait(at + WINDOW));
}

async fn w6_a_refresh_that_died_holds_nobody_up(db: Fixture) {
    assert_eq!(db.asks("dead", 0).await, run());
    // It never says another word, and the window opens all the same; then for longer, because it may still be trying.
    assert_eq!(db.asks("next", WINDOW).await, run());
    // One that waits and dies holds those up who fold into it, until the keeper finds it dead.
    assert_eq!(db.asks("dead-too", WINDOW + 1).await, wait(3 * WINDOW));
    assert_eq!(db.asks("late", 3 * WINDOW).await, into("dead-too"));
    db.ends("dead-too", OutcomeKind::Failed, 3 * WINDOW).await;
    assert_eq!(db.carry_on("carried", 3 * WINDOW).await, "late");
    assert_eq!(db.claim("carried", 3 * WINDOW).await, run_for(1));
}

async fn a_refresh_that_asks_again_hears_the_same(db: Fixture) {
    db.burst().await;
    for _ in 0..2 {
        assert_eq!(db.claim("first", 3_000).await, run());
        assert_eq!(db.claim("next", 3_000).await, wait(WINDOW));
        assert_eq!(db.claim("late-1", 3_000).await, into("next"));
    }
    for _ in 0..2 {
        assert_eq!(db.claim("next", WINDOW).await, run_for(2));
        assert_eq!(db.claim("late-1", WINDOW).await, into("next"));
    }
    assert_eq!(db.number("SELECT COUNT(*) FROM slot_claims").await, 4);
}

async fn the_window_counts_from_the_start_and_the_one_who_waits_goes_first(db: Fixture) {
    db.burst().await;
    db.saves("first", 3_000).await;
    // The window is open, but not for somebody who comes later than the one who waits.
    assert_eq!(db.asks("quick", WINDOW + 1).await, into("next"));
    assert_eq!(db.claim("next", WINDOW + 2).await, run_for(3));
    // What arrives once it runs belongs to the next slot.
    assert_eq!(db.asks("after", WINDOW + 3).await, wait(2 * WINDOW + 2));
}

async fn a_person_who_wants_it_now_does_not_wait(db: Fixture) {
    db.burst().await;
    db.saves("first", 3_000).await;
    let now = ClaimInput { run_now: true, ..claim_of("next") };
    let window = Duration::from_millis(WINDOW.unsigned_abs());
    for _ in 0..2 {
        let (level, priority) = (Some(EnrichmentLevel::Enrich), Some(Priority::Manual));
        let told = SlotClaim::Run { folded: 2, level, priority };
        assert_eq!(db.claim_slot(&now, None, window, NOW + 5_000).await, Ok(told));
    }
    db.saves("next", 5_001).await;
    // The window begins anew.
    assert_eq!(db.asks("after", WINDOW + 1).await, wait(WINDOW + 5_000));
    // Beside somebody who waits: that one keeps its place, and finds the window closed again.
    db.open("impatient").await;
    let now = ClaimInput { run_now: true, ..claim_of("impatient") };
    assert_eq!(db.claim_slot(&now, None, window, NOW + WINDOW + 4_000).await, Ok(run_at(Priority::Manual)));
    assert_eq!(db.claim("after", WINDOW + 5_000).await, wait(2 * WINDOW + 4_000));
    assert_eq!(db.claim("after", 2 * WINDOW + 4_000).await, run());
}

async fn whoever_runs_is_told_what_the_others_want(db: Fixture) {
    db.asks("first", 0).await;
    db.asks("next", 1).await;
    for (event, level) in [("less", EnrichmentLevel::Identify), ("more", EnrichmentLevel::DeepResearch)] {
        let mut wanted = request(event);
        wanted.level = level;
        db.begin(&wanted, &workflow(event), event, NOW).await.unwrap();
        assert_eq!(db.claim(event, 2).await, into("next"));
    }
    let (level, priority) = (Some(EnrichmentLevel::DeepResearch), Some(Priority::Webhook));
    let told = SlotClaim::Run { folded: 2, level, priority };
    assert_eq!(db.claim("next", WINDOW).await, told);
}

async fn another_company_and_another_workspace_have_slots_of_their_own(db: Fixture) {
    assert_eq!(db.asks("first", 0).await, run());
    db.open("elsewhere").await;
    let elsewhere = ClaimInput { company_id: "co_other".to_owned(), ..claim_of("elsewhere") };
    let window = Duration::from_millis(WINDOW.unsigned_abs());
    assert_eq!(db.claim_slot(&elsewhere, None, window, NOW).await, Ok(run()));
    let mut theirs = request("theirs");
    theirs.workspace = "globex".parse().unwrap();
    db.begin(&theirs, "w", "theirs", NOW).await.unwrap();
    let theirs = ClaimInput { workspace: theirs.workspace, ..claim_of("theirs") };
    assert_eq!(db.claim_slot(&theirs, None, window, NOW).await, Ok(run()));
}

async fn without_a_window_nobody_waits(db: Fixture) {
    for name in ["a", "b", "c", "d", "e", "f"] {
        db.open(name).await;
        assert_eq!(db.claim_slot(&claim_of(name), None, Duration::ZERO, NOW).await, Ok(run()));
        db.ends(name, OutcomeKind::Failed, 0).await;
    }
}

async fn q2_events_of_a_holder_that_failed_are_carried_on(db: Fixture) {
    db.burst().await;
    assert_eq!(db.claim("next", WINDOW).await, run_for(2));
    assert_eq!(db.carries("round", NOW + WINDOW, 10).await, Ok(Vec::new()));
    db.ends("next", OutcomeKind::Failed, WINDOW + 10).await;
    let through = |runs: &[&str]| runs.iter().map(|run| (*run).to_owned()).collect::<Vec<_>>();
    assert_eq!(db.answer("late-1").await, (through(&["late-1", "next"]), Some(OutcomeKind::Failed), true));

    // The first of them is begun anew, the other goes with it; and both wait out the pause.
    assert_eq!(db.carry_on("carried", WINDOW + 20).await, "late-1");
    let open = WINDOW + 10 + 2 * WINDOW;
    assert_eq!(db.claim("carried", WINDOW + 30).await, wait(open));
    assert_eq!(db.carries("round", NOW + 99 * WINDOW, 10).await, Ok(Vec::new()));
    assert_eq!(db.answer("late-1").await, (through(&["carried"]), None, false));
    assert_eq!(db.answer("late-2").await, (through(&["late-2", "carried"]), None, false));
    // Its own earlier claim is one of two that it takes along.
    assert_eq!(db.claim("carried", open).await, run_for(2));
    db.saves("carried", open + 5).await;
    for event in ["late-1", "late-2"] {
        assert_eq!(db.answer(event).await.1, Some(OutcomeKind::Refreshed), "{event}");
    }
    // How the one ended that failed stays on record, for its own event.
    assert_eq!(db.answer("next").await, (through(&["next"]), Some(OutcomeKind::Failed), false));
}

async fn events_of_a_holder_that_ended_badly_go_to_whoever_waits(db: Fixture) {
    db.burst().await;
    db.saves("first", 3_000).await;
    db.claim("next", WINDOW).await;
    assert_eq!(db.asks("waiting", WINDOW + 1).await, wait(2 * WINDOW));
    db.ends("next", OutcomeKind::Failed, WINDOW + 10).await;
    assert_eq!(db.carries("round", NOW + WINDOW + 20, 10).await, Ok(Vec::new()));
    let through = vec!["late-1".to_owned(), "waiting".to_owned()];
    assert_eq!(db.answer("late-1").await, (through, None, false));
    // Its time has come, but the company failed a moment ago.
    let open = WINDOW + 10 + 2 * WINDOW;
    assert_eq!(db.claim("waiting", 2 * WINDOW).await, wait(open));
    assert_eq!(db.claim("waiting", open).await, run_for(2));
}

async fn cancelling_who_waits_costs_the_company_nothing(db: Fixture) {
    db.burst().await;
    db.saves("first", 3_000).await;
    db.ends("next", OutcomeKind::Cancelled, 5_000).await;
    // The next event takes them along as well as a refresh started for them would.
    assert_eq!(db.asks("another", 6_000).await, wait(WINDOW));
    assert_eq!(db.carries("round", NOW + 7_000, 10).await, Ok(Vec::new()));
    assert_eq!(db.claim("another", WINDOW).await, run_for(2));
    db.ends("another", OutcomeKind::Cancelled, WINDOW + 5).await;
    assert_eq!(db.carry_on("carried", WINDOW + 6).await, "late-1");
    assert_eq!(db.claim("carried", WINDOW + 7).await, wait(2 * WINDOW));
}

async fn events_are_not_carried_on_for_ever(db: Fixture) {
    assert_eq!(db.asks("first", 0).await, run());
    let mut at = WINDOW;
    assert_eq!(db.asks("holder", 1).await, wait(at));
    for late in 0..9 {
        assert_eq!(db.asks(&format!("late-{late}"), 2).await, into("holder"));
    }
    let mut holder = "holder".to_owned();
    for number in 0..5 {
        while db.claim(&holder, at).await == wait(at) {
            at += WINDOW;
        }
        db.ends(&holder, OutcomeKind::Failed, at).await;
        at += 24 * 60 * 60 * 1000;
        if number < 4 {
            holder = format!("carried-{number}");
            assert_eq!(db.carry_on(&holder, at).await, format!("late-{number}"));
        }
    }
    // After five failures in a row the others share the last one.
    assert_eq!(db.carries("round", NOW + 2 * at, 10).await, Ok(Vec::new()));
    let through = vec!["late-8".to_owned(), "carried-3".to_owned()];
    assert_eq!(db.answer("late-8").await, (through, Some(OutcomeKind::Failed), false));
    // The next event of the company is tried as any other.
    assert_eq!(db.asks("later", at).await, run());
}

async fn a_carried_refresh_that_never_claims_is_followed_by_another(db: Fixture) {
    db.burst().await;
    db.ends("next", OutcomeKind::Cancelled, 10).await;
    let mut at = 20;
    for (number, event) in ["late-1", "late-2"].into_iter().enumerate() {
        let run = format!("carried-{number}");
        assert_eq!(db.carry_on(&run, at).await, event);
        assert_eq!(db.carries("round", NOW + at + 60_000, 10).await, Ok(Vec::new()), "too early for another");
        db.ends(&run, OutcomeKind::Failed, at).await;
        at += 10 * 60_000;
    }
    // Both events have an end of their own now; nobody is left to be carried.
    assert_eq!(db.carries("round", NOW + at, 10).await, Ok(Vec::new()));
    assert_eq!(db.number("SELECT COUNT(*) FROM slot_claims WHERE state = 'stranded'").await, 0);
    for event in ["late-1", "late-2"] {
        let (_, outcome, stranded) = db.answer(event).await;
        assert_eq!((outcome, stranded), (Some(OutcomeKind::Failed), false));
    }
}

async fn a_refresh_that_was_reset_may_ask_again(db: Fixture) {
    assert_eq!(db.asks("first", 0).await, run());
    db.ends("first", OutcomeKind::Failed, 10).await;
    let open = 10 + 2 * WINDOW;
    assert_eq!(db.claim("first", 20).await, wait(open));
    let again = db.refresh("first").await.unwrap().unwrap();
    assert_eq!((again.outcome, again.completed_at, again.error_class), (None, None, None));
    assert_eq!(db.answer("first").await.1, None);
    assert_eq!(db.claim("first", open).await, run());
    db.saves("first", open + 1).await;
    // Once it has saved, the slot is not asked for again.
    let saved = SlotClaim::Run { folded: 0, level: None, priority: None };
    assert_eq!(db.claim("first", open + 2).await, saved);
    assert_eq!(db.asks("after", open + 3).await, wait(open + WINDOW));
}

async fn a_run_that_takes_a_holder_s_event_over_takes_its_followers_along(db: Fixture) {
    db.burst().await;
    let begun = db.begin(&request("next"), &workflow("next"), "next-again", NOW + 5_000).await.unwrap();
    assert_eq!(begun, Begun::Open { refresh_id: "next-again".to_owned(), announce: false });
    assert_eq!(
        db.answer("late-1").await,
        (vec!["late-1".to_owned(), "next".to_owned()], Some(OutcomeKind::Failed), true)
    );
    assert_eq!(db.claim("next-again", 5_001).await, wait(WINDOW));
    assert_eq!(db.claim("next-again", WINDOW).await, run_for(2));
    let old = db.claim_slot(&claim_of("next"), None, Duration::ZERO, NOW + WINDOW).await;
    assert_eq!(old, Err(StoreError::Superseded { refresh_id: "next-again".to_owned() }));
}

async fn an_event_that_was_coalesced_is_done_when_its_holder_is(db: Fixture) {
    db.burst().await;
    let again = async |run: &str| db.begin(&request("late-1"), &workflow("late-1"), run, NOW + 9_000).await.unwrap();
    let recorded = Begun::AlreadyRecorded { refresh_id: "late-1".to_owned() };
    assert_eq!(again("again-1").await, recorded, "while the holder waits");
    db.claim("next", WINDOW).await;
    db.saves("next", WINDOW).await;
    assert_eq!(again("again-2").await, recorded, "when the holder has refreshed");

    assert_eq!(db.asks("holder", WINDOW + 1).await, wait(2 * WINDOW));
    assert_eq!(db.asks("lost", WINDOW + 2).await, into("holder"));
    db.ends("holder", OutcomeKind::Cancelled, WINDOW + 3).await;
    let begun = db.begin(&request("lost"), &workflow("lost"), "again-3", NOW + WINDOW + 4).await.unwrap();
    assert_eq!(begun, Begun::Open { refresh_id: "again-3".to_owned(), announce: false });
}

async fn refreshes_nobody_has_heard_of_are_listed(db: Fixture) {
    const QUARTER: i64 = 15 * 60_000;
    db.open("begun").await;
    db.burst().await;
    let overdue = async |at: i64| {
        let overdue = db.overdue_refreshes(NOW + at, 10).await.unwrap();
        overdue.into_iter().map(|one| one.refresh_id).collect::<Vec<_>>()
    };
    assert_eq!(overdue(WINDOW + 119_999).await, Vec::<String>::new());
    assert_eq!(overdue(WINDOW + 120_000).await, ["next"], "two minutes after its time");
    assert_eq!(overdue(QUARTER).await, ["next", "begun", "first"]);
    db.found_running("first", NOW + QUARTER).await.unwrap();
    db.claim("next", QUARTER).await;
    db.ends("begun", OutcomeKind::Failed, QUARTER).await;
    assert_eq!(overdue(2 * QUARTER - 1).await, Vec::<String>::new());
    assert_eq!(overdue(2 * QUARTER).await, ["first", "next"]);
    assert_eq!(db.overdue_refreshes(NOW + 2 * QUARTER, 1).await.unwrap()[0].workflow_id, workflow("first"));
}

async fn a_slot_is_claimed_for_a_refresh_that_exists_and_answers_for_its_event(db: Fixture) {
    let missing = Err(StoreError::NotFound { what: "refresh" });
    assert_eq!(db.claim_slot(&claim_of("nowhere"), None, Duration::ZERO, NOW).await, missing);
    db.open("mine").await;
    let theirs = ClaimInput { workspace: "globex".parse().unwrap(), ..claim_of("mine") };
    assert_eq!(db.claim_slot(&theirs, None, Duration::ZERO, NOW).await, missing);
    assert_eq!(db.number("SELECT COUNT(*) FROM slots").await, 0);
}
