//! From candidates to a group.

use super::cohesion::cohesion;
use super::composition::Composition;
use super::confidence::{confidence, group_confidence};
use super::duplicates::same;
use super::evidence::{Candidate, Lens, plain};
use super::explain::{Chosen, reasons};
use super::gaps::gaps;
use super::plan::{Plan, Seat};
use super::table::{Size, Table, Wishes};
use super::{Group, Member};
use crate::company::{Company, same_employer};
use crate::{Person, Role};

/// A chosen group, and what is needed to tell why.
#[derive(Clone, Debug)]
pub struct Decision {
    pub(super) lens: Lens,
    pub(super) wishes: Wishes,
    pub(super) company: Company,
    pub(super) table: Table,
    /// Everybody kept who may sit, free of duplicates.
    pub(super) pool: Vec<Candidate>,
    /// Who came nearest to a role without fitting it.
    pub(super) near_misses: Vec<Candidate>,
    /// Who sits: index into the pool, role, points, and whether on a coverage seat; in the order of the members.
    pub(super) seats: Vec<Taken>,
    worth: Worth,
    group: Group,
}

/// What a group is worth, compared in the order of the fields: the better group is the greater one. Another candidate,
/// whoever it is, never makes it less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Worth {
    /// Decision makers' chairs taken.
    pub deciders: usize,
    /// Those of them taken by people whose own purchase it is.
    pub own: usize,
    /// Those taken by people who have at least a senior rank beside or above the buying function.
    pub senior: usize,
    /// Total fit on these chairs, of 1000 each, and 200 more for each whose preferred function is met.
    pub decider_fit: u32,
    /// Functions the deal needs that are represented.
    pub needs: u32,
    /// Chairs taken of those the targets want.
    pub chairs: usize,
    /// Champions' chairs among them.
    pub champions: usize,
    /// Total fit on the other chairs, counted in the same way.
    pub fit: u32,
}

/// A seat that is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) person: usize,
    pub(super) role: Role,
    pub(super) points: u32,
    pub(super) for_coverage: bool,
}

impl Decision {
    pub(super) fn new(
        lens: Lens,
        wishes: Wishes,
        company: Company,
        table: Table,
        pool: Vec<Candidate>,
        near_misses: Vec<Candidate>,
        (considered, elsewhere): (u64, u64),
    ) -> Self {
        let entrants = pool.iter().map(|one| table.entrant(&wishes, &one.person.id, &one.evidence)).collect();
        let plan = Plan { chairs: table.chairs.clone(), needs: table.needs, most: table.most, people: entrants };
        let best = plan.best();
        let worth = plan.value(&best);
        let mut seats: Vec<Taken> = best
            .into_iter()
            .map(|(person, seat)| match seat {
                Seat::Chair(index) => {
                    let role = table.chairs[index].role;
                    Taken { person, role, points: plan.people[person].fits[role as usize], for_coverage: false }
                }
                Seat::Coverage => {
                    let (role, points) = table.view.consulted(&pool[person].evidence);
                    Taken { person, role, points, for_coverage: true }
                }
            })
            .collect();
        let id = |taken: &Taken| &pool[taken.person].person.id;
        seats.sort_by(|a, b| (a.role, b.points).cmp(&(b.role, a.points)).then_with(|| id(a).cmp(id(b))));
        let empty = Group {
            tier: table.view.tier,
            tier_known: table.size != Size::Unknown,
            targets: table.targets,
            members: Vec::new(),
            gaps: Vec::new(),
            cohesion: None,
            confidence: 0,
            considered,
            rejected_other_employer: elsewhere,
            composition: Composition::default(),
        };
        let mut decision = Self { lens, wishes, company, table, pool, near_misses, seats, worth, group: empty };
        decision.fill();
        decision
    }

    fn fill(&mut self) {
        let members: Vec<Member> = self.seats.iter().map(|taken| self.member(*taken)).collect();
        let covered = self
            .seats
            .iter()
            .fold(0, |covered, taken| covered | self.wishes.kind(&self.pool[taken.person].evidence).covers);
        let covered = covered & self.table.needs;
        let gaps = gaps(self, covered);
        let group = &mut self.group;
        group.gaps = gaps;
        group.cohesion = cohesion(&members);
        group.confidence = group_confidence(&members, &self.table, covered);
        group.composition = Composition::new(&members, &self.wishes.needs, self.table.needs, covered);
        group.members = members;
    }

    fn member(&self, taken: Taken) -> Member {
        let Candidate { person, evidence } = &self.pool[taken.person];
        let view = self.table.view;
        let runner_up = self.runner_up(taken.role);
        let alike = self.alike(&taken);
        let chosen = Chosen { taken, runner_up, alike, table: &self.table, wishes: &self.wishes };
        Member {
            person: person.as_ref().clone(),
            role: taken.role,
            level: evidence.title.level,
            functions: evidence.functions.iter().collect(),
            scores: view.scores(person, evidence, &self.lens.profile.weights),
            confidence: confidence(person, evidence, taken.points, runner_up, self.table.size),
            reasons: reasons(&chosen, person, evidence),
        }
    }

    /// Whether the person with this place in the pool has a seat.
    pub(super) fn sits(&self, index: usize) -> bool {
        self.seats.iter().any(|taken| taken.person == index)
    }

    /// The greatest fit for the role among those without a seat; 0 when nobody without one fits.
    pub(super) fn runner_up(&self, role: Role) -> u32 {
        let others = self.pool.iter().enumerate().filter(|(index, _)| !self.sits(*index));
        others.map(|(_, one)| self.table.view.fit(role, &one.evidence)).max().unwrap_or(0)
    }

    /// Whether somebody without a seat is told apart from this member by identity alone: same title, departments and fit.
    fn alike(&self, taken: &Taken) -> bool {
        let Candidate { person, evidence } = &self.pool[taken.person];
        let (title, fit) = (person.title.as_deref().map(plain), self.table.view.fit(taken.role, evidence));
        let others = self.pool.iter().enumerate().filter(|(index, _)| !self.sits(*index));
        fit > 0
            && others.map(|(_, other)| other).any(|other| {
                self.table.view.fit(taken.role, &other.evidence) == fit
                    && other.person.departments == person.departments
                    && other.person.title.as_deref().map(plain) == title
            })
    }

    /// Where the pool holds this person, as this record or merged with others.
    pub(super) fn find(&self, person: &Person) -> Option<usize> {
        let by_id = self.pool.iter().position(|one| one.person.id == person.id);
        by_id.or_else(|| self.pool.iter().position(|one| same(&one.person, person)))
    }

    /// Whether the record's employer is certainly another company.
    pub(super) fn works_elsewhere(&self, person: &Person) -> bool {
        person.employer.as_ref().is_some_and(|employer| same_employer(employer, &self.company) == Some(false))
    }

    /// What the choice maximised: no other group of these people is worth more.
    #[must_use]
    pub fn worth(&self) -> Worth {
        self.worth
    }

    /// The group.
    #[must_use]
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// The group, for keeps.
    #[must_use]
    pub fn into_group(self) -> Group {
        self.group
    }
}
