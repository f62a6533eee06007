//! The refresh log and what each refresh changed.

use crate::events::RUNNING;
use crate::row::{json, maybe_number, maybe_text, maybe_wire, number, text, wire};
use crate::{Store, StoreError};
use contracts::{DiffCounts, EnrichmentLevel, MicroDollars, OutcomeKind, RefreshReason, UnixMillis, WorkspaceId};
use engine::Diff;
use serde::Serialize;
use sqlx::any::AnyRow;

/// A line of the refresh log: one workflow run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefreshRecord {
    /// The refresh; equals the run id of the workflow run.
    pub refresh_id: String,
    /// The workflow.
    pub workflow_id: String,
    /// Tenant.
    pub workspace: String,
    /// Sender of the event.
    pub event_source: String,
    /// The sender's id of the event.
    pub event_id: String,
    /// The company in the store, once resolved.
    pub company_id: Option<String>,
    /// The company's name as asked for; `None` when only a person was named.
    pub company_name: Option<String>,
    /// The company's domain as asked for.
    pub company_domain: Option<String>,
    /// Why.
    pub reason: RefreshReason,
    /// How much was to be found out.
    pub level_requested: EnrichmentLevel,
    /// How much was.
    pub level_reached: Option<EnrichmentLevel>,
    /// How it ended; `None` while it runs.
    pub outcome: Option<OutcomeKind>,
    /// The step it is in, or ended in, by wire name.
    pub step: String,
    /// Failure type name, when a failure ended it; `Superseded` when another run took its event over.
    pub error_class: Option<String>,
    /// The refresh that was responsible for the event before, when this one tries it again.
    pub retry_of: Option<String>,
    /// The refresh that had done the work already.
    pub duplicate_of: Option<String>,
    /// When it goes on by itself, while it waits for its company's slot or for an answer.
    pub waiting_until: Option<UnixMillis>,
    /// Why the event was ignored, or the group before kept.
    pub end_reason: Option<String>,
    /// When it began.
    pub started_at: UnixMillis,
    /// When it ended.
    pub completed_at: Option<UnixMillis>,
    /// Members saved.
    pub members: u32,
    /// What changed, counted.
    pub diff: DiffCounts,
    /// What it cost.
    pub cost_micros: MicroDollars,
}

/// Columns that [`record`] reads.
pub(crate) const COLUMNS: &str = "SELECT refresh_id, workflow_id, workspace, event_source, event_id, company_id, company_name,
    company_domain, reason, level_requested, level_reached, status, step, error_class, duplicate_of, retry_of, started_at, completed_at,
    members, joined, departed, role_changed, title_changed, contact_changed, score_moved, cost_micros, waiting_until,
    end_reason FROM refreshes";

impl Store {
    /// The refresh with this id.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn refresh(&self, refresh_id: &str) -> Result<Option<RefreshRecord>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE refresh_id = $1"));
        let mut tx = self.read().await?;
        let row = sqlx::query(sql).bind(refresh_id).fetch_optional(&mut *tx).await?;
        row.as_ref().map(record).transpose()
    }

    /// The latest refresh of this workflow: a workflow that was reset has several.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn refresh_by_workflow(&self, workflow_id: &str) -> Result<Option<RefreshRecord>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE workflow_id = $1 ORDER BY started_at DESC, refresh_id DESC LIMIT 1"
        ));
        let mut tx = self.read().await?;
        let row = sqlx::query(sql).bind(workflow_id).fetch_optional(&mut *tx).await?;
        row.as_ref().map(record).transpose()
    }

    /// The latest refreshes of a workspace, newest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn refreshes(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<RefreshRecord>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE workspace = $1 ORDER BY started_at DESC, refresh_id DESC LIMIT $2"
        ));
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql).bind(workspace.as_str()).bind(i64::from(limit)).fetch_all(&mut *tx).await?;
        rows.iter().map(record).collect()
    }

    /// What a refresh changed, in full; `None` when it saved nothing, or so long ago that it is no longer kept.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn diff(&self, refresh_id: &str) -> Result<Option<Diff>, StoreError> {
        let mut tx = self.read().await?;
        let sql = "SELECT diff FROM diffs WHERE refresh_id = $1";
        let row = sqlx::query(sql).bind(refresh_id).fetch_optional(&mut *tx).await?;
        row.as_ref().map(|row| json(row, "diff")).transpose()
    }
}

/// A line of the refresh log.
pub(crate) fn record(row: &AnyRow) -> Result<RefreshRecord, StoreError> {
    let running = text(row, "status")? == RUNNING;
    Ok(RefreshRecord {
        refresh_id: text(row, "refresh_id")?,
        workflow_id: text(row, "workflow_id")?,
        workspace: text(row, "workspace")?,
        event_source: text(row, "event_source")?,
        event_id: text(row, "event_id")?,
        company_id: maybe_text(row, "company_id")?,
        company_name: Some(text(row, "company_name")?).filter(|name| !name.is_empty()),
        company_domain: maybe_text(row, "company_domain")?,
        reason: RefreshReason::from(text(row, "reason")?),
        level_requested: wire(row, "level_requested")?,
        level_reached: maybe_wire(row, "level_reached")?,
        outcome: if running { None } else { Some(wire(row, "status")?) },
        step: text(row, "step")?,
        error_class: maybe_text(row, "error_class")?,
        retry_of: maybe_text(row, "retry_of")?,
        duplicate_of: maybe_text(row, "duplicate_of")?,
        waiting_until: maybe_number(row, "waiting_until")?,
        end_reason: maybe_text(row, "end_reason")?,
        started_at: number(row, "started_at")?,
        completed_at: maybe_number(row, "completed_at")?,
        members: number(row, "members")?,
        diff: diff_counts(row)?,
        cost_micros: number(row, "cost_micros")?,
    })
}

/// Columns of the refresh log that count changes, as a refresh's row has them.
pub(crate) fn diff_counts(row: &AnyRow) -> Result<DiffCounts, StoreError> {
    Ok(DiffCounts {
        joined: number(row, "joined")?,
        left: number(row, "departed")?,
        role_changed: number(row, "role_changed")?,
        title_changed: number(row, "title_changed")?,
        contact_changed: number(row, "contact_changed")?,
        score_moved: number(row, "score_moved")?,
    })
}

/// Changes counted, as they travel.
pub(crate) fn counts(diff: &Diff) -> DiffCounts {
    let counts = diff.summary();
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    DiffCounts {
        joined: small(counts.joined),
        left: small(counts.left),
        role_changed: small(counts.role_changed),
        title_changed: small(counts.title_changed),
        contact_changed: small(counts.contact_changed),
        score_moved: small(counts.score_moved),
    }
}
