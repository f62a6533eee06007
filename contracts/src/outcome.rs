//! How a refresh stands and how it ended.

use crate::{EnrichmentLevel, MicroDollars, Unavailable};
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
    /// Read its people and choose the group.
    Discover,
    /// Find out how to reach each member.
    Enrich,
    /// Replace the saved group.
    Save,
    /// Over.
    Done,
    /// A step this build does not know.
    #[serde(other)]
    Other,
}

impl Step {
    /// The wire name; also the name of the activity that does it, `enrich_member` excepted.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Step::Begin => "begin",
            Step::ResolveCompany => "resolve_company",
            Step::Discover => "discover",
            Step::Enrich => "enrich",
            Step::Save => "save",
            Step::Done => "done",
            Step::Other => "other",
        }
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
    /// How it ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeKind>,
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
