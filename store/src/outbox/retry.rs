//! Having messages delivered again.

use super::DeliveryStatus;
use super::deliver::{OutboxMessage, message};
use super::operate::{FITS, NotificationFilter, fitting};
use crate::row::number;
use crate::{Store, StoreError};
use sqlx::AssertSqlSafe;

/// What is delivered again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retried {
    /// The messages, the oldest first.
    pub messages: Vec<OutboxMessage>,
    /// Deliveries that were left out, because their receivers are disabled; of all messages that fit.
    pub left_out: u64,
}

/// That something can be done for a message: nobody took it in hand, or somebody has not got it whose receiver is enabled. $6, $7
/// and $8 are the names of the states.
const HELPS: &str = "(o.taken_by IS NULL OR EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = o.message_id
        AND d.status IN ($6, $7, $8) AND ($3 IS NULL OR d.receiver = $3)
        AND NOT EXISTS (SELECT 1 FROM disabled_receivers x WHERE x.workspace = o.workspace AND x.receiver = d.receiver)))";

impl Store {
    /// Makes what was not delivered of up to `limit` messages that fit pending again, for a new delivery of each. Only to the
    /// receiver that the filter names, when it names one, and to nobody who is disabled. What was delivered stays delivered.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when nothing says which, [`StoreError::Corrupt`] when one cannot be read,
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn notifications_retry(&self, filter: &NotificationFilter, limit: u32) -> Result<Retried, StoreError> {
        if filter.is_empty() {
            return Err(StoreError::Invalid { what: "a choice of notifications that says nothing" });
        }
        let mut tx = self.write().await?;
        let sql = AssertSqlSafe(format!(
            "SELECT o.message_id, o.workspace, o.refresh_id, o.kind, o.created_at FROM outbox o
             WHERE {FITS} AND {HELPS} ORDER BY o.created_at, o.message_id LIMIT $9"
        ));
        let rows = fitting!(sqlx::query(sql), filter).bind(i64::from(limit)).fetch_all(&mut *tx).await?;
        let messages: Vec<OutboxMessage> = rows.iter().map(message).collect::<Result<_, _>>()?;
        for message in &messages {
            let sql = "UPDATE deliveries SET status = $2, settled_at = NULL
                       WHERE message_id = $1 AND status IN ($3, $4) AND ($5 IS NULL OR receiver = $5)
                           AND receiver NOT IN (SELECT receiver FROM disabled_receivers WHERE workspace = $6)";
            sqlx::query(sql)
                .bind(&message.message_id)
                .bind(DeliveryStatus::Pending.as_str())
                .bind(DeliveryStatus::GivenUp.as_str())
                .bind(DeliveryStatus::Disabled.as_str())
                .bind(filter.receiver.as_ref().map(|name| name.as_str().to_owned()))
                .bind(message.workspace.as_str())
                .execute(&mut *tx)
                .await?;
        }
        let sql = AssertSqlSafe(format!(
            "SELECT COUNT(*) AS deliveries FROM outbox o
             JOIN deliveries l ON l.message_id = o.message_id AND l.status IN ($7, $8)
             JOIN disabled_receivers x ON x.workspace = o.workspace AND x.receiver = l.receiver
             WHERE {FITS} AND ($3 IS NULL OR l.receiver = $3)"
        ));
        let left_out = number(&fitting!(sqlx::query(sql), filter).fetch_one(&mut *tx).await?, "deliveries")?;
        tx.commit().await?;
        Ok(Retried { messages, left_out })
    }
}
