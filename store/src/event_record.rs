//! What became of an event.

use crate::events::RUNNING;
use crate::row::{number, text, wire};
use crate::{Store, StoreError};
use contracts::{OutcomeKind, RefreshReason, SourceName, UnixMillis, WorkspaceId};

/// An event that a refresh has recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// Why it asks for a refresh.
    pub reason: RefreshReason,
    /// When it happened, by the sender's clock.
    pub occurred_at: UnixMillis,
    /// When it was taken.
    pub received_at: UnixMillis,
    /// How the refresh that answers for it ended; `None` while it runs.
    pub outcome: Option<OutcomeKind>,
    /// The workflow of that refresh.
    pub workflow_id: String,
    /// That refresh.
    pub refresh_id: String,
}

impl Store {
    /// The event with this id of this source; `None` when no refresh has recorded it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn event(
        &self,
        workspace: &WorkspaceId,
        source: &SourceName,
        event_id: &str,
    ) -> Result<Option<EventRecord>, StoreError> {
        let sql = "SELECT reason, occurred_at, received_at, outcome, workflow_id, refresh_id FROM webhook_events
                   WHERE workspace = $1 AND source = $2 AND event_id = $3";
        let mut tx = self.read().await?;
        let row = sqlx::query(sql)
            .bind(workspace.as_str())
            .bind(source.as_str())
            .bind(event_id)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let running = text(&row, "outcome")? == RUNNING;
        Ok(Some(EventRecord {
            reason: RefreshReason::from(text(&row, "reason")?),
            occurred_at: number(&row, "occurred_at")?,
            received_at: number(&row, "received_at")?,
            outcome: if running { None } else { Some(wire(&row, "outcome")?) },
            workflow_id: text(&row, "workflow_id")?,
            refresh_id: text(&row, "refresh_id")?,
        }))
    }
}
