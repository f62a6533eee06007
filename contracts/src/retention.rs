//! How long what is no longer needed is kept.

use serde::{Deserialize, Serialize};

/// Input of one run of the retention. Empty: how long things are kept are settings of the worker that does it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetentionRequest {}

/// Result of one run of the retention: what was let go of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retained {
    /// Former members whose contact data was erased.
    pub contacts: u64,
    /// Diffs from which contact data was erased, or that were deleted.
    pub diffs: u64,
    /// Candidates deleted.
    pub candidates: u64,
    /// Lines of the log of operations deleted.
    pub operations: u64,
    /// Groups of the past deleted.
    pub versions: u64,
    /// Messages deleted that were told long ago.
    pub notifications: u64,
}
