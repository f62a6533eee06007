//! Letting go, page by page, of what nobody needs any more.

use crate::documents::without_contacts;
use crate::group_versions::forget_superseded;
use crate::outbox::forget_told;
use crate::people::PAGE;
use crate::row::{json, text, to_json};
use crate::{Store, StoreError};
use contracts::{Retained, UnixMillis};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Any, Transaction};

/// Refreshes looked at in one transaction.
const REFRESHES: i64 = 250;
/// Groups of the past, and messages, deleted in one transaction.
const DELETED: i64 = 100;

/// What is too old to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoffs {
    /// Contact data of whoever had left before this, and that in candidates and diffs of refreshes that ended before.
    pub contacts: UnixMillis,
    /// Diffs and operations of refreshes that ended before this, groups that were replaced before this, and messages that
    /// nobody had to get any more before this.
    pub logs: UnixMillis,
}

/// How far a run of the retention has come. Names nobody, so that it may stand in a heartbeat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retaining {
    /// Whether everybody who left was looked at.
    people: bool,
    /// Whether every refresh was.
    refreshes: bool,
    /// The last refresh that was.
    after: String,
    done: bool,
    /// What was let go of.
    pub retained: Retained,
}

impl Retaining {
    /// Whether nothing is left to be looked at.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done
    }
}

impl Store {
    /// Lets go of the next page of what is too old, and says how far that is. To be called until it is done; a page may be
    /// done twice. The groups that stand, who was a member from when to when, the refresh log and the identities of events are kept.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a diff cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn retain_page(&self, cutoffs: Cutoffs, at: &Retaining) -> Result<Retaining, StoreError> {
        let mut next = at.clone();
        if at.done {
            return Ok(next);
        }
        let mut tx = self.write().await?;
        if at.refreshes {
            let versions = forget_superseded(&mut tx, cutoffs.logs, DELETED).await?;
            let notifications = forget_told(&mut tx, cutoffs.logs, DELETED).await?;
            next.retained.versions += versions;
            next.retained.notifications += notifications;
            next.done = versions + notifications == 0;
        } else if at.people {
            refreshes_page(&mut tx, cutoffs, &mut next).await?;
        } else {
            let forgotten = former_members(&mut tx, cutoffs.contacts).await?;
            next.retained.contacts += forgotten;
            next.people = forgotten == 0;
        }
        tx.commit().await?;
        Ok(next)
    }
}

/// Erases how to reach people who have left. That nothing may be used is not forgotten: they have nothing to erase.
async fn former_members(tx: &mut Transaction<'static, Any>, before: UnixMillis) -> Result<u64, StoreError> {
    // The date of the row is looked at again once it is locked: whoever comes back in this moment keeps what is new.
    let sql = format!(
        "UPDATE people SET email = NULL, phone = NULL, email_hash = NULL, phone_hash = NULL, contact_source = NULL
         WHERE updated_at < $1 AND (workspace, company_id, person_id) IN (
             SELECT p.workspace, p.company_id, p.person_id FROM people p
             WHERE (p.email IS NOT NULL OR p.phone IS NOT NULL) AND p.updated_at < $1
                 AND NOT EXISTS (SELECT 1 FROM members m WHERE m.workspace = p.workspace AND m.company_id = p.company_id
                     AND m.person_id = p.person_id AND (m.left_at IS NULL OR m.left_at >= $1))
             LIMIT {PAGE})"
    );
    Ok(sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before).execute(&mut **tx).await?.rows_affected())
}

async fn refreshes_page(
    tx: &mut Transaction<'static, Any>,
    cutoffs: Cutoffs,
    next: &mut Retaining,
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT refresh_id FROM refreshes WHERE refresh_id > $1 AND completed_at < $2 ORDER BY refresh_id LIMIT {REFRESHES}"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(&next.after)
        .bind(cutoffs.contacts.max(cutoffs.logs))
        .fetch_all(&mut **tx)
        .await?;
    let Some(last) = rows.last() else {
        next.refreshes = true;
        return Ok(());
    };
    let last = text(last, "refresh_id")?;
    let mut gone = [0; 4];
    for (at, (table, before)) in [
        ("pipeline_operations", cutoffs.logs),
        ("diffs", cutoffs.logs),
        ("candidates", cutoffs.contacts),
        ("choices", cutoffs.contacts),
    ]
    .into_iter()
    .enumerate()
    {
        // Names of tables from the list above, and nothing else, get into the text.
        let sql = format!(
            "DELETE FROM {table} WHERE refresh_id IN
                 (SELECT refresh_id FROM refreshes WHERE refresh_id > $1 AND refresh_id <= $2 AND completed_at < $3)"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(&next.after).bind(&last).bind(before);
        gone[at] = query.execute(&mut **tx).await?.rows_affected();
    }
    let [operations, diffs, candidates, _] = gone;
    next.retained.operations += operations;
    next.retained.diffs += diffs + diffs_without_contacts(tx, &next.after, &last, cutoffs.contacts).await?;
    next.retained.candidates += candidates;
    next.after = last;
    Ok(())
}

async fn diffs_without_contacts(
    tx: &mut Transaction<'static, Any>,
    after: &str,
    last: &str,
    before: UnixMillis,
) -> Result<u64, StoreError> {
    let sql = "SELECT d.refresh_id, d.diff FROM diffs d JOIN refreshes r ON r.refresh_id = d.refresh_id
               WHERE d.refresh_id > $1 AND d.refresh_id <= $2 AND r.completed_at < $3
                   AND (d.diff LIKE '%\"email\":%' OR d.diff LIKE '%\"phone\":%')";
    let mut changed = 0;
    for row in sqlx::query(sql).bind(after).bind(last).bind(before).fetch_all(&mut **tx).await? {
        let mut diff: Value = json(&row, "diff")?;
        if without_contacts(&mut diff) {
            let sql = "UPDATE diffs SET diff = $2 WHERE refresh_id = $1";
            sqlx::query(sql).bind(text(&row, "refresh_id")?).bind(to_json(&diff)?).execute(&mut **tx).await?;
            changed += 1;
        }
    }
    Ok(changed)
}
