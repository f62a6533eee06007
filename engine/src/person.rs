//! A person of a company, as a source told us.

use crate::company::Employer;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Stable identity of a person within one company: the provider's id, else profile URL, else e-mail, else normalised
/// name and title. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(String);

impl PersonId {
    /// Takes an id as it stands; `None` when it is blank.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Option<Self> {
        let id = id.into();
        (!id.trim().is_empty()).then_some(Self(id))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How to reach a person. Absent means unknown, never "none exists".
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contact {
    /// Work e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Contact {
    /// Whether nothing at all is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.email.is_none() && self.phone.is_none()
    }
}

/// A person of a company, as a source told us. Every field but identity and name may be unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// Stable identity.
    pub id: PersonId,
    /// Full name as the source wrote it.
    pub name: String,
    /// Job title as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Departments the source names, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<String>,
    /// Who this person reports to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<PersonId>,
    /// Job title of the one this person reports to, as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager_title: Option<String>,
    /// People who report to this person directly. `Some(0)` is knowledge, `None` is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_reports: Option<u32>,
    /// Connections and followers on professional networks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<u32>,
    /// Contact data.
    #[serde(default)]
    pub contact: Contact,
    /// Public profile page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<String>,
    /// Where the person works, as the source wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// First day in the present position, as the source wrote it (ISO 8601 when the source is tidy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// The employer the source names; `None` when the source was asked for one company's people and names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<Employer>,
}

impl Person {
    /// Somebody of whom nothing but identity and name is known.
    #[must_use]
    pub fn new(id: PersonId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            title: None,
            departments: Vec::new(),
            manager: None,
            manager_title: None,
            direct_reports: None,
            network: None,
            contact: Contact::default(),
            profile_url: None,
            location: None,
            start_date: None,
            employer: None,
        }
    }
}
