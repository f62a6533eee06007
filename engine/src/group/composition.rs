//! What a group is made of.

use super::Member;
use super::table::Need;
use crate::Role;
use serde::{Deserialize, Serialize};

/// What a group is made of: members per role, and the functions the deal needs at the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Composition {
    /// Decision makers.
    pub decision_maker: u8,
    /// Champions.
    pub champion: u8,
    /// Stakeholders.
    pub stakeholder: u8,
    /// Blockers.
    pub blocker: u8,
    /// Introducers.
    pub introducer: u8,
    /// Functions that the deal needs and that are represented, in words.
    pub covered: Vec<String>,
    /// Functions that the deal needs and that are not.
    pub missing: Vec<String>,
    /// The same in one sentence.
    pub summary: String,
}

impl Composition {
    pub(super) fn new(members: &[Member], needs: &[Need], applying: u32, covered: u32) -> Self {
        let count = |role: Role| {
            let count = members.iter().filter(|member| member.role == role).count();
            u8::try_from(count).unwrap_or(u8::MAX)
        };
        let named = |bits: u32| -> Vec<String> {
            let named = needs.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
            named.map(|(_, need)| need.name.clone()).collect()
        };
        let mut composition = Self {
            decision_maker: count(Role::DecisionMaker),
            champion: count(Role::Champion),
            stakeholder: count(Role::Stakeholder),
            blocker: count(Role::Blocker),
            introducer: count(Role::Introducer),
            covered: named(applying & covered),
            missing: named(applying & !covered),
            summary: String::new(),
        };
        composition.summary = composition.words();
        composition
    }

    /// Members with this role.
    #[must_use]
    pub const fn of(&self, role: Role) -> u8 {
        match role {
            Role::DecisionMaker => self.decision_maker,
            Role::Champion => self.champion,
            Role::Stakeholder => self.stakeholder,
            Role::Blocker => self.blocker,
            Role::Introducer => self.introducer,
        }
    }

    fn words(&self) -> String {
        let counted = Role::ALL.into_iter().filter(|role| self.of(*role) > 0).map(|role| {
            let (count, name) = (self.of(role), role.as_str().replace('_', " "));
            format!("{count} {name}{}", if count == 1 { "" } else { "s" })
        });
        let counted: Vec<String> = counted.collect();
        let members = if counted.is_empty() { "nobody".to_owned() } else { counted.join(", ") };
        if self.missing.is_empty() {
            members
        } else {
            format!("{members}; not represented: {}", self.missing.join("; "))
        }
    }
}
