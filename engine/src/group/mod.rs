//! Choosing the group.
//!
//! People are offered to a [`Shortlist`], which keeps the best in memory that the profile bounds, a few hundred as a rule; finishing it merges
//! duplicates, scores everybody against company and deal, and seats the combination of people and roles that is best by
//! one objective (written down in `plan.rs`). Nobody below a role's minimum fit is seated to fill a chair: the seat
//! becomes a [`Gap`]. A [`Decision`] can tell of anybody why in, or why not.

mod assign;
mod board;
mod cohesion;
mod composition;
mod confidence;
mod decision;
mod duplicates;
mod evidence;
mod explain;
mod fit;
mod gaps;
mod influence;
mod openings;
mod plan;
#[cfg(test)]
mod plan_tests;
mod reason;
mod shortlist;
#[cfg(test)]
mod shortlist_tests;
mod sketch;
mod table;
mod view;
mod why;

pub use composition::Composition;
pub use decision::{Decision, Worth};
pub use openings::Openings;
pub use reason::{GapCode, Reason, ReasonCode};
pub use shortlist::Shortlist;
pub use why::{Explanation, Outcome, RoleExplanation, WhyCode};

use crate::{Function, Level, MemberSnapshot, Person, Role, Tier};
use serde::{Deserialize, Serialize};

/// Seats wanted per role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    /// Decision makers.
    pub decision_maker: u8,
    /// Champions.
    pub champion: u8,
    /// Stakeholders.
    pub stakeholder: u8,
    /// Blockers.
    pub blocker: u8,
    /// Introducers.
    pub introducer: u8,
}

impl Targets {
    /// Seats wanted for a role.
    #[must_use]
    pub const fn of(&self, role: Role) -> u8 {
        match role {
            Role::DecisionMaker => self.decision_maker,
            Role::Champion => self.champion,
            Role::Stakeholder => self.stakeholder,
            Role::Blocker => self.blocker,
            Role::Introducer => self.introducer,
        }
    }

    /// Seats wanted in all.
    #[must_use]
    pub fn total(&self) -> usize {
        Role::ALL.iter().map(|role| usize::from(self.of(*role))).sum()
    }
}

/// What a member is worth to the purchase; every score 0–100, `None` when the evidence for it is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scores {
    /// Fit of the person's functions to the product.
    pub relevance: Option<u8>,
    /// Approval limit against the deal: 80 and more means "may sign it".
    pub authority: Option<u8>,
    /// Weight of the person's word.
    pub influence: Option<u8>,
    /// Readiness to sell the product inside.
    pub champion: Option<u8>,
    /// How well the person can be reached.
    pub reachability: Option<u8>,
    /// Weighted mean of the scores above that are known.
    pub overall: u8,
}

/// A person with a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// The one role in this group.
    pub role: Role,
    /// Rank; `None` when unknown.
    pub level: Option<Level>,
    /// Functions; empty when unknown.
    pub functions: Vec<Function>,
    /// Scores.
    pub scores: Scores,
    /// 0–100: how sure the seat is.
    pub confidence: u8,
    /// Why this person has this seat, most telling first. Never empty.
    pub reasons: Vec<Reason>,
}

impl Member {
    /// What is kept to compare a later group with.
    #[must_use]
    pub fn snapshot(&self) -> MemberSnapshot {
        MemberSnapshot {
            person_id: self.person.id.clone(),
            name: self.person.name.clone(),
            title: self.person.title.clone(),
            role: self.role,
            score: self.scores.overall,
            contact: self.person.contact.clone(),
        }
    }
}

/// Seats that stayed empty, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The role.
    pub role: Role,
    /// Seats wanted.
    pub wanted: u8,
    /// Seats taken.
    pub seated: u8,
    /// Why, in a sentence.
    pub reason: String,
    /// Why, for machines; `None` in groups saved before there were codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<GapCode>,
}

/// A company's buyer group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Size tier of the company.
    pub tier: Tier,
    /// Whether the tier rests on known revenue or staff.
    pub tier_known: bool,
    /// Seats wanted per role.
    pub targets: Targets,
    /// Members by role, then best fit first, then by id; at most 19.
    pub members: Vec<Member>,
    /// Roles short of their target and functions that should be represented but are not.
    pub gaps: Vec<Gap>,
    /// 0–100: how closely the members work together; `None` when there is nothing to judge by.
    pub cohesion: Option<u8>,
    /// 0–100: how sure the group as a whole is; 0 when it is empty.
    pub confidence: u8,
    /// Distinct people considered.
    pub considered: u64,
    /// Distinct people kept out because their employer is certainly another company.
    #[serde(default)]
    pub rejected_other_employer: u64,
    /// What the group is made of.
    #[serde(default)]
    pub composition: Composition,
}
