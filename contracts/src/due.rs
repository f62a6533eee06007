//! Refreshes that the schedule asks for.

use crate::{RefreshRequest, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Input of one run of the schedule. Empty: how many companies are taken are settings of the worker that takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefreshDueRequest {}

/// Result of `take_due`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DueTaken {
    /// What is to be refreshed.
    pub refreshes: Vec<DueRefresh>,
}

/// A company whose time has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueRefresh {
    /// The company in the store.
    pub company_id: String,
    /// Milliseconds after which its refresh is to be started, so that not all begin at once.
    #[serde(default)]
    pub start_after_ms: u64,
    /// The refresh.
    pub request: RefreshRequest,
}

/// A scheduled refresh by its event, which is one of [`crate::SourceName::schedule`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DueEvent {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The event's id.
    pub event_id: String,
}

/// Input and result of `still_due`: these refreshes, and those of them that are still needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DueEvents {
    /// The refreshes.
    pub events: Vec<DueEvent>,
}

/// Result of one run of the schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DueStarted {
    /// Refreshes started.
    pub started: u32,
    /// Those that an earlier run had started.
    pub already_started: u32,
    /// Those that were no longer needed: something else refreshed the company meanwhile, or is about to.
    pub passed_over: u32,
    /// Those that the server did not start. Their companies are tried again.
    pub refused: u32,
}
