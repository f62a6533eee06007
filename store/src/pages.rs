//! Long lists, a page at a time: refreshes from the newest back, companies by id.

use crate::companies::company;
use crate::refreshes::{COLUMNS as REFRESH, record};
use crate::row::{maybe_number, maybe_text, maybe_wire, number, text};
use crate::{RefreshRecord, Store, StoreError};
use contracts::{EnrichmentLevel, UnixMillis, WorkspaceId};
use engine::Company;
use sqlx::any::AnyRow;

/// How a refresh stands, coarsely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshState {
    /// On its way.
    Running,
    /// Ended with an answer, whatever it was.
    Completed,
    /// A step failed for good.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

impl RefreshState {
    const fn condition(self) -> &'static str {
        match self {
            RefreshState::Running => "AND status = 'running'",
            RefreshState::Completed => "AND status NOT IN ('running', 'failed', 'cancelled')",
            RefreshState::Failed => "AND status = 'failed'",
            RefreshState::Cancelled => "AND status = 'cancelled'",
        }
    }
}

/// Which refreshes are meant: those that fit everything that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefreshFilter {
    /// Those that stand so.
    pub state: Option<RefreshState>,
    /// Those of this company.
    pub company_id: Option<String>,
    /// Those that began then or later.
    pub since: Option<UnixMillis>,
}

/// Where a page of refreshes ended: the next one begins behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshMark {
    /// When the last one began.
    pub started_at: UnixMillis,
    /// Its id.
    pub refresh_id: String,
}

/// A company with what is known of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyRecord {
    /// The company in the store.
    pub company_id: String,
    /// The company.
    pub company: Company,
    /// Its id at the source.
    pub source_id: Option<String>,
    /// Its group, once one was saved.
    pub group: Option<GroupSummary>,
}

/// A group in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSummary {
    /// How often a group of this company was saved.
    pub version: u64,
    /// Members.
    pub members: u32,
    /// 0–100; `None` when there was nothing to judge by.
    pub cohesion: Option<u8>,
    /// 0–100.
    pub confidence: u8,
    /// How much was found out.
    pub level: EnrichmentLevel,
    /// When it was saved.
    pub refreshed_at: UnixMillis,
}

const COMPANY: &str = "SELECT c.company_id, c.name, c.domain, c.staff, c.revenue, c.source_id, g.version, g.cohesion,
        g.confidence, g.level AS group_level, g.refreshed_at,
        (SELECT COUNT(*) FROM members m
         WHERE m.workspace = c.workspace AND m.company_id = c.company_id AND m.left_at IS NULL) AS members
    FROM companies c LEFT JOIN buyer_groups g ON g.workspace = c.workspace AND g.company_id = c.company_id
    WHERE c.workspace = $1";

impl Store {
    /// Up to `limit` refreshes of a workspace that fit, newest first, from behind `after`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn refreshes_page(
        &self,
        workspace: &WorkspaceId,
        filter: &RefreshFilter,
        after: Option<&RefreshMark>,
        limit: u32,
    ) -> Result<Vec<RefreshRecord>, StoreError> {
        let state = filter.state.map(RefreshState::condition).unwrap_or_default();
        let sql = sqlx::AssertSqlSafe(format!(
            "{REFRESH} WHERE workspace = $1 AND ($2 IS NULL OR company_id = $2) AND started_at >= $3
                 AND (started_at < $4 OR (started_at = $4 AND refresh_id < $5)) {state}
             ORDER BY started_at DESC, refresh_id DESC LIMIT $6"
        ));
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql)
            .bind(workspace.as_str())
            .bind(filter.company_id.as_deref())
            .bind(filter.since.unwrap_or(UnixMillis::MIN))
            .bind(after.map_or(UnixMillis::MAX, |mark| mark.started_at))
            .bind(after.map_or("", |mark| mark.refresh_id.as_str()))
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        rows.iter().map(record).collect()
    }

    /// Up to `limit` companies of a workspace, by id, from behind the id `after`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn companies_page(
        &self,
        workspace: &WorkspaceId,
        after: &str,
        limit: u32,
    ) -> Result<Vec<CompanyRecord>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{COMPANY} AND c.company_id > $2 ORDER BY c.company_id LIMIT $3"));
        let mut tx = self.read().await?;
        let rows =
            sqlx::query(sql).bind(workspace.as_str()).bind(after).bind(i64::from(limit)).fetch_all(&mut *tx).await?;
        rows.iter().map(company_record).collect()
    }

    /// One company with what is known of its group.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn company_record(
        &self,
        workspace: &WorkspaceId,
        company_id: &str,
    ) -> Result<Option<CompanyRecord>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{COMPANY} AND c.company_id = $2"));
        let mut tx = self.read().await?;
        let row = sqlx::query(sql).bind(workspace.as_str()).bind(company_id).fetch_optional(&mut *tx).await?;
        row.as_ref().map(company_record).transpose()
    }
}

fn company_record(row: &AnyRow) -> Result<CompanyRecord, StoreError> {
    let group = match maybe_number(row, "version")? {
        None => None,
        Some(version) => Some(GroupSummary {
            version,
            members: number(row, "members")?,
            cohesion: maybe_number(row, "cohesion")?,
            confidence: number(row, "confidence")?,
            level: maybe_wire(row, "group_level")?.unwrap_or(EnrichmentLevel::Other),
            refreshed_at: number(row, "refreshed_at")?,
        }),
    };
    Ok(CompanyRecord {
        company_id: text(row, "company_id")?,
        company: company(row)?,
        source_id: maybe_text(row, "source_id")?,
        group,
    })
}
