//! What the best group is: the objective, and the exact search for it.
//!
//! # The objective
//!
//! Given are chairs (one per seat the targets want), coverage needs (functions that must be at the table), people and
//! the largest size of the group. A *seating* puts people on chairs, each person at most once and each chair at most
//! once, nobody on a chair whose role they do not fit. Beyond the chairs there are *coverage seats*, only for people who
//! cover a need. All seats together are at most `most`. Among all seatings the best is the one with, in this order,
//!
//! 1. the most decision makers' chairs taken, for a group nobody can sign with is none;
//! 2. the most of these chairs taken by people whose own purchase it is, then the most by those who have at least a senior
//!    claim to it (see [`Claim`]): whoever buys is not moved elsewhere so that a further chair is filled;
//! 3. the greatest sum of fits on these chairs: who decides is not traded for who carries;
//! 4. the most needs covered, by whoever sits anywhere;
//! 5. the most chairs taken: targets are reached whenever suitable people exist; then the most champions' chairs, for where
//!    people are short somebody to carry is missed more than somebody to consult;
//! 6. the greatest sum of fits on the other chairs;
//! 7. the fewest coverage seats: a group grows beyond its targets only to cover a need, and rather grows, up to `most`,
//!    than seats somebody who fits a chair less;
//! 8. the greatest sum of fits on the coverage seats;
//! 9. the greatest sum of the people's ties: a fixed hash of identity and role, see [`Entrant::ties`].
//!
//! In 3 and 6 a chair that prefers a function counts [`PREFERRED`] more for a person who works there, so that a group hears
//! more than one department.
//!
//! All but the needs are sums over single seats: without needs this is a linear assignment problem. Needs are settled by
//! branch and bound over which seat is kept for which need; see [`Plan::best`]. The result equals trying every seating
//! (tested in `plan_tests`).
//!
//! Because a tie depends on nobody else, a further person who gets no seat cannot change who else does, and the order of
//! the people cannot show.

use super::assign::assign;
use super::decision::Worth;
use crate::Role;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Worth, in fit points of 1000, of a function that a chair prefers.
pub(super) const PREFERRED: u32 = 200;

/// Steps of the objective as digits of one number; each is larger than any sum of the smaller ones: ties below 2³²,
/// fits of at most 1200, at most 32 seats, of which at most 7 are decision makers'.
const COVERAGE_FIT: i128 = 1 << 37;
const COVERAGE_SEAT: i128 = 1 << 53;
const FIT: i128 = 1 << 58;
const CHAMPION: i128 = 1 << 74;
const CHAIR: i128 = 1 << 79;
const DECIDER_FIT: i128 = 1 << 84;
const SENIOR: i128 = 1 << 98;
const OWN: i128 = 1 << 101;
const DECIDER: i128 = 1 << 104;

/// Largest number of needs; a profile that names more is held to the first ones.
pub(super) const MOST_NEEDS: usize = 8;

/// A seat the targets want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Chair {
    pub(super) role: Role,
    /// The preference this chair has, as a bit of [`Entrant::likes`]; 0 for none.
    pub(super) prefers: u32,
}

/// What somebody's claim to the decision rests on, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    /// The sum alone: may sign as much.
    Least,
    /// A rank whose word reaches beyond the own function.
    Senior,
    /// Works, and leads, where the product is bought.
    Own,
}

/// A person as the search sees one.
#[derive(Clone, Debug)]
pub(super) struct Entrant {
    /// Fit for each role, of 1000; 0 where the person does not fit.
    pub(super) fits: [u32; 5],
    /// Claim to a decision maker's chair.
    pub(super) claim: Claim,
    /// Fit for a coverage seat, of 1000; 0 where the person does not fit.
    pub(super) consulted: u32,
    /// The needs the person covers, as bits.
    pub(super) covers: u32,
    /// The preferences the person meets, as bits.
    pub(super) likes: u32,
    /// What settles a tie: for each role, and for a coverage seat.
    pub(super) ties: [u32; 6],
}

/// Where somebody sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seat {
    /// On the chair with this index.
    Chair(usize),
    /// On a coverage seat.
    Coverage,
}

/// Who sits where: indexes of people, ascending.
pub(super) type Seated = Vec<(usize, Seat)>;

/// The question: chairs, needs, people and size.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) chairs: Vec<Chair>,
    /// The needs, as bits; at most [`MOST_NEEDS`].
    pub(super) needs: u32,
    /// Largest size of the group.
    pub(super) most: usize,
    pub(super) people: Vec<Entrant>,
}

/// A branch of the search: seats kept for needs, and needs given up.
struct Branch {
    /// For each chair, the needs it is kept for, as bits; 0 for none.
    chairs: Vec<u32>,
    /// The same for each coverage seat; never 0.
    coverage: Vec<u32>,
    given_up: u32,
    /// The best seating of the branch when open needs are left to chance: an upper bound.
    seated: Seated,
    value: Worth,
    /// Needs covered or open.
    needs: u32,
    worth: i128,
}

impl Branch {
    /// What no seating of the branch exceeds, in the order of the objective.
    fn bound(&self) -> (usize, usize, usize, u32, u32, i128) {
        let Worth { deciders, own, senior, decider_fit, .. } = self.value;
        (deciders, own, senior, decider_fit, self.needs, self.worth)
    }
}

impl Plan {
    /// The objective, all but needs, for one person on one seat; `None` where the person may not sit.
    pub(super) fn worth(&self, seat: Seat, person: usize) -> Option<i128> {
        let one = &self.people[person];
        let tie = |index: usize| i128::from(one.ties[index]);
        match seat {
            Seat::Chair(index) => {
                let chair = self.chairs[index];
                let role = chair.role as usize;
                let fit = i128::from(Self::fit(chair, one));
                let points = if chair.role == Role::DecisionMaker {
                    let own = if one.claim >= Claim::Own { OWN } else { 0 };
                    let senior = if one.claim >= Claim::Senior { SENIOR } else { 0 };
                    DECIDER + own + senior + DECIDER_FIT * fit
                } else {
                    FIT * fit + if chair.role == Role::Champion { CHAMPION } else { 0 }
                };
                (one.fits[role] > 0).then(|| points + CHAIR + tie(role))
            }
            Seat::Coverage => (one.consulted > 0 && one.covers & self.needs != 0)
                .then(|| COVERAGE_FIT * i128::from(one.consulted) - COVERAGE_SEAT + tie(5)),
        }
    }

    /// What a whole seating is worth.
    pub(super) fn value(&self, seated: &Seated) -> Worth {
        let mut worth = Worth { needs: self.covered(seated).count_ones(), ..Worth::default() };
        for (person, seat) in seated {
            if let Seat::Chair(index) = seat {
                let (chair, one) = (self.chairs[*index], &self.people[*person]);
                worth.chairs += 1;
                if chair.role == Role::DecisionMaker {
                    worth.deciders += 1;
                    worth.own += usize::from(one.claim >= Claim::Own);
                    worth.senior += usize::from(one.claim >= Claim::Senior);
                    worth.decider_fit += Self::fit(chair, one);
                } else {
                    worth.champions += usize::from(chair.role == Role::Champion);
                    worth.fit += Self::fit(chair, one);
                }
            }
        }
        worth
    }

    /// Fit on a chair, with what its preference adds.
    fn fit(chair: Chair, one: &Entrant) -> u32 {
        one.fits[chair.role as usize] + if chair.prefers & one.likes != 0 { PREFERRED } else { 0 }
    }

    /// The needs covered by these people.
    pub(super) fn covered(&self, seated: &Seated) -> u32 {
        seated.iter().fold(0, |all, (person, _)| all | self.people[*person].covers) & self.needs
    }

    /// The best seating.
    ///
    /// Best-first branch and bound. A branch keeps seats for needs and is solved as an assignment problem; what it finds
    /// is an upper bound for everything below it. When a need is open in it, each way to cover that need becomes a
    /// branch: the seat of every kind that may be kept for it, one more coverage seat, or giving the need up. The first
    /// branch without an open need is the best seating.
    pub(super) fn best(&self) -> Seated {
        let people = self.worthwhile();
        // A need that nobody can cover is open in every seating.
        let coverable = people.iter().fold(0, |all, person| all | self.people[*person].covers) & self.needs;
        let root = self.solve(vec![0; self.chairs.len()], Vec::new(), self.needs & !coverable, &people);
        let mut branches: Vec<Branch> = root.into_iter().collect();
        loop {
            let best = (0..branches.len()).max_by_key(|at| branches[*at].bound());
            let Some(branch) = best.map(|at| branches.swap_remove(at)) else { return Vec::new() };
            let open = self.needs & !branch.given_up & !self.covered(&branch.seated);
            if open == 0 {
                return branch.seated;
            }
            let need = 1 << open.trailing_zeros();
            for (chairs, coverage, given_up) in self.ways(&branch, need) {
                branches.extend(self.solve(chairs, coverage, given_up, &people));
            }
        }
    }

    /// Every way to settle a need in a branch.
    fn ways(&self, branch: &Branch, need: u32) -> Vec<(Vec<u32>, Vec<u32>, u32)> {
        let mut ways = Vec::new();
        let mut fresh = BTreeSet::new();
        for (index, chair) in self.chairs.iter().enumerate() {
            // Chairs of a kind are alike until one is kept for something.
            if branch.chairs[index] != 0 || fresh.insert(*chair) {
                let mut chairs = branch.chairs.clone();
                chairs[index] |= need;
                ways.push((chairs, branch.coverage.clone(), branch.given_up));
            }
        }
        for index in 0..=branch.coverage.len() {
            let mut coverage = branch.coverage.clone();
            match coverage.get_mut(index) {
                Some(kept) => *kept |= need,
                None => coverage.push(need),
            }
            ways.push((branch.chairs.clone(), coverage, branch.given_up));
        }
        ways.push((branch.chairs.clone(), branch.coverage.clone(), branch.given_up | need));
        ways
    }

    fn solve(&self, chairs: Vec<u32>, coverage: Vec<u32>, given_up: u32, people: &[usize]) -> Option<Branch> {
        let count = chairs.len();
        let seat = |row: usize| if row < count { Seat::Chair(row) } else { Seat::Coverage };
        let kept = |row: usize| if row < count { chairs[row] } else { coverage[row - count] };
        let blanks = (count + coverage.len()).saturating_sub(self.most);
        let worth = |row: usize, column: usize| {
            let person = people[column];
            let covers_all = self.people[person].covers & kept(row) == kept(row);
            if covers_all { self.worth(seat(row), person) } else { None }
        };
        let rows = count + coverage.len();
        let (seating, worth) = assign(rows, people.len(), blanks, |row| kept(row) != 0, worth)?;
        let taken = seating.iter().enumerate();
        let mut seated: Seated = taken.filter_map(|(row, column)| column.map(|at| (people[at], seat(row)))).collect();
        seated.sort_unstable();
        let needs = (self.needs & !given_up).count_ones();
        let value = self.value(&seated);
        Some(Branch { chairs, coverage, given_up, seated, value, needs, worth })
    }

    /// The people an optimal seating can be made of: for each role, and each combination of needs and preferences met,
    /// as many of the best as there are seats. Anybody further down can be replaced by one of these who has no seat.
    fn worthwhile(&self) -> Vec<usize> {
        // Claim to decide, fit and tie, best first, and whose.
        type Ranked = (Reverse<(Option<Claim>, u32, u32)>, usize);
        let mut kinds: BTreeMap<(usize, u32, u32), Vec<Ranked>> = BTreeMap::new();
        for (index, one) in self.people.iter().enumerate() {
            for role in 0..6 {
                let fit = one.fits.get(role).copied().unwrap_or(one.consulted);
                if fit > 0 {
                    let asked = self.chairs.iter().filter(|chair| chair.role as usize == role);
                    let asked = asked.fold(0, |all, chair| all | chair.prefers);
                    let kind = (role, one.covers & self.needs, one.likes & asked);
                    let claim = (role == Role::DecisionMaker as usize).then_some(one.claim);
                    kinds.entry(kind).or_default().push((Reverse((claim, fit, one.ties[role])), index));
                }
            }
        }
        let mut keep = BTreeSet::new();
        for people in kinds.values_mut() {
            people.sort_unstable();
            keep.extend(people.iter().take(self.most.max(1)).map(|(_, index)| *index));
        }
        keep.into_iter().collect()
    }
}
