//! `erase`: forget a person.

use crate::config::Settings;
use crate::exit::{Exit, NotFound, WrongUsage};
use crate::outln;
use crate::output::Output;
use crate::{running, wiring};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use contracts::{DataPointKind, Digest, EventRef, SourceName, SuppressRequest, WorkspaceId};
use starter::{RefreshStarter, StartAnswer};
use store::Whom;

/// Whom to forget.
#[derive(Clone, Debug, Args)]
pub struct EraseArgs {
    /// Their id, as `show --output json` has it.
    #[arg(long, value_name = "ID", required_unless_present = "email", conflicts_with = "email")]
    pub person: Option<String>,

    /// Their e-mail address, whether or not anybody is known by it: it is not used from now on.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,

    /// Workspace [default: the configured one].
    #[arg(long)]
    pub workspace: Option<WorkspaceId>,
}

/// Starts the workflow that erases them, and says under which id. A worker does it; the person stays erased, whatever
/// sources say from then on.
///
/// # Errors
/// When the database or Temporal cannot be reached, or what was given is no e-mail address.
pub async fn run(args: &EraseArgs, settings: &Settings, output: Output) -> Result<Exit> {
    let workspace = args.workspace.as_ref().unwrap_or(&settings.workspace);
    let whom = match (&args.person, &args.email) {
        (Some(id), _) => Whom::Person(id),
        (None, Some(address)) if address.contains('@') => Whom::Email(address),
        _ => return Err(WrongUsage("--email takes an e-mail address, such as jane@example.com".to_owned()).into()),
    };
    let store = wiring::open_current_store(settings).await?;
    let data_points = store.erasure_of(workspace, &whom).await?;
    store.close().await;
    if data_points.is_empty() {
        let advice = "`buyer-group show COMPANY --output json` has the ids";
        return Err(NotFound(format!("nobody in the workspace {workspace} has this id; {advice}")).into());
    }
    let people = data_points.iter().filter(|point| point.kind == DataPointKind::Person).count();
    let now = jiff::Timestamp::now().as_millisecond();
    let request = SuppressRequest {
        workspace: workspace.clone(),
        event: EventRef {
            source: SourceName::manual(),
            // Asking again is another erasure: there may be something new to be erased.
            id: format!("erase-{:032x}", rand::random::<u128>()).parse().context("no id could be made")?,
            digest: Digest::of(&serde_json::to_vec(&data_points)?),
            occurred_at: now,
            received_at: now,
        },
        data_points,
    };
    let client = running::client(settings).await?;
    let starter = RefreshStarter::new(client, wiring::start_limits(settings));
    let workflow_id = match starter.start(&request.into()).await? {
        StartAnswer::Started { workflow_id, .. } | StartAnswer::Duplicate { workflow_id, .. } => workflow_id,
        StartAnswer::Queued { workflow_id } | StartAnswer::Conflict { workflow_id, .. } => {
            bail!("{workflow_id} could not be started; try again")
        }
    };
    match output {
        Output::Json => outln!("{}", serde_json::json!({"workflowId": workflow_id.as_str(), "references": people})),
        Output::Text => outln!("{workflow_id}: a worker erases now, and once more in five minutes"),
    }
    Ok(Exit::Done)
}
