//! What an operator does with the entries: look, have them tried again, throw them away.

use crate::row::{maybe_number, maybe_text, number, text};
use crate::{Store, StoreError};
use contracts::{SourceName, UnixMillis, WorkspaceId};
use sqlx::AssertSqlSafe;

/// Which entries are meant: those that fit everything that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// The one of this workflow id.
    pub workflow_id: Option<String>,
    /// Those of this tenant.
    pub workspace: Option<WorkspaceId>,
    /// Those of this sender.
    pub source: Option<SourceName>,
    /// Those that are given up, and no others.
    pub dead: bool,
}

impl InboxFilter {
    /// Whether nothing is given, so that every entry is meant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An entry as an operator sees it: without what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRecord {
    /// The workflow that it starts.
    pub workflow_id: String,
    /// Tenant.
    pub workspace: String,
    /// Sender.
    pub source: String,
    /// Which kind of request.
    pub kind: String,
    /// When it was received.
    pub received_at: UnixMillis,
    /// When it may next be tried; a moment long ago when now.
    pub not_before: UnixMillis,
    /// How often a starter took it in hand.
    pub attempts: u32,
    /// Class of what went wrong last.
    pub last_error: Option<String>,
    /// Since when it is given up.
    pub dead_at: Option<UnixMillis>,
}

/// What fits: a parameter that is not given fits everything.
const FITS: &str = "($1 IS NULL OR workflow_id = $1) AND ($2 IS NULL OR workspace = $2) AND ($3 IS NULL OR source = $3)
                    AND ($4 = 0 OR dead_at IS NOT NULL)";

/// Binds the parameters of [`FITS`].
macro_rules! fitting {
    ($query:expr, $filter:expr) => {
        $query
            .bind($filter.workflow_id.clone())
            .bind($filter.workspace.as_ref().map(|name| name.as_str().to_owned()))
            .bind($filter.source.as_ref().map(|name| name.as_str().to_owned()))
            .bind(i64::from($filter.dead))
    };
}

impl Store {
    /// Up to `limit` entries that fit, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_list(&self, filter: &InboxFilter, limit: u32) -> Result<Vec<InboxRecord>, StoreError> {
        let sql = AssertSqlSafe(format!(
            "SELECT workflow_id, workspace, source, kind, received_at, not_before, attempts, last_error, dead_at
             FROM inbox WHERE {FITS} ORDER BY received_at, workflow_id LIMIT $5"
        ));
        let rows = fitting!(sqlx::query(sql), filter).bind(i64::from(limit)).fetch_all(self.readers()).await?;
        let record = |row| {
            Ok(InboxRecord {
                workflow_id: text(row, "workflow_id")?,
                workspace: text(row, "workspace")?,
                source: text(row, "source")?,
                kind: text(row, "kind")?,
                received_at: number(row, "received_at")?,
                not_before: number(row, "not_before")?,
                attempts: number(row, "attempts")?,
                last_error: maybe_text(row, "last_error")?,
                dead_at: maybe_number(row, "dead_at")?,
            })
        };
        rows.iter().map(record).collect()
    }

    /// How many entries fit.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_count(&self, filter: &InboxFilter) -> Result<u64, StoreError> {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) AS entries FROM inbox WHERE {FITS}"));
        number(&fitting!(sqlx::query(sql), filter).fetch_one(self.readers()).await?, "entries")
    }

    /// Has the entries that fit tried again at once, also those that were given up, and says how many there are. One that
    /// a starter has in hand stays there.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when nothing says which, [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_retry(&self, filter: &InboxFilter) -> Result<u64, StoreError> {
        refuse_everything(filter)?;
        self.change("UPDATE inbox SET dead_at = NULL, not_before = 0", filter).await
    }

    /// Throws away the entries that fit, and says how many there were. One that a starter has in hand may be started all
    /// the same.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when nothing says which, [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_discard(&self, filter: &InboxFilter) -> Result<u64, StoreError> {
        refuse_everything(filter)?;
        self.change("DELETE FROM inbox", filter).await
    }

    async fn change(&self, what: &str, filter: &InboxFilter) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let sql = AssertSqlSafe(format!("{what} WHERE {FITS}"));
        let changed = fitting!(sqlx::query(sql), filter).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(changed.rows_affected())
    }
}

fn refuse_everything(filter: &InboxFilter) -> Result<(), StoreError> {
    if filter.is_empty() {
        Err(StoreError::Invalid { what: "a choice of inbox entries that says nothing" })
    } else {
        Ok(())
    }
}
