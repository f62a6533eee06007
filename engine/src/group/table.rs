//! The table to fill: which seats a group wants, how many at most, and which functions must be heard.

use super::Targets;
use super::evidence::{Candidate, Evidence};
use super::fit::veto;
use super::plan::{Chair, Entrant, MOST_NEEDS};
use super::sketch::hash;
use super::view::View;
use crate::{Company, Function, PersonId, Role, SellerProfile, Set, Tier};

/// Deals above this, US dollars, want a blocker at the table (domain rule).
pub(super) const BLOCKER_DEAL: u64 = 50_000;
/// Companies with more staff than this have blockers whatever the deal (domain rule).
pub(super) const BLOCKER_STAFF: u32 = 100;
/// Largest group there is.
const LARGEST: usize = 19;

/// A function the deal needs at the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) functions: Set<Function>,
    /// What is needed, as in "nobody of … is represented".
    pub(super) name: String,
    /// The role a missing one is reported under.
    pub(super) role: Role,
}

/// The voices a deal needs: those of the profile (domain rule §5: the buying function always; by default a technical
/// function above $50k, finance or procurement above $100k, risk, legal or security above $150k).
fn needs(profile: &SellerProfile) -> Vec<Need> {
    let role = |at: usize, functions: &[Function]| match functions {
        _ if at == 0 => Role::Champion,
        functions if functions.iter().all(|function| veto(*function, true) > 0) => Role::Blocker,
        _ => Role::Stakeholder,
    };
    let needed = profile.needed_coverage().into_iter().take(MOST_NEEDS).enumerate();
    let named = needed.map(|(at, voice)| Need {
        role: role(at, &voice.functions),
        functions: voice.functions.into_iter().collect(),
        name: voice.name,
    });
    named.collect()
}

/// What a seller wants of any company: needs, and functions that single chairs prefer.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    pub(super) needs: Vec<Need>,
    /// Functions preferred by chairs; the place is the bit. The neighbours of the buying function, then two kinds of
    /// blockers, then the buying functions where there are several.
    preferences: Vec<Set<Function>>,
    neighbours: usize,
    buyers: usize,
}

/// What tells apart people of equal fit: needs covered, preferences met, and whether somebody runs the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) covers: u32,
    pub(super) likes: u32,
    pub(super) top: bool,
}

impl Wishes {
    /// Neighbours that chairs can prefer: every second stakeholder's chair prefers one, and there are at most 7 of those.
    const NEIGHBOURS: usize = 4;
    /// Buying functions that chairs can prefer: each decision maker's chair one, and there are at most 3 of those.
    const BUYERS: usize = 3;

    pub(super) fn new(profile: &SellerProfile) -> Self {
        use Function as F;
        let one = |function: &Function| [*function].into_iter().collect();
        let mut preferences: Vec<Set<Function>> =
            profile.adjacent_functions.iter().take(Self::NEIGHBOURS).map(one).collect();
        let neighbours = preferences.len();
        preferences.push([F::Legal, F::Compliance, F::Risk, F::Security].into_iter().collect());
        preferences.push([F::Finance, F::Procurement].into_iter().collect());
        let buyers = if profile.primary_functions.len() > 1 { Self::BUYERS } else { 0 };
        preferences.extend(profile.primary_functions.iter().take(buyers).map(one));
        let buyers = preferences.len() - neighbours - 2;
        Self { needs: needs(profile), preferences, neighbours, buyers }
    }

    pub(super) fn kind(&self, one: &Evidence) -> Kind {
        let bits = |sets: &mut dyn Iterator<Item = Set<Function>>| {
            sets.enumerate().fold(0, |bits, (at, set)| bits | (u32::from(one.works_in(set)) << at))
        };
        Kind {
            covers: bits(&mut self.needs.iter().map(|need| need.functions)),
            likes: bits(&mut self.preferences.iter().copied()),
            top: one.is_top(),
        }
    }

    /// The kind of somebody for a seat of this role (`None`: a coverage seat): without what no such seat asks for.
    pub(super) fn kind_for(&self, role: Option<Role>, kind: Kind) -> Kind {
        let near = (1 << self.neighbours) - 1;
        let veto = 0b11 << self.neighbours;
        let asked = match role {
            Some(Role::DecisionMaker) => !(near | veto),
            Some(Role::Stakeholder) => near,
            Some(Role::Blocker) => veto,
            _ => 0,
        };
        Kind { likes: kind.likes & asked, top: kind.top && role == Some(Role::DecisionMaker), ..kind }
    }

    /// The chairs of these targets. Every second stakeholder's chair prefers a neighbour of the buying function, the
    /// blockers' chairs prefer the law and the money in turn, and the decision makers' chairs one of several buying
    /// functions each, so that a group hears more than one department.
    fn chairs(&self, targets: Targets) -> Vec<Chair> {
        let mut chairs = Vec::with_capacity(targets.total());
        for role in Role::ALL {
            for at in 0..usize::from(targets.of(role)) {
                let preference = match role {
                    Role::Stakeholder if at % 2 == 0 && at / 2 < self.neighbours => Some(at / 2),
                    Role::Blocker => Some(self.neighbours + at % 2),
                    Role::DecisionMaker if at < self.buyers => Some(self.neighbours + 2 + at),
                    _ => None,
                };
                chairs.push(Chair { role, prefers: preference.map_or(0, |bit| 1 << bit) });
            }
        }
        chairs
    }
}

/// How the size of a company is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// Revenue or staff were told.
    Told,
    /// The number of people in a complete list stands for its staff.
    Counted,
    /// Not at all.
    Unknown,
}

/// The table of one company.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) view: View,
    pub(super) size: Size,
    pub(super) targets: Targets,
    pub(super) most: usize,
    pub(super) chairs: Vec<Chair>,
    /// The needs that apply, as bits of [`Wishes::needs`].
    pub(super) needs: u32,
}

impl Table {
    /// `people` are the distinct people known: the only one of a company of one decides, and whoever runs a large company
    /// does so only where nobody nearer may. `counted` tells that the staff is the number of people in a list.
    pub(super) fn new(
        wishes: &Wishes,
        profile: &SellerProfile,
        company: &Company,
        counted: bool,
        people: &[Candidate],
    ) -> Self {
        let (tier, known) = Tier::of(company);
        let size = match (known, counted) {
            (true, false) => Size::Told,
            (true, true) => Size::Counted,
            (false, _) => Size::Unknown,
        };
        let deal = profile.deal_usd();
        let (mut targets, (_, _, mut most)) = (tier.targets(), tier.sizes());
        if deal > BLOCKER_DEAL || company.staff.is_some_and(|staff| staff > BLOCKER_STAFF) {
            targets.blocker = targets.blocker.max(1);
        } else if company.staff.is_some() {
            targets.blocker = 0;
        }
        // Domain rule: a handful of people has no room for roles. One decides, a second may carry, a third is consulted.
        let few = match company.staff {
            Some(0 | 1) => Some((0, 0)),
            Some(2 | 3) => Some((1, 0)),
            Some(4 | 5) => Some((1, 1)),
            _ => None,
        };
        if let Some((champion, stakeholder)) = few {
            targets = Targets { decision_maker: 1, champion, stakeholder, blocker: 0, introducer: 0 };
            most = targets.total();
        }
        let alone = people.len() == 1 && Self::is_for_one(company);
        let view = View { tier, deal, alone, ..View::default() };
        let nearer =
            |one: &Candidate| !view.is_distant(&one.evidence) && view.fit(Role::DecisionMaker, &one.evidence) > 0;
        Self {
            view: View { delegated: people.iter().any(nearer), ..view },
            size,
            targets,
            most: most.max(targets.total()).min(LARGEST),
            chairs: wishes.chairs(targets),
            // A company of five has nobody to send.
            needs: if few.is_some() { 0 } else { (1 << wishes.needs.len()) - 1 },
        }
    }

    /// Whether the company is known to consist of one person.
    pub(super) fn is_for_one(company: &Company) -> bool {
        matches!(company.staff, Some(0 | 1))
    }

    /// A person as the search sees one.
    pub(super) fn entrant(&self, wishes: &Wishes, id: &PersonId, one: &Evidence) -> Entrant {
        let Kind { covers, likes, .. } = wishes.kind(one);
        Entrant {
            fits: Role::ALL.map(|role| self.view.fit(role, one)),
            claim: self.view.claim(one),
            consulted: if covers & self.needs == 0 { 0 } else { self.view.consulted(one).1 },
            covers,
            likes,
            ties: std::array::from_fn(|role| tie(id, role)),
        }
    }
}

/// What settles a tie for a person and a role (5: a coverage seat): depends on nothing else.
pub(super) fn tie(id: &PersonId, role: usize) -> u32 {
    let mixed = hash(id.as_str()).wrapping_add(role as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from((mixed ^ (mixed >> 29)) >> 32).unwrap_or(0)
}
