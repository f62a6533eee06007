//! Reasons, in codes for machines and sentences for people.

use crate::wire::wire_enum;
use serde::{Deserialize, Serialize};

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
        /// Is asked for the sake of a function the deal needs.
        Consulted = "consulted",
        /// The only person of a company of one.
        OnlyPerson = "only_person",
        /// Seated so that a function the deal needs is represented.
        Coverage = "coverage",
        /// Holds the position for now.
        Acting = "acting",
        /// Leads this many directly.
        Span = "span",
        /// Is connected to this many.
        Network = "network",
        /// Department, manager or span do not match the title.
        SourcesDisagree = "sources_disagree",
        /// No contact data is known.
        NoContact = "no_contact",
        /// The size of the company is unknown, so approval limits are guarded guesses.
        TierUnknown = "tier_unknown",
        /// The size of the company is the number of people in the list.
        SizeAssumed = "size_assumed",
        /// Others with the same title and department would fit as well.
        Alike = "alike",
        /// Why this role rather than the next best.
        RoleChoice = "role_choice",
        /// How far ahead of the next candidate for the seat.
        Lead = "lead",
        /// What would change the seat.
        WouldChange = "would_change",
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

wire_enum! {
    /// Why a seat stayed empty.
    pub enum GapCode {
        /// Nobody else works in a function and rank that suit the role.
        NobodyInFunction = "nobody_in_function",
        /// Somebody works there, but stands too low.
        NobodySeniorEnough = "nobody_senior_enough",
        /// The nearest candidate fits less than the least that is seated.
        BelowMinimumFit = "below_minimum_fit",
        /// Whoever would fit is needed in another role.
        SeatedElsewhere = "seated_elsewhere",
        /// Somebody would fit, but the group may not grow.
        CapReached = "cap_reached",
        /// A function the deal needs, of which nobody known can be seated.
        NotCovered = "not_covered",
    }
}
