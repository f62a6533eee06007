//! What starters do with the entries: take some in hand, and say what became of them.
//!
//! A claim is a lease: it is nobody else's until it ends, and comes back by itself when its holder is gone. Only the
//! holder can say what became of it; a holder whose lease has ended and passed on is not listened to any more.

use super::{ClaimedEntry, InboxStats};
use crate::row::{maybe_number, number, text, to_json};
use crate::{Store, StoreError};
use contracts::UnixMillis;
use sqlx::AssertSqlSafe;

impl Store {
    /// Takes up to `limit` entries in hand that nobody else has, the oldest first, until `now + lease` (milliseconds).
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_claim(
        &self,
        limit: u32,
        lease: i64,
        owner: &str,
        now: UnixMillis,
    ) -> Result<Vec<ClaimedEntry>, StoreError> {
        // Materialised, because a limit that is evaluated anew for each row would be none.
        let sql = AssertSqlSafe(format!(
            "WITH next AS MATERIALIZED (
                 SELECT workflow_id FROM inbox WHERE dead_at IS NULL AND not_before <= $1 AND claimed_until <= $1
                 ORDER BY received_at, workflow_id LIMIT $2 {})
             UPDATE inbox SET claimed_by = $3, claimed_until = $4, attempts = attempts + 1
             WHERE workflow_id IN (SELECT workflow_id FROM next)
             RETURNING workflow_id, kind, digest, request, received_at, attempts",
            self.dialect().skip_locked()
        ));
        let mut tx = self.write().await?;
        let rows = sqlx::query(sql)
            .bind(now)
            .bind(i64::from(limit))
            .bind(owner)
            .bind(now.saturating_add(lease))
            .fetch_all(&mut *tx)
            .await?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in &rows {
            claimed.push(ClaimedEntry {
                workflow_id: text(row, "workflow_id")?,
                kind: text(row, "kind")?,
                digest: text(row, "digest")?,
                request: text(row, "request")?,
                received_at: number(row, "received_at")?,
                attempts: number(row, "attempts")?,
            });
        }
        tx.commit().await?;
        claimed.sort_by(|a, b| (a.received_at, &a.workflow_id).cmp(&(b.received_at, &b.workflow_id)));
        Ok(claimed)
    }

    /// Temporal has these: they and what they say go.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_done(&self, ids: &[&str], owner: &str) -> Result<u64, StoreError> {
        let what = "DELETE FROM inbox WHERE";
        let mut tx = self.write().await?;
        let sql = AssertSqlSafe(format!("{what} {}", self.held()));
        let done = sqlx::query(sql).bind(to_json(&ids)?).bind(owner).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// These could not be started now: anybody may take them in hand again from `not_before` on. `class` says why.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_postpone(
        &self,
        ids: &[&str],
        owner: &str,
        not_before: UnixMillis,
        class: &str,
    ) -> Result<u64, StoreError> {
        let what = "UPDATE inbox SET claimed_by = NULL, claimed_until = 0, not_before = $3, last_error = $4 WHERE";
        let mut tx = self.write().await?;
        let sql = AssertSqlSafe(format!("{what} {}", self.held()));
        let query = sqlx::query(sql).bind(to_json(&ids)?).bind(owner).bind(not_before).bind(class);
        let done = query.execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Trying this one again changes nothing: it waits for an operator. `class` says why.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_bury(&self, id: &str, owner: &str, class: &str, now: UnixMillis) -> Result<u64, StoreError> {
        let what = "UPDATE inbox SET claimed_by = NULL, claimed_until = 0, dead_at = $3, last_error = $4 WHERE";
        let mut tx = self.write().await?;
        let sql = AssertSqlSafe(format!("{what} {}", self.held()));
        let query = sqlx::query(sql).bind(to_json(&[id])?).bind(owner).bind(now).bind(class);
        let done = query.execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// Forgets what was given up before this moment, and says how many that were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_forget_dead(&self, before: UnixMillis) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let forgotten = sqlx::query("DELETE FROM inbox WHERE dead_at < $1").bind(before).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(forgotten.rows_affected())
    }

    /// How much there is, and how old the oldest that waits.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn inbox_stats(&self) -> Result<InboxStats, StoreError> {
        let sql = "SELECT COUNT(*) AS everything, COUNT(dead_at) AS dead,
                          MIN(CASE WHEN dead_at IS NULL THEN received_at END) AS oldest FROM inbox";
        let row = sqlx::query(sql).fetch_one(self.readers()).await?;
        let (everything, dead): (u64, u64) = (number(&row, "everything")?, number(&row, "dead")?);
        Ok(InboxStats {
            pending: everything.saturating_sub(dead),
            oldest_received_at: maybe_number(&row, "oldest")?,
            dead,
        })
    }

    /// Those of $1 that $2 has in hand.
    fn held(&self) -> String {
        format!("workflow_id IN (SELECT value FROM {}) AND claimed_by = $2", self.dialect().json_texts())
    }
}
