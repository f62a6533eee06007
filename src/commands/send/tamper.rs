//! `send --tamper`: the bad-input corpus against a running starter, one row or all of them.

use super::SendArgs;
use crate::commands::target::{self, Target};
use crate::config::Settings;
use crate::exit::{Exit, WrongUsage};
use crate::outln;
use crate::output::Output;
use crate::running::Running;
use anyhow::Result;
use serde_json::json;
use starter::tamper::{Expected, Outcome, Row, Sender, rows, send};
use std::time::Duration;

/// Longest time for one row: the slow ones wait for the server to give them up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends the row of this name, or `all` (but those that need a clock that stands still, or a previous secret when there is
/// none), or lists them with `help`; and says whether the answer is the one it must be.
///
/// # Errors
/// When there is no such row, no source fits, the target is not this machine, or the row needs a secret that there is not.
pub(super) async fn run(kind: &str, args: &SendArgs, settings: &Settings, output: Output) -> Result<Exit> {
    let rows = rows()?;
    if kind == "help" {
        list(&rows, output);
        return Ok(Exit::Done);
    }
    let source = target::source(settings, args.source.as_deref())?;
    let secret = target::secret(&source)?;
    let previous = source.secrets.get(1).cloned();
    let can = |row: &Row| previous.is_some() || !row.needs_previous_secret();
    let all = |row: &Row| kind == "all" && !row.needs_still_clock && can(row);
    let chosen: Vec<&Row> = rows.iter().filter(|row| all(row) || row.name == kind).collect();
    if chosen.is_empty() {
        let near: Vec<&str> = rows.iter().map(|row| row.name.as_str()).filter(|name| name.contains(kind)).collect();
        let near =
            if near.is_empty() { "see --tamper help".to_owned() } else { format!("like it are {}", near.join(", ")) };
        return Err(WrongUsage(format!("there is no kind {kind:?}; {near}")).into());
    }
    if !chosen.iter().all(|row| can(row)) {
        let problem =
            format!("{kind} is signed with a previous secret, and the source has none; give it a previous_secret_file");
        return Err(WrongUsage(problem).into());
    }
    let running = || Running::read(&settings.data_dir).map(|running| running.webhooks);
    let url = args.url.clone().or_else(running).unwrap_or_else(|| super::url(settings));
    let target = Target::resolve(&url, false).await?;

    let mut right = 0;
    for row in &chosen {
        let sender = Sender {
            source: source.name.to_string(),
            secret: secret.clone(),
            previous: previous.clone(),
            now: jiff::Timestamp::now().as_millisecond(),
            event_id: format!("tamper-{:016x}", rand::random::<u64>()),
        };
        match send(target.address, &row.build(&sender), PATIENCE).await {
            Ok(outcome) => {
                right += usize::from(is_expected(row, &outcome));
                show(row, &outcome, output);
            }
            // One row that cannot be sent says nothing about the others.
            Err(error) if kind == "all" => eprintln!("{}: {error}", row.name),
            Err(error) => return Err(error.into()),
        }
    }
    if kind == "all" && output == Output::Text {
        outln!("{right} of {} as they must be", chosen.len());
    }
    Ok(if right == chosen.len() { Exit::Done } else { Exit::Failed })
}

fn list(rows: &[Row], output: Output) {
    for row in rows {
        match output {
            Output::Text => outln!("{:<52} {}", row.name, row.expect),
            Output::Json => outln!("{}", json!({"kind": row.name, "expect": row.expect.to_string()})),
        }
    }
}

fn is_expected(row: &Row, outcome: &Outcome) -> bool {
    match (row.expect, outcome) {
        (Expected::Status(expected), Outcome::Answer { status, .. }) => expected == *status,
        (Expected::Closed(_), Outcome::Closed) => true,
        _ => false,
    }
}

fn show(row: &Row, outcome: &Outcome, output: Output) {
    let verdict = is_expected(row, outcome);
    match (outcome, output) {
        (Outcome::Answer { status, body, .. }, Output::Json) => {
            let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            let expect = row.expect.to_string();
            outln!(
                "{}",
                json!({"kind": row.name, "expect": expect, "status": status, "asExpected": verdict, "body": body})
            );
        }
        (Outcome::Closed, Output::Json) => {
            let expect = row.expect.to_string();
            outln!(
                "{}",
                json!({"kind": row.name, "expect": expect, "status": null, "asExpected": verdict, "body": null})
            );
        }
        (_, Output::Text) => {
            let got = match outcome {
                Outcome::Answer { status, .. } => status.to_string(),
                Outcome::Closed => "a closed connection".to_owned(),
            };
            let verdict = if verdict { "as it must be" } else { "WRONG" };
            outln!("{:<52} {got}, expected {}: {verdict}", row.name, row.expect);
        }
    }
}
