//! `schedule`: which companies are refreshed next by themselves, and whether they are.

use crate::config::Settings;
use crate::exit::{Exit, NotFound};
use crate::outln;
use crate::output::Output;
use crate::{running, wiring};
use anyhow::{Error, Result};
use clap::Subcommand;
use contracts::{DUE_SCHEDULE, UnixMillis, WorkspaceId};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{DueOverview, NextDue, Recalculating, WorkspaceDue};
use temporalio_client::schedules::{ScheduleDescription, ScheduleError};
use temporalio_client::tonic::Code;

/// What is to be done with it.
#[derive(Clone, Debug, Subcommand)]
pub enum ScheduleCommand {
    /// Show which companies are next, how many there are of each colour, and what is left of the day's budget.
    Show {
        /// Only this workspace's [default: all].
        #[arg(long)]
        workspace: Option<WorkspaceId>,
        /// Most companies shown.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Refresh no company by itself until `schedule resume`. What runs goes on.
    Pause {
        /// Why; shown in the Web UI.
        #[arg(long, default_value = "paused with buyer-group schedule pause")]
        reason: String,
    },
    /// Refresh companies by themselves again.
    Resume,
    /// Work out every company's colour anew. No due date moves: the colour counts from the next refresh on.
    Recalculate,
}

/// Does it.
///
/// # Errors
/// When the database, or for pause and resume Temporal, cannot be reached, or no worker has made the schedule.
pub async fn run(command: ScheduleCommand, settings: &Settings, output: Output) -> Result<Exit> {
    match command {
        ScheduleCommand::Show { workspace, limit } => show(workspace.as_ref(), limit, settings, output).await,
        ScheduleCommand::Pause { reason } => {
            let schedule = running::client(settings).await?.get_schedule_handle(DUE_SCHEDULE);
            schedule.pause(Some(reason), Default::default()).await.map_err(refused)?;
            say(output, true);
            Ok(Exit::Done)
        }
        ScheduleCommand::Resume => {
            let schedule = running::client(settings).await?.get_schedule_handle(DUE_SCHEDULE);
            let note = "resumed with buyer-group schedule resume";
            schedule.unpause(Some(note), Default::default()).await.map_err(refused)?;
            say(output, false);
            Ok(Exit::Done)
        }
        ScheduleCommand::Recalculate => recalculate(settings, output).await,
    }
}

fn say(output: Output, paused: bool) {
    match output {
        Output::Json => outln!("{}", json!({ "paused": paused })),
        Output::Text if paused => outln!("paused: no company is refreshed by itself"),
        Output::Text => outln!("resumed: companies are refreshed when they are due"),
    }
}

fn refused(error: ScheduleError) -> Error {
    match error {
        ScheduleError::Rpc(status) if status.code() == Code::NotFound => {
            NotFound(format!("the namespace has no schedule {DUE_SCHEDULE}; a worker makes it when it starts")).into()
        }
        error => error.into(),
    }
}

async fn recalculate(settings: &Settings, output: Output) -> Result<Exit> {
    let store = wiring::open_current_store(settings).await?;
    let now = Timestamp::now().as_millisecond();
    let mut at = Recalculating::default();
    while !at.is_done() {
        at = store.recalculate_page(&at, now).await?;
    }
    store.close().await;
    match output {
        Output::Json => outln!("{}", json!({"companies": at.companies, "changed": at.changed})),
        Output::Text => outln!("{} companies looked at, {} changed; no due date moved", at.companies, at.changed),
    }
    Ok(Exit::Done)
}

async fn show(workspace: Option<&WorkspaceId>, limit: u32, settings: &Settings, output: Output) -> Result<Exit> {
    let store = wiring::open_current_store(settings).await?;
    let overview = store.due_overview(workspace, limit, Timestamp::now().as_millisecond()).await?;
    store.close().await;
    // What is due is known without Temporal; whether anything comes of it is not.
    let described = match running::client(settings).await {
        Ok(client) => client.get_schedule_handle(DUE_SCHEDULE).describe(Default::default()).await.map_err(refused),
        Err(error) => Err(error),
    };
    let budget = settings.schedule.per_workspace_per_day;
    match output {
        Output::Json => {
            outln!("{}", serde_json::to_string_pretty(&document(&overview, described.as_ref().ok(), budget))?)
        }
        Output::Text => {
            outln!("{}", state(&described, budget));
            overview.workspaces.iter().for_each(|workspace| outln!("{}", counts(workspace, budget)));
            overview.next.iter().for_each(|company| outln!("{}", line(company)));
            if overview.workspaces.is_empty() {
                outln!("no company has been refreshed yet");
            }
        }
    }
    Ok(Exit::Done)
}

fn moment(millis: UnixMillis) -> Option<String> {
    Timestamp::from_millisecond(millis).ok().map(|at| at.to_string())
}

fn next_run(described: &ScheduleDescription) -> Option<String> {
    let next = described.future_action_times().first().copied()?;
    Timestamp::try_from(next).ok().map(|at| at.to_string())
}

fn state(described: &Result<ScheduleDescription>, budget: u32) -> String {
    match described {
        _ if budget == 0 => "off: schedule.per_workspace_per_day is 0".to_owned(),
        Ok(described) if described.paused() => {
            let note = described.note().map(|note| format!(": {note}")).unwrap_or_default();
            format!("paused{note}")
        }
        Ok(described) => format!("on, next run {}", next_run(described).unwrap_or_else(|| "unknown".to_owned())),
        Err(error) => format!("not known whether it is on: {}", crate::exit::chain(error)),
    }
}

fn document(overview: &DueOverview, described: Option<&ScheduleDescription>, budget: u32) -> Value {
    let workspaces = overview.workspaces.iter().map(|one| {
        json!({
            "workspace": one.workspace, "red": one.red, "orange": one.orange, "green": one.green, "due": one.due,
            "earliest_due_at": moment(one.earliest_due_at), "taken_today": one.taken_today,
        })
    });
    let next = overview.next.iter().map(|one| {
        json!({
            "workspace": one.workspace, "company_id": one.company_id, "name": one.name, "colour": one.colour,
            "confidence": one.confidence, "refreshed_at": moment(one.refreshed_at), "due_at": moment(one.due_at),
            "try_at": moment(one.try_at), "tries": one.tries,
        })
    });
    json!({
        "paused": described.map(ScheduleDescription::paused), "next_run_at": described.and_then(next_run),
        "per_workspace_per_day": budget, "workspaces": workspaces.collect::<Vec<_>>(), "next": next.collect::<Vec<_>>(),
    })
}

fn counts(one: &WorkspaceDue, budget: u32) -> String {
    let WorkspaceDue { workspace, red, orange, green, due, taken_today, .. } = one;
    format!(
        "{workspace}: {red} daily, {orange} weekly, {green} monthly; {due} due; {taken_today} of {budget} taken today"
    )
}

fn line(one: &NextDue) -> String {
    let NextDue { workspace, company_id, name, colour, confidence, due_at, try_at, tries, .. } = one;
    let due = moment(*due_at).unwrap_or_default();
    let again = if try_at == due_at {
        String::new()
    } else {
        let times = if *tries == 0 { "once".to_owned() } else { format!("{} times", tries + 1) };
        format!(", tried {times} since; again from {}", moment(*try_at).unwrap_or_default())
    };
    format!("  {due}  {:<6} ({confidence:>2})  {workspace}  {company_id}  {name}{again}", colour.as_str())
}
