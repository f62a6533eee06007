//! Groups as they once stood.

use crate::groups::{GROUP_COLUMNS, MEMBER_COLUMNS, SavedGroup, group, member};
use crate::people::ERASED;
use crate::row::{number, text};
use crate::{Store, StoreError};
use contracts::{SaveInput, UnixMillis, WorkspaceId};
use sqlx::{Any, Transaction};

/// A company's group as it stood at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastGroup {
    /// The group. Roles, titles, scores and reasons are those of then; names and contact data are what is known now.
    pub group: SavedGroup,
    /// Members of then about whom nothing is kept any more; they are not among the members.
    pub erased: u64,
}

impl Store {
    /// The company's group as it stood at this moment; `None` when there was none yet, or none was kept.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn group_as_of(
        &self,
        workspace: &WorkspaceId,
        company_id: &str,
        at: UnixMillis,
    ) -> Result<Option<PastGroup>, StoreError> {
        // The group that stands has its people in full.
        if let Some(group) = self.group(workspace, company_id).await?.filter(|group| group.refreshed_at <= at) {
            return Ok(Some(PastGroup { group, erased: 0 }));
        }
        let mut tx = self.read().await?;
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT {GROUP_COLUMNS}
             FROM group_versions g JOIN companies c ON c.workspace = g.workspace AND c.company_id = g.company_id
             WHERE g.workspace = $1 AND g.company_id = $2 AND g.refreshed_at <= $3 ORDER BY g.version DESC LIMIT 1"
        ));
        let header =
            sqlx::query(sql).bind(workspace.as_str()).bind(company_id).bind(at).fetch_optional(&mut *tx).await?;
        let Some(header) = header else { return Ok(None) };
        let version: i64 = number(&header, "version")?;
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT {MEMBER_COLUMNS}
             FROM group_version_seats m JOIN people p
                 ON p.workspace = m.workspace AND p.company_id = m.company_id AND p.person_ref = m.person_ref
             WHERE m.workspace = $1 AND m.company_id = $2 AND m.version = $3 AND p.name <> '{ERASED}' ORDER BY m.seat"
        ));
        let rows = sqlx::query(sql).bind(workspace.as_str()).bind(company_id).bind(version).fetch_all(&mut *tx).await?;
        let members = rows.iter().map(member).collect::<Result<Vec<_>, _>>()?;
        let sql = "SELECT COUNT(*) FROM group_version_seats WHERE workspace = $1 AND company_id = $2 AND version = $3";
        let seats: i64 =
            sqlx::query_scalar(sql).bind(workspace.as_str()).bind(company_id).bind(version).fetch_one(&mut *tx).await?;
        let erased = u64::try_from(seats).unwrap_or_default().saturating_sub(members.len() as u64);
        Ok(Some(PastGroup { group: group(company_id, &header, members)?, erased }))
    }
}

/// Keeps the group that a save has just written as a version of its own. The company must be locked.
pub(crate) async fn keep_version(tx: &mut Transaction<'static, Any>, input: &SaveInput) -> Result<(), StoreError> {
    for sql in [
        "INSERT INTO group_versions
             (workspace, company_id, version, refresh_id, refreshed_at, level, tier, tier_known, targets, cohesion,
              confidence, gaps, considered)
         SELECT workspace, company_id, version, refresh_id, refreshed_at, level, tier, tier_known, targets, cohesion,
             confidence, gaps, considered
         FROM buyer_groups WHERE workspace = $1 AND company_id = $2",
        "INSERT INTO group_version_seats
             (workspace, company_id, version, seat, person_ref, joined_at, role, title, level, functions, scores,
              confidence, reasons)
         SELECT m.workspace, m.company_id, g.version, m.seat, p.person_ref, m.joined_at, m.role, m.title, m.level,
             m.functions, m.scores, m.confidence, m.reasons
         FROM members m
         JOIN buyer_groups g ON g.workspace = m.workspace AND g.company_id = m.company_id
         JOIN people p ON p.workspace = m.workspace AND p.company_id = m.company_id AND p.person_id = m.person_id
         WHERE m.workspace = $1 AND m.company_id = $2 AND m.left_at IS NULL",
    ] {
        sqlx::query(sql).bind(input.workspace.as_str()).bind(&input.company_id).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Keeps the seats of somebody who is known by another reference from now on.
pub(crate) async fn refer_seats(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    company_id: &str,
    [before, after]: [&str; 2],
) -> Result<(), StoreError> {
    let sql = "UPDATE group_version_seats SET person_ref = $4
               WHERE workspace = $1 AND company_id = $2 AND person_ref = $3 AND person_ref <> $4";
    let query = sqlx::query(sql).bind(workspace.as_str()).bind(company_id).bind(before).bind(after);
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Leaves of an erased person's seats that there was somebody with a role.
pub(crate) async fn blank_seats(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    company_id: &str,
    person_ref: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE group_version_seats SET title = NULL, functions = '[]', reasons = '[]'
               WHERE workspace = $1 AND company_id = $2 AND person_ref = $3";
    sqlx::query(sql).bind(workspace.as_str()).bind(company_id).bind(person_ref).execute(&mut **tx).await?;
    Ok(())
}

/// Forgets up to so many groups that were replaced before this, and how many there were. The newest version of a company is never
/// among them, and no older one is kept when a later one goes: what is kept of the past is whole.
pub(crate) async fn forget_superseded(
    tx: &mut Transaction<'static, Any>,
    before: UnixMillis,
    limit: i64,
) -> Result<u64, StoreError> {
    let sql = "SELECT g.workspace, g.company_id, g.version FROM group_versions g
               WHERE EXISTS (SELECT 1 FROM group_versions n WHERE n.workspace = g.workspace
                             AND n.company_id = g.company_id AND n.version > g.version AND n.refreshed_at < $1)
               ORDER BY g.workspace, g.company_id, g.version LIMIT $2";
    let old = sqlx::query(sql).bind(before).bind(limit).fetch_all(&mut **tx).await?;
    for row in &old {
        for table in ["group_version_seats", "group_versions"] {
            let sql = format!("DELETE FROM {table} WHERE workspace = $1 AND company_id = $2 AND version = $3");
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(text(row, "workspace")?)
                .bind(text(row, "company_id")?)
                .bind(number::<i64>(row, "version")?)
                .execute(&mut **tx)
                .await?;
        }
    }
    Ok(old.len() as u64)
}
