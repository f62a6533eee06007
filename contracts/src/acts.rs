//! What the activities of a refresh are given and what they answer.

use crate::{
    DiffCounts, EnrichmentLevel, Holder, MicroDollars, OutcomeKind, RefreshRequest, Step, Unavailable, WorkspaceId,
    Worse,
};
use engine::Role;
use serde::{Deserialize, Serialize};

/// A step's result together with what it took to get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt<T> {
    /// The result.
    pub result: T,
    /// Attempts the step took, this one included; from 1.
    #[serde(default = "one")]
    pub attempts: u32,
    /// What the step cost.
    #[serde(default)]
    pub cost_micros: MicroDollars,
}

const fn one() -> u32 {
    1
}

const fn is_false(value: &bool) -> bool {
    !*value
}

/// Result of `begin`. Not open to values of a later build: the workflow could not act on them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Begun {
    /// The refresh is open.
    Open {
        /// The refresh in the store; equals the run id of the workflow run that opened it.
        refresh_id: String,
        /// Whether somebody is to be told how it ends.
        #[serde(default, skip_serializing_if = "is_false")]
        announce: bool,
    },
    /// An earlier run, which the Temporal server no longer remembers, recorded this event.
    AlreadyRecorded {
        /// That run's refresh.
        refresh_id: String,
    },
}

/// Input of `resolve_company`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveInput {
    /// The refresh.
    pub refresh_id: String,
    /// What was asked.
    pub request: RefreshRequest,
}

/// Result of `resolve_company`. Not open to values of a later build: the workflow could not act on them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "match", rename_all = "snake_case")]
pub enum Resolution {
    /// One company, beyond doubt.
    Company {
        /// The company in the store.
        company_id: String,
    },
    /// No source knows it.
    NoMatch,
}

/// Input of `discover`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoverInput {
    /// The refresh.
    pub refresh_id: String,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The company in the store.
    pub company_id: String,
}

/// Result of `discover`: the chosen, by reference. Their names and titles stay in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovered {
    /// People the source gave.
    pub people_seen: u64,
    /// Records of the source that could not be read and were reported.
    #[serde(default)]
    pub records_rejected: u64,
    /// The group, at most 19, in the order groups are shown.
    pub members: Vec<ChosenMember>,
    /// What is so much worse than in the saved group that somebody should look before this one is saved; usually nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub worse: Vec<Worse>,
}

/// A member by reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenMember {
    /// The person, as [`crate::person_ref`] refers to them.
    pub person_ref: String,
    /// Role in the group.
    pub role: Role,
}

/// Input of `enrich_member`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrichInput {
    /// The refresh.
    pub refresh_id: String,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The company in the store.
    pub company_id: String,
    /// The member, as [`crate::person_ref`] refers to them.
    pub person_ref: String,
}

/// Result of `enrich_member`: what is known now, not the data itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "enrichment", rename_all = "snake_case")]
pub enum Enrichment {
    /// The source answered.
    Found {
        /// An e-mail address is known.
        email: bool,
        /// A telephone number is known.
        phone: bool,
    },
    /// The source knows nobody of this description.
    NoMatch,
    /// The source withholds the answer; the refresh goes on without it.
    Withheld {
        /// Why.
        reason: Unavailable,
    },
    /// A value this build does not know; the lookup is over all the same.
    #[serde(other)]
    Other,
}

/// Input of `save`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveInput {
    /// The refresh.
    pub refresh_id: String,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The company in the store.
    pub company_id: String,
    /// The level reached.
    pub level: EnrichmentLevel,
    /// What the refresh cost so far.
    #[serde(default)]
    pub cost_micros: MicroDollars,
    /// Whether what changed goes into the outbox.
    #[serde(default, skip_serializing_if = "is_false")]
    pub announce: bool,
    /// Whether somebody has looked at the group and approved it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reviewed: bool,
}

/// Result of `save`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Members saved.
    pub members: u32,
    /// What changed.
    pub diff: DiffCounts,
    /// Somebody approved the group, but a later one had been saved meanwhile: that one is kept, and this refresh is closed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overtaken: bool,
    /// Refreshes in review whose group this one has overtaken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overtakes: Vec<Holder>,
}

/// Input of `record_failure`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureInput {
    /// The refresh.
    pub refresh_id: String,
    /// How it ended: `failed`, `cancelled`, `no_match`, `ignored` or `kept`.
    pub outcome: OutcomeKind,
    /// The step it ended in.
    pub step: Step,
    /// Failure type name, when a failure ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Why the event was ignored or the group before kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was spent all the same.
    #[serde(default)]
    pub cost_micros: MicroDollars,
    /// Whether a failure goes into the outbox.
    #[serde(default, skip_serializing_if = "is_false")]
    pub announce: bool,
}
