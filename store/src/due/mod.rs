//! When each company is to be refreshed next: moved when its people were really read, and by nothing else.
//!
//! The companies of a workspace stand in a queue by `try_at`. A company that was refreshed stands there at its due date;
//! one that was taken goes to the end, an hour to a day from then, until a save moves it. So the oldest comes first,
//! whoever was passed over stays where it is, and no company that cannot be refreshed keeps another one waiting.

mod overview;
mod recalculate;
mod take;

pub use overview::{DueOverview, NextDue, WorkspaceDue};
pub use recalculate::Recalculating;
pub use take::{DueCompany, TakeDue};

use crate::StoreError;
use crate::row::{text, wire};
use contracts::{SaveInput, UnixMillis, WorkspaceId};
use engine::schedule::{RealRefresh, Schedule};
use engine::{Colour, Person, Urgency, urgency};
use sqlx::{Any, Transaction};
use std::convert::Infallible;

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// The day of a moment, for budgets: days since 1970, UTC.
fn day(now: UnixMillis) -> i64 {
    now.div_euclid(DAY)
}

/// The company was refreshed: these people are its group, read at this moment. Sets its colour and its next due date.
pub(crate) async fn refreshed<'a>(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    people: impl Iterator<Item = &'a Person>,
    read_at: UnixMillis,
) -> Result<(), StoreError> {
    let Ok(refresh) = RealRefresh::of(Ok::<_, Infallible>(read_at));
    let Urgency { colour, confidence } = urgency(people.map(|person| person.start_date.as_deref()), read_at);
    let due = Schedule::first(refresh, colour).due();
    let sql = "INSERT INTO refresh_schedules (workspace, company_id, colour, confidence, refreshed_at, due_at, try_at)
               VALUES ($1, $2, $3, $4, $5, $6, $6)
               ON CONFLICT (workspace, company_id) DO UPDATE SET
                   colour = excluded.colour, confidence = excluded.confidence, refreshed_at = excluded.refreshed_at,
                   due_at = excluded.due_at, try_at = excluded.try_at, tries = 0, pause = 0, event_id = NULL, taken_by = NULL";
    sqlx::query(sql)
        .bind(input.workspace.as_str())
        .bind(&input.company_id)
        .bind(colour.as_str())
        .bind(i64::from(confidence))
        .bind(read_at)
        .bind(due)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The company's people were read, and somebody decided, or let it pass, that the group before stays: its colour stays, and
/// it is due one interval of that from now. Else the schedule would pay for the same question within the hour.
pub(crate) async fn kept(
    tx: &mut Transaction<'static, Any>,
    refresh_id: &str,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "SELECT s.workspace, s.company_id, s.colour FROM refresh_schedules s
               JOIN refreshes r ON r.workspace = s.workspace AND r.company_id = s.company_id
               WHERE r.refresh_id = $1";
    let Some(row) = sqlx::query(sql).bind(refresh_id).fetch_optional(&mut **tx).await? else { return Ok(()) };
    let due = now.saturating_add(wire::<Colour>(&row, "colour")?.interval());
    let sql =
        "UPDATE refresh_schedules SET due_at = $3, try_at = $3, tries = 0, pause = 0, event_id = NULL, taken_by = NULL
               WHERE workspace = $1 AND company_id = $2 AND due_at < $3";
    sqlx::query(sql)
        .bind(text(&row, "workspace")?)
        .bind(text(&row, "company_id")?)
        .bind(due)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A stored name of a workspace.
fn workspace(name: String) -> Result<WorkspaceId, StoreError> {
    WorkspaceId::try_from(name).map_err(|_| StoreError::corrupt("column workspace: not a workspace"))
}
