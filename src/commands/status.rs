//! `status`: how far a refresh is, or how it ended.

use crate::commands::refresh;
use crate::config::Settings;
use crate::exit::{Exit, NotFound};
use crate::outln;
use crate::output::Output;
use crate::running;
use anyhow::Result;
use serde_json::json;
use temporalio_client::errors::WorkflowInteractionError;
use workflows::BuyerGroupRefresh;

/// Describes the workflow by what the server knows, and by its own answer where a worker can give one.
///
/// # Errors
/// When there is no such workflow, or, with `watch`, when it does not end well.
pub async fn run(id: &str, watch: bool, settings: &Settings, output: Output) -> Result<Exit> {
    let client = running::client(settings).await?;
    let handle = client.get_workflow_handle::<BuyerGroupRefresh>(id);
    let description = match handle.describe(Default::default()).await {
        Ok(description) => description,
        Err(WorkflowInteractionError::NotFound(_)) => return Err(NotFound(format!("no workflow {id}")).into()),
        Err(error) => return Err(error.into()),
    };
    if watch {
        let outcome = refresh::follow(&handle).await?;
        match output {
            Output::Json => outln!("{}", serde_json::to_string_pretty(&outcome)?),
            Output::Text => outln!("{}", refresh::told(&outcome)),
        }
        return Ok(refresh::exit(&outcome));
    }
    // A worker that is away is no reason to say nothing: the server knows whether it runs.
    let status = refresh::status(&handle).await.ok();
    // What is being tried again right now, which the workflow itself cannot know.
    let pending: Vec<_> = description
        .raw()
        .pending_activities
        .iter()
        .map(|activity| {
            let name = activity.activity_type.as_ref().map(|kind| kind.name.clone()).unwrap_or_default();
            let failure = activity.last_failure.as_ref().map(|failure| failure.message.clone());
            json!({"activity": name, "attempt": activity.attempt, "last_failure": failure})
        })
        .collect();
    let execution = format!("{:?}", description.status()).to_lowercase();
    match output {
        Output::Json => {
            let document = json!({
                "workflowId": id, "runId": description.run_id(), "execution": execution, "status": status,
                "pending": pending,
            });
            outln!("{}", serde_json::to_string_pretty(&document)?);
        }
        Output::Text => {
            outln!("{id}: {execution}");
            if status.is_none() {
                outln!("no worker answers; is `buyer-group worker` running?");
            }
            if let Some(status) = status {
                let outcome = status.outcome.map(|outcome| format!("  {outcome}")).unwrap_or_default();
                outln!("{}{outcome}", refresh::progress(&status));
                outln!("{} attempts, ${:.4}", status.attempts, status.cost_micros as f64 / 1e6);
            }
            for activity in &pending {
                outln!(
                    "pending: {} attempt {}, last failure: {}",
                    activity["activity"],
                    activity["attempt"],
                    activity["last_failure"]
                );
            }
        }
    }
    Ok(Exit::Done)
}
