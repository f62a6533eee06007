//! Somebody objected to the use of contact data: it goes on the list, and out of the database.

#![expect(missing_docs, reason = "the macro documents the methods, and not the markers that it makes of them")]

use contracts::{SuppressActs, SuppressRequest, Suppressed};
use std::time::Duration;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowContextView, WorkflowResult};

const SECOND: Duration = Duration::from_secs(1);

/// How long a write that began before the list was committed can still be under way: far above what the database gives to
/// any statement or transaction, and above the longest attempt at a step that writes.
const WRITES_ARE_OVER: Duration = Duration::from_secs(5 * 60);

/// One suppression. The workflow id is the objection's idempotency key.
#[workflow]
#[derive(Debug)]
pub struct SuppressContact {
    request: SuppressRequest,
}

#[workflow_methods]
impl SuppressContact {
    #[init]
    fn new(_ctx: &WorkflowContextView, request: SuppressRequest) -> Self {
        Self { request }
    }

    /// Lists and erases at once; then once more, for what a write that was under way has left behind.
    #[run(name = contracts::SUPPRESS_CONTACT)]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Suppressed> {
        let first = Self::suppress(ctx, "list it, erase it").await?;
        ctx.timer(WRITES_ARE_OVER).await;
        let second = Self::suppress(ctx, "erase what was being written meanwhile").await?;
        Ok(Suppressed { listed: second.listed, erased: first.erased + second.erased })
    }
}

impl SuppressContact {
    async fn suppress(ctx: &WorkflowContext<Self>, summary: &str) -> WorkflowResult<Suppressed> {
        let request = ctx.state(|suppression| suppression.request.clone());
        Ok(ctx.execute_activity(SuppressActs::suppress, request, tireless(summary)).await?.result)
    }
}

/// How long a worker may be silent that goes through what the workspace has, page by page.
const HEARTBEAT: Duration = Duration::from_secs(60);

/// An objection is kept, however long the database is away: no bound on the whole. One attempt goes through everything the
/// workspace has, and on where the one before was interrupted: an hour is a hang.
fn tireless(summary: &str) -> ActivityOptions {
    let retries = RetryPolicy::builder()
        .initial_interval(SECOND)
        .backoff_coefficient(2.0)
        .maximum_interval(5 * 60 * SECOND)
        .build();
    ActivityOptions::with_start_to_close_timeout(3600 * SECOND)
        .heartbeat_timeout(HEARTBEAT)
        .retry_policy(retries)
        .summary(summary.to_owned())
        .build()
}

#[cfg(test)]
mod tests {
    use super::SuppressContact;
    use contracts::SuppressContactDefinition;
    use temporalio_workflow::common::WorkflowDefinition as _;

    #[test]
    fn clients_start_the_workflow_that_workers_run() {
        assert_eq!(SuppressContact::name(), SuppressContactDefinition.name());
    }
}
