//! Events that were accepted while Temporal could not take them, until it has them.
//!
//! The key is the workflow id, so what is here twice or started twice is one workflow all the same. [`drain`] is what the
//! starters do with the rows, [`operate`] what a person does.

mod drain;
mod operate;

pub use operate::{InboxFilter, InboxRecord};

use crate::dialect::Dialect;
use crate::row::{maybe_number, text, to_json};
use crate::{Store, StoreError};
use contracts::{SourceName, UnixMillis, WorkspaceId};
use serde::Serialize;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Connection as _, Executor as _, Transaction};
use std::collections::BTreeMap;

/// An event to be kept until Temporal has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxEntry {
    /// The workflow that it starts; its key.
    pub workflow_id: String,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Who sent it.
    pub source: SourceName,
    /// Which kind of request.
    pub kind: String,
    /// SHA-256 of the body as received, in hexadecimal: what tells a second delivery from another event of the same id.
    pub digest: String,
    /// What is started, as JSON.
    pub request: String,
    /// When it was received.
    pub received_at: UnixMillis,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutResult {
    /// It is in the inbox since now. So is one that had been given up and has been delivered again.
    Stored,
    /// The same event was there already.
    Duplicate,
    /// Another event with its workflow id is there. Nothing was changed.
    Conflict,
}

/// An entry that somebody has in hand, alone until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedEntry {
    /// The workflow that it starts.
    pub workflow_id: String,
    /// Which kind of request.
    pub kind: String,
    /// SHA-256 of the body as received.
    pub digest: String,
    /// What is started, as JSON.
    pub request: String,
    /// When it was received.
    pub received_at: UnixMillis,
    /// How often it was claimed, this time included.
    pub attempts: u32,
}

/// How much is in the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InboxStats {
    /// Entries that wait.
    pub pending: u64,
    /// When the oldest of them was received.
    pub oldest_received_at: Option<UnixMillis>,
    /// Entries that are given up.
    pub dead: u64,
}

/// An entry as it travels into the one statement that inserts them all.
#[derive(Serialize)]
struct Line<'a> {
    workflow_id: &'a str,
    workspace: &'a str,
    source: &'a str,
    kind: &'a str,
    digest: &'a str,
    request: &'a str,
    received_at: UnixMillis,
}

impl Store {
    /// Keeps these entries: all of them in one transaction, however many, and answers for each in their order. Once this
    /// returns they survive the loss of the process and of power.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away; then it is not known whether they are kept.
    pub async fn inbox_put(&self, entries: &[InboxEntry]) -> Result<Vec<PutResult>, StoreError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        // Of several with one id the first counts. In the order of their ids, so that two starters never wait for each
        // other crosswise.
        let mut missing: BTreeMap<&str, &InboxEntry> = BTreeMap::new();
        for entry in entries {
            missing.entry(&entry.workflow_id).or_insert(entry);
        }
        let mut connection = self.writers().acquire().await?;
        // Whoever hears "accepted" forgets the event, so this commit must not be lost with the power.
        if let Some((whole, usual)) = self.dialect().commit_to_disk() {
            connection.execute(whole).await?;
            let standing = put_all(&mut connection, self.dialect(), &mut missing).await;
            connection.execute(usual).await?;
            return Ok(judge(entries, standing?));
        }
        let standing = put_all(&mut connection, self.dialect(), &mut missing).await?;
        Ok(judge(entries, standing))
    }

    /// The digest of the entry with this workflow id, unless there is none or it is given up.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_digest(&self, workflow_id: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT digest FROM inbox WHERE workflow_id = $1 AND dead_at IS NULL";
        Ok(sqlx::query_scalar(sql).bind(workflow_id).fetch_optional(self.readers()).await?)
    }
}

/// What stands in the inbox under an id.
struct Standing {
    digest: String,
    /// Since this transaction.
    fresh: bool,
}

type AllStanding = BTreeMap<String, Standing>;

async fn put_all(
    connection: &mut AnyConnection,
    dialect: Dialect,
    missing: &mut BTreeMap<&str, &InboxEntry>,
) -> Result<AllStanding, StoreError> {
    let mut tx = connection.begin_with(dialect.begin_write()).await?;
    let mut standing = AllStanding::new();
    // An entry that is in the way may be gone when it is looked at: then its place is free, and it is tried again.
    while !missing.is_empty() {
        insert(&mut tx, dialect, missing, &mut standing).await?;
        if !missing.is_empty() {
            look(&mut tx, dialect, missing, &mut standing).await?;
        }
    }
    tx.commit().await?;
    Ok(standing)
}

async fn insert(
    tx: &mut Transaction<'_, Any>,
    dialect: Dialect,
    missing: &mut BTreeMap<&str, &InboxEntry>,
    standing: &mut AllStanding,
) -> Result<(), StoreError> {
    let lines: Vec<Line<'_>> = missing.values().map(|entry| Line::of(entry)).collect();
    // `WHERE true`, because SQLite would else read ON as part of a join.
    let sql = AssertSqlSafe(format!(
        "INSERT INTO inbox (workflow_id, workspace, source, kind, digest, request, received_at)
         SELECT value ->> 'workflow_id', value ->> 'workspace', value ->> 'source', value ->> 'kind',
                value ->> 'digest', value ->> 'request', CAST(value ->> 'received_at' AS BIGINT)
         FROM {} WHERE true
         ON CONFLICT (workflow_id) DO NOTHING RETURNING workflow_id",
        dialect.json_elements()
    ));
    for row in sqlx::query(sql).bind(to_json(&lines)?).fetch_all(&mut **tx).await? {
        let id = text(&row, "workflow_id")?;
        if let Some(entry) = missing.remove(id.as_str()) {
            standing.insert(id, Standing { digest: entry.digest.clone(), fresh: true });
        }
    }
    Ok(())
}

/// What is in the way. What was given up, and is now delivered again, comes back to life.
async fn look(
    tx: &mut Transaction<'_, Any>,
    dialect: Dialect,
    missing: &mut BTreeMap<&str, &InboxEntry>,
    standing: &mut AllStanding,
) -> Result<(), StoreError> {
    let sql = AssertSqlSafe(format!(
        "SELECT workflow_id, digest, dead_at FROM inbox WHERE workflow_id IN (SELECT value FROM {})",
        dialect.json_texts()
    ));
    let ids: Vec<&str> = missing.keys().copied().collect();
    for row in sqlx::query(sql).bind(to_json(&ids)?).fetch_all(&mut **tx).await? {
        let (id, digest) = (text(&row, "workflow_id")?, text(&row, "digest")?);
        let dead = maybe_number::<UnixMillis>(&row, "dead_at")?.is_some();
        let Some(entry) = missing.remove(id.as_str()) else { continue };
        let fresh = dead && entry.digest == digest;
        if fresh {
            let sql = "UPDATE inbox SET dead_at = NULL, not_before = 0, received_at = $2 WHERE workflow_id = $1";
            sqlx::query(sql).bind(&id).bind(entry.received_at).execute(&mut **tx).await?;
        }
        standing.insert(id, Standing { digest, fresh });
    }
    Ok(())
}

fn judge(entries: &[InboxEntry], mut standing: AllStanding) -> Vec<PutResult> {
    let judge = |entry: &InboxEntry| match standing.get_mut(&entry.workflow_id) {
        Some(standing) if standing.digest == entry.digest => {
            if std::mem::take(&mut standing.fresh) {
                PutResult::Stored
            } else {
                PutResult::Duplicate
            }
        }
        _ => PutResult::Conflict,
    };
    entries.iter().map(judge).collect()
}

impl<'a> Line<'a> {
    fn of(entry: &'a InboxEntry) -> Self {
        Self {
            workflow_id: &entry.workflow_id,
            workspace: entry.workspace.as_str(),
            source: entry.source.as_str(),
            kind: &entry.kind,
            digest: &entry.digest,
            request: &entry.request,
            received_at: entry.received_at,
        }
    }
}
