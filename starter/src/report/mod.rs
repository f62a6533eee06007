//! A buyer group as one HTML page for people: who it is, why, what is missing, what changed, what it cost.
//!
//! The page is a file of its own: no script, no picture, no font and no style from anywhere else, so that it can be mailed,
//! printed and kept. It is made of what the store has and nothing else; the same input gives the same bytes. Every text is
//! escaped by the template, and names are isolated from the direction of the text around them. A sheet of styles is the only
//! thing that a browser is allowed to use, by its hash.

mod changes;
mod facts;
mod figures;
mod meter;
mod page;
mod people;
mod policy;
mod seats;
mod withheld;
mod words;

pub use policy::content_security_policy;

use contracts::{Enrichment, WorkspaceId};
use engine::Diff;
use std::collections::BTreeMap;
use store::{PastChange, RefreshRecord, SavedGroup, Store, StoreError};

/// Refreshes that are told of, the last one included.
const REFRESHES: u32 = 6;

/// Whether the page tells e-mail addresses and telephone numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contacts {
    /// As far as they are known.
    Shown,
    /// Not at all, and says so.
    LeftOut,
}

/// What the page is made of.
#[derive(Clone, Debug)]
pub struct Report {
    /// The group.
    pub group: SavedGroup,
    /// Members of a group of the past about whom nothing is kept any more, and who are therefore not among the members.
    pub erased: u64,
    /// The refreshes that led to it, newest first.
    pub changes: Vec<PastChange>,
    /// What asking for contact data brought, by person.
    pub answers: BTreeMap<String, Enrichment>,
    /// Whether contact data is told.
    pub contacts: Contacts,
}

impl Report {
    /// Reads what there is to tell of a group.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when something cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn read(
        store: &Store,
        workspace: &WorkspaceId,
        group: SavedGroup,
        contacts: Contacts,
    ) -> Result<Self, StoreError> {
        let changes = store.past_changes(workspace, &group.company_id, group.refreshed_at, REFRESHES).await?;
        let answers = store.answers(&group.refresh_id).await?;
        Ok(Self { group, erased: 0, changes, answers, contacts })
    }

    /// The same of a group of the past, of which some members are no longer kept.
    #[must_use]
    pub fn with_erased(self, erased: u64) -> Self {
        Self { erased, ..self }
    }

    /// The page.
    #[must_use]
    pub fn html(&self) -> String {
        page::page(self).into_string()
    }

    /// The line of the log of the refresh that saved the group.
    fn refresh(&self) -> Option<&RefreshRecord> {
        let own = |change: &&PastChange| change.refresh.refresh_id == self.group.refresh_id;
        self.changes.iter().find(own).map(|change| &change.refresh)
    }

    /// What that refresh changed.
    fn diff(&self) -> Option<&Diff> {
        let own = |change: &&PastChange| change.refresh.refresh_id == self.group.refresh_id;
        self.changes.iter().find(own)?.diff.as_ref()
    }

    /// Whether there was no group before this one, so that everybody is new.
    const fn is_first(&self) -> bool {
        self.group.version <= 1
    }
}
