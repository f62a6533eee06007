//! What goes by itself: finding messages that were left lying, and letting go of those that were told long ago.

use super::DeliveryStatus;
use super::deliver::{OutboxMessage, message};
use crate::{Store, StoreError};
use contracts::UnixMillis;
use sqlx::{Any, Transaction};

impl Store {
    /// Of each workspace the oldest message that nobody took in hand although it is older than `before`; of so many
    /// workspaces, those whose message is oldest. The delivery of that one takes the others along.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn left_lying(&self, before: UnixMillis, workspaces: u32) -> Result<Vec<OutboxMessage>, StoreError> {
        let sql = "SELECT message_id, workspace, refresh_id, kind, created_at FROM outbox
                   WHERE message_id IN
                       (SELECT (SELECT o.message_id FROM outbox o WHERE o.workspace = w.workspace AND o.taken_by IS NULL
                                ORDER BY o.created_at, o.message_id LIMIT 1)
                        FROM outbox w WHERE w.taken_by IS NULL AND w.created_at < $1 GROUP BY w.workspace)
                   ORDER BY created_at, message_id LIMIT $2";
        let rows = sqlx::query(sql).bind(before).bind(i64::from(workspaces)).fetch_all(self.readers()).await?;
        rows.iter().map(message).collect()
    }
}

/// Forgets up to so many messages that became true before this and have nobody left who is to get them; how many there were.
pub(crate) async fn forget_told(
    tx: &mut Transaction<'static, Any>,
    before: UnixMillis,
    limit: i64,
) -> Result<u64, StoreError> {
    let sql = "SELECT o.message_id FROM outbox o WHERE o.created_at < $1 AND o.taken_by IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = o.message_id
                                   AND (d.status = $2 OR d.settled_at >= $1))
               ORDER BY o.created_at, o.message_id LIMIT $3";
    let told: Vec<String> = sqlx::query_scalar(sql)
        .bind(before)
        .bind(DeliveryStatus::Pending.as_str())
        .bind(limit)
        .fetch_all(&mut **tx)
        .await?;
    for message_id in &told {
        for sql in ["DELETE FROM deliveries WHERE message_id = $1", "DELETE FROM outbox WHERE message_id = $1"] {
            sqlx::query(sql).bind(message_id).execute(&mut **tx).await?;
        }
    }
    Ok(told.len() as u64)
}
