//! How a refresh stands and how it ended.

use crate::{EnrichmentLevel, Holder, MicroDollars, Review, Unavailable, UnixMillis};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The steps of a refresh, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Record the event and open the refresh.
    Begin,
    /// Find out which company is meant.
    ResolveCompany,
    /// Ask for the company's slot.
    ClaimSlot,
    /// Wait until the slot opens.
    Wait,
    /// Read its people and choose the group.
    Discover,
    /// Find out how to reach each member.
    Enrich,
    /// Wait until somebody has looked at a group that is much worse than the one before.
    Review,
    /// Replace the saved group.
    Save,
    /// Over.
    Done,
    /// A step this build does not know.
    #[serde(other)]
    Other,
}

impl Step {
    /// The wire name; also the name of the activity that does it, `enrich_member` and the two that wait excepted.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Step::Begin => "begin",
            Step::ResolveCompany => "resolve_company",
            Step::ClaimSlot => "claim_slot",
            Step::Wait => "wait",
            Step::Discover => "discover",
            Step::Enrich => "enrich",
            Step::Review => "review",
            Step::Save => "save",
            Step::Done => "done",
            Step::Other => "other",
        }
    }
}

impl Step {
    /// Every step that has a name, in order.
    pub const ALL: [Step; 9] = [
        Step::Begin,
        Step::ResolveCompany,
        Step::ClaimSlot,
        Step::Wait,
        Step::Discover,
        Step::Enrich,
        Step::Review,
        Step::Save,
        Step::Done,
    ];

    /// The step with this wire name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|step| step.as_str() == name).unwrap_or(Step::Other)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Answer of the `status` query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshStatus {
    /// Where it is.
    pub step: Step,
    /// 0–100, by steps finished and members enriched; never falls.
    pub percent: u8,
    /// Members chosen, once known.
    pub members_found: u32,
    /// Members whose enrichment is finished, whatever it brought.
    pub members_enriched: u32,
    /// Activity attempts that finished steps took in all; equals the number of finished activities when nothing failed.
    pub attempts: u32,
    /// What finished steps cost.
    pub cost_micros: MicroDollars,
    /// When the company's slot opens, while the refresh waits for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_until: Option<UnixMillis>,
    /// Events that folded into this refresh while it waited; known once it runs.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub holds_for: u32,
    /// What somebody is asked to look at, while the refresh waits for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// How it ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeKind>,
}

/// For serde, which asks for this form.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How a refresh ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// A group was saved; it may equal the one before.
    Refreshed,
    /// No source knows the company. Nothing was changed.
    NoMatch,
    /// The event had been recorded by an earlier run. Nothing was changed.
    Duplicate,
    /// Another refresh of the company was waiting, and answers for the event. Nothing was changed.
    Coalesced,
    /// The event is not worth a refresh. Nothing was changed.
    Ignored,
    /// A group was chosen and not saved: somebody rejected it, or nobody looked at it in time. The group before stands.
    Kept,
    /// A step failed for good. The group before stands.
    Failed,
    /// Somebody cancelled it. The group before stands.
    Cancelled,
    /// A value this build does not know.
    #[serde(other)]
    Other,
}

impl OutcomeKind {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            OutcomeKind::Refreshed => "refreshed",
            OutcomeKind::NoMatch => "no_match",
            OutcomeKind::Duplicate => "duplicate",
            OutcomeKind::Coalesced => "coalesced",
            OutcomeKind::Ignored => "ignored",
            OutcomeKind::Kept => "kept",
            OutcomeKind::Failed => "failed",
            OutcomeKind::Cancelled => "cancelled",
            OutcomeKind::Other => "other",
        }
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Result of the refresh workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshOutcome {
    /// How it ended.
    pub outcome: OutcomeKind,
    /// The refresh in the store.
    pub refresh_id: String,
    /// The company, once resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_id: Option<String>,
    /// The refresh that answers for the event, when this one was coalesced into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<Holder>,
    /// Why nothing was saved, when the event was ignored or the group before kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Members saved.
    #[serde(default)]
    pub members: u32,
    /// What changed, counted; the store keeps it in full.
    #[serde(default)]
    pub diff: DiffCounts,
    /// The level actually reached.
    #[serde(default)]
    pub level: EnrichmentLevel,
    /// What was withheld although nothing was broken, each reason once, in a fixed order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub degraded: Vec<Unavailable>,
    /// What it cost.
    #[serde(default)]
    pub cost_micros: MicroDollars,
}

/// How many of each change a refresh brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiffCounts {
    /// Members who were not there before.
    pub joined: u32,
    /// Members who are no longer there.
    pub left: u32,
    /// Same person, other role.
    pub role_changed: u32,
    /// Same person, other title.
    pub title_changed: u32,
    /// Same person, other contact data.
    pub contact_changed: u32,
    /// Same person, score moved by ten or more.
    pub score_moved: u32,
}

impl DiffCounts {
    /// All changes together.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.joined + self.left + self.role_changed + self.title_changed + self.contact_changed + self.score_moved
    }
}
