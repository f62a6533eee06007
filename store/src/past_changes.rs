//! What the refreshes of a company changed, and what the one whose group stands found out about each member.

use crate::refreshes::{COLUMNS, record};
use crate::row::{json, maybe_json, text};
use crate::{RefreshRecord, Store, StoreError, StoredEnrichment};
use contracts::{Enrichment, OutcomeKind, UnixMillis, WorkspaceId};
use engine::Diff;
use std::collections::BTreeMap;

/// A refresh that saved a group, and what it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastChange {
    /// The refresh.
    pub refresh: RefreshRecord,
    /// What it changed; `None` when that is no longer kept.
    pub diff: Option<Diff>,
}

impl Store {
    /// The latest refreshes that saved a group of this company up to a moment, newest first, at most `limit`, each with
    /// what it changed.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn past_changes(
        &self,
        workspace: &WorkspaceId,
        company_id: &str,
        until: UnixMillis,
        limit: u32,
    ) -> Result<Vec<PastChange>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE workspace = $1 AND company_id = $2 AND status = $3 AND completed_at <= $4
             ORDER BY completed_at DESC, refresh_id DESC LIMIT $5"
        ));
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql)
            .bind(workspace.as_str())
            .bind(company_id)
            .bind(OutcomeKind::Refreshed.as_str())
            .bind(until)
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        let mut changes = Vec::with_capacity(rows.len());
        for row in &rows {
            let refresh = record(row)?;
            let sql = "SELECT diff FROM diffs WHERE refresh_id = $1";
            let diff = sqlx::query(sql).bind(&refresh.refresh_id).fetch_optional(&mut *tx).await?;
            let diff = diff.as_ref().map(|row| json(row, "diff")).transpose()?;
            changes.push(PastChange { refresh, diff });
        }
        Ok(changes)
    }

    /// What asking for contact data brought, by person, as far as this refresh asked and it is still kept: a later refresh
    /// of the company takes its place.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn answers(&self, refresh_id: &str) -> Result<BTreeMap<String, Enrichment>, StoreError> {
        let sql = "SELECT person_id, enrichment FROM candidates WHERE refresh_id = $1 AND enrichment IS NOT NULL";
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql).bind(refresh_id).fetch_all(&mut *tx).await?;
        let mut answers = BTreeMap::new();
        for row in &rows {
            if let Some(answer) = maybe_json::<StoredEnrichment>(row, "enrichment")? {
                answers.insert(text(row, "person_id")?, answer.result);
            }
        }
        Ok(answers)
    }
}
