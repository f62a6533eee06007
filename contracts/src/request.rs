//! What a refresh is asked to do: the workflow's input.

use crate::{Digest, EventId, SourceName, UnixMillis, WorkspaceId};
use engine::significance::Priority;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Input of the refresh workflow. It carries references and the reason, never a name, title or address of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshRequest {
    /// Tenant; fixed by the credential the request came with.
    pub workspace: WorkspaceId,
    /// Which company.
    pub company: CompanyWanted,
    /// Why.
    pub reason: RefreshReason,
    /// How much to find out.
    #[serde(default)]
    pub level: EnrichmentLevel,
    /// The event that asks for it; its identity is the idempotency key.
    pub event: EventRef,
    /// The person the event is about, when it is about one, as [`crate::person_ref`] refers to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_ref: Option<String>,
    /// Whether the position that the event tells of, before or after, could take any seat for what the workspace sells;
    /// absent when the event does not say enough. The title itself does not travel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub could_sit: Option<bool>,
}

/// Which company a refresh is for. On the wire it is a [`CompanyRef`], or an object with `employer_of` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CompanyWanted {
    /// The one at which this person is known. For senders that say who changed and not where.
    EmployerOf {
        /// The person, as [`crate::person_ref`] refers to them.
        employer_of: String,
    },
    /// This one.
    Named(CompanyRef),
}

impl CompanyWanted {
    /// The company as it was named, when it was.
    #[must_use]
    pub const fn named(&self) -> Option<&CompanyRef> {
        match self {
            CompanyWanted::Named(company) => Some(company),
            CompanyWanted::EmployerOf { .. } => None,
        }
    }
}

impl From<CompanyRef> for CompanyWanted {
    fn from(company: CompanyRef) -> Self {
        CompanyWanted::Named(company)
    }
}

/// A company as somebody else refers to it, before we know which one it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyRef {
    /// Source's id of the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name as given.
    pub name: String,
    /// Web domain, when given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

/// The event behind a refresh. `(workspace, source, id)` is its identity for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRef {
    /// Who sent it; `manual` for a person at a keyboard.
    pub source: SourceName,
    /// The sender's id of the event.
    pub id: EventId,
    /// SHA-256 of the body as received.
    pub digest: Digest,
    /// When it happened, by the sender's clock.
    pub occurred_at: UnixMillis,
    /// When we took it, by the starter's clock.
    pub received_at: UnixMillis,
}

/// Why a refresh runs. Reads any text: a reason this build does not know is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum RefreshReason {
    /// `person.role_change`
    RoleChange,
    /// `person.company_change`
    CompanyChange,
    /// `person.promotion`
    Promotion,
    /// `person.department_change`
    DepartmentChange,
    /// `person.joined`
    Joined,
    /// `person.left`
    Left,
    /// Somebody asked.
    Manual,
    /// The schedule says so.
    Scheduled,
    /// One of many companies asked for at once.
    Bulk,
    /// Anything else, by its own name.
    Other(String),
}

impl RefreshReason {
    /// Event types that can trigger a refresh, by wire name.
    pub const EVENTS: [RefreshReason; 6] = [
        RefreshReason::RoleChange,
        RefreshReason::CompanyChange,
        RefreshReason::Promotion,
        RefreshReason::DepartmentChange,
        RefreshReason::Joined,
        RefreshReason::Left,
    ];

    /// The wire name, e.g. `person.role_change`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            RefreshReason::RoleChange => "person.role_change",
            RefreshReason::CompanyChange => "person.company_change",
            RefreshReason::Promotion => "person.promotion",
            RefreshReason::DepartmentChange => "person.department_change",
            RefreshReason::Joined => "person.joined",
            RefreshReason::Left => "person.left",
            RefreshReason::Manual => "manual",
            RefreshReason::Scheduled => "scheduled",
            RefreshReason::Bulk => "bulk",
            RefreshReason::Other(name) => name,
        }
    }

    /// How soon a refresh is wanted for this reason alone.
    #[must_use]
    pub const fn priority(&self) -> Priority {
        match self {
            RefreshReason::Manual => Priority::Manual,
            RefreshReason::Scheduled => Priority::Scheduled,
            RefreshReason::Bulk => Priority::Bulk,
            _ => Priority::Webhook,
        }
    }

    /// The event type with this wire name, if it is one that can trigger a refresh.
    #[must_use]
    pub fn from_event_type(name: &str) -> Option<RefreshReason> {
        Self::EVENTS.into_iter().find(|reason| reason.as_str() == name)
    }
}

impl From<String> for RefreshReason {
    fn from(name: String) -> Self {
        let known = Self::EVENTS.into_iter().chain([Self::Manual, Self::Scheduled, Self::Bulk]);
        known.into_iter().find(|reason| reason.as_str() == name).unwrap_or(RefreshReason::Other(name))
    }
}

impl From<RefreshReason> for String {
    fn from(reason: RefreshReason) -> Self {
        reason.as_str().to_owned()
    }
}

impl fmt::Display for RefreshReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much a refresh finds out; each level includes the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrichmentLevel {
    /// Who, title, role, scores.
    Identify,
    /// And how to reach them.
    #[default]
    Enrich,
    /// And their careers, connections and buying signals.
    DeepResearch,
    /// A level this build does not know; done at the highest that it does.
    #[serde(other)]
    Other,
}

impl EnrichmentLevel {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            EnrichmentLevel::Identify => "identify",
            EnrichmentLevel::Enrich => "enrich",
            EnrichmentLevel::DeepResearch => "deep_research",
            EnrichmentLevel::Other => "other",
        }
    }
}

impl fmt::Display for EnrichmentLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
