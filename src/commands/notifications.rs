//! `notifications`: what was told to whom, and telling it again.

use crate::config::Settings;
use crate::exit::{Exit, WrongUsage};
use crate::outln;
use crate::output::Output;
use crate::{temporal, wiring};
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use contracts::{
    BGR_WORKSPACE, DeliverNotificationsDefinition, NotifyRequest, ReceiverName, TASK_QUEUE, UnixMillis, WorkspaceId,
};
use jiff::Timestamp;
use serde_json::json;
use store::{DeliveryRecord, NotificationFilter, NotificationRecord, OutboxMessage, Retried};
use temporalio_client::{Client, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowStartOptions};
use temporalio_common::search_attributes::SearchAttributes;

/// What is to be done with them.
#[derive(Clone, Debug, Subcommand)]
pub enum NotificationsCommand {
    /// Show them, the newest first.
    List {
        /// Which ones [default: all].
        #[command(flatten)]
        filter: FilterArgs,
        /// Most of them shown.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Begin their delivery anew, at once; who has one already does not get it again, and who is disabled gets none.
    Retry {
        /// Which ones; one option at least.
        #[command(flatten)]
        filter: FilterArgs,
        /// Most of them retried, the oldest first.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

/// Which notifications; those that fit everything given.
#[derive(Clone, Debug, Args)]
pub struct FilterArgs {
    /// The one with this id.
    #[arg(long, value_name = "MESSAGE")]
    pub id: Option<String>,

    /// Those of this workspace.
    #[arg(long)]
    pub workspace: Option<WorkspaceId>,

    /// Those to this receiver.
    #[arg(long)]
    pub receiver: Option<ReceiverName>,

    /// Only those that somebody still waits for.
    #[arg(long)]
    pub pending: bool,

    /// Only those that could not be delivered to somebody.
    #[arg(long)]
    pub failed: bool,
}

impl From<FilterArgs> for NotificationFilter {
    fn from(args: FilterArgs) -> Self {
        let FilterArgs { id, workspace, receiver, pending, failed } = args;
        Self { message_id: id, workspace, receiver, pending, failed }
    }
}

/// Does it.
///
/// # Errors
/// When the database, or for a retry Temporal, cannot be reached, or nothing says which are meant.
pub async fn run(command: NotificationsCommand, settings: &Settings, output: Output) -> Result<Exit> {
    match command {
        NotificationsCommand::List { filter, limit } => list(&filter.into(), limit, settings, output).await,
        NotificationsCommand::Retry { filter, limit } => {
            let filter = filter.into();
            if filter == NotificationFilter::default() {
                let advice = "say which notifications: --id, --workspace, --receiver, --pending or --failed; `buyer-group \
                              notifications list` shows them";
                return Err(WrongUsage(advice.to_owned()).into());
            }
            retry(&filter, limit, settings, output).await
        }
    }
}

async fn list(filter: &NotificationFilter, limit: u32, settings: &Settings, output: Output) -> Result<Exit> {
    let store = wiring::open_current_store(settings).await?;
    let records = store.notifications(filter, limit).await?;
    match output {
        Output::Json => {
            let notifications: Vec<_> = records.iter().map(document).collect();
            outln!("{}", serde_json::to_string_pretty(&json!({ "notifications": notifications }))?);
        }
        Output::Text => {
            for record in &records {
                let NotificationRecord { message, taken, deliveries } = record;
                let state = if *taken { "" } else { "  nobody has taken it in hand" };
                let at = moment(message.created_at).unwrap_or_default();
                outln!("{}  {}  {at}  refresh {}{state}", message.message_id, message.kind, message.refresh_id);
                deliveries.iter().for_each(|delivery| outln!("    {}", line(delivery)));
            }
            if records.is_empty() {
                outln!("no notifications");
            }
        }
    }
    store.close().await;
    Ok(Exit::Done)
}

async fn retry(filter: &NotificationFilter, limit: u32, settings: &Settings, output: Output) -> Result<Exit> {
    let store = wiring::open_current_store(settings).await?;
    let client = temporal::connect(&settings.temporal).await?;
    let Retried { messages, left_out } = store.notifications_retry(filter, limit).await?;
    for message in &messages {
        start(&client, message).await?;
    }
    store.close().await;
    match output {
        Output::Json => {
            let ids: Vec<_> = messages.iter().map(|message| message.message_id.as_str()).collect();
            outln!("{}", json!({ "retried": ids, "left_out": left_out }));
        }
        Output::Text => {
            outln!("{} notifications are being delivered", messages.len());
            if left_out > 0 {
                outln!(
                    "{left_out} deliveries are left out: their receivers are disabled; `buyer-group receivers list` shows \
                     them, `buyer-group receivers enable NAME` comes first"
                );
            }
        }
    }
    Ok(Exit::Done)
}

/// Begins the delivery anew. One that is waiting for its next attempt ends: the new one makes that attempt at once.
async fn start(client: &Client, message: &OutboxMessage) -> Result<()> {
    let OutboxMessage { workspace, refresh_id, kind, .. } = message;
    let request = NotifyRequest { workspace: workspace.clone(), refresh_id: refresh_id.clone(), kind: *kind };
    let options = WorkflowStartOptions::new(TASK_QUEUE, request.workflow_id())
        .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate)
        .id_conflict_policy(WorkflowIdConflictPolicy::TerminateExisting)
        .static_summary(format!("tell of {kind}"))
        .search_attributes(SearchAttributes::new([BGR_WORKSPACE.value_set(workspace.as_str().to_owned())]))
        .build();
    let started = client.start_workflow(DeliverNotificationsDefinition, request, options).await;
    started.with_context(|| format!("the delivery of {} could not be started", message.message_id))?;
    Ok(())
}

fn moment(millis: UnixMillis) -> Option<String> {
    Timestamp::from_millisecond(millis).ok().map(|at| at.to_string())
}

fn document(record: &NotificationRecord) -> serde_json::Value {
    let NotificationRecord { message, taken, deliveries } = record;
    let deliveries: Vec<_> = deliveries
        .iter()
        .map(|one| {
            json!({
                "receiver": one.receiver, "status": one.status, "attempts": one.attempts,
                "last_tried_at": one.last_tried_at.and_then(moment), "http_status": one.http_status, "error": one.error,
                "settled_at": one.settled_at.and_then(moment),
            })
        })
        .collect();
    json!({
        "id": message.message_id, "type": message.kind, "workspace": message.workspace, "refresh_id": message.refresh_id,
        "created_at": moment(message.created_at), "taken": taken, "deliveries": deliveries,
    })
}

fn line(delivery: &DeliveryRecord) -> String {
    let status = delivery.status.as_str().replace('_', " ");
    let answer = delivery.http_status.map(|status| format!(", answered {status}")).unwrap_or_default();
    let error = delivery.error.as_deref().map(|error| format!(", {error}")).unwrap_or_default();
    format!("{}  {status}, {} attempts{answer}{error}", delivery.receiver, delivery.attempts)
}
