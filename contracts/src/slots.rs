//! The slot of a company: the right to refresh it in one window of the rate limit. And the keeper, which looks after
//! holders of slots that end without a word.

use crate::{EnrichmentLevel, NotifyRequest, Priority, RefreshReason, RefreshRequest, UnixMillis, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Input of `claim_slot`. A refresh that waits asks again with the same input when the slot opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimInput {
    /// The refresh.
    pub refresh_id: String,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The company in the store.
    pub company_id: String,
    /// Somebody wants it now: the window does not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub run_now: bool,
    /// What the event says, to be judged before the slot is asked for; absent when a refresh asks again, and when a person
    /// asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub news: Option<News>,
}

/// What an event says, as far as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Its type.
    pub kind: RefreshReason,
    /// When it happened.
    pub occurred_at: UnixMillis,
    /// Whom it is about, as [`crate::person_ref`] refers to them.
    pub person_ref: String,
    /// As in [`RefreshRequest::could_sit`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub could_sit: Option<bool>,
}

/// Result of `claim_slot`. Not open to values of a later build: the workflow could not act on them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "slot", rename_all = "snake_case")]
pub enum SlotClaim {
    /// The company is this refresh's to refresh, now.
    Run {
        /// Events that folded into this refresh while it waited.
        #[serde(default)]
        folded: u32,
        /// The highest level that one of those asks for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<EnrichmentLevel>,
        /// How soon it is wanted, by whoever of them all wants it soonest; known since releases that answer with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        priority: Option<Priority>,
    },
    /// The company was refreshed a moment ago; the next slot is this refresh's.
    Wait {
        /// When it opens.
        until: UnixMillis,
    },
    /// Another refresh waits for the next slot and will see what happened. This one is closed.
    Coalesced {
        /// Which one.
        holder: Holder,
    },
    /// The event is not worth a refresh. This one is closed.
    Ignored {
        /// Why, e.g. `already_reflected`.
        reason: String,
    },
}

/// The refresh that answers for another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The refresh in the store.
    pub refresh_id: String,
    /// Its workflow.
    pub workflow_id: String,
}

/// Input of the keeper's workflow. Nothing so far; the schedule that starts it holds this for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeepSlots {}

/// What the keeper found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SlotsKept {
    /// Refreshes whose workflow was looked for.
    pub looked_at: u32,
    /// Those of them that had ended without a word, and are closed now.
    pub closed: u32,
    /// Refreshes to be started, each for events whose holder ended badly.
    pub carry: Vec<Carry>,
    /// What is to be told of those that were closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub announce: Vec<NotifyRequest>,
}

/// A refresh for events that had folded into one that ended badly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carry {
    /// Its workflow id. The same for the same events, so that starting it twice starts it once.
    pub workflow_id: String,
    /// The company in the store.
    pub company_id: String,
    /// What the first of those events asked for.
    pub request: RefreshRequest,
}
