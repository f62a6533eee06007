//! `replay`: do recorded histories still fit this build?

use crate::exit::{Exit, NotFound};
use crate::outln;
use crate::output::Output;
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};
use temporalio_client::WorkflowHistory;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use workflows::{
    ApplyRetention, BulkRefresh, BuyerGroupRefresh, DeliverNotifications, RefreshDue, SlotKeeper, SuppressContact,
    SweepOutbox,
};

/// What replaying one history showed.
#[derive(Clone, Debug, Serialize)]
pub struct Replayed {
    /// The file.
    pub file: PathBuf,
    /// Events in it.
    pub events: usize,
    /// Why it no longer fits; `None` when it does.
    pub failure: Option<String>,
}

/// Replays a history, or all of a folder, and prints what that showed.
///
/// # Errors
/// When there is no history, or one cannot be read.
pub async fn run(path: &Path, output: Output) -> Result<Exit> {
    let replayed = replay(path).await?;
    let failed = replayed.iter().filter(|one| one.failure.is_some()).count();
    match output {
        Output::Json => {
            let document = serde_json::json!({"histories": replayed, "failed": failed});
            outln!("{}", serde_json::to_string_pretty(&document)?);
        }
        Output::Text => {
            for one in &replayed {
                let verdict = one.failure.as_deref().unwrap_or("fits");
                outln!("{:<60} {:>4} events  {verdict}", one.file.display(), one.events);
            }
            let histories = if replayed.len() == 1 { "history" } else { "histories" };
            outln!("{} {histories} replayed, {failed} no longer fit", replayed.len());
        }
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}

/// Replays a history, or all of a folder in the order of their names, on the workflows of this build.
///
/// # Errors
/// When there is no history, or one cannot be read.
pub async fn replay(path: &Path) -> Result<Vec<Replayed>> {
    let options = WorkflowReplayerOptions::new()
        .register_workflow::<BuyerGroupRefresh>()?
        .register_workflow::<SuppressContact>()?
        .register_workflow::<BulkRefresh>()?
        .register_workflow::<RefreshDue>()?
        .register_workflow::<SlotKeeper>()?
        .register_workflow::<SweepOutbox>()?
        .register_workflow::<DeliverNotifications>()?
        .register_workflow::<ApplyRetention>()?
        .build();
    replay_with(&WorkflowReplayer::new(options)?, path).await
}

/// The same with a replayer of one's own.
///
/// # Errors
/// When there is no history, or one cannot be read.
pub async fn replay_with(replayer: &WorkflowReplayer, path: &Path) -> Result<Vec<Replayed>> {
    let files = histories(path)?;
    let mut replayed = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let read = || {
            WorkflowHistory::from_json(&bytes).with_context(|| {
                let remedy = "record it with `buyer-group history ID --out FILE`, whose form this command reads";
                format!("{} is not a recorded history; {remedy}", file.display())
            })
        };
        let events = read()?.into_events().await?.len();
        let failure = match replayer.replay_workflow(read()?).await {
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        };
        replayed.push(Replayed { file, events, failure });
    }
    Ok(replayed)
}

fn histories(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.exists() {
        return Err(NotFound(format!("there is no {}", path.display())).into());
    }
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "json") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(NotFound(format!("{} holds no recorded history (*.json)", path.display())).into());
    }
    Ok(files)
}
