//! `refresh`: refresh a company by hand.

use crate::config::Settings;
use crate::exit::Exit;
use crate::outln;
use crate::output::Output;
use crate::{running, show_group, wiring};
use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use contracts::{
    CompanyRef, Digest, EnrichmentLevel, EventRef, OutcomeKind, RefreshOutcome, RefreshReason, RefreshRequest,
    RefreshStatus, SourceName,
};
use starter::{RefreshStarter, StartAnswer};
use std::cell::RefCell;
use std::convert::Infallible;
use std::time::{Duration, Instant};
use temporalio_client::errors::WorkflowGetResultError;
use temporalio_client::tonic::{Code, Status};
use temporalio_client::{Client, WorkflowHandle};
use tokio::time::MissedTickBehavior;
use workflows::BuyerGroupRefresh;

/// Which company, and how much to find out.
#[derive(Clone, Debug, Args)]
pub struct RefreshArgs {
    /// Name of the company.
    pub company: String,

    /// Its web domain.
    #[arg(long)]
    pub domain: Option<String>,

    /// Its id in the source.
    #[arg(long)]
    pub company_id: Option<String>,

    /// How much to find out.
    #[arg(long, value_enum, default_value_t = Level::Enrich)]
    pub level: Level,

    /// Makes asking twice one refresh [default: a new key every time].
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,

    /// Do not wait for the company's slot when it was refreshed a moment ago.
    #[arg(long, conflicts_with = "no_wait")]
    pub now: bool,

    /// Do not wait for it to end.
    #[arg(long)]
    pub no_wait: bool,
}

/// How much to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Who, title, role, scores.
    Identify,
    /// And how to reach them.
    Enrich,
}

impl From<Level> for EnrichmentLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Identify => EnrichmentLevel::Identify,
            Level::Enrich => EnrichmentLevel::Enrich,
        }
    }
}

/// A typed handle of a refresh.
pub type Handle = WorkflowHandle<Client, BuyerGroupRefresh>;

/// Starts the refresh and, unless told otherwise, waits for its end.
///
/// # Errors
/// When it cannot be started, or does not end with a saved group.
pub async fn run(args: &RefreshArgs, settings: &Settings, output: Output) -> Result<Exit> {
    let request = by_hand(
        settings,
        &args.company,
        args.domain.as_deref(),
        args.company_id.as_deref(),
        args.level.into(),
        args.idempotency_key.as_deref(),
    )?;
    let client = running::client(settings).await?;
    let starter = RefreshStarter::new(client.clone(), wiring::start_limits(settings));
    let (workflow_id, run_id) = match starter.start(&request.into()).await? {
        StartAnswer::Started { workflow_id, run_id } => (workflow_id, run_id),
        StartAnswer::Duplicate { workflow_id, run_id } => {
            eprintln!("note: this key was used before; this is the refresh it started");
            (workflow_id, run_id.unwrap_or_default())
        }
        StartAnswer::Queued { workflow_id } => bail!("{workflow_id} waits in the inbox; try again later"),
        StartAnswer::Conflict { workflow_id, .. } => {
            bail!("the idempotency key of {workflow_id} was used before for something else; use another")
        }
    };
    if args.no_wait {
        match output {
            Output::Json => outln!("{}", serde_json::json!({"workflowId": workflow_id.as_str(), "runId": run_id})),
            Output::Text => outln!("{workflow_id}"),
        }
        return Ok(Exit::Done);
    }
    let handle = client.get_workflow_handle::<BuyerGroupRefresh>(workflow_id.as_str());
    let outcome = if args.now { follow_at_once(&client, handle).await? } else { follow(&handle).await? };
    match output {
        Output::Json => {
            outln!("{}", serde_json::json!({"workflowId": workflow_id.as_str(), "runId": run_id, "outcome": outcome}));
        }
        Output::Text => outln!("{workflow_id}: {}", told(&outcome)),
    }
    Ok(exit(&outcome))
}

/// An outcome for people.
#[must_use]
pub fn told(outcome: &RefreshOutcome) -> String {
    match outcome.outcome {
        OutcomeKind::NoMatch => "no source knows this company; nothing was changed".to_owned(),
        OutcomeKind::Coalesced => {
            let into = outcome.into.as_ref().map_or("another refresh", |holder| holder.workflow_id.as_str());
            format!("coalesced into {into}, which waits for the company's slot and will see what happened")
        }
        kind @ (OutcomeKind::Ignored | OutcomeKind::Kept) => {
            format!("{kind}: {}; nothing was changed", outcome.reason.as_deref().unwrap_or("no reason was given"))
        }
        kind => format!("{kind}, {}", show_group::members(outcome.members)),
    }
}

/// The exit code that an outcome deserves.
#[must_use]
pub fn exit(outcome: &RefreshOutcome) -> Exit {
    match outcome.outcome {
        OutcomeKind::Refreshed | OutcomeKind::Duplicate if outcome.degraded.is_empty() => Exit::Done,
        OutcomeKind::Refreshed | OutcomeKind::Duplicate => Exit::Degraded,
        OutcomeKind::NoMatch => Exit::NotFound,
        // Somebody else answers for it, or there is nothing to do.
        OutcomeKind::Coalesced | OutcomeKind::Ignored => Exit::Done,
        // Not what was asked for, and nothing is broken.
        OutcomeKind::Kept => Exit::Degraded,
        OutcomeKind::Failed | OutcomeKind::Cancelled | OutcomeKind::Other => Exit::Failed,
    }
}

/// A refresh that somebody asks for. The same key and the same wish are the same request, whenever they are made.
///
/// # Errors
/// When the key cannot be an event id.
pub fn by_hand(
    settings: &Settings,
    company: &str,
    domain: Option<&str>,
    company_id: Option<&str>,
    level: EnrichmentLevel,
    key: Option<&str>,
) -> Result<RefreshRequest> {
    let company = CompanyRef {
        id: company_id.map(str::to_owned),
        name: company.trim().to_owned(),
        domain: domain.map(str::to_owned),
    };
    anyhow::ensure!(!company.name.is_empty(), "the company's name is empty");
    let key = key.map_or_else(|| format!("{:032x}", rand::random::<u128>()), str::to_owned);
    let digest = Digest::of(&serde_json::to_vec(&(&company, level))?);
    let now = jiff::Timestamp::now().as_millisecond();
    Ok(RefreshRequest {
        workspace: settings.workspace.clone(),
        company: company.into(),
        reason: RefreshReason::Manual,
        level,
        event: EventRef {
            source: SourceName::manual(),
            id: key.parse().context("the idempotency key cannot be used")?,
            digest,
            occurred_at: now,
            received_at: now,
        },
        person_ref: None,
        could_sit: None,
    })
}

/// The run of a workflow that is about to be started, as soon as it is.
///
/// # Errors
/// When it is not started in a minute.
pub async fn run_id(client: &Client, workflow_id: &str) -> Result<String> {
    let handle = client.get_workflow_handle::<BuyerGroupRefresh>(workflow_id);
    let started = async {
        loop {
            if let Ok(description) = handle.describe(Default::default()).await {
                return description.run_id().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), started)
        .await
        .with_context(|| format!("{workflow_id} was not started in a minute; it waits in the inbox"))
}

/// Where a refresh stands. The question is put to a worker; without one there is no answer.
///
/// # Errors
/// When no worker answers.
pub async fn status(handle: &Handle) -> Result<RefreshStatus> {
    let asked = handle.query(BuyerGroupRefresh::status, (), Default::default());
    Ok(tokio::time::timeout(Duration::from_secs(2), asked).await.context("no worker answers")??)
}

/// Waits for the end and tells every step on the way, on standard error. A server that is away does not end the wait.
///
/// # Errors
/// When it fails or is cancelled, or the server answers that it knows nothing of it.
pub async fn follow(handle: &Handle) -> Result<RefreshOutcome> {
    let shown = RefCell::new(String::new());
    let outcome = tokio::select! {
        ended = end(handle) => ended?,
        never = show(handle, &shown) => match never {},
    };
    // The last step may have been too short to be seen.
    if outcome.outcome == OutcomeKind::Refreshed && !shown.borrow().starts_with("100 %") {
        eprintln!("100 %  done  {0}/{0} members", outcome.members);
    }
    Ok(outcome)
}

/// The same without waiting for the company's slot, neither here nor where this refresh is coalesced into.
///
/// # Errors
/// As [`follow`].
pub async fn follow_at_once(client: &Client, mut handle: Handle) -> Result<RefreshOutcome> {
    loop {
        let outcome = tokio::select! {
            ended = follow(&handle) => ended?,
            never = hurry(&handle) => match never {},
        };
        let Some(holder) = &outcome.into else { return Ok(outcome) };
        eprintln!("note: coalesced into {}, which waits already", holder.workflow_id);
        handle = client.get_workflow_handle::<BuyerGroupRefresh>(&holder.workflow_id);
    }
}

/// Tells it not to wait, whenever it does.
async fn hurry(handle: &Handle) -> Infallible {
    let mut tick = tokio::time::interval(Duration::from_millis(300));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if status(handle).await.is_ok_and(|status| status.waiting_until.is_some()) {
            // Refused, it has just started; not heard, it is told again.
            let _ = super::steer::say(handle, super::steer::Word::RunNow, Default::default()).await;
        }
    }
}

/// How it ended. Only the server knows, and the refresh goes on without us; so an outage is waited out.
async fn end(handle: &Handle) -> Result<RefreshOutcome> {
    let mut told = false;
    loop {
        match handle.get_result(Default::default()).await {
            Err(WorkflowGetResultError::Rpc(status)) if is_away(&status) => {
                if !told {
                    eprintln!(
                        "note: the Temporal server does not answer ({:?}); still waiting for the end",
                        status.code()
                    );
                    told = true;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            ended => return ended.map_err(reason),
        }
    }
}

/// An answer that says only that nobody could answer: the SDK reports its own timeout as a cancellation, and a connection that
/// broke as unknown or internal.
fn is_away(status: &Status) -> bool {
    use Code::{Aborted, Cancelled, DeadlineExceeded, Internal, ResourceExhausted, Unavailable, Unknown};
    matches!(
        status.code(),
        Unavailable | Cancelled | DeadlineExceeded | Unknown | Internal | Aborted | ResourceExhausted
    )
}

/// Tells every step. Only a display: a worker that is busy or away is asked again with the next tick.
async fn show(handle: &Handle, shown: &RefCell<String>) -> Infallible {
    let (since, mut asked) = (Instant::now(), false);
    let mut tick = tokio::time::interval(Duration::from_millis(150));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Ok(status) = status(handle).await {
            let line = progress(&status);
            if line != *shown.borrow() {
                eprintln!("{line}");
                shown.replace(line);
            }
        } else if !asked && shown.borrow().is_empty() && since.elapsed() >= Duration::from_secs(5) {
            eprintln!("no progress yet; is a worker running? (`buyer-group worker`)");
            asked = true;
        }
    }
}

/// Progress on one line.
#[must_use]
pub fn progress(status: &RefreshStatus) -> String {
    let RefreshStatus { step, percent, members_found, members_enriched, .. } = status;
    if let Some(until) = status.waiting_until {
        let until =
            jiff::Timestamp::from_millisecond(until).map_or_else(|_| until.to_string(), |time| time.to_string());
        return format!(
            "{percent:>3} %  waits for the company's slot until {until}; `buyer-group steer run-now ID` starts it at once"
        );
    }
    if let Some(review) = &status.review {
        let why: Vec<_> = review.why.iter().map(|worse| worse.text.as_str()).collect();
        return format!(
            "{percent:>3} %  waits for somebody to look at its group ({}); `buyer-group steer approve|reject ID`",
            why.join("; ")
        );
    }
    match members_found {
        0 => format!("{percent:>3} %  {step}"),
        found => format!("{percent:>3} %  {step}  {members_enriched}/{found} members"),
    }
}

/// What a person is told of a refresh that did not succeed: the innermost cause, which is ours and says the remedy.
fn reason(error: WorkflowGetResultError) -> anyhow::Error {
    let failed = matches!(error, WorkflowGetResultError::Failed(_));
    let error = anyhow::Error::new(error);
    match error.chain().last() {
        // What lies around it is told in the SDK's words, for which a person has no use.
        Some(innermost) if failed => {
            tracing::debug!(error = %format!("{error:#}"), "the refresh failed");
            anyhow::anyhow!("{innermost}")
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::is_away;
    use temporalio_client::tonic::Status;

    #[test]
    fn an_outage_is_waited_out_and_an_answer_is_not() {
        let broken = Status::unknown("transport error");
        for away in
            [Status::unavailable(""), Status::cancelled("Timeout expired"), Status::deadline_exceeded(""), broken]
        {
            assert!(is_away(&away), "{away:?}");
        }
        for answer in [Status::permission_denied(""), Status::invalid_argument(""), Status::not_found("")] {
            assert!(!is_away(&answer), "{answer:?}");
        }
    }
}
