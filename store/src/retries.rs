//! Refreshes that did not end well and may be tried again.
//!
//! A retry is another run under the same workflow id. `begin` gives it the event of the run before and notes whose it was.

use crate::events::RUNNING;
use crate::refreshes::{COLUMNS, RefreshRecord, record};
use crate::row::{maybe_text, number, text, wire};
use crate::{Store, StoreError};
use contracts::{
    CompanyRef, EventRef, OutcomeKind, RefreshReason, RefreshRequest, SourceName, UnixMillis, WorkspaceId,
};
use sqlx::{Any, AssertSqlSafe, Transaction};

/// How the refreshes ended that are to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryStatus {
    /// A step failed for good, or the workflow ended without a word.
    Failed,
    /// Somebody cancelled them.
    Cancelled,
}

impl RetryStatus {
    const fn as_str(self) -> &'static str {
        match self {
            RetryStatus::Failed => "failed",
            RetryStatus::Cancelled => "cancelled",
        }
    }
}

/// Which refreshes are meant: those that fit everything that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryFilter {
    /// Those of this tenant.
    pub workspace: WorkspaceId,
    /// Those that ended so.
    pub status: RetryStatus,
    /// Those that ended then or later.
    pub since: Option<UnixMillis>,
    /// Those of a company with this id, or that was asked for by this name or domain.
    pub company: Option<String>,
    /// Those that failed with this class.
    pub error_class: Option<String>,
    /// Those of this sender.
    pub source: Option<SourceName>,
}

/// What is kept of a workflow that Temporal may have forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// What it was asked, put together. It did not end well, or nothing was heard of its end.
    Asked(Box<RefreshRequest>),
    /// It ended with an answer.
    Answered,
}

impl Store {
    /// Up to `limit` refreshes that fit and whose event nobody else answers for by now, those that ended first first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn refreshes_to_retry(&self, filter: &RetryFilter, limit: u32) -> Result<Vec<RefreshRecord>, StoreError> {
        let sql = AssertSqlSafe(format!(
            "{COLUMNS} WHERE workspace = $1 AND status = $2 AND completed_at >= $3
                 AND ($4 IS NULL OR company_id = $4 OR company_name = $4 OR company_domain = $4)
                 AND ($5 IS NULL OR error_class = $5) AND ($6 IS NULL OR event_source = $6)
                 AND EXISTS (SELECT 1 FROM webhook_events e WHERE e.refresh_id = refreshes.refresh_id)
             ORDER BY completed_at, refresh_id LIMIT $7"
        ));
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql)
            .bind(filter.workspace.as_str())
            .bind(filter.status.as_str())
            .bind(filter.since.unwrap_or(UnixMillis::MIN))
            .bind(filter.company.as_deref())
            .bind(filter.error_class.as_deref())
            .bind(filter.source.as_ref().map(SourceName::as_str))
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(record).collect()
    }

    /// What is kept of the latest refresh of this workflow, for when Temporal has forgotten it. `None` when there is none, or it is not known which company it was for.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn kept_of(&self, workflow_id: &str) -> Result<Option<Kept>, StoreError> {
        let sql =
            "SELECT r.workspace, r.company_name, r.company_domain, r.reason, r.level_requested, e.source, e.event_id,
                       e.digest, e.occurred_at, e.received_at, e.outcome, k.name, k.domain, k.source_id
                   FROM refreshes r
                   JOIN webhook_events e ON e.refresh_id = r.refresh_id
                   LEFT JOIN companies k ON k.workspace = r.workspace AND k.company_id = r.company_id
                   WHERE r.workflow_id = $1 ORDER BY r.started_at DESC, r.refresh_id DESC LIMIT 1";
        let mut tx = self.read().await?;
        let Some(row) = sqlx::query(sql).bind(workflow_id).fetch_optional(&mut *tx).await? else { return Ok(None) };
        if let Some(outcome) = maybe_text(&row, "outcome")?
            && ![RUNNING, OutcomeKind::Failed.as_str(), OutcomeKind::Cancelled.as_str()].contains(&outcome.as_str())
        {
            return Ok(Some(Kept::Answered));
        }
        let asked = text(&row, "company_name")?;
        let (name, domain) = match maybe_text(&row, "name")? {
            // Whoever asked for a person's employer named no company.
            None if asked.is_empty() => return Ok(None),
            Some(name) if asked.is_empty() => (name, maybe_text(&row, "domain")?),
            _ => (asked, maybe_text(&row, "company_domain")?),
        };
        let request = RefreshRequest {
            workspace: wire(&row, "workspace")?,
            company: CompanyRef { id: maybe_text(&row, "source_id")?, name, domain }.into(),
            reason: RefreshReason::from(text(&row, "reason")?),
            level: wire(&row, "level_requested")?,
            event: EventRef {
                source: wire(&row, "source")?,
                id: wire(&row, "event_id")?,
                digest: wire(&row, "digest")?,
                occurred_at: number(&row, "occurred_at")?,
                received_at: number(&row, "received_at")?,
            },
            person_ref: None,
            could_sit: None,
        };
        Ok(Some(Kept::Asked(Box::new(request))))
    }
}

/// Notes that a refresh has taken over the event of the one before.
pub(crate) async fn note_lineage(
    tx: &mut Transaction<'static, Any>,
    refresh_id: &str,
    before: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE refreshes SET retry_of = $2 WHERE refresh_id = $1";
    sqlx::query(sql).bind(refresh_id).bind(before).execute(&mut **tx).await?;
    Ok(())
}
