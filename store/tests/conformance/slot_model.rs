//! Slots against a model of them: whatever happens in whatever order, starts keep their distance, one refresh at most waits,
//! and every event comes to an end that is true.

use crate::fixture::{Fixture, NOW, company, failing, request, workspace};
use contracts::{Begun, Carry, ClaimInput, OutcomeKind, SlotClaim};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use std::time::Duration;

crate::on_both! { every_order_of_events_time_and_failures_keeps_the_promises }

const WINDOW: i64 = 60_000;
const DAY: i64 = 24 * 60 * 60 * 1000;
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
    /// A refresh at work ends like this.
    End(usize, OutcomeKind),
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
    let pass = prop_oneof![3 => 1..WINDOW / 2, 2 => WINDOW / 2..3 * WINDOW, 1 => WINDOW..2 * DAY];
    prop_oneof![
        6 => Just(Op::Event),
        4 => any.clone().prop_map(Op::Ask),
        1 => any.clone().prop_map(Op::RunNow),
        4 => (any, outcome).prop_map(|(which, outcome)| Op::End(which, outcome)),
        4 => pass.prop_map(Op::Pass),
        2 => prop::bool::weighted(0.2).prop_map(|fails| Op::Keep { fails }),
    ]
}

/// What is known of a refresh from the answers it was given.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    Waits { until: i64 },
    Runs { since: i64 },
    Folded,
    Ended { since: Option<i64>, outcome: OutcomeKind },
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
                if let Some(run) = self.pick(*index, |known| matches!(known, Known::Waits { .. })) {
                    self.ask(&run, true).await;
                }
            }
            Op::End(index, outcome) => {
                let busy = |known: &Known| matches!(known, Known::Runs { .. } | Known::Waits { .. });
                if let Some(run) = self.pick(*index, busy) {
                    // Who waits has read nothing that could be kept.
                    let waits = matches!(self.runs[&run], Known::Waits { .. });
                    let outcome = if waits && *outcome == OutcomeKind::Kept { OutcomeKind::Failed } else { *outcome };
                    self.end(&run, outcome).await;
                }
            }
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
        let open = |known: &&Known| !matches!(known, Known::Ended { .. });
        let fit: Vec<&String> = self.runs.iter().filter(|(_, k)| open(k) && which(k)).map(|(run, _)| run).collect();
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
        let answer = self.db.claim_slot(&claim, window, NOW + self.now).await.unwrap();
        let before = self.runs.get(run).cloned();
        let known = match answer {
            SlotClaim::Run { .. } if matches!(before, Some(Known::Runs { .. })) => before.clone().unwrap(),
            SlotClaim::Run { .. } => {
                if let Some((last, _)) = self.starts.last()
                    && !run_now
                {
                    assert!(self.now - last >= WINDOW, "two starts within {} ms", self.now - last);
                }
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
                    let waits = matches!(self.runs.get(&holder.refresh_id), Some(Known::Waits { .. }));
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

    async fn end(&mut self, run: &str, outcome: OutcomeKind) {
        self.db.record_failure(&failing(run, outcome), NOW + self.now).await.unwrap();
        let since = match self.runs[run] {
            Known::Runs { since } => Some(since),
            _ => None,
        };
        self.runs.insert(run.to_owned(), Known::Ended { since, outcome });
    }

    async fn keep(&mut self, fails: bool) {
        for Carry { workflow_id, company_id, request } in self.db.carries(NOW + self.now, 100).await.unwrap() {
            assert_eq!(company_id, self.company, "somebody is stranded in a company that was dealt with");
            let run = self.name("carried");
            self.begin(&request, &workflow_id, &run).await;
            if fails {
                self.end_unasked(&run).await;
            } else {
                self.ask(&run, false).await;
            }
        }
    }

    async fn end_unasked(&mut self, run: &str) {
        self.db.record_failure(&failing(run, OutcomeKind::Failed), NOW + self.now).await.unwrap();
        self.runs.insert(run.to_owned(), Known::Ended { since: None, outcome: OutcomeKind::Failed });
    }

    /// Everything goes well from here, until nothing is left to do.
    async fn settle(&mut self) {
        for _ in 0..200 {
            self.now += DAY + 1;
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
            for run in busy {
                self.ask(&run, false).await;
                if matches!(self.runs[&run], Known::Runs { .. }) {
                    self.end(&run, OutcomeKind::Kept).await;
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
            if outcome == OutcomeKind::Kept {
                assert!(since.is_some_and(|since| since >= *arrived), "{event} was not seen by its refresh");
            } else {
                // Its own refresh ended so, or the one that it shared after the company had failed too often.
                assert!(answer.chain.len() == 1 || outcome == OutcomeKind::Failed, "{event} was dropped as {outcome}");
            }
        }
    }
}

async fn case(db: &Fixture, company: String, ops: &[Op]) {
    let (runs, events, starts) = Default::default();
    let mut world = World { db, company, now: 0, runs, events, starts, number: 0 };
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
