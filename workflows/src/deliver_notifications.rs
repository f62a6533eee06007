//! Telling the receivers of a workspace what a refresh did: each on its own, for days if need be.

#![expect(missing_docs, reason = "the macro documents the methods, and not the markers that it makes of them")]

use contracts::{
    DELIVERY_QUEUE, DeliverInput, Delivery, GiveUpInput, NOTIFY_PATIENCE, Notified, NotifyActs, NotifyRequest,
};
use std::time::Duration;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::Priority;
use temporalio_workflow::common::error::IncomingError;
use temporalio_workflow::{
    ActivityCloseTimeouts, ActivityExecutionError, ActivityOptions, RetryPolicy, WorkflowContext, WorkflowContextView,
    WorkflowResult, join_all,
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Deliveries have a queue of their own since the build that gave this its name.
const OWN_QUEUE: &str = "own-queue";

/// Where a receiver is told.
#[derive(Clone, Copy, Debug)]
enum Queue {
    /// With whatever refreshes do, as it once was.
    Shared,
    /// Where a receiver that is silent takes the place of other receivers only, and of each in turn.
    Deliveries,
}

/// The delivery of one message, and of others of its workspace that were left lying.
#[workflow]
#[derive(Debug)]
pub struct DeliverNotifications {
    request: NotifyRequest,
}

#[workflow_methods]
impl DeliverNotifications {
    #[init]
    fn new(_ctx: &WorkflowContextView, request: NotifyRequest) -> Self {
        Self { request }
    }

    /// Finds out who is to get what, then delivers everything at once; one receiver never waits for another.
    #[run(name = contracts::DELIVER_NOTIFICATIONS)]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Notified> {
        let request = ctx.state(|delivery| delivery.request.clone());
        let workspace = request.workspace.clone();
        let options = database_step("who is to be told what");
        let addressed = ctx.execute_activity(NotifyActs::address, request, options).await?;
        let queue = if ctx.patched(OWN_QUEUE) { Queue::Deliveries } else { Queue::Shared };
        let ctx = &*ctx;
        let deliveries = addressed.messages.into_iter().flat_map(|message| {
            let (workspace, message_id) = (workspace.clone(), message.message_id);
            message.receivers.into_iter().map(move |receiver| DeliverInput {
                workspace: workspace.clone(),
                message_id: message_id.clone(),
                receiver,
            })
        });
        let mut notified = Notified::default();
        for end in join_all(deliveries.map(|input| Self::deliver(ctx, input, queue))).await {
            match end? {
                Some(Delivery::Delivered) => notified.delivered += 1,
                Some(Delivery::Disabled | Delivery::Skipped | Delivery::Other) => notified.disabled += 1,
                None => notified.given_up += 1,
            }
        }
        Ok(notified)
    }
}

impl DeliverNotifications {
    /// One message to one receiver; `None` when it was given up, and that is recorded.
    async fn deliver(
        ctx: &WorkflowContext<Self>,
        input: DeliverInput,
        queue: Queue,
    ) -> Result<Option<Delivery>, ActivityExecutionError> {
        let DeliverInput { message_id, receiver, .. } = input.clone();
        let options = patient(&input, queue);
        let error = match ctx.execute_activity(NotifyActs::deliver, input, options).await {
            Ok(delivery) => return Ok(Some(delivery)),
            // Somebody stopped the delivery: nothing is given up, and it can be begun anew.
            Err(error) if error.as_cancelled().is_some() => return Err(error),
            Err(error) => error,
        };
        let summary = format!("{receiver} is tried no more");
        let input = GiveUpInput { message_id, receiver, class: class_of(&error) };
        ctx.execute_activity(NotifyActs::give_up, input, database_step(&summary)).await?;
        Ok(None)
    }
}

/// The failure type name under which it is given up.
fn class_of(error: &ActivityExecutionError) -> String {
    let class = match error.cause() {
        Some(IncomingError::Application(failure)) => failure.type_name(),
        Some(IncomingError::Timeout(_)) => Some("Timeout"),
        _ => None,
    };
    class.unwrap_or("Unknown").to_owned()
}

/// One request of at most ten seconds, and what the database needs around it. After two seconds it is tried again, then three
/// times as long each time, up to every four hours: a hiccup is hardly noticed, and a receiver that is down for a day is not
/// flooded when it comes back. A receiver that asks for more time than that gets it, as long as the patience lasts.
fn patient(input: &DeliverInput, queue: Queue) -> ActivityOptions {
    let retries =
        RetryPolicy::builder().initial_interval(2 * SECOND).backoff_coefficient(3.0).maximum_interval(4 * HOUR).build();
    let DeliverInput { workspace, receiver, .. } = input;
    let options = ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: NOTIFY_PATIENCE,
        start_to_close: 25 * SECOND,
    })
    .retry_policy(retries)
    .summary(format!("tell {receiver}"));
    match queue {
        Queue::Shared => options.build(),
        Queue::Deliveries => {
            let turn = Priority::builder().fairness_key(format!("{workspace}/{receiver}")).build();
            options.task_queue(DELIVERY_QUEUE.to_owned()).priority(turn).build()
        }
    }
}

/// A short transaction; the database may be away for a night.
fn database_step(summary: &str) -> ActivityOptions {
    let retries =
        RetryPolicy::builder().initial_interval(SECOND).backoff_coefficient(2.0).maximum_interval(60 * SECOND).build();
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: NOTIFY_PATIENCE,
        start_to_close: 10 * SECOND,
    })
    .retry_policy(retries)
    .summary(summary.to_owned())
    .build()
}

#[cfg(test)]
mod tests {
    use super::DeliverNotifications;
    use contracts::DeliverNotificationsDefinition;
    use temporalio_workflow::common::WorkflowDefinition as _;

    #[test]
    fn clients_start_the_workflow_that_workers_run() {
        assert_eq!(DeliverNotifications::name(), DeliverNotificationsDefinition.name());
    }
}
