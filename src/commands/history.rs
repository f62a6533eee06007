//! `history`: record a workflow's history, to be replayed by later builds.

use crate::config::Settings;
use crate::exit::{Exit, NotFound};
use crate::running;
use anyhow::{Context as _, Result};
use contracts::BuyerGroupRefreshDefinition;
use std::path::Path;

/// Fetches the history and writes it as JSON, in the form that `replay` reads.
///
/// # Errors
/// When there is no such workflow, or the file cannot be written.
pub async fn run(id: &str, out: &Path, settings: &Settings) -> Result<Exit> {
    let client = running::client(settings).await?;
    let handle = client.get_workflow_handle::<BuyerGroupRefreshDefinition>(id);
    let description = handle.describe(Default::default()).await;
    if let Err(temporalio_client::errors::WorkflowInteractionError::NotFound(_)) = description {
        return Err(NotFound(format!("no workflow {id}")).into());
    }
    let history = handle.fetch_history(Default::default()).to_json().await?;
    std::fs::write(out, &history).with_context(|| format!("cannot write {}", out.display()))?;
    eprintln!("{} bytes of history in {}", history.len(), out.display());
    Ok(Exit::Done)
}
