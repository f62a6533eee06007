//! The five roles of a buyer group: one vocabulary everywhere.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a person is to a purchase. One person has one role per group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Can approve this purchase: budget authority at this deal size.
    DecisionMaker,
    /// Feels the pain daily, has reach, will sell it inside, cannot sign.
    Champion,
    /// Uses it, is affected, is consulted.
    Stakeholder,
    /// Can stop or slow it: legal, compliance, security, risk, procurement, finance control.
    Blocker,
    /// Opens doors: sales and partnership people, board members, assistants of decision makers.
    Introducer,
}

impl Role {
    /// Every role, in the order groups are shown.
    pub const ALL: [Role; 5] =
        [Role::DecisionMaker, Role::Champion, Role::Stakeholder, Role::Blocker, Role::Introducer];

    /// The wire name, e.g. `decision_maker`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::DecisionMaker => "decision_maker",
            Role::Champion => "champion",
            Role::Stakeholder => "stakeholder",
            Role::Blocker => "blocker",
            Role::Introducer => "introducer",
        }
    }

    /// The role with this wire name, if there is one.
    #[must_use]
    pub fn from_wire(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
