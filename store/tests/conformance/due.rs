//! When companies are due, and who is taken first.

use crate::fixture::{COMPANY, Fixture, NOW, failing, group, member, request, saving, workspace};
use contracts::{Begun, EventRef, FailureInput, OutcomeKind, RefreshRequest, SaveInput, SourceName, WorkspaceId};
use engine::{Colour, Company, Role};
use std::collections::BTreeSet;
use std::time::Duration;
use store::{DueCompany, NextDue, Recalculating, Store, StoreError, TakeDue};

crate::on_both! {
    a_save_sets_the_colour_and_the_due_date,
    a_save_repeated_or_overtaken_moves_no_due_date,
    whoever_was_looked_at_and_kept_as_before_is_due_an_interval_later,
    s1_a_recalculation_never_moves_a_due_date,
    s2_a_refresh_that_fails_moves_no_due_date_and_is_tried_again_later_and_later,
    s3_whoever_waits_longest_is_taken_first_and_nobody_is_passed_over,
    one_that_cannot_be_refreshed_keeps_nobody_waiting,
    taking_again_under_one_name_gives_the_same,
    a_try_of_which_nothing_was_heard_keeps_its_event,
    a_company_that_is_being_refreshed_is_not_taken,
    a8_workspaces_are_served_in_turn_within_their_budgets,
    two_who_take_at_once_take_nothing_twice,
    a_pause_counts_from_the_end_of_the_last_try,
    whoever_was_refreshed_meanwhile_is_no_longer_due,
    groups_of_an_earlier_release_get_into_the_schedule,
}

pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Start dates that make a company of this colour, for two months around now (October 2025).
pub(crate) fn start_of(colour: Colour) -> &'static str {
    match colour {
        Colour::Red => "2022-03",
        Colour::Orange => "2024-12",
        Colour::Green => "2025-09",
    }
}

/// A company's refresh on its way: opened, its company known.
pub(crate) async fn open(
    store: &Store,
    workspace: &WorkspaceId,
    company_id: &str,
    source: SourceName,
    event: &str,
    at: i64,
) -> String {
    let run = format!("{workspace}/{source}/{event}");
    let template = request("template");
    let event = EventRef { source, id: event.parse().unwrap(), received_at: at, ..template.event.clone() };
    let request = RefreshRequest { workspace: workspace.clone(), event, ..template };
    let begun = store.begin(&request, &run, &run, at).await.unwrap();
    assert!(matches!(begun, Begun::Open { .. }), "{begun:?}");
    let company = Company { name: format!("Company {company_id}"), domain: None, staff: None, revenue: None };
    store.put_company(&run, workspace, company_id, &company, Some("src"), at).await.unwrap();
    run
}

/// Saves a group whose only member is as urgent as this.
pub(crate) async fn save(store: &Store, workspace: &WorkspaceId, company_id: &str, run: &str, colour: Colour, at: i64) {
    let mut only = member("only", Role::DecisionMaker);
    only.person.start_date = Some(start_of(colour).to_owned());
    store.choose(run, &group(&[only]), at).await.unwrap();
    let input = SaveInput { workspace: workspace.clone(), company_id: company_id.to_owned(), ..saving(run) };
    store.save(&input, at).await.unwrap();
}

/// A refresh because of an event of a provider.
pub(crate) async fn refreshed(store: &Store, workspace: &WorkspaceId, company_id: &str, colour: Colour, at: i64) {
    let run = open(store, workspace, company_id, "crm".parse().unwrap(), &format!("{company_id}-news-{at}"), at).await;
    save(store, workspace, company_id, &run, colour, at).await;
}

/// The refresh of a company that was taken, on its way.
pub(crate) async fn begun(store: &Store, due: &DueCompany, at: i64) -> String {
    open(store, &due.workspace, &due.company_id, SourceName::schedule(), due.event_id.as_str(), at).await
}

pub(crate) async fn failed(store: &Store, run: &str, at: i64) {
    store
        .record_failure(&FailureInput { refresh_id: run.to_owned(), ..failing(run, OutcomeKind::Failed) }, at)
        .await
        .unwrap();
}

/// As with a review of three days.
const STILL_RUNNING: Duration = Duration::from_secs(4 * 24 * 60 * 60);

pub(crate) async fn take(store: &Store, run: &str, budget: u32, at_most: u32, at: i64) -> Vec<DueCompany> {
    store
        .take_due(&TakeDue { run, per_workspace_per_day: budget, at_most, still_running: STILL_RUNNING }, at)
        .await
        .unwrap()
}

pub(crate) async fn recalculate(store: &Store, at: i64) -> Recalculating {
    let mut reached = Recalculating::default();
    while !reached.is_done() {
        reached = store.recalculate_page(&reached, at).await.unwrap();
    }
    reached
}

/// The schedule's line of the test company.
async fn line(db: &Fixture) -> NextDue {
    let overview = db.due_overview(Some(&workspace()), 100, NOW).await.unwrap();
    overview.next.into_iter().find(|one| one.company_id == COMPANY).unwrap()
}

fn ids(taken: &[DueCompany]) -> Vec<&str> {
    taken.iter().map(|company| company.company_id.as_str()).collect()
}

async fn a_save_sets_the_colour_and_the_due_date(db: Fixture) {
    for (number, (colour, days)) in [(Colour::Red, 1), (Colour::Orange, 7), (Colour::Green, 30)].into_iter().enumerate()
    {
        let at = NOW + number as i64 * HOUR;
        refreshed(&db, &workspace(), COMPANY, colour, at).await;
        let line = line(&db).await;
        assert_eq!((line.colour, line.confidence, line.refreshed_at), (colour, 40, at));
        assert_eq!((line.due_at, line.try_at, line.tries), (at + days * DAY, at + days * DAY, 0));
    }
    // Two members, of whom one is likely to leave, and one without a history.
    let mut members = [member("a", Role::DecisionMaker), member("b", Role::Champion)];
    members[0].person.start_date = Some(start_of(Colour::Red).to_owned());
    members[1].person.start_date = None;
    db.refreshed("run-1", &members, 4 * HOUR).await;
    assert_eq!((line(&db).await.colour, line(&db).await.due_at), (Colour::Red, NOW + 4 * HOUR + DAY));
    members[0].person.start_date = None;
    db.refreshed("run-2", &members, 5 * HOUR).await;
    assert_eq!((line(&db).await.colour, line(&db).await.confidence), (Colour::Orange, 20));
}

async fn a_save_repeated_or_overtaken_moves_no_due_date(db: Fixture) {
    let mut only = member("only", Role::DecisionMaker);
    only.person.start_date = Some(start_of(Colour::Green).to_owned());
    // It reads first and saves last.
    db.open("slow").await;
    db.choose("slow", &group(&[member("only", Role::DecisionMaker)]), NOW).await.unwrap();
    db.refreshed("run-1", &[only], HOUR).await;
    let before = line(&db).await;
    db.save(&saving("run-1"), NOW + 2 * DAY).await.unwrap();
    db.save(&saving("slow"), NOW + 2 * DAY).await.unwrap();
    assert_eq!(line(&db).await, before);
}

async fn s1_a_recalculation_never_moves_a_due_date(db: Fixture) {
    refreshed(&db, &workspace(), COMPANY, Colour::Green, NOW).await;
    let before = line(&db).await;
    // Week by week, as the predecessor did; after a year whoever was new is likely to leave.
    for week in 1..=52 {
        let at = NOW + week * 7 * DAY;
        assert_eq!(recalculate(&db, at).await.companies, 1);
        let after = line(&db).await;
        assert_eq!(
            (after.due_at, after.try_at, after.refreshed_at),
            (before.due_at, before.try_at, before.refreshed_at)
        );
    }
    assert_eq!((before.colour, line(&db).await.colour), (Colour::Green, Colour::Orange));
    assert_eq!(recalculate(&db, NOW + 52 * 7 * DAY).await.changed, 0);
    // It came due when it was said to.
    assert!(take(&db, "run", 9, 9, before.due_at - 1).await.is_empty());
    assert_eq!(ids(&take(&db, "run", 9, 9, before.due_at).await), [COMPANY]);
}

async fn s2_a_refresh_that_fails_moves_no_due_date_and_is_tried_again_later_and_later(db: Fixture) {
    refreshed(&db, &workspace(), COMPANY, Colour::Red, NOW).await;
    let due = NOW + DAY;
    let mut at = due;
    for (tries, pause) in [1, 2, 4, 8, 16, 24, 24].into_iter().enumerate() {
        assert!(take(&db, "early", 99, 9, at - 1).await.is_empty(), "try {tries}");
        let taken = take(&db, &format!("run-{tries}"), 99, 9, at).await;
        let event = if tries == 0 { format!("{COMPANY}-{due}") } else { format!("{COMPANY}-{due}-{tries}") };
        assert_eq!((ids(&taken), taken[0].event_id.as_str()), (vec![COMPANY], event.as_str()));
        let run = begun(&db, &taken[0], at).await;
        failed(&db, &run, at).await;
        let line = line(&db).await;
        assert_eq!((line.due_at, line.refreshed_at, line.try_at), (due, NOW, at + pause * HOUR));
        at += pause * HOUR;
    }
    let taken = take(&db, "last", 99, 9, at).await;
    let run = begun(&db, &taken[0], at).await;
    save(&db, &workspace(), COMPANY, &run, Colour::Red, at).await;
    let line = line(&db).await;
    assert_eq!((line.due_at, line.try_at, line.tries), (at + DAY, at + DAY, 0));
}

async fn s3_whoever_waits_longest_is_taken_first_and_nobody_is_passed_over(db: Fixture) {
    // By id the other way round than by waiting.
    for number in 0..9_i64 {
        refreshed(&db, &workspace(), &format!("co_{number}"), Colour::Red, NOW - number * 1_000).await;
    }
    let mut taken = Vec::new();
    for day in 1..=3 {
        for company in take(&db, &format!("run-{day}"), 3, 100, NOW + day * DAY + HOUR).await {
            taken.push(company.company_id.clone());
        }
    }
    assert_eq!(taken, (0..9).rev().map(|number| format!("co_{number}")).collect::<Vec<_>>());
}

async fn one_that_cannot_be_refreshed_keeps_nobody_waiting(db: Fixture) {
    for id in ["co_broken", "co_sound"] {
        refreshed(&db, &workspace(), id, Colour::Red, NOW - i64::from(id == "co_broken")).await;
    }
    // One a day: the broken one is the older by its due date, for ever.
    let mut taken = Vec::new();
    for day in 1..=4 {
        let at = NOW + day * DAY + HOUR;
        let due = take(&db, &format!("run-{day}"), 1, 9, at).await;
        let run = begun(&db, &due[0], at).await;
        match due[0].company_id.as_str() {
            "co_broken" => failed(&db, &run, at).await,
            id => save(&db, &workspace(), id, &run, Colour::Red, at).await,
        }
        taken.push(due[0].company_id.clone());
    }
    assert_eq!(taken, ["co_broken", "co_sound", "co_broken", "co_sound"]);
}

async fn taking_again_under_one_name_gives_the_same(db: Fixture) {
    for number in 0..4 {
        refreshed(&db, &workspace(), &format!("co_{number}"), Colour::Red, NOW + number).await;
    }
    let first = take(&db, "run", 9, 3, NOW + 2 * DAY).await;
    assert_eq!(ids(&first), ["co_0", "co_1", "co_2"]);
    assert_eq!(take(&db, "run", 9, 3, NOW + 2 * DAY + 5).await, first);
    let overview = db.due_overview(None, 9, NOW + 2 * DAY).await.unwrap();
    assert_eq!(overview.workspaces[0].taken_today, 3, "the second asking was counted");
    assert_eq!(ids(&take(&db, "next", 9, 3, NOW + 2 * DAY + 9).await), ["co_3"]);
}

async fn a_try_of_which_nothing_was_heard_keeps_its_event(db: Fixture) {
    refreshed(&db, &workspace(), COMPANY, Colour::Red, NOW).await;
    let first = take(&db, "one", 9, 9, NOW + DAY).await;
    // Its refresh waits somewhere, and has not begun: starting it again starts nothing.
    let second = take(&db, "two", 9, 9, NOW + DAY + HOUR).await;
    assert_eq!(first[0].event_id, second[0].event_id);
    let run = begun(&db, &second[0], NOW + DAY + HOUR).await;
    failed(&db, &run, NOW + DAY + HOUR).await;
    assert_ne!(take(&db, "three", 9, 9, NOW + DAY + 2 * HOUR).await[0].event_id, first[0].event_id);
}

async fn a_company_that_is_being_refreshed_is_not_taken(db: Fixture) {
    refreshed(&db, &workspace(), COMPANY, Colour::Red, NOW).await;
    let at = NOW + DAY + HOUR;
    let run = open(&db, &workspace(), COMPANY, "crm".parse().unwrap(), "news", at).await;
    assert!(take(&db, "one", 9, 9, at).await.is_empty());
    failed(&db, &run, at).await;
    let taken = take(&db, "two", 9, 9, at).await;
    assert_eq!(ids(&taken), [COMPANY]);
    // Its own refresh has begun, and not yet found out which company is meant.
    let run = begun(&db, &taken[0], at).await;
    db.sql("UPDATE refreshes SET company_id = NULL WHERE status = 'running'").await;
    assert!(take(&db, "three", 9, 9, at + 2 * HOUR).await.is_empty());
    // Ended from outside, and nobody said so: not for ever.
    let taken = take(&db, "four", 9, 9, at + 4 * DAY).await;
    assert_eq!(
        (ids(&taken), taken[0].event_id.as_str()),
        (vec![COMPANY], format!("{COMPANY}-{}-1", NOW + DAY).as_str())
    );
    failed(&db, &run, at + 4 * DAY).await;
}

async fn a8_workspaces_are_served_in_turn_within_their_budgets(db: Fixture) {
    let [large, small]: [WorkspaceId; 2] = ["large", "small"].map(|name| name.parse().unwrap());
    for number in 0..6 {
        refreshed(&db, &large, &format!("co_l{number}"), Colour::Red, NOW + number).await;
    }
    for number in 0..2 {
        refreshed(&db, &small, &format!("co_s{number}"), Colour::Red, NOW + 100 + number).await;
    }
    let at = NOW + 2 * DAY;
    assert!(take(&db, "none", 0, 100, at).await.is_empty(), "0 turns it off");
    let taken = take(&db, "one", 3, 4, at).await;
    assert_eq!(ids(&taken), ["co_l0", "co_s0", "co_l1", "co_s1"]);
    assert_eq!(ids(&take(&db, "two", 3, 100, at + 1).await), ["co_l2"], "the day's budget");
    assert!(take(&db, "three", 3, 100, at + 2).await.is_empty());
    let overview = db.due_overview(Some(&large), 100, at + 2).await.unwrap();
    let counts = &overview.workspaces[0];
    assert_eq!((counts.red, counts.orange, counts.green, counts.due, counts.taken_today), (6, 0, 0, 6, 3));
    assert_eq!(overview.workspaces.len(), 1);
    // A new day.
    assert_eq!(take(&db, "four", 3, 3, at + DAY).await.len(), 3);
}

async fn a_pause_counts_from_the_end_of_the_last_try(db: Fixture) {
    refreshed(&db, &workspace(), COMPANY, Colour::Red, NOW).await;
    let taken = take(&db, "one", 9, 9, NOW + DAY).await;
    let run = begun(&db, &taken[0], NOW + DAY).await;
    // It waited for a person, who did not like what was found.
    let end = NOW + 3 * DAY;
    failed(&db, &run, end).await;
    assert!(take(&db, "two", 9, 9, end + HOUR - 1).await.is_empty());
    assert_eq!(ids(&take(&db, "three", 9, 9, end + HOUR).await), [COMPANY]);
}

async fn two_who_take_at_once_take_nothing_twice(db: Fixture) {
    for number in 0..12 {
        let workspace = format!("w{}", number % 3).parse().unwrap();
        refreshed(&db, &workspace, &format!("co_{number}"), Colour::Red, NOW + number).await;
    }
    let names: Vec<String> = (0..6).map(|number| format!("run-{number}")).collect();
    let takes = names.iter().map(|name| take(&db, name, 3, 4, NOW + 2 * DAY));
    let taken: Vec<DueCompany> = futures::future::join_all(takes).await.into_iter().flatten().collect();
    let distinct: BTreeSet<_> = taken.iter().map(|company| &company.company_id).collect();
    assert_eq!((taken.len(), distinct.len()), (9, 9), "three of each workspace, each once");
}

async fn whoever_was_refreshed_meanwhile_is_no_longer_due(db: Fixture) {
    for number in 0..3 {
        refreshed(&db, &workspace(), &format!("co_{number}"), Colour::Red, NOW + number).await;
    }
    let at = NOW + 2 * DAY;
    let taken = take(&db, "run", 9, 9, at).await;
    refreshed(&db, &workspace(), "co_0", Colour::Red, at).await;
    open(&db, &workspace(), "co_1", "crm".parse().unwrap(), "news", at).await;
    let event = |number: usize| (workspace().to_string(), taken[number].event_id.to_string());
    assert_eq!(db.still_due("run", STILL_RUNNING, at).await.unwrap(), BTreeSet::from([event(2)]));
    assert_eq!(db.still_due("another", STILL_RUNNING, at).await.unwrap(), BTreeSet::new());
    // Asking again gives those that are left.
    assert_eq!(ids(&take(&db, "run", 9, 9, at).await), ["co_1", "co_2"]);
}

async fn groups_of_an_earlier_release_get_into_the_schedule(db: Fixture) {
    refreshed(&db, &workspace(), COMPANY, Colour::Green, NOW).await;
    db.sql("DELETE FROM refresh_schedules").await;
    assert!(take(&db, "run", 9, 9, NOW + 99 * DAY).await.is_empty());
    let reached = recalculate(&db, NOW + DAY).await;
    assert_eq!((reached.companies, reached.changed), (1, 1));
    assert_eq!((line(&db).await.colour, line(&db).await.due_at), (Colour::Green, NOW + 30 * DAY));
    db.sql("UPDATE refresh_schedules SET colour = 'blue'").await;
    let corrupt = db.recalculate_page(&Recalculating::default(), NOW).await;
    assert!(matches!(corrupt, Err(StoreError::Corrupt { .. })), "{corrupt:?}");
}

async fn whoever_was_looked_at_and_kept_as_before_is_due_an_interval_later(db: Fixture) {
    refreshed(&db, &workspace(), COMPANY, Colour::Orange, NOW).await;
    let at = NOW + 8 * DAY;
    let run = open(&db, &workspace(), COMPANY, "crm".parse().unwrap(), "worse", at).await;
    let kept = FailureInput { outcome: OutcomeKind::Kept, class: None, ..failing(&run, OutcomeKind::Kept) };
    db.record_failure(&kept, at).await.unwrap();
    let line = line(&db).await;
    assert_eq!((line.colour, line.refreshed_at), (Colour::Orange, NOW));
    assert_eq!((line.due_at, line.try_at, line.tries), (at + 7 * DAY, at + 7 * DAY, 0));
}
