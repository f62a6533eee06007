//! What an operator does: look, enable a receiver.

use super::deliver::{OutboxMessage, message};
use super::{DeliveryStatus, put};
use crate::row::{maybe_number, maybe_text, number, text, wire};
use crate::{Store, StoreError};
use contracts::{NotificationKind, ReceiverName, UnixMillis, WorkspaceId};
use serde::Serialize;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

/// Which messages are meant: those that fit everything that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationFilter {
    /// The one with this id.
    pub message_id: Option<String>,
    /// Those of this tenant.
    pub workspace: Option<WorkspaceId>,
    /// Those to this receiver.
    pub receiver: Option<ReceiverName>,
    /// Those that somebody waits for: nobody took them in hand, or a delivery is not settled.
    pub pending: bool,
    /// Those that could not be delivered to somebody: given up, or the receiver was disabled.
    pub failed: bool,
}

impl NotificationFilter {
    /// Whether nothing is given, so that every message is meant.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A message as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationRecord {
    /// The message.
    pub message: OutboxMessage,
    /// Whether a delivery took it in hand.
    pub taken: bool,
    /// To whom, in the order of their names.
    pub deliveries: Vec<DeliveryRecord>,
}

/// One message to one receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryRecord {
    /// To whom.
    pub receiver: String,
    /// How it stands.
    pub status: DeliveryStatus,
    /// Attempts so far.
    pub attempts: u32,
    /// When the last of them was.
    pub last_tried_at: Option<UnixMillis>,
    /// What the receiver answered to it.
    pub http_status: Option<u16>,
    /// What was wrong with it, as a failure type name.
    pub error: Option<String>,
    /// Since when it is delivered, given up or disabled.
    pub settled_at: Option<UnixMillis>,
}

/// A receiver that gets nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DisabledReceiver {
    /// Tenant.
    pub workspace: String,
    /// Its name.
    pub receiver: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub disabled_at: UnixMillis,
}

/// What fits: a parameter that is not given fits everything. $6, $7 and $8 are the names of the states. Receiver and state are
/// looked for in one delivery; nobody knows yet to whom a message goes that nobody has taken in hand.
pub(super) const FITS: &str = "($1 IS NULL OR o.message_id = $1) AND ($2 IS NULL OR o.workspace = $2)
    AND ($3 IS NULL OR EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = o.message_id AND d.receiver = $3))
    AND ($4 = 0 OR ($3 IS NULL AND o.taken_by IS NULL)
         OR EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = o.message_id AND d.status = $6
                    AND ($3 IS NULL OR d.receiver = $3)))
    AND ($5 = 0 OR EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = o.message_id AND d.status IN ($7, $8)
                           AND ($3 IS NULL OR d.receiver = $3)))";

/// Binds the parameters of [`FITS`].
macro_rules! fitting {
    ($query:expr, $filter:expr) => {
        $query
            .bind($filter.message_id.clone())
            .bind($filter.workspace.as_ref().map(|name| name.as_str().to_owned()))
            .bind($filter.receiver.as_ref().map(|name| name.as_str().to_owned()))
            .bind(i64::from($filter.pending))
            .bind(i64::from($filter.failed))
            .bind(DeliveryStatus::Pending.as_str())
            .bind(DeliveryStatus::GivenUp.as_str())
            .bind(DeliveryStatus::Disabled.as_str())
    };
}

impl Store {
    /// Up to `limit` messages that fit, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn notifications(
        &self,
        filter: &NotificationFilter,
        limit: u32,
    ) -> Result<Vec<NotificationRecord>, StoreError> {
        let mut tx = self.read().await?;
        let sql = AssertSqlSafe(format!(
            "SELECT o.message_id, o.workspace, o.refresh_id, o.kind, o.created_at, o.taken_by FROM outbox o
             WHERE {FITS} ORDER BY o.created_at DESC, o.message_id LIMIT $9"
        ));
        let rows = fitting!(sqlx::query(sql), filter).bind(i64::from(limit)).fetch_all(&mut *tx).await?;
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            let sql = "SELECT receiver, status, attempts, last_tried_at, http_status, error, settled_at FROM deliveries
                       WHERE message_id = $1 ORDER BY receiver";
            let message = message(row)?;
            let deliveries = sqlx::query(sql).bind(&message.message_id).fetch_all(&mut *tx).await?;
            records.push(NotificationRecord {
                message,
                taken: maybe_text(row, "taken_by")?.is_some(),
                deliveries: deliveries.iter().map(delivery).collect::<Result<_, _>>()?,
            });
        }
        Ok(records)
    }

    /// The receivers that are disabled, of this workspace or of all.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn disabled_receivers(
        &self,
        workspace: Option<&WorkspaceId>,
    ) -> Result<Vec<DisabledReceiver>, StoreError> {
        let sql = "SELECT workspace, receiver, reason, disabled_at FROM disabled_receivers
                   WHERE ($1 IS NULL OR workspace = $1) ORDER BY workspace, receiver";
        let rows =
            sqlx::query(sql).bind(workspace.map(|name| name.as_str().to_owned())).fetch_all(self.readers()).await?;
        let disabled = |row| {
            Ok(DisabledReceiver {
                workspace: text(row, "workspace")?,
                receiver: text(row, "receiver")?,
                reason: text(row, "reason")?,
                disabled_at: number(row, "disabled_at")?,
            })
        };
        rows.iter().map(disabled).collect()
    }

    /// Enables a receiver again; whether it was disabled. What it missed is delivered when somebody has it tried again.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn receiver_enable(&self, workspace: &WorkspaceId, receiver: &ReceiverName) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let sql = "DELETE FROM disabled_receivers WHERE workspace = $1 AND receiver = $2";
        let enabled = sqlx::query(sql).bind(workspace.as_str()).bind(receiver.as_str()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(enabled.rows_affected() > 0)
    }

    /// Puts a message about a refresh into the outbox, where no other write makes it true.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when this workspace has no such refresh, [`StoreError::Unavailable`] when the database is
    /// away.
    pub async fn announce(
        &self,
        workspace: &WorkspaceId,
        refresh_id: &str,
        kind: NotificationKind,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let sql = "SELECT COUNT(*) AS refreshes FROM refreshes WHERE workspace = $1 AND refresh_id = $2";
        let row = sqlx::query(sql).bind(workspace.as_str()).bind(refresh_id).fetch_one(&mut *tx).await?;
        if number::<i64>(&row, "refreshes")? == 0 {
            return Err(StoreError::NotFound { what: "refresh" });
        }
        put(&mut tx, workspace, refresh_id, kind, now).await?;
        Ok(tx.commit().await?)
    }
}

pub(super) use fitting;

fn delivery(row: &AnyRow) -> Result<DeliveryRecord, StoreError> {
    Ok(DeliveryRecord {
        receiver: text(row, "receiver")?,
        status: wire(row, "status")?,
        attempts: number(row, "attempts")?,
        last_tried_at: maybe_number(row, "last_tried_at")?,
        http_status: maybe_number(row, "http_status")?,
        error: maybe_text(row, "error")?,
        settled_at: maybe_number(row, "settled_at")?,
    })
}
