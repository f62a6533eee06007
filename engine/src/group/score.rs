//! Scores, and how well a person fits each role.

use super::Scores;
use super::evidence::Candidate;
use crate::company::UNLIMITED;
use crate::profile::Weights;
use crate::{Function, Level, Modifier, Role, Tier};

/// Curves over [`Level`], intern to owner, 0–100.
type Curve = [u32; 14];

const INFLUENCE: Curve = [5, 15, 30, 40, 50, 58, 66, 74, 80, 86, 91, 96, 98, 100];
const CHAMPION: Curve = [0, 15, 50, 65, 80, 90, 95, 100, 95, 70, 50, 30, 10, 10];
const STAKEHOLDER: Curve = [0, 55, 75, 88, 92, 100, 100, 95, 85, 65, 50, 40, 10, 10];
const BLOCKER: Curve = [0, 45, 60, 70, 85, 95, 100, 100, 100, 95, 90, 85, 0, 0];
const INTRODUCER: Curve = [0, 50, 55, 60, 65, 70, 75, 80, 80, 85, 85, 70, 0, 0];

/// Authority from which a person may sign the deal.
pub(super) const MAY_SIGN: u8 = 80;
/// Relevance below which nobody decides on, carries or uses the product.
const RELATED: u8 = 50;
/// Full marks for a role.
pub(super) const FULL: u32 = 1000;

/// The question a candidate is judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) tier: Tier,
    pub(super) deal: u64,
}

/// The fit, of [`FULL`], below which a chair stays empty.
pub(super) const fn minimum(role: Role) -> u32 {
    match role {
        Role::DecisionMaker => 650,
        Role::Champion => 450,
        Role::Stakeholder => 450,
        Role::Blocker => 420,
        Role::Introducer => 450,
    }
}

fn at(curve: &Curve, level: Level) -> u32 {
    curve[level as usize]
}

impl View {
    /// Whether the person runs the company as a whole.
    fn is_top(candidate: &Candidate) -> bool {
        candidate.title.level >= Some(Level::President)
    }

    /// Fit of the functions to the product. Who runs the company is concerned by every purchase, the less so the larger
    /// it is.
    pub(super) fn relevance(self, candidate: &Candidate) -> Option<u8> {
        if !Self::is_top(candidate) || candidate.out {
            return candidate.relevance;
        }
        let concern = match self.tier {
            tier if tier <= Tier::S5 => 100,
            Tier::S6 => 80,
            Tier::S7 => 70,
            tier if tier <= Tier::M7 => 60,
            _ => 50,
        };
        Some(candidate.relevance.unwrap_or(0).max(concern))
    }

    /// Approval limit against the deal: [`MAY_SIGN`] and more when it reaches the deal. A statement about money only:
    /// whether it is this person's purchase to make, relevance says.
    pub(super) fn authority(self, candidate: &Candidate) -> Option<u8> {
        let level = candidate.title.level?;
        if candidate.title.is(Modifier::AssistantOf) {
            return Some(0);
        }
        let limit = self.tier.approval_limit(level);
        Some(if limit == UNLIMITED {
            100
        } else if limit >= self.deal {
            let times = (limit / self.deal.max(1)).min(20);
            MAY_SIGN + u8::try_from(times).unwrap_or(20) - 1
        } else {
            let percent = u128::from(limit) * 60 / u128::from(self.deal.max(1));
            u8::try_from(percent).unwrap_or(60)
        })
    }

    /// How well the person fits a role, of [`FULL`]; 0 means not at all.
    pub(super) fn fit(self, role: Role, candidate: &Candidate) -> u32 {
        let board = candidate.title.is(Modifier::Board);
        if candidate.out {
            return 0;
        }
        let Some(level) = candidate.title.level else {
            // A board member without an office in the company.
            return if role == Role::Introducer && board { 650 } else { 0 };
        };
        let relevance = self.relevance(candidate).unwrap_or(0);
        let related = relevance >= RELATED;
        let assistant = candidate.title.is(Modifier::AssistantOf);
        let signs = self.authority(candidate).is_some_and(|authority| authority >= MAY_SIGN);
        let relevance = u32::from(relevance);
        let bonus = if candidate.keyword && related { 40 } else { 0 };
        let fit = match role {
            Role::DecisionMaker if signs && related => {
                let authority = u32::from(self.authority(candidate).unwrap_or(0));
                5 * relevance + 4 * authority + at(&INFLUENCE, level)
            }
            Role::Champion if related && !assistant => {
                // Who can sign decides rather than carries.
                let share = if signs { 8 } else { 9 };
                at(&CHAMPION, level) * relevance * share / 90 + bonus
            }
            Role::Stakeholder if related && !assistant => at(&STAKEHOLDER, level) * (100 + relevance) * 9 / 200 + bonus,
            Role::Blocker if !assistant => at(&BLOCKER, level) * self.veto(candidate) / 10,
            Role::Introducer if assistant => 700,
            Role::Introducer => at(&INTRODUCER, level) * Self::doors(candidate) / 10,
            Role::DecisionMaker | Role::Champion | Role::Stakeholder | Role::Blocker => 0,
        };
        let fit = fit.min(FULL);
        if fit >= minimum(role) { fit } else { 0 }
    }

    /// How well the functions can stop a purchase, 0–100.
    fn veto(self, candidate: &Candidate) -> u32 {
        if candidate.relevance == Some(100) {
            // Whoever buys and uses the product is not the one who stops it.
            return 0;
        }
        let by_function = |function: Function| match function {
            Function::Legal | Function::Compliance | Function::Security | Function::Risk | Function::Procurement => 100,
            Function::Finance => 85,
            Function::It => 65,
            _ => 0,
        };
        candidate.functions.iter().map(by_function).max().unwrap_or(0)
    }

    /// How well the functions open doors, 0–100.
    fn doors(candidate: &Candidate) -> u32 {
        let by_function = |function: Function| match function {
            Function::Sales | Function::Revenue => 100,
            Function::Executive => 95,
            Function::CustomerSuccess => 75,
            _ => 0,
        };
        candidate.functions.iter().map(by_function).max().unwrap_or(0)
    }

    /// The scores shown for a person.
    pub(super) fn scores(self, candidate: &Candidate, weights: &Weights) -> Scores {
        let level = candidate.title.level;
        let relevance = self.relevance(candidate);
        let authority = self.authority(candidate);
        let influence = level.map(|level| percent(at(&INFLUENCE, level)));
        let champion = match (level, relevance) {
            (Some(level), Some(relevance)) => {
                let signs = authority.is_some_and(|authority| authority >= MAY_SIGN);
                let share = if signs { 8 } else { 9 };
                Some(percent(at(&CHAMPION, level) * u32::from(relevance) * share / 900))
            }
            _ => None,
        };
        let contact = &candidate.person.contact;
        let known = [(contact.email.is_some(), 60), (contact.phone.is_some(), 40)];
        let known: u32 = known.iter().filter(|(known, _)| *known).map(|(_, share)| share).sum();
        let reachability = (known > 0).then_some(percent(known));
        let weighed = [
            (relevance, weights.relevance),
            (authority, weights.authority),
            (influence, weights.influence),
            (champion, weights.champion),
            (reachability, weights.reachability),
        ];
        let (mut sum, mut total) = (0, 0);
        for (score, weight) in weighed {
            if let Some(score) = score {
                sum += u32::from(score) * u32::from(weight);
                total += u32::from(weight);
            }
        }
        let overall = percent((sum + total / 2).checked_div(total).unwrap_or(0));
        Scores { relevance, authority, influence, champion, reachability, overall }
    }
}

fn percent(value: u32) -> u8 {
    u8::try_from(value.min(100)).unwrap_or(100)
}
