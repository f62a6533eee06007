//! Taking those that are due, and looking again shortly before they are refreshed.

use super::{day, workspace};
use crate::events::RUNNING;
use crate::row::{count, maybe_text, number, text, wire};
use crate::{Store, StoreError};
use contracts::{CompanyRef, EnrichmentLevel, EventId, SourceName, UnixMillis, WorkspaceId};
use engine::schedule::pause_after;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// Which companies to take.
#[derive(Clone, Copy, Debug)]
pub struct TakeDue<'a> {
    /// The run of the schedule that takes them. Asking again under one name gives the same companies.
    pub run: &'a str,
    /// Most of them taken in one workspace on one day (UTC). 0: none.
    pub per_workspace_per_day: u32,
    /// Most of them taken now, in all workspaces together.
    pub at_most: u32,
    /// How long a refresh counts as running: longer than it may wait for a person. One that began earlier was ended from
    /// outside, and its company is due all the same.
    pub still_running: Duration,
}

/// A company that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCompany {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The company in the store.
    pub company_id: String,
    /// The company as a source knows it.
    pub company: CompanyRef,
    /// How much was found out for the group that stands.
    pub level: EnrichmentLevel,
    /// Since when it is due.
    pub due_at: UnixMillis,
    /// The event of this try: `{company}-{due}`, and for further tries their number behind it. A try that has not ended
    /// keeps its event, so that taking a company twice starts nothing twice.
    pub event_id: EventId,
}

/// What the queue says of a company.
struct Queued {
    company: DueCompany,
    /// Tries before this one.
    tries: u32,
}

impl Store {
    /// Takes companies that are due: in each workspace the one that has waited longest first, and one workspace after the
    /// other, the one with the longest wait first. Left out are companies of which a refresh is running.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away. After an
    /// error nothing was taken.
    pub async fn take_due(&self, take: &TakeDue<'_>, now: UnixMillis) -> Result<Vec<DueCompany>, StoreError> {
        let mut tx = self.write().await?;
        let mut queues = Vec::new();
        // By name, so that two who take at once do not wait for each other in a circle.
        for (workspace, oldest) in waiting(&mut tx, now).await? {
            let left = lock_budget(&mut tx, &workspace, take, now).await?;
            queues.push((oldest, workspace, left));
        }
        let taken = taken_by(&mut tx, take.run).await?;
        if !taken.is_empty() {
            return Ok(taken);
        }
        queues.sort();
        let mut rows = Vec::with_capacity(queues.len());
        for (_, workspace, left) in &queues {
            rows.push(due(&mut tx, workspace, take, *left, now).await?);
        }
        let turns = in_turns(rows, take.at_most);
        let mut counts: BTreeMap<WorkspaceId, i64> = BTreeMap::new();
        for queued in &turns {
            put_back(&mut tx, queued, take.run, now).await?;
            *counts.entry(queued.company.workspace.clone()).or_default() += 1;
        }
        for (workspace, count) in &counts {
            let sql = "UPDATE refresh_budgets SET taken = taken + $3 WHERE workspace = $1 AND day = $2";
            sqlx::query(sql).bind(workspace.as_str()).bind(day(now)).bind(*count).execute(&mut *tx).await?;
        }
        sqlx::query("DELETE FROM refresh_budgets WHERE day < $1").bind(day(now) - 1).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(turns.into_iter().map(|queued| queued.company).collect())
    }

    /// Those of a run's events whose company has neither been refreshed since it was taken nor is being refreshed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn still_due(
        &self,
        run: &str,
        still_running: Duration,
        now: UnixMillis,
    ) -> Result<BTreeSet<(String, String)>, StoreError> {
        let mut tx = self.read().await?;
        let sql = "SELECT s.workspace, s.event_id FROM refresh_schedules s
                   WHERE s.taken_by = $1 AND s.event_id IS NOT NULL AND NOT EXISTS
                       (SELECT 1 FROM refreshes r WHERE r.workspace = s.workspace AND r.company_id = s.company_id
                            AND r.status = $2 AND r.started_at > $3)";
        let rows = sqlx::query(sql).bind(run).bind(RUNNING).bind(since(still_running, now)).fetch_all(&mut *tx).await?;
        rows.iter().map(|row| Ok((text(row, "workspace")?, text(row, "event_id")?))).collect()
    }
}

/// Workspaces in which somebody waits, by name, each with the longest wait.
async fn waiting(
    tx: &mut Transaction<'static, Any>,
    now: UnixMillis,
) -> Result<BTreeMap<WorkspaceId, UnixMillis>, StoreError> {
    let sql = "SELECT workspace, MIN(try_at) AS oldest FROM refresh_schedules WHERE try_at <= $1 GROUP BY workspace";
    let rows = sqlx::query(sql).bind(now).fetch_all(&mut **tx).await?;
    rows.iter().map(|row| Ok((workspace(text(row, "workspace")?)?, number(row, "oldest")?))).collect()
}

/// What is left of the workspace's budget of the day, which nobody else takes from until this transaction ends.
async fn lock_budget(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    take: &TakeDue<'_>,
    now: UnixMillis,
) -> Result<u32, StoreError> {
    let sql = "INSERT INTO refresh_budgets (workspace, day) VALUES ($1, $2)
               ON CONFLICT (workspace, day) DO UPDATE SET taken = refresh_budgets.taken RETURNING taken";
    let row = sqlx::query(sql).bind(workspace.as_str()).bind(day(now)).fetch_one(&mut **tx).await?;
    Ok(take.per_workspace_per_day.saturating_sub(number(&row, "taken")?))
}

const COLUMNS: &str = "SELECT s.workspace, s.company_id, s.due_at, s.tries, s.event_id, c.name, c.domain, c.source_id,
                           g.level, e.outcome
                       FROM refresh_schedules s
                       JOIN companies c ON c.workspace = s.workspace AND c.company_id = s.company_id
                       JOIN buyer_groups g ON g.workspace = s.workspace AND g.company_id = s.company_id
                       LEFT JOIN webhook_events e ON e.workspace = s.workspace AND e.source = $1
                           AND e.event_id = s.event_id
                       LEFT JOIN refreshes l ON l.refresh_id = e.refresh_id";

/// What this run has taken before.
async fn taken_by(tx: &mut Transaction<'static, Any>, run: &str) -> Result<Vec<DueCompany>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} WHERE s.taken_by = $2 AND s.event_id IS NOT NULL ORDER BY s.due_at, s.workspace, s.company_id"
    ));
    let rows = sqlx::query(sql).bind(SourceName::SCHEDULE).bind(run).fetch_all(&mut **tx).await?;
    rows.iter().map(|row| company(row, event_id(text(row, "event_id")?)?)).collect()
}

/// Those of a workspace whose turn it is, whoever waits longest first.
async fn due(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    take: &TakeDue<'_>,
    left: u32,
    now: UnixMillis,
) -> Result<VecDeque<Queued>, StoreError> {
    let at_most = left.min(take.at_most);
    if at_most == 0 {
        return Ok(VecDeque::new());
    }
    // A refresh knows its company only once it has found out which one is meant; that of the last try is known by its event.
    // The pause counts from the end of that one, which may have waited for a person for days.
    let sql = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} WHERE s.workspace = $2 AND s.try_at <= $3
             AND (e.outcome IS NULL OR e.outcome <> $4 OR e.recorded_at <= $5)
             AND (l.completed_at IS NULL OR l.completed_at + s.pause <= $3)
             AND NOT EXISTS (SELECT 1 FROM refreshes r WHERE r.workspace = s.workspace AND r.company_id = s.company_id
                                 AND r.status = $4 AND r.started_at > $5)
         ORDER BY s.try_at, s.company_id LIMIT $6"
    ));
    let rows = sqlx::query(sql)
        .bind(SourceName::SCHEDULE)
        .bind(workspace.as_str())
        .bind(now)
        .bind(RUNNING)
        .bind(since(take.still_running, now))
        .bind(i64::from(at_most))
        .fetch_all(&mut **tx)
        .await?;
    rows.iter()
        .map(|row| {
            // Where the last try has ended, this is another one; where it has not been heard of, it is still that one.
            let ended = maybe_text(row, "outcome")?.is_some();
            let tries = number::<u32>(row, "tries")?.saturating_add(u32::from(ended));
            let (company_id, due_at) = (text(row, "company_id")?, number::<i64>(row, "due_at")?);
            let event =
                if tries == 0 { format!("{company_id}-{due_at}") } else { format!("{company_id}-{due_at}-{tries}") };
            Ok(Queued { company: company(row, event_id(event)?)?, tries })
        })
        .collect()
}

/// A refresh that began then or earlier no longer counts as running.
fn since(still_running: Duration, now: UnixMillis) -> UnixMillis {
    now.saturating_sub(count(still_running.as_millis()))
}

fn event_id(text: String) -> Result<EventId, StoreError> {
    EventId::try_from(text).map_err(|_| StoreError::corrupt("column event_id: not an event id"))
}

fn company(row: &AnyRow, event_id: EventId) -> Result<DueCompany, StoreError> {
    Ok(DueCompany {
        workspace: workspace(text(row, "workspace")?)?,
        company_id: text(row, "company_id")?,
        company: CompanyRef {
            id: maybe_text(row, "source_id")?,
            name: text(row, "name")?,
            domain: maybe_text(row, "domain")?,
        },
        level: wire(row, "level")?,
        due_at: number(row, "due_at")?,
        event_id,
    })
}

/// One of each workspace after the other, until there are enough.
fn in_turns(mut queues: Vec<VecDeque<Queued>>, at_most: u32) -> Vec<Queued> {
    let mut turns = Vec::new();
    loop {
        let before = turns.len();
        for queue in &mut queues {
            if turns.len() >= at_most as usize {
                return turns;
            }
            turns.extend(queue.pop_front());
        }
        if turns.len() == before {
            return turns;
        }
    }
}

/// Gives it its place at the end of the queue, where it stays unless it is refreshed.
async fn put_back(
    tx: &mut Transaction<'static, Any>,
    queued: &Queued,
    run: &str,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let Queued { company, tries } = queued;
    let sql = "UPDATE refresh_schedules SET try_at = $3, tries = $4, event_id = $5, taken_by = $6, pause = $8
               WHERE workspace = $1 AND company_id = $2 AND due_at = $7";
    let pause = pause_after(*tries);
    sqlx::query(sql)
        .bind(company.workspace.as_str())
        .bind(&company.company_id)
        .bind(now.saturating_add(pause))
        .bind(i64::from(*tries))
        .bind(company.event_id.as_str())
        .bind(run)
        // Saved in this moment, it is no longer due.
        .bind(company.due_at)
        .bind(pause)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
