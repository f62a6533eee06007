//! `receivers`: who is told how refreshes end, and who is not told any more.

use crate::config::Settings;
use crate::exit::{Exit, NotFound};
use crate::outln;
use crate::output::Output;
use crate::wiring;
use activities::notify::ReceiverConfig;
use anyhow::Result;
use clap::Subcommand;
use contracts::{ReceiverName, WorkspaceId};
use jiff::Timestamp;
use serde_json::json;
use store::DisabledReceiver;

/// What is to be done with them.
#[derive(Clone, Debug, Subcommand)]
pub enum ReceiversCommand {
    /// Show those in the settings, and since when and why one is disabled.
    List,
    /// Let one that was disabled be told again. What it missed: `notifications retry --receiver NAME --failed`.
    Enable {
        /// Its name.
        name: ReceiverName,
        /// Workspace [default: the configured one].
        #[arg(long)]
        workspace: Option<WorkspaceId>,
    },
}

/// Does it.
///
/// # Errors
/// When the database cannot be reached, or the receiver is not disabled.
pub async fn run(command: ReceiversCommand, settings: &Settings, output: Output) -> Result<Exit> {
    let store = wiring::open_current_store(settings).await?;
    match command {
        ReceiversCommand::List => {
            let disabled = store.disabled_receivers(None).await?;
            let state = |receiver: &ReceiverConfig| {
                disabled
                    .iter()
                    .find(|one| one.receiver == receiver.name.as_str() && one.workspace == receiver.workspace.as_str())
            };
            let receivers = settings.receivers.iter().map(|receiver| (receiver, state(receiver)));
            match output {
                Output::Json => {
                    let receivers: Vec<_> = receivers.map(|(receiver, state)| document(receiver, state)).collect();
                    outln!("{}", serde_json::to_string_pretty(&json!({ "receivers": receivers }))?);
                }
                Output::Text if settings.receivers.is_empty() => outln!("nobody is told; see [[receivers]]"),
                Output::Text => receivers.for_each(|(receiver, state)| outln!("{}", line(receiver, state))),
            }
        }
        ReceiversCommand::Enable { name, workspace } => {
            let workspace = workspace.unwrap_or_else(|| settings.workspace.clone());
            if !store.receiver_enable(&workspace, &name).await? {
                return Err(NotFound(format!("workspace {workspace} has no disabled receiver `{name}`")).into());
            }
            match output {
                Output::Json => outln!("{}", json!({"workspace": workspace, "receiver": name, "enabled": true})),
                Output::Text => outln!(
                    "{name} is told again from now on; `buyer-group notifications retry --receiver {name} --failed` sends \
                     what it missed"
                ),
            }
        }
    }
    store.close().await;
    Ok(Exit::Done)
}

fn document(receiver: &ReceiverConfig, state: Option<&DisabledReceiver>) -> serde_json::Value {
    json!({
        "name": receiver.name, "workspace": receiver.workspace, "kind": receiver.channel.as_str(),
        "events": receiver.events, "contact_data": receiver.contact_data,
        "disabled_at": state.and_then(|state| Timestamp::from_millisecond(state.disabled_at).ok()),
        "reason": state.map(|state| state.reason.as_str()),
    })
}

fn line(receiver: &ReceiverConfig, state: Option<&DisabledReceiver>) -> String {
    let events: Vec<_> = receiver.events.iter().map(|kind| kind.as_str()).collect();
    let state = state.map_or_else(
        || "is told".to_owned(),
        |state| {
            let since = Timestamp::from_millisecond(state.disabled_at).map(|at| at.to_string()).unwrap_or_default();
            format!("disabled since {since}: {}", state.reason)
        },
    );
    let (name, workspace, kind) = (&receiver.name, &receiver.workspace, receiver.channel.as_str());
    format!("{workspace}/{name}  {kind}  {}  {state}", events.join(", "))
}
