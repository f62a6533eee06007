//! Why somebody is in the group, or why not.

use super::decision::Decision;
use super::evidence::{Candidate, Evidence, Out};
use super::explain::{dollars, tenths, words};
use super::fit::minimum;
use crate::company::UNLIMITED;
use crate::wire::wire_enum;
use crate::{Person, PersonId, Role};
use serde::{Deserialize, Serialize};

wire_enum! {
    /// What became of somebody.
    pub enum Outcome {
        /// Has a seat.
        Seated = "seated",
        /// Fits a role, but others fit better or the group is full.
        Outranked = "outranked",
        /// Fits no role.
        FitsNoRole = "fits_no_role",
        /// The seller profile excludes the title.
        ExcludedTitle = "excluded_title",
        /// The position is held no more.
        FormerPosition = "former_position",
        /// Works for another company.
        OtherEmployer = "other_employer",
    }
}

wire_enum! {
    /// Why a person does, or does not, have a seat in one role.
    pub enum WhyCode {
        /// Has this seat.
        Seated = "seated",
        /// Fits, and has a seat in another role.
        SeatedInOtherRole = "seated_in_other_role",
        /// Fits, but those seated fit better.
        Outranked = "outranked",
        /// Fits, and no seat of this role is wanted.
        NotWanted = "not_wanted",
        /// Fits, but the group may not grow.
        CapReached = "cap_reached",
        /// The seller profile excludes the title.
        ExcludedTitle = "excluded_title",
        /// The position is held no more.
        FormerPosition = "former_position",
        /// Works for another company.
        OtherEmployer = "other_employer",
        /// The title does not say how high the position stands.
        RankUnknown = "rank_unknown",
        /// Nothing says what the person works on.
        FunctionUnknown = "function_unknown",
        /// Works neither in the buying function nor beside it.
        UnrelatedFunction = "unrelated_function",
        /// The deal exceeds the approval limit of the rank.
        CannotSign = "cannot_sign",
        /// May sign such a sum, but works beside the buying function and below a vice president.
        NotTheirPurchase = "not_their_purchase",
        /// Runs the company, and leaves a purchase of this size to the function.
        LeftToFunction = "left_to_function",
        /// Assists somebody of that rank.
        AssistsSomebody = "assists_somebody",
        /// Works in no function that can stop a purchase, or buys the product itself.
        CannotBlock = "cannot_block",
        /// Works in no function that opens doors, or uses the product itself.
        OpensNoDoors = "opens_no_doors",
        /// The rank does not suit the role.
        RankUnsuitable = "rank_unsuitable",
        /// Fits the role, but less than the least fit that is seated.
        BelowMinimum = "below_minimum",
    }
}

/// Why somebody is in the group, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Whom it is about.
    pub person_id: PersonId,
    /// What became of this person.
    pub outcome: Outcome,
    /// The seat, if there is one.
    pub role: Option<Role>,
    /// The record this one was merged into as the same person, when that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<PersonId>,
    /// The outcome in a sentence; holds no personal data.
    pub text: String,
    /// Role by role, in the order groups are shown.
    pub roles: Vec<RoleExplanation>,
}

/// Why somebody does, or does not, have a seat in one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleExplanation {
    /// The role.
    pub role: Role,
    /// Fit, 0–100.
    pub fit: u8,
    /// The least fit that is seated, 0–100.
    pub minimum: u8,
    /// Why, or why not.
    pub code: WhyCode,
    /// Why, or why not, in a sentence; holds no personal data.
    pub text: String,
    /// What would change it, where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

impl Decision {
    /// Why this person is in the group, or why not: for anybody of the roster, also those whom the shortlist did not keep.
    #[must_use]
    pub fn why(&self, person: &Person) -> Explanation {
        let elsewhere = self.works_elsewhere(person);
        let kept = if elsewhere { None } else { self.find(person) };
        let own;
        let one = match kept {
            Some(index) => &self.pool[index],
            None => {
                own = Candidate::new(std::sync::Arc::new(person.clone()), &self.lens);
                &own
            }
        };
        let roles = Role::ALL.into_iter().map(|role| self.role(role, one, kept, elsewhere)).collect::<Vec<_>>();
        let role = kept.and_then(|index| self.seats.iter().find(|taken| taken.person == index)).map(|taken| taken.role);
        let outcome = match (elsewhere, one.evidence.out, role) {
            (true, ..) => Outcome::OtherEmployer,
            (_, Some(Out::Excluded), _) => Outcome::ExcludedTitle,
            (_, Some(Out::Former), _) => Outcome::FormerPosition,
            (_, _, Some(_)) => Outcome::Seated,
            _ if roles.iter().any(|role| role.fit >= role.minimum) => Outcome::Outranked,
            _ => Outcome::FitsNoRole,
        };
        let merged_into = kept.map(|index| &self.pool[index].person.id).filter(|id| **id != person.id).cloned();
        let mut text = match (outcome, role) {
            (Outcome::Seated, Some(role)) => format!("has a seat as {}", words(role.as_str())),
            _ => best(&roles),
        };
        if merged_into.is_some() {
            text.push_str("; the record is one of several of the same person");
        }
        Explanation { person_id: person.id.clone(), outcome, role, merged_into, text, roles }
    }

    fn role(&self, role: Role, one: &Candidate, kept: Option<usize>, elsewhere: bool) -> RoleExplanation {
        let verdict = self.table.view.judge(role, &one.evidence);
        let seat = kept.and_then(|index| self.seats.iter().find(|taken| taken.person == index));
        let points = match seat {
            Some(taken) if taken.role == role => taken.points,
            _ => verdict.points,
        };
        let (code, text, change) = match (elsewhere, seat, verdict.refusal) {
            (true, ..) => (WhyCode::OtherEmployer, "works for another company".to_owned(), None),
            (_, Some(taken), _) if taken.role == role => (WhyCode::Seated, "has this seat".to_owned(), None),
            (_, _, Some(code)) => {
                let (text, change) = self.refused(role, code, points, &one.evidence);
                (code, text, change)
            }
            (_, Some(taken), None) => {
                let text = format!("fits, and serves the group more as {}", words(taken.role.as_str()));
                (WhyCode::SeatedInOtherRole, text, None)
            }
            (_, None, None) => self.outranked(role, points),
        };
        let hundredths = |points: u32| u8::try_from(points / 10).unwrap_or(100);
        RoleExplanation { role, fit: hundredths(points), minimum: hundredths(minimum(role)), code, text, change }
    }

    /// Fits, but has no seat at all.
    fn outranked(&self, role: Role, points: u32) -> (WhyCode, String, Option<String>) {
        let seats = self.seats.iter().filter(|taken| taken.role == role && !taken.for_coverage);
        let wanted = self.table.targets.of(role);
        let last = seats.clone().map(|taken| taken.points).min();
        match last {
            _ if wanted == 0 => {
                (WhyCode::NotWanted, "no such seat is wanted for this company and deal".to_owned(), None)
            }
            Some(last) if seats.count() >= usize::from(wanted) => {
                let behind = last.saturating_sub(points);
                let text = if behind == 0 {
                    "as fit as the last one seated, who decided a tie or works where the seat is kept for".to_owned()
                } else {
                    format!("{} of 100 behind the last one seated", tenths(behind))
                };
                (
                    WhyCode::Outranked,
                    text,
                    Some(format!("a fit above {} of 100 would take the seat", last.max(points) / 10)),
                )
            }
            _ => {
                let text = format!("the group may not grow beyond {}", self.table.most);
                (WhyCode::CapReached, text, None)
            }
        }
    }

    /// Does not fit the role: why, and what would change it.
    fn refused(&self, role: Role, code: WhyCode, points: u32, one: &Evidence) -> (String, Option<String>) {
        let level = one.title.level;
        let limit = level.map_or(0, |level| self.table.view.tier.approval_limit(level));
        let named = || {
            let names: Vec<String> = one.functions.iter().map(|function| words(function.as_str())).collect();
            names.join(" and ")
        };
        match code {
            WhyCode::ExcludedTitle => (
                "the seller profile excludes the title".to_owned(),
                Some("another list of excluded titles in the seller profile".to_owned()),
            ),
            WhyCode::FormerPosition => {
                ("the position is held no more".to_owned(), Some("a present position in the company".to_owned()))
            }
            WhyCode::RankUnknown => (
                "the title does not say how high the position stands".to_owned(),
                Some("a title that names a rank".to_owned()),
            ),
            WhyCode::FunctionUnknown => (
                "neither title nor department say what the person works on".to_owned(),
                Some("a title or department that names a function".to_owned()),
            ),
            WhyCode::UnrelatedFunction => (
                format!("works in {}, neither in the buying function nor beside it", named()),
                Some("a seller profile that names this function".to_owned()),
            ),
            WhyCode::CannotSign if limit > 0 && limit != UNLIMITED => (
                format!("the deal is above the approval limit of {}", dollars(limit)),
                Some(format!("a deal of up to {}, or a higher rank", dollars(limit))),
            ),
            WhyCode::CannotSign => ("the rank signs for nothing".to_owned(), Some("a higher rank".to_owned())),
            WhyCode::NotTheirPurchase => (
                format!("works in {}, beside the buying function, and decides only within it", named()),
                Some("the rank of a vice president, or a seller profile that sells to this function".to_owned()),
            ),
            WhyCode::LeftToFunction => (
                "runs the company, which leaves a purchase of this size to the function".to_owned(),
                Some("a deal that no vice president may sign, or nobody in the function who may".to_owned()),
            ),
            WhyCode::AssistsSomebody => ("assists somebody of that rank".to_owned(), None),
            WhyCode::CannotBlock => ("works in no function that stops a purchase of this product".to_owned(), None),
            WhyCode::OpensNoDoors => ("works in no function that opens doors to this purchase".to_owned(), None),
            WhyCode::RankUnsuitable => ("the rank does not suit the role".to_owned(), Some("another rank".to_owned())),
            _ => (
                format!("a fit of {} is below the minimum of {}", points / 10, minimum(role) / 10),
                Some("a higher rank, a closer function or a keyword of the seller profile in the title".to_owned()),
            ),
        }
    }
}

/// What is said first of somebody without a seat: the role that came nearest to it.
fn best(roles: &[RoleExplanation]) -> String {
    let gap = |role: &RoleExplanation| (role.fit >= role.minimum, role.fit);
    let nearest = roles.iter().rev().max_by_key(|role| gap(role));
    nearest.map_or_else(String::new, |nearest| format!("as {}: {}", words(nearest.role.as_str()), nearest.text))
}
