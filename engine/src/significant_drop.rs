//! When a new group is so much worse than the saved one that somebody should look before it is saved.

use crate::{MemberSnapshot, PersonId, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A group as saved, as far as a drop is judged by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSnapshot {
    /// Who is in it, in any order.
    pub members: Vec<MemberSnapshot>,
    /// How sure the group is, 0–100.
    pub confidence: u8,
}

/// Smallest fall of the group's confidence that is significant (domain rule: 30 of 100).
pub const CONFIDENCE_FALL: u8 = 30;

/// One thing that got worse, with its figures. Names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum DropReason {
    /// There was a group, and now there is nobody.
    Empty {
        /// Members of the old group.
        before: usize,
    },
    /// The old group had decision makers, the new one has none.
    NoDecisionMaker {
        /// Decision makers of the old group.
        before: usize,
    },
    /// Half the members of the old group or more are not in the new one, whoever came in their place. Asked of groups of
    /// two or more: one person of one is no half.
    HalfGone {
        /// Members of the old group who are not in the new one.
        gone: usize,
        /// Members of the old group.
        before: usize,
    },
    /// Confidence fell by [`CONFIDENCE_FALL`] or more.
    ConfidenceFell {
        /// Confidence of the old group, 0–100.
        before: u8,
        /// Confidence of the new group, 0–100.
        after: u8,
    },
}

impl DropReason {
    /// For machines: the `reason` of its wire form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            DropReason::Empty { .. } => "empty",
            DropReason::NoDecisionMaker { .. } => "no_decision_maker",
            DropReason::HalfGone { .. } => "half_gone",
            DropReason::ConfidenceFell { .. } => "confidence_fell",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DropReason::Empty { before } => write!(f, "nobody is left of a group of {before}"),
            DropReason::NoDecisionMaker { before } => write!(f, "no decision maker any more, there were {before}"),
            DropReason::HalfGone { gone, before } => write!(f, "{gone} of {before} members are gone"),
            DropReason::ConfidenceFell { before, after } => write!(f, "confidence fell from {before} to {after}"),
        }
    }
}

/// Why a new group needs a look before it is saved: one reason at least.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SignificantDrop(Vec<DropReason>);

impl SignificantDrop {
    /// The reasons, gravest first; never empty.
    #[must_use]
    pub fn reasons(&self) -> &[DropReason] {
        &self.0
    }
}

impl fmt::Display for SignificantDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, reason) in self.0.iter().enumerate() {
            write!(f, "{}{reason}", if place == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// Whether the new group is significantly worse than the one before (domain rule §7); `None` when it is not, and when
/// there was no group. An empty new group has that one reason: the others would only say it again. Order-independent; a
/// person listed twice counts once, with every role listed.
#[must_use]
pub fn significant_drop(before: &GroupSnapshot, after: &GroupSnapshot) -> Option<SignificantDrop> {
    let (old, new) = (ids(before), ids(after));
    if old.is_empty() {
        return None;
    }
    if new.is_empty() {
        return Some(SignificantDrop(vec![DropReason::Empty { before: old.len() }]));
    }
    let (deciders, deciders_now) = (decision_makers(before), decision_makers(after));
    let gone = old.difference(&new).count();
    let (was, is) = (before.confidence, after.confidence);
    let reasons: Vec<DropReason> = [
        (deciders > 0 && deciders_now == 0).then_some(DropReason::NoDecisionMaker { before: deciders }),
        (old.len() >= 2 && gone * 2 >= old.len()).then_some(DropReason::HalfGone { gone, before: old.len() }),
        (was.saturating_sub(is) >= CONFIDENCE_FALL).then_some(DropReason::ConfidenceFell { before: was, after: is }),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!reasons.is_empty()).then_some(SignificantDrop(reasons))
}

fn ids(group: &GroupSnapshot) -> BTreeSet<&PersonId> {
    group.members.iter().map(|member| &member.person_id).collect()
}

fn decision_makers(group: &GroupSnapshot) -> usize {
    let deciders = group.members.iter().filter(|member| member.role == Role::DecisionMaker);
    deciders.map(|member| &member.person_id).collect::<BTreeSet<_>>().len()
}
