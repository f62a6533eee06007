//! `retry`: refreshes that did not end well, once more.

use crate::config::Settings;
use crate::exit::{Exit, WrongUsage};
use crate::outln;
use crate::output::Output;
use crate::{running, wiring};
use anyhow::Result;
use clap::{Args, ValueEnum};
use contracts::{BGR_COMPANY, BUYER_GROUP_REFRESH, SourceName, UnixMillis, WorkflowId, WorkspaceId};
use futures::StreamExt as _;
use jiff::Timestamp;
use serde_json::json;
use starter::{RefreshStarter, RetryAnswer};
use std::collections::BTreeSet;
use store::{RefreshRecord, RetryFilter, RetryStatus, Store};
use temporalio_client::{Client, WorkflowListOptions};

/// Which refreshes, and whether to do it.
#[derive(Clone, Debug, Default, Args)]
pub struct RetryArgs {
    /// Refreshes by workflow id; without, all that fit the options.
    #[arg(value_name = "WORKFLOW", conflicts_with_all = ["status", "since", "company", "error_class", "source"])]
    pub ids: Vec<String>,

    /// Those that ended so.
    #[arg(long, value_enum)]
    pub status: Option<Ended>,

    /// Those that ended since then: a date, a moment (RFC 3339), or a time such as 90m, 2h or 3d.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,

    /// Those of this company: its id, or the name or domain that was asked for.
    #[arg(long, value_name = "COMPANY")]
    pub company: Option<String>,

    /// Those that failed with this class, such as AuthFailed.
    #[arg(long, value_name = "CLASS")]
    pub error_class: Option<String>,

    /// Those of this source.
    #[arg(long)]
    pub source: Option<SourceName>,

    /// Those of this workspace [default: the configured one].
    #[arg(long)]
    pub workspace: Option<WorkspaceId>,

    /// Most of them, those that ended first first.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,

    /// Only say which ones.
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,

    /// Do it, where options say which ones. Named ones need no word.
    #[arg(long)]
    pub yes: bool,
}

/// How a refresh ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ended {
    /// A step failed for good.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// An operator terminated it, or its time ran out.
    Terminated,
}

/// A refresh that may be tried again.
struct Candidate {
    workflow_id: String,
    /// What is known of it; nothing of one that ended before it had begun, or without a word.
    record: Option<RefreshRecord>,
}

/// What became of one.
enum Fate {
    Would,
    Answered(RetryAnswer),
    Failed(String),
}

/// Tries them again, or says which it would be.
///
/// # Errors
/// When nothing says which, or the database or the Temporal server is away.
pub async fn run(args: &RetryArgs, settings: &Settings, output: Output) -> Result<Exit> {
    let by_filter = args.ids.is_empty();
    if by_filter && args.status.is_none() {
        let advice = "say which refreshes: workflow ids, or --status failed, cancelled or terminated, which --since, --company, \
                      --error-class and --source narrow down";
        return Err(WrongUsage(advice.to_owned()).into());
    }
    if args.status != Some(Ended::Failed) && args.error_class.is_some() {
        return Err(WrongUsage("--error-class goes with --status failed: nothing else has a class".to_owned()).into());
    }
    let now = Timestamp::now().as_millisecond();
    let since = args.since.as_deref().map(|text| since(text, now)).transpose()?;
    let store = wiring::open_current_store(settings).await?;
    let client = running::client(settings).await?;
    let workspace = args.workspace.clone().unwrap_or_else(|| settings.workspace.clone());
    let mut candidates = match args.status.filter(|_| by_filter) {
        Some(status) => candidates(args, status, workspace, since, &store, &client).await?,
        None => named(&args.ids),
    };
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    // One more than the limit is looked for, to know whether it cuts.
    let cut = by_filter && candidates.len() > limit;
    if by_filter {
        candidates.truncate(limit);
    }
    let does = !args.dry_run && (!by_filter || args.yes);
    let starter = RefreshStarter::new(client, wiring::start_limits(settings));
    let mut fates = Vec::new();
    for candidate in candidates {
        let fate = if does { again(&starter, &store, &candidate.workflow_id).await } else { Fate::Would };
        if output == Output::Text {
            outln!("{}", line(&candidate, &fate));
        }
        fates.push((candidate, fate));
    }
    store.close().await;
    conclude(&fates, cut, args, does, output)
}

fn named(ids: &[String]) -> Vec<Candidate> {
    let mut seen = BTreeSet::new();
    let ids = ids.iter().filter(|id| seen.insert(id.as_str()));
    ids.map(|id| Candidate { workflow_id: id.clone(), record: None }).collect()
}

async fn again(starter: &RefreshStarter, store: &Store, workflow_id: &str) -> Fate {
    let kept = match store.kept_of(workflow_id).await {
        Ok(kept) => kept,
        Err(error) => return Fate::Failed(error.to_string()),
    };
    match starter.retry(workflow_id, kept).await {
        Ok(answer) => Fate::Answered(answer),
        Err(error) => Fate::Failed(error.to_string()),
    }
}

/// Those that the store has closed, and those that Temporal has ended without the store's knowing: terminated, or failed
/// before they had begun.
async fn candidates(
    args: &RetryArgs,
    status: Ended,
    workspace: WorkspaceId,
    since: Option<UnixMillis>,
    store: &Store,
    client: &Client,
) -> Result<Vec<Candidate>> {
    let wanted = args.limit.saturating_add(1);
    let error_class = match status {
        // The keeper of slots closes them so.
        Ended::Terminated => Some("Terminated".to_owned()),
        Ended::Failed | Ended::Cancelled => args.error_class.clone(),
    };
    let filter = RetryFilter {
        workspace: workspace.clone(),
        status: if status == Ended::Cancelled { RetryStatus::Cancelled } else { RetryStatus::Failed },
        since,
        company: args.company.clone(),
        error_class,
        source: args.source.clone(),
    };
    let closed = store.refreshes_to_retry(&filter, wanted).await?;
    let mut seen: BTreeSet<String> = closed.iter().map(|record| record.workflow_id.clone()).collect();
    let mut candidates: Vec<Candidate> = closed
        .into_iter()
        .map(|record| Candidate { workflow_id: record.workflow_id.clone(), record: Some(record) })
        .collect();
    // Of a class, or of a company by name, only the store knows.
    let company_id = args.company.as_deref().filter(|company| company.starts_with("co_"));
    if args.error_class.is_some() || (args.company.is_some() && company_id.is_none()) {
        return Ok(candidates);
    }
    let query = query(status, &workspace, company_id, since);
    // Without a limit of its own: what was tried again since stays listed as the failed run that it was.
    let limit = usize::try_from(wanted).unwrap_or(usize::MAX);
    let mut ended = client.list_workflows(query, WorkflowListOptions::builder().build());
    while candidates.len() < limit
        && let Some(execution) = ended.next().await
    {
        let workflow_id = execution?.id().to_owned();
        let of_source = match &args.source {
            Some(source) => WorkflowId::parse(&workflow_id).is_some_and(|parts| parts.source == *source),
            None => true,
        };
        if !of_source || !seen.insert(workflow_id.clone()) {
            continue;
        }
        let record = store.refresh_by_workflow(&workflow_id).await?;
        // What the store has closed is the store's to judge, and was judged above.
        if record.as_ref().is_none_or(|record| record.outcome.is_none()) {
            candidates.push(Candidate { workflow_id, record });
        }
    }
    Ok(candidates)
}

/// The visibility query for workflows that ended so. Its values are names and ids of ours, and moments: none holds a quote.
fn query(status: Ended, workspace: &WorkspaceId, company_id: Option<&str>, since: Option<UnixMillis>) -> String {
    let ended = match status {
        Ended::Failed => "ExecutionStatus = 'Failed'",
        Ended::Cancelled => "ExecutionStatus = 'Canceled'",
        Ended::Terminated => "ExecutionStatus IN ('Terminated', 'TimedOut')",
    };
    let mut query = format!("WorkflowType = '{BUYER_GROUP_REFRESH}' AND {ended} AND BgrWorkspace = '{workspace}'");
    if let Some(id) = company_id.filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')) {
        query += &format!(" AND {} = '{id}'", BGR_COMPANY.name());
    }
    if let Some(at) = since.and_then(|since| Timestamp::from_millisecond(since).ok()) {
        query += &format!(" AND CloseTime >= '{at}'");
    }
    query
}

fn line(candidate: &Candidate, fate: &Fate) -> String {
    let ended = candidate.record.as_ref().map(|record| {
        let at = record.completed_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        let at = at.map(|at| format!(" {at}")).unwrap_or_default();
        let class = record.error_class.as_deref().map(|class| format!(", {class}")).unwrap_or_default();
        let outcome = record.outcome.map_or("without a word", contracts::OutcomeKind::as_str);
        format!(" ({outcome}{at} in {}{class})", record.step)
    });
    format!("{}{}: {}", candidate.workflow_id, ended.unwrap_or_default(), told(fate))
}

fn told(fate: &Fate) -> String {
    match fate {
        Fate::Would => "would be tried again".to_owned(),
        Fate::Answered(RetryAnswer::Started { run_id }) => format!("runs again, run {run_id}"),
        Fate::Answered(RetryAnswer::Running) => "skipped, it is at work already".to_owned(),
        Fate::Answered(RetryAnswer::EndedWell) => {
            "skipped, it ended with an answer; `buyer-group refresh` asks for another".to_owned()
        }
        Fate::Answered(RetryAnswer::Unknown) => "not tried, nobody knows what it was asked".to_owned(),
        Fate::Failed(error) => format!("not tried, {error}"),
    }
}

fn conclude(fates: &[(Candidate, Fate)], cut: bool, args: &RetryArgs, does: bool, output: Output) -> Result<Exit> {
    let count = |wanted: fn(&Fate) -> bool| fates.iter().filter(|(_, fate)| wanted(fate)).count();
    let started = count(|fate| matches!(fate, Fate::Answered(RetryAnswer::Started { .. })));
    let skipped = count(|fate| matches!(fate, Fate::Answered(RetryAnswer::Running | RetryAnswer::EndedWell)));
    let unknown = count(|fate| matches!(fate, Fate::Answered(RetryAnswer::Unknown)));
    let failed = count(|fate| matches!(fate, Fate::Failed(_)));
    match output {
        Output::Json => {
            let refreshes: Vec<_> = fates
                .iter()
                .map(|(candidate, fate)| {
                    let run_id = match fate {
                        Fate::Answered(RetryAnswer::Started { run_id }) => Some(run_id),
                        _ => None,
                    };
                    json!({
                        "workflowId": candidate.workflow_id, "answer": word(fate), "runId": run_id,
                        "refresh": candidate.record,
                    })
                })
                .collect();
            let document = json!({"done": does, "cut": cut, "limit": args.limit, "refreshes": refreshes});
            outln!("{}", serde_json::to_string_pretty(&document)?);
        }
        Output::Text if does => outln!("{started} run again, {skipped} skipped, {} not tried", unknown + failed),
        Output::Text if args.dry_run => outln!("{} would be tried again", fates.len()),
        Output::Text => outln!("{} would be tried again; repeat with --yes to do it", fates.len()),
    }
    if cut {
        eprintln!("note: there are more; these are the first {}, and --limit raises that", args.limit);
    }
    Ok(match (failed, unknown) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::NotFound,
        _ => Exit::Failed,
    })
}

fn word(fate: &Fate) -> &'static str {
    match fate {
        Fate::Would => "would_retry",
        Fate::Answered(RetryAnswer::Started { .. }) => "started",
        Fate::Answered(RetryAnswer::Running) => "running",
        Fate::Answered(RetryAnswer::EndedWell) => "ended_well",
        Fate::Answered(RetryAnswer::Unknown) => "unknown",
        Fate::Failed(_) => "failed",
    }
}

/// The moment that is meant.
fn since(text: &str, now: UnixMillis) -> Result<UnixMillis> {
    let ago = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let minutes = match unit {
            "m" => 1,
            "h" => 60,
            "d" => 24 * 60,
            _ => return None,
        };
        number.parse::<u32>().ok().map(|number| now - i64::from(number) * minutes * 60 * 1000)
    };
    let day = || format!("{text}T00:00:00Z").parse::<Timestamp>().ok();
    let moment = || text.parse::<Timestamp>().ok().or_else(day).map(Timestamp::as_millisecond);
    let advice =
        || WrongUsage(format!("--since {text:?} is no time; write 2h, 3d, 2026-01-31 or 2026-01-31T12:00:00Z"));
    ago().or_else(moment).ok_or_else(|| advice().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now = 1_760_000_000_000;
        for (text, ago) in [("90m", 90), ("2h", 120), ("3d", 3 * 24 * 60), ("0h", 0)] {
            assert_eq!(since(text, now).unwrap(), now - ago * 60 * 1000, "{text}");
        }
        assert_eq!(since("1970-01-02", now).unwrap(), 86_400_000);
        assert_eq!(since("1970-01-02T00:00:01Z", now).unwrap(), 86_401_000);
        for text in ["", "h", "-2h", "2", "yesterday", "2w", "1.5h", "2026-02-30", "ä"] {
            assert!(since(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn the_server_is_asked_for_what_was_asked_for() {
        let workspace = "demo".parse().unwrap();
        let asked = query(Ended::Terminated, &workspace, Some("co_1"), Some(0));
        assert_eq!(
            asked,
            "WorkflowType = 'BuyerGroupRefresh' AND ExecutionStatus IN ('Terminated', 'TimedOut') AND BgrWorkspace = 'demo' \
             AND BgrCompany = 'co_1' AND CloseTime >= '1970-01-01T00:00:00Z'"
        );
        assert!(!query(Ended::Failed, &workspace, Some("co_' OR 1=1"), None).contains("OR"));
    }
}
