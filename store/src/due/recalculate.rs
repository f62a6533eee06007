//! Working the colours out anew: time has passed, or the rule is another one. Nobody was looked at, so no due date moves.

use super::workspace;
use crate::row::{maybe_number, maybe_text, number, text, wire};
use crate::{Store, StoreError};
use contracts::{UnixMillis, WorkspaceId};
use engine::schedule::Schedule;
use engine::{Colour, Urgency, urgency};
use sqlx::{Any, Transaction};
use std::collections::BTreeMap;

/// Companies looked at in one transaction.
const PAGE: i64 = 200;

/// How far a recalculation has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recalculating {
    /// The last company that was looked at.
    after: (String, String),
    done: bool,
    /// Companies looked at.
    pub companies: u64,
    /// Those of them whose colour, or how sure it is, is another one now, and those that are in the schedule only now.
    pub changed: u64,
}

impl Recalculating {
    /// Whether nobody is left to be looked at.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done
    }
}

/// A company with a group.
struct Company {
    workspace: WorkspaceId,
    company_id: String,
    /// When its people were read.
    read_at: UnixMillis,
    /// As it stands in the schedule; `None` when its group was saved by a release that knew of none.
    scheduled: Option<(Schedule, u8)>,
}

impl Store {
    /// Works out the colours of the next page of companies, and says how far that is. To be called until it is done. A
    /// company that is missing from the schedule is put into it, due one interval after its people were read.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a company cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn recalculate_page(&self, at: &Recalculating, now: UnixMillis) -> Result<Recalculating, StoreError> {
        let mut next = at.clone();
        let mut tx = self.write().await?;
        let companies = page(&mut tx, &at.after).await?;
        let Some(last) = companies.last() else {
            next.done = true;
            return Ok(next);
        };
        next.after = (last.workspace.to_string(), last.company_id.clone());
        let starts = starts(&mut tx, &at.after, &next.after).await?;
        for company in &companies {
            let key = (company.workspace.to_string(), company.company_id.clone());
            let starts = starts.get(&key).map(Vec::as_slice).unwrap_or_default();
            let urgency = urgency(starts.iter().map(Option::as_deref), now);
            next.companies += 1;
            next.changed += u64::from(put(&mut tx, company, urgency).await?);
        }
        tx.commit().await?;
        Ok(next)
    }
}

async fn page(tx: &mut Transaction<'static, Any>, after: &(String, String)) -> Result<Vec<Company>, StoreError> {
    let sql = "SELECT g.workspace, g.company_id, g.chosen_at, s.colour, s.confidence, s.due_at
               FROM buyer_groups g
               LEFT JOIN refresh_schedules s ON s.workspace = g.workspace AND s.company_id = g.company_id
               WHERE (g.workspace, g.company_id) > ($1, $2) ORDER BY g.workspace, g.company_id LIMIT $3";
    let rows = sqlx::query(sql).bind(&after.0).bind(&after.1).bind(PAGE).fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| {
            let scheduled = match maybe_number(row, "due_at")? {
                Some(due) => Some((Schedule::stored(due, wire::<Colour>(row, "colour")?), number(row, "confidence")?)),
                None => None,
            };
            Ok(Company {
                workspace: workspace(text(row, "workspace")?)?,
                company_id: text(row, "company_id")?,
                read_at: number(row, "chosen_at")?,
                scheduled,
            })
        })
        .collect()
}

/// Since when each member is where they are, by workspace and company.
async fn starts(
    tx: &mut Transaction<'static, Any>,
    after: &(String, String),
    last: &(String, String),
) -> Result<BTreeMap<(String, String), Vec<Option<String>>>, StoreError> {
    let sql = "SELECT m.workspace, m.company_id, p.start_date
               FROM members m JOIN people p
                   ON p.workspace = m.workspace AND p.company_id = m.company_id AND p.person_id = m.person_id
               WHERE m.left_at IS NULL AND (m.workspace, m.company_id) > ($1, $2)
                   AND (m.workspace, m.company_id) <= ($3, $4)";
    let rows = sqlx::query(sql).bind(&after.0).bind(&after.1).bind(&last.0).bind(&last.1).fetch_all(&mut **tx).await?;
    let mut starts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in &rows {
        let company = (text(row, "workspace")?, text(row, "company_id")?);
        starts.entry(company).or_default().push(maybe_text(row, "start_date")?);
    }
    Ok(starts)
}

/// Whether something changed. A company that was saved since it was read here has its colour from that.
async fn put(
    tx: &mut Transaction<'static, Any>,
    company: &Company,
    Urgency { colour, confidence }: Urgency,
) -> Result<bool, StoreError> {
    let Company { workspace, company_id, read_at, scheduled } = company;
    let (sql, due) = match scheduled {
        Some((schedule, sure)) if schedule.recalculated(colour) == *schedule && *sure == confidence => {
            return Ok(false);
        }
        Some((schedule, _)) => {
            let sql = "UPDATE refresh_schedules SET colour = $3, confidence = $4
                       WHERE workspace = $1 AND company_id = $2 AND refreshed_at = $5 AND due_at = $6";
            (sql, schedule.recalculated(colour).due())
        }
        None => {
            let sql = "INSERT INTO refresh_schedules
                           (workspace, company_id, colour, confidence, refreshed_at, due_at, try_at)
                       VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (workspace, company_id) DO NOTHING";
            (sql, read_at.saturating_add(colour.interval()))
        }
    };
    let put = sqlx::query(sql)
        .bind(workspace.as_str())
        .bind(company_id)
        .bind(colour.as_str())
        .bind(i64::from(confidence))
        .bind(read_at)
        .bind(due)
        .execute(&mut **tx)
        .await?;
    Ok(put.rows_affected() > 0)
}
