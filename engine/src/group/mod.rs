//! Choosing the group.
//!
//! People are offered to a [`Shortlist`], which keeps the best few hundred in bounded memory; finishing it merges
//! duplicates, scores everybody against company and deal, and seats the combination of people and roles with the
//! greatest total fit. Nobody below a role's minimum fit is seated to fill a chair: the seat becomes a [`Gap`].

mod assign;
mod cohesion;
mod duplicates;
mod evidence;
mod explain;
mod finish;
mod score;
mod shortlist;
mod sketch;

pub use shortlist::Shortlist;

use crate::wire::wire_enum;
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

wire_enum! {
    /// Machine-readable reason for a seat or a score.
    pub enum ReasonCode {
        /// Works in a function that buys and uses the product.
        PrimaryFunction = "primary_function",
        /// Works beside the buying function.
        AdjacentFunction = "adjacent_function",
        /// Works in neither.
        UnrelatedFunction = "unrelated_function",
        /// The title does not say what the person works on; the department does.
        FunctionFromDepartment = "function_from_department",
        /// The title holds a keyword of the seller profile.
        TitleKeyword = "title_keyword",
        /// May sign the deal whatever its size.
        TopExecutive = "top_executive",
        /// The deal is within the approval limit of the rank.
        WithinApprovalLimit = "within_approval_limit",
        /// The deal exceeds the approval limit of the rank.
        AboveApprovalLimit = "above_approval_limit",
        /// Right rank in the using function to carry the product inside.
        ChampionLevel = "champion_level",
        /// Uses the product or is affected by it.
        UsesOrAffected = "uses_or_affected",
        /// Works in a function that can stop a purchase.
        CanBlock = "can_block",
        /// Opens doors: sales, partnerships, board, assistant.
        OpensDoors = "opens_doors",
        /// Seated so that a function the deal needs is represented.
        Coverage = "coverage",
        /// Holds the position for now.
        Acting = "acting",
        /// No contact data is known.
        NoContact = "no_contact",
        /// The size of the company is unknown, so approval limits are guarded guesses.
        TierUnknown = "tier_unknown",
    }
}

/// One reason, for machines and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The reason.
    pub code: ReasonCode,
    /// A sentence; never holds a name, an e-mail address or a telephone number.
    pub text: String,
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
}
