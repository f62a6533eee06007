//! Anything that can happen to companies in the schedule, in any order: the due dates are those of the rule, and whoever
//! is taken is the one who has waited longest.

use crate::due::{DAY, HOUR, begun, failed, open, recalculate, save, take};
use crate::fixture::{Fixture, NOW};
use contracts::WorkspaceId;
use engine::Colour;
use engine::schedule::pause_after;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const COMPANIES: usize = 6;
const BUDGET: u32 = 4;

#[derive(Clone, Debug)]
enum Event {
    /// Hours pass.
    Wait(i64),
    /// The schedule takes at most so many.
    Take(u32),
    /// A provider has news about a company, whose refresh begins.
    News(usize),
    /// A company's refresh, if one is running, ends well or not.
    End(usize, Option<Colour>),
    Recalculate,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let colour = prop_oneof![Just(Colour::Red), Just(Colour::Orange), Just(Colour::Green)];
    let event = prop_oneof![
        3 => (1..60_i64).prop_map(Event::Wait),
        4 => (1..8_u32).prop_map(Event::Take),
        1 => (0..COMPANIES).prop_map(Event::News),
        4 => ((0..COMPANIES), proptest::option::weighted(0.7, colour)).prop_map(|(who, end)| Event::End(who, end)),
        1 => Just(Event::Recalculate),
    ];
    proptest::collection::vec(event, 1..50)
}

struct Company {
    workspace: WorkspaceId,
    due: i64,
    /// Its refresh that is running, since when, and whether the schedule asked for it.
    running: Option<(String, i64, bool)>,
    /// How often it was taken since it was refreshed.
    taken: u32,
    /// Not to be taken before.
    rests_until: i64,
}

impl Company {
    /// A refresh of which nothing was heard for four days counts as ended from outside.
    fn is_running(&self, now: i64) -> bool {
        self.running.as_ref().is_some_and(|(_, since, _)| *since > now - 4 * DAY)
    }
}

async fn play(events: Vec<Event>) {
    let db = Fixture::sqlite().await;
    let id = |number: usize| format!("co_{number}");
    let mut companies = BTreeMap::new();
    for number in 0..COMPANIES {
        let workspace: WorkspaceId = format!("w{}", number % 2).parse().unwrap();
        crate::due::refreshed(&db, &workspace, &id(number), Colour::Red, NOW + number as i64).await;
        let due = NOW + number as i64 + Colour::Red.interval();
        companies.insert(id(number), Company { workspace, due, running: None, taken: 0, rests_until: 0 });
    }
    let mut budgets: BTreeMap<(WorkspaceId, i64), u32> = BTreeMap::new();
    let mut now = NOW + HOUR;
    for (step, event) in events.into_iter().enumerate() {
        // No two things happen in one moment.
        now += 1;
        let queue: BTreeMap<String, i64> = db
            .due_overview(None, 99, now)
            .await
            .unwrap()
            .next
            .into_iter()
            .map(|one| (one.company_id, one.try_at))
            .collect();
        match event {
            Event::Wait(hours) => now += hours * HOUR,
            Event::Take(at_most) => {
                let taken = take(&db, &format!("run-{step}"), BUDGET, at_most, now).await;
                let ids: BTreeSet<&String> = taken.iter().map(|due| &due.company_id).collect();
                assert_eq!(ids.len(), taken.len(), "one was taken twice");
                assert!(taken.len() <= at_most as usize);
                for due in &taken {
                    let company = companies.get_mut(&due.company_id).unwrap();
                    assert!(!company.is_running(now) && due.due_at == company.due);
                    assert!(company.due <= now && company.rests_until <= now);
                    company.taken += 1;
                    let spent = budgets.entry((due.workspace.clone(), now.div_euclid(24 * HOUR))).or_default();
                    *spent += 1;
                    assert!(*spent <= BUDGET);
                    company.running = Some((begun(&db, due, now).await, now, true));
                }
                for left in companies.keys().filter(|id| !ids.contains(id)) {
                    let one = &companies[left];
                    let overtaken =
                        taken.iter().find(|due| due.workspace == one.workspace && queue[&due.company_id] > queue[left]);
                    let waits = !one.is_running(now) && one.rests_until <= now;
                    assert!(!waits || overtaken.is_none(), "{left} was overtaken by {overtaken:?}");
                }
            }
            Event::News(number) => {
                let company = companies.get_mut(&id(number)).unwrap();
                if company.running.is_none() {
                    let (source, event) = ("crm".parse().unwrap(), format!("news-{step}"));
                    let run = open(&db, &company.workspace, &id(number), source, &event, now).await;
                    company.running = Some((run, now, false));
                }
            }
            Event::End(number, end) => {
                let company = companies.get_mut(&id(number)).unwrap();
                match (company.running.take(), end) {
                    (Some((run, ..)), Some(colour)) => {
                        save(&db, &company.workspace, &id(number), &run, colour, now).await;
                        // The colour of the simulation's start dates drifts with the months; the rule is what was saved.
                        let shown = db.due_overview(None, 99, now).await.unwrap().next;
                        let saved = shown.into_iter().find(|one| one.company_id == id(number)).unwrap();
                        assert_eq!(saved.refreshed_at, now);
                        company.due = now + saved.colour.interval();
                        (company.taken, company.rests_until) = (0, 0);
                    }
                    (Some((run, _, scheduled)), None) => {
                        failed(&db, &run, now).await;
                        if scheduled {
                            company.rests_until = now + pause_after(company.taken - 1);
                        }
                    }
                    (None, _) => {}
                }
            }
            Event::Recalculate => _ = recalculate(&db, now).await,
        }
        for one in db.due_overview(None, 99, now).await.unwrap().next {
            assert_eq!(one.due_at, companies[&one.company_id].due, "{}", one.company_id);
            assert!(one.try_at >= one.due_at && one.try_at <= one.due_at.max(now) + 24 * HOUR);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_only_refreshes_move_due_dates_and_nobody_is_overtaken(events in events()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(events));
    }
}
