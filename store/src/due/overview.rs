//! The schedule as an operator looks at it.

use super::{day, workspace};
use crate::row::{maybe_number, number, text, wire};
use crate::{Store, StoreError};
use contracts::{UnixMillis, WorkspaceId};
use engine::Colour;
use sqlx::any::AnyRow;

/// Who is due when, and what was taken today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueOverview {
    /// Each workspace with a group, by name.
    pub workspaces: Vec<WorkspaceDue>,
    /// Whoever is next, across workspaces.
    pub next: Vec<NextDue>,
}

/// A workspace's companies, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceDue {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// Companies to be refreshed daily.
    pub red: u64,
    /// Weekly.
    pub orange: u64,
    /// Monthly.
    pub green: u64,
    /// Companies whose due date has come.
    pub due: u64,
    /// The earliest due date.
    pub earliest_due_at: UnixMillis,
    /// Companies taken today (UTC) for a scheduled refresh.
    pub taken_today: u64,
}

/// A company and its place in the schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextDue {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The company in the store.
    pub company_id: String,
    /// Its name.
    pub name: String,
    /// How often it is refreshed.
    pub colour: Colour,
    /// How sure that is, 0–100.
    pub confidence: u8,
    /// When its people were last read.
    pub refreshed_at: UnixMillis,
    /// When they are to be read again.
    pub due_at: UnixMillis,
    /// When it is tried next: the due date, or later when a try did not refresh it.
    pub try_at: UnixMillis,
    /// Tries since the last refresh, without the last one of them.
    pub tries: u32,
}

impl Store {
    /// The schedule of a workspace, or of all; with at most `limit` companies that are next.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a company cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn due_overview(
        &self,
        only: Option<&WorkspaceId>,
        limit: u32,
        now: UnixMillis,
    ) -> Result<DueOverview, StoreError> {
        let only = only.map(WorkspaceId::as_str);
        let mut tx = self.read().await?;
        // The cast tells PostgreSQL what an absent name would be.
        let sql = "SELECT s.workspace, COUNT(*) AS companies, COUNT(CASE WHEN s.colour = 'red' THEN 1 END) AS red,
                       COUNT(CASE WHEN s.colour = 'orange' THEN 1 END) AS orange, COUNT(CASE WHEN s.due_at <= $2 THEN 1 END) AS due,
                       MIN(s.due_at) AS earliest, MAX(b.taken) AS taken
                   FROM refresh_schedules s LEFT JOIN refresh_budgets b ON b.workspace = s.workspace AND b.day = $3
                   WHERE CAST($1 AS TEXT) IS NULL OR s.workspace = $1
                   GROUP BY s.workspace";
        let rows = sqlx::query(sql).bind(only).bind(now).bind(day(now)).fetch_all(&mut *tx).await?;
        let mut workspaces = rows.iter().map(counted).collect::<Result<Vec<_>, _>>()?;
        workspaces.sort_by(|a, b| a.workspace.cmp(&b.workspace));
        let sql = "SELECT s.workspace, s.company_id, c.name, s.colour, s.confidence, s.refreshed_at, s.due_at, s.try_at, s.tries
                   FROM refresh_schedules s JOIN companies c ON c.workspace = s.workspace AND c.company_id = s.company_id
                   WHERE CAST($1 AS TEXT) IS NULL OR s.workspace = $1
                   ORDER BY s.try_at, s.workspace, s.company_id LIMIT $2";
        let rows = sqlx::query(sql).bind(only).bind(i64::from(limit)).fetch_all(&mut *tx).await?;
        Ok(DueOverview { workspaces, next: rows.iter().map(next).collect::<Result<_, _>>()? })
    }
}

fn counted(row: &AnyRow) -> Result<WorkspaceDue, StoreError> {
    let (companies, red, orange): (u64, u64, u64) =
        (number(row, "companies")?, number(row, "red")?, number(row, "orange")?);
    Ok(WorkspaceDue {
        workspace: workspace(text(row, "workspace")?)?,
        red,
        orange,
        green: companies.saturating_sub(red + orange),
        due: number(row, "due")?,
        earliest_due_at: number(row, "earliest")?,
        taken_today: maybe_number(row, "taken")?.unwrap_or(0),
    })
}

fn next(row: &AnyRow) -> Result<NextDue, StoreError> {
    Ok(NextDue {
        workspace: workspace(text(row, "workspace")?)?,
        company_id: text(row, "company_id")?,
        name: text(row, "name")?,
        colour: wire(row, "colour")?,
        confidence: number(row, "confidence")?,
        refreshed_at: number(row, "refreshed_at")?,
        due_at: number(row, "due_at")?,
        try_at: number(row, "try_at")?,
        tries: number(row, "tries")?,
    })
}
