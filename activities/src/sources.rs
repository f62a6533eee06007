//! Where people, companies and contact data come from. Providers and rosters implement the same three traits; the
//! activities know nothing else of them.

use async_trait::async_trait;
use contracts::{CompanyRef, FailureClass, MicroDollars, WorkspaceId};
use engine::{Company, Contact, Person};
use std::time::Duration;

/// A company as a source knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCompany {
    /// Name, domain and size.
    pub company: Company,
    /// The source's own id of it.
    pub source_id: Option<String>,
}

/// One page of a company's people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeoplePage {
    /// The people.
    pub people: Vec<Person>,
    /// Records that could not be read; reported, never silently dropped.
    pub rejected: Vec<Rejection>,
    /// Where the next page begins; `None` after the last. Opaque to everybody but the source, and stable: the same cursor
    /// gives the same page.
    pub next: Option<String>,
    /// Whether the cursor no longer meant anything, because what it pointed into has changed, and this is the first page
    /// again. Whatever came before is of another state, and to be forgotten.
    pub restarted: bool,
    /// Whether all pages together are the whole staff, so that their number is evidence of the company's size.
    pub complete: bool,
    /// What this page cost.
    pub cost_micros: MicroDollars,
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Line in the file, from 1; for a provider, the record's position.
    pub line: u64,
    /// What is wrong and how to mend it. Names the column and the value's shape, never the value.
    pub reason: String,
}

/// An answer to a question about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactAnswer {
    /// What is known; `None` when the source knows nobody of this description.
    pub contact: Option<Contact>,
    /// What asking cost.
    pub cost_micros: MicroDollars,
}

/// Knows companies.
#[async_trait]
pub trait CompanySource: Send + Sync {
    /// The one company that is meant, or `None` when the source does not know it. A reference that fits several is an
    /// [`FailureClass::InvalidRequest`] failure, never a guess.
    async fn resolve(&self, workspace: &WorkspaceId, company: &CompanyRef)
    -> Result<Option<FoundCompany>, SourceError>;
}

/// Knows who works where.
#[async_trait]
pub trait PeopleSource: Send + Sync {
    /// One page of the company's people, the first when `cursor` is `None`.
    async fn people(
        &self,
        workspace: &WorkspaceId,
        company: &Company,
        cursor: Option<&str>,
    ) -> Result<PeoplePage, SourceError>;
}

/// Knows how to reach people.
#[async_trait]
pub trait ContactSource: Send + Sync {
    /// Name of the source, recorded beside what it answered.
    fn name(&self) -> &str;

    /// How to reach this person.
    async fn contact(
        &self,
        workspace: &WorkspaceId,
        company: &Company,
        person: &Person,
    ) -> Result<ContactAnswer, SourceError>;
}

/// Why a source did not answer.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    /// Decides whether the step is tried again.
    pub class: FailureClass,
    /// When the source asked to be left alone for a while: how long.
    pub retry_after: Option<Duration>,
    /// What happened, for an operator. No secret and nothing about a person.
    pub message: String,
    /// The error beneath.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl SourceError {
    /// A failure without an error beneath.
    #[must_use]
    pub fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self { class, retry_after: None, message: message.into(), source: None }
    }

    /// The same with the error beneath.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}
