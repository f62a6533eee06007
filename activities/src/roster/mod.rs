//! A company's people from a CSV or JSONL file: an export of the CRM or the personnel system.
//!
//! A file is read page by page and never held in memory. Whatever cannot be read is reported with its line. Rows about
//! one person are not merged here.

mod companies;
mod contacts;
mod csv_file;
mod cursor;
mod data;
mod encoding;
mod format;
mod header;
mod identity;
mod inspect;
mod json_file;
mod lines;
mod names;
mod reader;
mod row;
mod span;

pub use data::RosterData;
pub use encoding::Encoding;
pub use header::Meaning;
pub use inspect::RosterSummary;

use crate::sources::{
    CompanySource, ContactAnswer, ContactSource, FoundCompany, PeoplePage, PeopleSource, SourceError,
};
use async_trait::async_trait;
use companies::{Entry, Question};
use contracts::{CompanyRef, FailureClass, WorkspaceId};
use engine::{Company, Person};
use identity::opaque;
use reader::Reader;
use span::SpanCache;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

/// One company's people in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// Tenant the file belongs to.
    pub workspace: WorkspaceId,
    /// The company's id, if it has one where the events come from.
    pub company_id: Option<String>,
    /// The company's name.
    pub name: String,
    /// Its web domain.
    pub domain: Option<String>,
    /// Number of employees, if it is known better than by counting rows.
    pub staff: Option<u32>,
    /// Yearly revenue in US dollars.
    pub revenue: Option<u64>,
    /// Where the people are.
    pub data: RosterData,
}

impl Roster {
    /// Reads a whole file and tells how it was understood. Blocks.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or has no header that names people.
    pub fn inspect(path: &Path) -> Result<RosterSummary, SourceError> {
        inspect::inspect(&RosterData::File(path.to_owned()))
    }

    fn company(&self) -> Company {
        Company { name: self.name.clone(), domain: self.domain.clone(), staff: self.staff, revenue: self.revenue }
    }
}

/// Companies, people and contact data from files.
pub struct RosterSource {
    entries: Vec<Entry>,
    page_size: usize,
    spans: Arc<SpanCache>,
}

impl RosterSource {
    /// Rows on a page unless told otherwise.
    pub const PAGE_SIZE: NonZeroUsize = NonZeroUsize::new(500).unwrap();

    /// Takes the rosters. The files are not touched yet.
    ///
    /// # Errors
    ///
    /// [`FailureClass::InvalidRequest`] when a company has no name, or two of one workspace cannot be told apart.
    pub fn new(rosters: Vec<Roster>) -> Result<Self, SourceError> {
        let entries = rosters.into_iter().map(Entry::new).collect::<Result<Vec<_>, _>>()?;
        companies::check(&entries)?;
        Ok(Self { entries, page_size: Self::PAGE_SIZE.get(), spans: Arc::default() })
    }

    /// Rows on a page.
    #[must_use]
    pub fn with_page_size(mut self, rows: NonZeroUsize) -> Self {
        self.page_size = rows.get();
        self
    }

    fn roster(&self, workspace: &WorkspaceId, company: &Company) -> Result<Option<&Roster>, SourceError> {
        let asked = Question { id: None, name: &company.name, domain: company.domain.as_deref() };
        Ok(companies::find(&self.entries, workspace, &asked)?.map(|entry| &entry.roster))
    }
}

#[async_trait]
impl CompanySource for RosterSource {
    async fn resolve(
        &self,
        workspace: &WorkspaceId,
        company: &CompanyRef,
    ) -> Result<Option<FoundCompany>, SourceError> {
        let asked = Question { id: company.id.as_deref(), name: &company.name, domain: company.domain.as_deref() };
        let found = companies::find(&self.entries, workspace, &asked)?.map(|entry| &entry.roster);
        Ok(found.map(|roster| FoundCompany { company: roster.company(), source_id: roster.company_id.clone() }))
    }
}

#[async_trait]
impl PeopleSource for RosterSource {
    /// A cursor that was made for another state of the file gives the first page, which says that it restarts. A file that changes during the call itself is a
    /// [`FailureClass::Transient`] failure.
    async fn people(
        &self,
        workspace: &WorkspaceId,
        company: &Company,
        cursor: Option<&str>,
    ) -> Result<PeoplePage, SourceError> {
        let Some(roster) = self.roster(workspace, company)? else {
            return Err(SourceError::new(
                FailureClass::InvalidRequest,
                "this workspace has no roster of the company; add one to the configuration",
            ));
        };
        let (data, rows, cursor) = (roster.data.clone(), self.page_size, cursor.map(str::to_owned));
        let (spans, workspace) = (Arc::clone(&self.spans), workspace.clone());
        off_the_runtime(move || page(&workspace, &data, rows, cursor.as_deref(), &spans)).await
    }
}

#[async_trait]
impl ContactSource for RosterSource {
    fn name(&self) -> &str {
        "roster"
    }

    async fn contact(
        &self,
        workspace: &WorkspaceId,
        company: &Company,
        person: &Person,
    ) -> Result<ContactAnswer, SourceError> {
        let Some(roster) = self.roster(workspace, company)? else {
            return Ok(ContactAnswer { contact: None, cost_micros: 0 });
        };
        let (data, person, workspace) = (roster.data.clone(), person.clone(), workspace.clone());
        let contact = off_the_runtime(move || contacts::find(&workspace, &data, &person)).await?;
        Ok(ContactAnswer { contact, cost_micros: 0 })
    }
}

fn page(
    workspace: &WorkspaceId,
    data: &RosterData,
    rows: usize,
    cursor: Option<&str>,
    spans: &SpanCache,
) -> Result<PeoplePage, SourceError> {
    let mut reader = Reader::open(data, cursor)?;
    let spans = spans.of(data, reader.fingerprint())?;
    let mut page = PeoplePage { complete: true, restarted: reader.restarted(), ..PeoplePage::default() };
    for _ in 0..rows {
        let Some(row) = reader.next(&mut |_| {})? else { break };
        // The spans know everybody by the id that the file gives.
        page.people.extend(row.person.map(|person| opaque(workspace, spans.complete(person))));
        page.rejected.extend(row.rejected);
    }
    page.next = reader.cursor()?;
    reader.finish()?;
    Ok(page)
}

/// Files are read by a thread that may wait.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(SourceError::new(FailureClass::Internal, "reading a roster broke off").caused_by(error)),
    }
}
