//! What the delivery does with the outbox. Every method may be called twice by one delivery.

use super::DeliveryStatus;
use crate::row::{maybe_plain, number, parsed, text, wire};
use crate::{Store, StoreError};
use contracts::{NotificationKind, ReceiverName, UnixMillis, WorkspaceId};
use sqlx::any::AnyRow;

/// Most messages that a delivery takes along beside its own.
const STRAYS: i64 = 20;

/// A message to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    /// Its id.
    pub message_id: String,
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The refresh it tells of.
    pub refresh_id: String,
    /// What it tells.
    pub kind: NotificationKind,
    /// When it became true.
    pub created_at: UnixMillis,
}

/// What an attempt at a delivery brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// HTTP status of the answer, when there was one.
    pub http_status: Option<u16>,
    /// Failure type name; `None` when it was delivered.
    pub error: Option<String>,
}

impl Store {
    /// Takes a message in hand for the delivery that runs as `taker`, and with it those of the workspace that nobody took
    /// in hand although they are older than `stray_since`: their refresh was ended from outside before it could start a
    /// delivery. A message that another delivery had is taken over, and with it the strays that an earlier run of this very
    /// delivery had taken along; a stray is given to one only.
    ///
    /// Answers everything that `taker` has in hand, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn outbox_take(
        &self,
        workspace: &WorkspaceId,
        message_id: &str,
        taker: &str,
        stray_since: UnixMillis,
    ) -> Result<Vec<OutboxMessage>, StoreError> {
        let mut tx = self.write().await?;
        let sql = "UPDATE outbox SET taken_by = $3, taken_for = $2
                   WHERE workspace = $1 AND (message_id = $2 OR taken_for = $2)";
        let own = sqlx::query(sql).bind(workspace.as_str()).bind(message_id).bind(taker).execute(&mut *tx).await?;
        // What is not there takes nothing along: nobody could begin its delivery anew.
        if own.rows_affected() > 0 {
            let sql = "UPDATE outbox SET taken_by = $2, taken_for = $5 WHERE taken_by IS NULL AND message_id IN
                           (SELECT message_id FROM outbox WHERE workspace = $1 AND taken_by IS NULL AND created_at < $3
                            ORDER BY created_at, message_id LIMIT $4)";
            sqlx::query(sql)
                .bind(workspace.as_str())
                .bind(taker)
                .bind(stray_since)
                .bind(STRAYS)
                .bind(message_id)
                .execute(&mut *tx)
                .await?;
        }
        let sql = "SELECT message_id, workspace, refresh_id, kind, created_at FROM outbox WHERE taken_by = $1
                   ORDER BY created_at, message_id";
        let rows = sqlx::query(sql).bind(taker).fetch_all(&mut *tx).await?;
        let messages = rows.iter().map(message).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(messages)
    }

    /// Opens the delivery of a message to each of these receivers, for one that is disabled only in order to record what it
    /// missed, and answers who of all its receivers has not got it and is to.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such message, [`StoreError::Unavailable`] when the database is away.
    pub async fn deliveries_open(
        &self,
        message: &OutboxMessage,
        receivers: &[ReceiverName],
    ) -> Result<Vec<ReceiverName>, StoreError> {
        let mut tx = self.write().await?;
        for receiver in receivers {
            let sql = "INSERT INTO deliveries (message_id, receiver, status) VALUES ($1, $2, CASE WHEN EXISTS
                           (SELECT 1 FROM disabled_receivers WHERE workspace = $3 AND receiver = $2) THEN $4 ELSE $5 END)
                       ON CONFLICT (message_id, receiver) DO NOTHING";
            sqlx::query(sql)
                .bind(&message.message_id)
                .bind(receiver.as_str())
                .bind(message.workspace.as_str())
                .bind(DeliveryStatus::Disabled.as_str())
                .bind(DeliveryStatus::Pending.as_str())
                .execute(&mut *tx)
                .await?;
        }
        let sql = "SELECT receiver FROM deliveries WHERE message_id = $1 AND status = $2 ORDER BY receiver";
        let rows = sqlx::query(sql)
            .bind(&message.message_id)
            .bind(DeliveryStatus::Pending.as_str())
            .fetch_all(&mut *tx)
            .await?;
        let open = rows.iter().map(|row| parsed(&text(row, "receiver")?, "receiver")).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(open)
    }

    /// The message with this id; `None` when there is none in this workspace.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn outbox_message(
        &self,
        workspace: &WorkspaceId,
        message_id: &str,
    ) -> Result<Option<OutboxMessage>, StoreError> {
        let sql = "SELECT message_id, workspace, refresh_id, kind, created_at FROM outbox
                   WHERE workspace = $1 AND message_id = $2";
        let row = sqlx::query(sql).bind(workspace.as_str()).bind(message_id).fetch_optional(self.readers()).await?;
        row.as_ref().map(message).transpose()
    }

    /// How a delivery stands. One that stands nowhere is pending.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn delivery_status(
        &self,
        message_id: &str,
        receiver: &ReceiverName,
    ) -> Result<DeliveryStatus, StoreError> {
        let sql = "SELECT status FROM deliveries WHERE message_id = $1 AND receiver = $2";
        let row = sqlx::query(sql).bind(message_id).bind(receiver.as_str()).fetch_optional(self.readers()).await?;
        row.as_ref().map_or(Ok(DeliveryStatus::Pending), |row| wire(row, "status"))
    }

    /// Records an attempt. One that succeeded settles the delivery.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn delivery_tried(
        &self,
        message_id: &str,
        receiver: &ReceiverName,
        tried: &Tried,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let sql = "UPDATE deliveries SET attempts = attempts + 1, last_tried_at = $3, http_status = $4, error = $5
                   WHERE message_id = $1 AND receiver = $2";
        sqlx::query(sql)
            .bind(message_id)
            .bind(receiver.as_str())
            .bind(now)
            .bind(tried.http_status.map(i64::from))
            .bind(maybe_plain(tried.error.as_deref()))
            .execute(&mut *tx)
            .await?;
        if tried.error.is_none() {
            settle(&mut tx, message_id, receiver, DeliveryStatus::Delivered, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Records that a delivery is tried no more. One that is settled stays as it is; what the last attempt said stays, and
    /// where there was none, `class` says why.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn delivery_given_up(
        &self,
        message_id: &str,
        receiver: &ReceiverName,
        class: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        settle(&mut tx, message_id, receiver, DeliveryStatus::GivenUp, now).await?;
        let sql = "UPDATE deliveries SET error = $3 WHERE message_id = $1 AND receiver = $2 AND error IS NULL
                       AND status = $4";
        sqlx::query(sql)
            .bind(message_id)
            .bind(receiver.as_str())
            .bind(class)
            .bind(DeliveryStatus::GivenUp.as_str())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Disables a receiver until somebody enables it again: this delivery, and every other that it still waits for, ends as
    /// disabled. A receiver that is disabled already keeps its date and reason.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn receiver_disable(
        &self,
        workspace: &WorkspaceId,
        receiver: &ReceiverName,
        reason: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let sql = "INSERT INTO disabled_receivers (workspace, receiver, reason, disabled_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (workspace, receiver) DO NOTHING";
        sqlx::query(sql)
            .bind(workspace.as_str())
            .bind(receiver.as_str())
            .bind(reason)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        let sql = "UPDATE deliveries SET status = $3, settled_at = $4 WHERE receiver = $2 AND status = $5
                       AND message_id IN (SELECT message_id FROM outbox WHERE workspace = $1)";
        sqlx::query(sql)
            .bind(workspace.as_str())
            .bind(receiver.as_str())
            .bind(DeliveryStatus::Disabled.as_str())
            .bind(now)
            .bind(DeliveryStatus::Pending.as_str())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// Ends a delivery that is pending.
async fn settle(
    tx: &mut sqlx::Transaction<'static, sqlx::Any>,
    message_id: &str,
    receiver: &ReceiverName,
    status: DeliveryStatus,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET status = $3, settled_at = $4
               WHERE message_id = $1 AND receiver = $2 AND status = $5";
    sqlx::query(sql)
        .bind(message_id)
        .bind(receiver.as_str())
        .bind(status.as_str())
        .bind(now)
        .bind(DeliveryStatus::Pending.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) fn message(row: &AnyRow) -> Result<OutboxMessage, StoreError> {
    Ok(OutboxMessage {
        message_id: text(row, "message_id")?,
        workspace: parsed(&text(row, "workspace")?, "workspace")?,
        refresh_id: text(row, "refresh_id")?,
        kind: wire(row, "kind")?,
        created_at: number(row, "created_at")?,
    })
}
