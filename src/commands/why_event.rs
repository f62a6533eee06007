//! `why`: what became of an event, and if its company was not refreshed, why.

use crate::config::Settings;
use crate::exit::{Exit, NotFound};
use crate::outln;
use crate::output::Output;
use crate::wiring;
use anyhow::Result;
use clap::Args;
use contracts::{EventId, OutcomeKind, SourceName, UnixMillis, WorkflowId, WorkspaceId};
use jiff::Timestamp;
use serde_json::json;
use store::{EventAnswer, InboxFilter, RefreshRecord, Store};

/// Which event.
#[derive(Clone, Debug, Args)]
pub struct WhyArgs {
    /// Who sent it.
    pub source: SourceName,

    /// The sender's id of the event.
    pub event: EventId,

    /// Workspace [default: the configured one].
    #[arg(long)]
    pub workspace: Option<WorkspaceId>,
}

/// Says it by what the database knows.
///
/// # Errors
/// When no such event was taken, or the database cannot be reached.
pub async fn run(args: &WhyArgs, settings: &Settings, output: Output) -> Result<Exit> {
    let workspace = args.workspace.as_ref().unwrap_or(&settings.workspace);
    let store = wiring::open_current_store(settings).await?;
    let answer = store.event_answer(workspace, &args.source, &args.event).await?;
    let told = match &answer {
        Some(answer) => told(answer),
        None => not_begun(&store, workspace, args).await?,
    };
    match output {
        Output::Json => {
            let document = json!({
                "workspace": workspace, "source": args.source, "eventId": args.event, "answer": told, "event": answer,
            });
            outln!("{}", serde_json::to_string_pretty(&document)?);
        }
        Output::Text => outln!("{told}"),
    }
    store.close().await;
    Ok(Exit::Done)
}

/// An event of which the refresh log knows nothing: it may wait in the inbox.
async fn not_begun(store: &Store, workspace: &WorkspaceId, args: &WhyArgs) -> Result<String> {
    let workflow_id = WorkflowId::new(workspace, &args.source, &args.event).to_string();
    let filter = InboxFilter { workflow_id: Some(workflow_id), ..InboxFilter::default() };
    let waiting = store.inbox_list(&filter, 1).await?;
    let nothing = || {
        NotFound(format!(
            "no event {} of source {} was begun in workspace {workspace}; one that the starter ignores is answered at once and \
             not kept, and one that was just accepted is begun as soon as a worker is free",
            args.event, args.source
        ))
    };
    let entry = waiting.first().ok_or_else(nothing)?;
    Ok(if entry.dead_at.is_some() {
        "given up: it can never be started; `buyer-group inbox list --dead` says why".to_owned()
    } else {
        "accepted; it waits in the inbox until Temporal takes it".to_owned()
    })
}

/// What became of the event, in a sentence.
#[must_use]
pub fn told(answer: &EventAnswer) -> String {
    let Some((last, before)) = answer.chain.split_last() else { return "nothing is known".to_owned() };
    let through =
        if before.is_empty() { String::new() } else { format!("coalesced into {}, which ", last.workflow_id) };
    let end = format!("{}{}", stands(last), lineage(last));
    if answer.stranded {
        return format!("{through}{end}; the company's next refresh takes it along");
    }
    format!("{through}{end}")
}

/// Which run it follows, when it is one that was tried again.
fn lineage(refresh: &RefreshRecord) -> String {
    refresh.retry_of.as_deref().map(|before| format!(", tried again after run {before}")).unwrap_or_default()
}

/// How a refresh stands or ended, as the rest of a sentence.
fn stands(refresh: &RefreshRecord) -> String {
    let RefreshRecord { step, members, diff, waiting_until, end_reason, error_class, .. } = refresh;
    let reason = end_reason.as_deref().unwrap_or("no reason was recorded");
    match refresh.outcome {
        None => match waiting_until {
            Some(until) if step == "review" => {
                format!("waits until {} for somebody to look at its group", time(*until))
            }
            Some(until) => format!("waits until {} for the company's slot", time(*until)),
            None => format!("is under way, in step {step}"),
        },
        Some(OutcomeKind::Refreshed) => format!("refreshed: {members} members, {} changes", diff.total()),
        Some(OutcomeKind::NoMatch) => "ended without a match: no source knows the company".to_owned(),
        Some(OutcomeKind::Ignored) => format!("ignored: {reason}"),
        Some(OutcomeKind::Kept) => format!("kept the group before: {reason}"),
        Some(OutcomeKind::Failed) => {
            format!("failed in step {step} ({})", error_class.as_deref().unwrap_or("no class was recorded"))
        }
        Some(other) => format!("ended as {other}"),
    }
}

fn time(moment: UnixMillis) -> String {
    Timestamp::from_millisecond(moment).map_or_else(|_| moment.to_string(), |time| time.to_string())
}
