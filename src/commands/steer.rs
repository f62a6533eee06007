//! `steer`: tell a refresh on its way to run now, or what is to become of the group in review.

use crate::config::Settings;
use crate::exit::{Exit, NotFound};
use crate::outln;
use crate::output::Output;
use crate::running;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use contracts::{Steered, Steering};
use temporalio_client::errors::WorkflowUpdateError;
use workflows::BuyerGroupRefresh;

/// What is said, and to whom.
#[derive(Clone, Debug, Args)]
pub struct SteerArgs {
    /// What to tell it.
    #[arg(value_enum)]
    pub what: Word,

    /// Workflow id of the refresh.
    pub id: String,

    /// Who decided, as a label without a person's name; it stands in the history.
    #[arg(long, value_name = "LABEL")]
    pub by: Option<String>,
}

/// What can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Word {
    /// Not to wait for the company's slot.
    RunNow,
    /// To save the group that is in review.
    Approve,
    /// To keep the group before.
    Reject,
}

/// Says it, and waits until it is heard.
///
/// # Errors
/// When there is no such refresh on its way, no worker answers, or it refuses.
pub async fn run(args: &SteerArgs, settings: &Settings, output: Output) -> Result<Exit> {
    let steering = Steering { by: args.by.clone() };
    if let Err(wrong) = steering.check() {
        return Err(crate::exit::WrongUsage(wrong.to_owned()).into());
    }
    let client = running::client(settings).await?;
    let handle = client.get_workflow_handle::<BuyerGroupRefresh>(&args.id);
    let Steered { done } = say(&handle, args.what, steering).await?;
    match output {
        Output::Json => outln!("{}", serde_json::json!({"workflowId": args.id, "done": done})),
        Output::Text if done => outln!("{}: done", args.id),
        Output::Text => outln!("{}: had been said before", args.id),
    }
    Ok(Exit::Done)
}

/// Says it. Saying it twice is no mistake.
///
/// # Errors
/// As [`run`].
pub async fn say(handle: &super::refresh::Handle, word: Word, steering: Steering) -> Result<Steered> {
    let said = match word {
        Word::RunNow => handle.execute_update(BuyerGroupRefresh::run_now, steering, Default::default()).await,
        Word::Approve => handle.execute_update(BuyerGroupRefresh::approve, steering, Default::default()).await,
        Word::Reject => handle.execute_update(BuyerGroupRefresh::reject, steering, Default::default()).await,
    };
    match said {
        Ok(steered) => Ok(steered),
        Err(WorkflowUpdateError::NotFound(_)) => {
            Err(NotFound("there is no such refresh on its way; `buyer-group status` says how it ended".to_owned())
                .into())
        }
        // What the refresh itself says.
        Err(WorkflowUpdateError::Failed(failure)) => bail!("{}", failure.message),
        Err(error) => Err(error.into()),
    }
}
