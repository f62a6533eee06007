//! `inbox`: the events that wait for Temporal, and those that were given up.

use crate::config::Settings;
use crate::exit::{Exit, WrongUsage};
use crate::outln;
use crate::output::Output;
use crate::wiring;
use anyhow::Result;
use clap::{Args, Subcommand};
use contracts::{SourceName, UnixMillis, WorkspaceId};
use jiff::Timestamp;
use serde_json::json;
use store::{InboxFilter, InboxRecord};

/// What is to be done with them.
#[derive(Clone, Debug, Subcommand)]
pub enum InboxCommand {
    /// Show them, the oldest first.
    List {
        /// Which ones [default: all].
        #[command(flatten)]
        filter: FilterArgs,
        /// Most of them shown.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Have them tried again at once, also those that were given up.
    Retry {
        /// Which ones; one option at least.
        #[command(flatten)]
        filter: FilterArgs,
    },
    /// Throw them away. Only says how many it would be, unless told --yes.
    Discard {
        /// Which ones; one option at least.
        #[command(flatten)]
        filter: FilterArgs,
        /// Do it. What is thrown away is lost.
        #[arg(long)]
        yes: bool,
    },
}

/// Which entries; those that fit everything given.
#[derive(Clone, Debug, Args)]
pub struct FilterArgs {
    /// The one that starts this workflow.
    #[arg(long, value_name = "WORKFLOW")]
    pub id: Option<String>,

    /// Those of this workspace.
    #[arg(long)]
    pub workspace: Option<WorkspaceId>,

    /// Those of this source.
    #[arg(long)]
    pub source: Option<SourceName>,

    /// Only those that were given up.
    #[arg(long)]
    pub dead: bool,
}

impl From<FilterArgs> for InboxFilter {
    fn from(args: FilterArgs) -> Self {
        Self { workflow_id: args.id, workspace: args.workspace, source: args.source, dead: args.dead }
    }
}

/// Does it.
///
/// # Errors
/// When the database cannot be reached, or nothing says which entries are meant.
pub async fn run(command: InboxCommand, settings: &Settings, output: Output) -> Result<Exit> {
    if let InboxCommand::Retry { filter } | InboxCommand::Discard { filter, .. } = &command
        && InboxFilter::from(filter.clone()).is_empty()
    {
        let advice = "say which entries: --id, --workspace, --source or --dead; `buyer-group inbox list` shows them";
        return Err(WrongUsage(advice.to_owned()).into());
    }
    let store = wiring::open_current_store(settings).await?;
    match command {
        InboxCommand::List { filter, limit } => {
            let stats = store.inbox_stats().await?;
            let entries = store.inbox_list(&filter.into(), limit).await?;
            match output {
                Output::Json => {
                    let entries: Vec<_> = entries.iter().map(document).collect();
                    let document = json!({"pending": stats.pending, "dead": stats.dead, "entries": entries});
                    outln!("{}", serde_json::to_string_pretty(&document)?);
                }
                Output::Text => {
                    outln!("{} waiting, {} given up", stats.pending, stats.dead);
                    entries.iter().for_each(|entry| outln!("{}", line(entry)));
                }
            }
        }
        InboxCommand::Retry { filter } => {
            let entries = store.inbox_retry(&filter.into()).await?;
            match output {
                Output::Json => outln!("{}", json!({"retried": entries})),
                Output::Text => outln!("{entries} entries will be tried again at once"),
            }
        }
        InboxCommand::Discard { filter, yes } => {
            let filter = filter.into();
            let entries = if yes { store.inbox_discard(&filter).await? } else { store.inbox_count(&filter).await? };
            match output {
                Output::Json => outln!("{}", json!({"entries": entries, "discarded": yes})),
                Output::Text if yes => outln!("{entries} entries were thrown away"),
                Output::Text => outln!("{entries} entries would be thrown away; repeat with --yes to do it"),
            }
        }
    }
    store.close().await;
    Ok(Exit::Done)
}

fn moment(millis: UnixMillis) -> Option<Timestamp> {
    Timestamp::from_millisecond(millis).ok()
}

fn document(entry: &InboxRecord) -> serde_json::Value {
    json!({
        "workflowId": entry.workflow_id, "workspace": entry.workspace, "source": entry.source, "kind": entry.kind,
        "received_at": moment(entry.received_at), "attempts": entry.attempts, "last_error": entry.last_error,
        "dead_at": entry.dead_at.and_then(moment),
    })
}

fn line(entry: &InboxRecord) -> String {
    let received = moment(entry.received_at).map(|at| at.to_string()).unwrap_or_default();
    let state = if entry.dead_at.is_some() { "given up" } else { "waiting" };
    let error = entry.last_error.as_deref().map(|class| format!(", {class}")).unwrap_or_default();
    format!("{}  {state} since {received}, {} attempts{error}", entry.workflow_id, entry.attempts)
}
