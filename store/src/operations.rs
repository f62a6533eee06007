//! The log of operations: each attempt at each step.

use crate::row::{maybe_number, maybe_plain, maybe_text, number, text, wire};
use crate::{Store, StoreError};
use contracts::UnixMillis;
use serde::{Deserialize, Serialize};

/// How an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationStatus {
    /// Begun; perhaps its process died.
    Running,
    /// Ended well.
    Completed,
    /// Ended with an error class.
    Failed,
}

/// One attempt at one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OperationRecord {
    /// The step, by wire name.
    pub step: String,
    /// The member's reference, in steps that are about one; else empty.
    pub subject: String,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// How it stands.
    pub status: OperationStatus,
    /// When it first began.
    pub started_at: UnixMillis,
    /// When it ended.
    pub finished_at: Option<UnixMillis>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// Why it failed.
    pub error_class: Option<String>,
}

impl Store {
    /// Logs that an attempt has begun. One that is logged already, because the call was repeated or the workflow was reset
    /// and counts its attempts anew, is running again and keeps the moment when it first began.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh, [`StoreError::Unavailable`] when the database is away.
    pub async fn operation_started(
        &self,
        refresh_id: &str,
        step: &str,
        subject: &str,
        attempt: u32,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let sql = "INSERT INTO pipeline_operations (refresh_id, step, subject, attempt, status, started_at)
                   VALUES ($1, $2, $3, $4, 'running', $5)
                   ON CONFLICT (refresh_id, step, subject, attempt) DO UPDATE SET
                       status = excluded.status, finished_at = NULL, duration_ms = NULL, error_class = NULL";
        sqlx::query(sql)
            .bind(refresh_id)
            .bind(step)
            .bind(subject)
            .bind(i64::from(attempt))
            .bind(now)
            .execute(&mut *tx)
            .await
            .map_err(missing_refresh)?;
        // Only when it changes: many members are enriched at once, and must not queue for one row.
        let sql = "UPDATE refreshes SET step = $2 WHERE refresh_id = $1 AND step <> $2 AND status = 'running'";
        sqlx::query(sql).bind(refresh_id).bind(step).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// Logs that an attempt has ended, with an error class when it failed.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh, [`StoreError::Unavailable`] when the database is away.
    pub async fn operation_finished(
        &self,
        refresh_id: &str,
        step: &str,
        subject: &str,
        attempt: u32,
        error_class: Option<&str>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let status = if error_class.is_some() { "failed" } else { "completed" };
        // A clock that was set back makes no attempt take less than no time.
        let sql = "INSERT INTO pipeline_operations
                       (refresh_id, step, subject, attempt, status, started_at, finished_at, duration_ms, error_class)
                   VALUES ($1, $2, $3, $4, $5, $6, $6, 0, $7)
                   ON CONFLICT (refresh_id, step, subject, attempt) DO UPDATE SET
                       status = excluded.status, finished_at = excluded.finished_at, error_class = excluded.error_class,
                       duration_ms = CASE WHEN excluded.finished_at > pipeline_operations.started_at
                           THEN excluded.finished_at - pipeline_operations.started_at ELSE 0 END";
        sqlx::query(sql)
            .bind(refresh_id)
            .bind(step)
            .bind(subject)
            .bind(i64::from(attempt))
            .bind(status)
            .bind(now)
            .bind(maybe_plain(error_class))
            .execute(&mut *tx)
            .await
            .map_err(missing_refresh)?;
        Ok(tx.commit().await?)
    }

    /// Every attempt at every step of a refresh, in the order they began.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn operations(&self, refresh_id: &str) -> Result<Vec<OperationRecord>, StoreError> {
        let sql = "SELECT step, subject, attempt, status, started_at, finished_at, duration_ms, error_class
                   FROM pipeline_operations WHERE refresh_id = $1";
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql).bind(refresh_id).fetch_all(&mut *tx).await?;
        let mut operations = Vec::with_capacity(rows.len());
        for row in &rows {
            operations.push(OperationRecord {
                step: text(row, "step")?,
                subject: text(row, "subject")?,
                attempt: number(row, "attempt")?,
                status: wire(row, "status")?,
                started_at: number(row, "started_at")?,
                finished_at: maybe_number(row, "finished_at")?,
                duration_ms: maybe_number(row, "duration_ms")?,
                error_class: maybe_text(row, "error_class")?,
            });
        }
        operations.sort_by(|a, b| (a.started_at, &a.subject, a.attempt).cmp(&(b.started_at, &b.subject, b.attempt)));
        Ok(operations)
    }
}

/// The one parent that an operation has. SQLite does not name the constraint.
fn missing_refresh(error: sqlx::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::NotFound { .. } => StoreError::NotFound { what: "refresh" },
        other => other,
    }
}
