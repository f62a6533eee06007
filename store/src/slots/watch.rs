//! Refreshes that should have said something by now.

use crate::row::{maybe_number, text, wire};
use crate::{Store, StoreError};
use contracts::{UnixMillis, WorkspaceId};

/// A refresh on its way is looked after when this long has passed: a quarter of an hour, in milliseconds.
pub(crate) const LEASE: i64 = 15 * 60 * 1000;

/// One that waits, this long after its time has come: two minutes, in milliseconds.
const GRACE: i64 = 2 * 60 * 1000;

/// When a refresh is to be looked after that waits until then: soon after its time has come, and whoever waits for long once
/// in a while, because events fold into it, or a person is asked about it, that nobody would answer for any more.
pub(crate) fn while_waiting(until: UnixMillis, now: UnixMillis) -> UnixMillis {
    until.saturating_add(GRACE).min(now.saturating_add(LEASE))
}

/// A refresh on its way that nobody has heard of for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The refresh.
    pub refresh_id: String,
    /// Its workflow.
    pub workflow_id: String,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The step it is in, by wire name.
    pub step: String,
    /// When the keeper was to look after it.
    pub look_at: Option<UnixMillis>,
}

impl Store {
    /// Refreshes on their way that nobody has heard of for a while, the longest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn overdue_refreshes(&self, now: UnixMillis, limit: u32) -> Result<Vec<Overdue>, StoreError> {
        let sql = "SELECT refresh_id, workflow_id, workspace, step, look_at FROM refreshes
                   WHERE status = 'running' AND COALESCE(look_at, started_at + $1) <= $2
                   ORDER BY COALESCE(look_at, started_at + $1), refresh_id LIMIT $3";
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql).bind(LEASE).bind(now).bind(i64::from(limit)).fetch_all(&mut *tx).await?;
        rows.iter()
            .map(|row| {
                Ok(Overdue {
                    refresh_id: text(row, "refresh_id")?,
                    workflow_id: text(row, "workflow_id")?,
                    workspace: wire(row, "workspace")?,
                    step: text(row, "step")?,
                    look_at: maybe_number(row, "look_at")?,
                })
            })
            .collect()
    }

    /// Notes that a refresh was found at work: it is looked after again in a quarter of an hour.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn found_running(&self, refresh_id: &str, now: UnixMillis) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let sql = "UPDATE refreshes SET look_at = $2 WHERE refresh_id = $1 AND status = 'running'";
        sqlx::query(sql).bind(refresh_id).bind(now.saturating_add(LEASE)).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}
