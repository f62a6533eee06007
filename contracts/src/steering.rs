//! What a person may say to a refresh on its way. Every field has a default, so that `{}` typed in the Web UI will do.

use crate::{Holder, UnixMillis};
use serde::{Deserialize, Serialize};

/// Update: do not wait for the company's slot. Takes [`Steering`], answers [`Steered`]; refused unless the refresh waits.
pub const RUN_NOW_UPDATE: &str = "run_now";

/// Update: save the group that is being reviewed. Takes [`Steering`], answers [`Steered`]; refused outside a review.
pub const APPROVE_UPDATE: &str = "approve";

/// Update: keep the group before, and drop the one that is being reviewed. Takes [`Steering`], answers [`Steered`]; refused
/// outside a review.
pub const REJECT_UPDATE: &str = "reject";

/// Signal from a later refresh of the company to one that is in review: its group is out of date. Takes the [`Holder`] that
/// names the later one.
pub const OVERTAKEN_SIGNAL: &str = "overtaken";

/// Why a group before was kept: a later refresh of the company had chosen meanwhile.
pub const OVERTAKEN: &str = "overtaken";

/// Input of every update.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Steering {
    /// Who decided, as a label: a team, a key, a role. At most [`Steering::LONGEST_LABEL`] characters. It is written into
    /// the history, so it should name nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Steering {
    /// Longest label, in characters.
    pub const LONGEST_LABEL: usize = 64;

    /// Checks the label.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn check(&self) -> Result<(), &'static str> {
        let Some(by) = &self.by else { return Ok(()) };
        if by.chars().count() > Self::LONGEST_LABEL || by.chars().any(char::is_control) {
            return Err("`by` is a label of at most 64 characters without control characters");
        }
        Ok(())
    }
}

/// Answer to every update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steered {
    /// Whether this update did it; `false` when the same had been said before.
    pub done: bool,
}

/// What a review is about. Part of the status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Since when somebody is asked.
    pub since: UnixMillis,
    /// When the group before is kept if nobody answers.
    pub until: UnixMillis,
    /// What got worse, gravest first.
    pub why: Vec<Worse>,
}

/// One thing that got worse. Names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worse {
    /// For machines, e.g. `half_gone`.
    pub code: String,
    /// For people, with figures.
    pub text: String,
}

/// Input of `ask_for_review`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewInput {
    /// The refresh.
    pub refresh_id: String,
    /// What got worse.
    pub why: Vec<Worse>,
    /// Whether somebody is to be told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub announce: bool,
}

/// Result of `ask_for_review`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewOpened {
    /// When the group before is kept if nobody answers.
    pub until: UnixMillis,
    /// Refreshes in review whose group this one has overtaken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overtakes: Vec<Holder>,
}
