//! What changed between the group that was and the group that is.

use crate::{Contact, PersonId, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A member as saved: what a later refresh is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSnapshot {
    /// Who.
    pub person_id: PersonId,
    /// Full name.
    pub name: String,
    /// Job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Role in the group.
    pub role: Role,
    /// Overall score, 0–100.
    pub score: u8,
    /// Contact data.
    #[serde(default)]
    pub contact: Contact,
}

/// A value that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// Who.
    pub person_id: PersonId,
    /// Full name.
    pub name: String,
    /// Before.
    pub old: T,
    /// Now.
    pub new: T,
}

/// What changed between two groups of one company. Empty lists mean no change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Diff {
    /// Members of the new group who were not in the old one.
    pub joined: Vec<MemberSnapshot>,
    /// Members of the old group who are not in the new one.
    pub left: Vec<MemberSnapshot>,
    /// Same person, other role.
    pub role_changed: Vec<Change<Role>>,
    /// Same person, other title.
    pub title_changed: Vec<Change<Option<String>>>,
    /// Same person, other contact data.
    pub contact_changed: Vec<Change<Contact>>,
    /// Same person, overall score moved by [`SCORE_MOVE`] or more.
    pub score_moved: Vec<Change<u8>>,
}

/// Smallest movement of an overall score that counts as a change (domain rule: 10 of 100).
pub const SCORE_MOVE: u8 = 10;

/// How much changed, in numbers that name nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiffCounts {
    /// Members who joined.
    pub joined: usize,
    /// Members who left.
    pub left: usize,
    /// Members with another role.
    pub role_changed: usize,
    /// Members with another title.
    pub title_changed: usize,
    /// Members with other contact data.
    pub contact_changed: usize,
    /// Members whose overall score moved by [`SCORE_MOVE`] or more.
    pub score_moved: usize,
}

impl Diff {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.summary() == DiffCounts::default()
    }

    /// How much changed, in numbers that name nobody.
    #[must_use]
    pub fn summary(&self) -> DiffCounts {
        DiffCounts {
            joined: self.joined.len(),
            left: self.left.len(),
            role_changed: self.role_changed.len(),
            title_changed: self.title_changed.len(),
            contact_changed: self.contact_changed.len(),
            score_moved: self.score_moved.len(),
        }
    }
}

/// What changed from one group to the other (domain rule §7), every list sorted by person id. The order of the input does
/// not matter; should a person appear twice in one group, the entry with the higher score counts.
#[must_use]
pub fn diff(before: &[MemberSnapshot], after: &[MemberSnapshot]) -> Diff {
    let by_id = |members| -> BTreeMap<PersonId, MemberSnapshot> {
        let members: &[MemberSnapshot] = members;
        let mut members: Vec<&MemberSnapshot> = members.iter().collect();
        members.sort_by(|a, b| (a.score, b.role, &a.title, &a.contact).cmp(&(b.score, a.role, &b.title, &b.contact)));
        members.into_iter().map(|member| (member.person_id.clone(), member.clone())).collect()
    };
    let (before, after) = (by_id(before), by_id(after));
    let mut diff = Diff {
        left: before.values().filter(|old| !after.contains_key(&old.person_id)).cloned().collect(),
        ..Diff::default()
    };
    for new in after.values() {
        let Some(old) = before.get(&new.person_id) else {
            diff.joined.push(new.clone());
            continue;
        };
        if old.role != new.role {
            diff.role_changed.push(change(new, old.role, new.role));
        }
        if old.title != new.title {
            diff.title_changed.push(change(new, old.title.clone(), new.title.clone()));
        }
        if old.contact != new.contact {
            diff.contact_changed.push(change(new, old.contact.clone(), new.contact.clone()));
        }
        if old.score.abs_diff(new.score) >= SCORE_MOVE {
            diff.score_moved.push(change(new, old.score, new.score));
        }
    }
    diff
}

fn change<T>(who: &MemberSnapshot, old: T, new: T) -> Change<T> {
    Change { person_id: who.person_id.clone(), name: who.name.clone(), old, new }
}
