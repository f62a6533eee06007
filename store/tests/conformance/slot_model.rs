//! Slots against a model of them: whatever happens in whatever order, starts keep their distance, one refresh at most waits,
//! and every event comes to an end that is true.

use crate::fixture::{Fixture, NOW, company, failing, group, member, request, saving, workspace};
use contracts::{Begun, Carry, ClaimInput, FailureInput, OutcomeKind, SaveInput, SlotClaim};
use engine::Role;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

crate::on_both! { every_order_of_events_time_and_failures_keeps_the_promises }

const WINDOW: i64 = 60_000;
const QUARTER: i64 = 15 * 60 * 1000;
const DAY: i64 = 24 * 60 * 60 * 1000;
/// A failure that has nothing to do with the company.
const NOT_THEIRS: &str = "AuthFailed";
const CASES: u32 = 60;

/// Something that happens to a company.
#[derive(Clone, Debug)]
enum Op {
    /// An event arrives and asks for the slot.
    Event,
    /// A refresh asks again: its answer was lost, or its time has come.
    Ask(usize),
    /// A person wants a refresh now.
    RunNow(usize),
    /// A refresh at work ends like this, with this class when it failed.
    End(usize, OutcomeKind, &'static str),
    /// A refresh at work saves a group.
    Save(usize),
    /// A refresh never says another word.
    Vanish(usize),
    /// The event of a refresh that ended, or was coalesced, is tried again.
    Retry(usize),
    /// Time passes.
    Pass(i64),
    /// The keeper comes by. The refresh it starts may fail before it asks for the slot.
    Keep { fails: bool },
}

fn op() -> impl Strategy<Value = Op> {
    let any = any::<prop::sample::Index>().prop_map(|index| index.index(1 << 20));
    let outcome = prop_oneof![
        3 => Just(OutcomeKind::Kept),
        3 => Just(OutcomeKind::Failed),
        1 => Just(OutcomeKind::Cancelled),
    ];
    let class = prop_oneof![2 => Just("Malformed"), 1 => Just(NOT_THEIRS)];
    let pass = prop_oneof![3 => 1..WINDOW / 2, 2 => WINDOW / 2..3 * WINDOW, 1 => WINDOW..2 * DAY];
    prop_oneof![
        6 => Just(Op::Event),
        4 => any.clone().prop_map(Op::Ask),
        1 => any.clone().prop_map(Op::RunNow),
        4 => (any.clone(), outcome, class).prop_map(|(which, outcome, class)| Op::End(which, outcome, class)),
        1 => any.clone().prop_map(Op::Save),
        1 => any.clone().prop_map(Op::Vanish),
        1 => any.prop_map(Op::Retry),
        4 => pass.prop_map(Op::Pass),
        2 => prop::bool::weighted(0.2).prop_map(|fails| Op::Keep { fails }),
    ]
}

/// What is known of a refresh from the answers it was given.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    Waits {
        until: i64,
    },
    /// It waits, and may have lost its place because it was late.
    Late,
    Runs {
        since: i64,
    },
    Folded,
    Ended {
        since: Option<i64>,
        outcome: OutcomeKind,
    },
}

fn busy(known: &Known) -> bool {
    !matches!(known, Known::Ended { .. } | Known::Folded)
}

/// One company, and what its refreshes were told.
struct World<'a> {
    db: &'a Fixture,
    company: String,
    now: i64,
    runs: BTreeMap<String, Known>,
    /// When each event arrived.
    events: BTreeMap<String, i64>,
    /// Every start, and whether a person had it.
    starts: Vec<(i64, bool)>,
    number: usize,
    /// Those who never say another word.
    dead: BTreeSet<String>,
}

impl World<'_> {
    async fn happen(&mut self, op: &Op) {
        match op {
            Op::Event => {
                let event = self.name("event");
                self.begin(&request(&event), &event, &event).await;
                self.events.insert(event.clone(), self.now);
                self.ask(&event, false).await;
            }
            Op::Ask(index) => {
                // Whoever was coalesced has ended, and asks no more.
                if let Some(run) = self.pick(*index, |known| *known != Known::Folded) {
                    self.ask(&run, false).await;
                }
            }
            Op::RunNow(index) => {
                if let Some(run) = self.pick(*index, |known| matches!(known, Known::Waits { .. } | Known::Late)) {
                    self.ask(&run, true).await;
                }
            }
            Op::End(index, outcome, class) => {
                if let Some(run) = self.pick(*index, busy) {
                    // Who waits has read nothing that could be kept.
                    let waits = !matches!(self.runs[&run], Known::Runs { .. });
                    let outcome = if waits && *outcome == OutcomeKind::Kept { OutcomeKind::Failed } else { *outcome };
                    self.end(&run, outcome, class).await;
                }
            }
            Op::Save(index) => {
                if let Some(run) = self.pick(*index, |known| matches!(known, Known::Runs { .. })) {
                    self.save(&run).await;
                }
            }
            Op::Vanish(index) => {
                if let Some(run) = self.pick(*index, busy) {
                    self.dead.insert(run);
                }
            }
            Op::Retry(index) => self.retry(*index).await,
            Op::Pass(time) => self.now += time,
            Op::Keep { fails } => self.keep(*fails).await,
        }
        let waiting = self.runs.values().filter(|known| matches!(known, Known::Waits { .. })).count();
        assert!(waiting <= 1, "{waiting} refreshes wait for one slot");
    }

    fn name(&mut self, what: &str) -> String {
        self.number += 1;
        format!("{}-{what}-{}", self.company, self.number)
    }

    fn pick(&self, index: usize, which: impl Fn(&Known) -> bool) -> Option<String> {
        let open = |run: &String, known: &Known| !matches!(known, Known::Ended { .. }) && !self.dead.contains(run);
        let fit: Vec<&String> = self.runs.iter().filter(|(r, k)| open(r, k) && which(k)).map(|(run, _)| run).collect();
        (!fit.is_empty()).then(|| fit[index % fit.len()].clone())
    }

    async fn begin(&self, request: &contracts::RefreshRequest, workflow: &str, run: &str) {
        let begun = self.db.begin(request, workflow, run, NOW + self.now).await.unwrap();
        assert_eq!(begun, Begun::Open { refresh_id: run.to_owned(), announce: false });
        self.db.put_company(run, &workspace(), &self.company, &company(), None, NOW + self.now).await.unwrap();
    }

    /// Asks, and holds the answer against what must be true whatever the store is made of.
    async fn ask(&mut self, run: &str, run_now: bool) {
        let claim = ClaimInput {
            refresh_id: run.to_owned(),
            workspace: workspace(),
            company_id: self.company.clone(),
            run_now,
            news: None,
        };
        let window = Duration::from_millis(WINDOW.unsigned_abs());
        let answer = self.db.claim_slot(&claim, None, window, NOW + self.now).await.unwrap();
        let before = self.runs.get(run).cloned();
        let known = match answer {
            SlotClaim::Run { .. } if matches!(before, Some(Known::Runs { .. })) => before.clone().unwrap(),
            SlotClaim::Run { .. } => {
                if let Some((last, _)) = self.starts.last()
                    && !run_now
                {
                    assert!(self.now - last >= WINDOW, "two starts within {} ms", self.now - last);
                }
                self.lose_places(run, run_now);
                self.starts.push((self.now, run_now));
                Known::Runs { since: self.now }
            }
            SlotClaim::Wait { until, .. } => {
                assert!(!run_now && until - NOW > self.now, "it waits for what is past");
                assert!(until - NOW <= self.now + DAY, "it waits for more than a day");
                Known::Waits { until: until - NOW }
            }
            SlotClaim::Ignored { reason } => panic!("nobody asked whether it is worth it: {reason}"),
            SlotClaim::Coalesced { holder } => {
                if before.is_none() {
                    let waits = matches!(self.runs.get(&holder.refresh_id), Some(Known::Waits { .. } | Known::Late));
                    assert!(waits, "an event folded into something that does not wait");
                }
                Known::Folded
            }
        };
        if matches!(before, Some(Known::Runs { .. })) {
            assert_eq!(Some(&known), before.as_ref(), "who runs was told otherwise");
        }
        self.runs.insert(run.to_owned(), known);
    }

    /// Whoever starts while another one waits was asked for by a person, or the other one is late.
    fn lose_places(&mut self, run: &str, run_now: bool) {
        let late = self.starts.last().is_none_or(|(last, _)| self.now >= last + WINDOW + QUARTER);
        for (other, known) in &mut self.runs {
            if other != run && matches!(known, Known::Waits { .. }) {
                assert!(run_now || late, "{run} started while {other} waits");
                if late {
                    *known = Known::Late;
                }
            }
        }
    }

    async fn end(&mut self, run: &str, outcome: OutcomeKind, class: &str) {
        let class = (outcome == OutcomeKind::Failed).then(|| class.to_owned());
        let end = FailureInput { class, ..failing(run, outcome) };
        self.db.record_failure(&end, NOW + self.now).await.unwrap();
        self.ended(run, outcome);
    }

    async fn save(&mut self, run: &str) {
        self.db.choose(run, &group(&[member("a", Role::Champion)]), NOW + self.now).await.unwrap();
        let input = SaveInput { company_id: self.company.clone(), ..saving(run) };
        self.db.save(&input, NOW + self.now).await.unwrap();
        self.ended(run, OutcomeKind::Refreshed);
    }

    fn ended(&mut self, run: &str, outcome: OutcomeKind) {
        let since = match self.runs.get(run) {
            Some(Known::Runs { since }) => Some(*since),
            _ => None,
        };
        self.runs.insert(run.to_owned(), Known::Ended { since, outcome });
    }

    /// Another run of an event that has an end, or that another refresh answers for.
    async fn retry(&mut self, index: usize) {
        let over = |event: &&String| matches!(self.runs[*event], Known::Ended { .. } | Known::Folded);
        let events: Vec<&String> = self.events.keys().filter(over).collect();
        if events.is_empty() {
            return;
        }
        let event = events[index % events.len()].clone();
        let run = self.name("again");
        let begun = self.db.begin(&request(&event), &event, &run, NOW + self.now).await.unwrap();
        if let Begun::Open { .. } = begun {
            self.db.put_company(&run, &workspace(), &self.company, &company(), None, NOW + self.now).await.unwrap();
            // An earlier run of it that was carried on, or tried again, may have been at work.
            let before = self.db.refresh(&run).await.unwrap().unwrap().retry_of.unwrap();
            if self.runs.get(&before).is_some_and(busy) {
                self.ended(&before, OutcomeKind::Failed);
            }
            self.ask(&run, false).await;
        }
    }

    /// Closes those who vanished, as far as their time has come.
    async fn look(&mut self) {
        for overdue in self.db.overdue_refreshes(NOW + self.now, 1_000).await.unwrap() {
            let run = overdue.refresh_id;
            if self.dead.remove(&run) {
                self.end(&run, OutcomeKind::Failed, "Terminated").await;
            } else {
                self.db.found_running(&run, NOW + self.now).await.unwrap();
            }
        }
    }

    async fn keep(&mut self, fails: bool) {
        let round = self.name("round");
        for Carry { workflow_id, company_id, request } in self.db.carries(&round, NOW + self.now, 100).await.unwrap() {
            assert_eq!(company_id, self.company, "somebody is stranded in a company that was dealt with");
            let run = self.name("carried");
            self.begin(&request, &workflow_id, &run).await;
            if fails {
                self.end(&run, OutcomeKind::Failed, "Malformed").await;
            } else {
                self.ask(&run, false).await;
            }
        }
        self.look().await;
    }

    /// Everything goes well from here, until nothing is left to do.
    async fn settle(&mut self) {
        for _ in 0..200 {
            self.now += DAY + 1;
            self.look().await;
            self.keep(false).await;
            let busy: Vec<String> = self
                .runs
                .iter()
                .filter(|(_, known)| !matches!(known, Known::Ended { .. } | Known::Folded))
                .map(|(run, _)| run.clone())
                .collect();
            if busy.is_empty() {
                return;
            }
            for run in busy.into_iter().filter(|run| !self.dead.contains(run)).collect::<Vec<_>>() {
                self.ask(&run, false).await;
                if matches!(self.runs[&run], Known::Runs { .. }) {
                    self.end(&run, OutcomeKind::Kept, "").await;
                }
            }
        }
        panic!("it never comes to rest");
    }

    /// Every event has an end, and one that ended well was seen: its refresh started after it had arrived.
    async fn judge(&self) {
        for (event, arrived) in &self.events {
            let source = "crm".parse().unwrap();
            let answer = self.db.event_answer(&workspace(), &source, &event.parse().unwrap()).await.unwrap().unwrap();
            assert!(!answer.stranded, "{event} is stranded");
            let last = answer.chain.last().unwrap();
            let outcome = last.outcome.unwrap_or_else(|| panic!("{event} never ends"));
            let Some(Known::Ended { since, outcome: told }) = self.runs.get(&last.refresh_id) else {
                panic!("{event} ends in {}, which does not", last.refresh_id);
            };
            assert_eq!(outcome, *told, "{event}");
            if matches!(outcome, OutcomeKind::Kept | OutcomeKind::Refreshed) {
                assert!(since.is_some_and(|since| since >= *arrived), "{event} was not seen by its refresh");
            } else {
                // Its own refresh ended so, or the one that it shared after the company had failed too often.
                let theirs = outcome == OutcomeKind::Failed && last.error_class.as_deref() != Some(NOT_THEIRS);
                assert!(answer.chain.len() == 1 || theirs, "{event} was dropped as {outcome}");
            }
        }
    }
}

async fn case(db: &Fixture, company: String, ops: &[Op]) {
    let (runs, events, starts, dead) = Default::default();
    let mut world = World { db, company, now: 0, runs, events, starts, number: 0, dead };
    for op in ops {
        world.happen(op).await;
    }
    world.settle().await;
    world.judge().await;
}

/// Why a case fails, if it does. A panic is caught where it happens, so that a smaller case can be looked for.
async fn fault(db: &Fixture, number: &mut u32, ops: &[Op]) -> Option<String> {
    use futures::FutureExt as _;
    *number += 1;
    let judged = std::panic::AssertUnwindSafe(case(db, format!("co_{number}"), ops)).catch_unwind().await;
    // What a failed case left would be found by the keeper of the next.
    if judged.is_err() {
        db.sql("UPDATE slot_claims SET state = 'ended'").await;
        db.sql("UPDATE refreshes SET status = 'failed' WHERE status = 'running'").await;
    }
    judged.err().map(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic".to_owned()))
}

async fn every_order_of_events_time_and_failures_keeps_the_promises(db: Fixture) {
    let mut runner = TestRunner::new(Config::default());
    let mut number = 0;
    for _ in 0..CASES {
        let mut tree = prop::collection::vec(op(), 1..40).new_tree(&mut runner).unwrap();
        let Some(mut why) = fault(&db, &mut number, &tree.current()).await else { continue };
        let mut smallest = tree.current();
        while tree.simplify() {
            if let Some(again) = fault(&db, &mut number, &tree.current()).await {
                (smallest, why) = (tree.current(), again);
            } else {
                while tree.complicate() && fault(&db, &mut number, &tree.current()).await.is_none() {}
            }
        }
        panic!("{why}\nafter {smallest:#?}");
    }
}
