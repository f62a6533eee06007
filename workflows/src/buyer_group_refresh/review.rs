//! The review gate: a group that is much worse than the one before waits for a person.

use super::steering::Decision;
use super::steps::StepError;
use super::{BuyerGroupRefresh, patch, policy, progress};
use contracts::{Holder, NotificationKind, OVERTAKEN, RefreshActs, Review, ReviewInput, ReviewOpened, Step, Worse};
use temporalio_workflow::{SignalWorkflowOptions, TimerOptions, WorkflowCancellationToken, WorkflowContext, select};

/// How a review ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reviewed {
    /// The group may be saved.
    Approved,
    /// The group before is kept, for this reason.
    Kept(&'static str),
}

impl BuyerGroupRefresh {
    /// Asks somebody to look, and waits for the answer, or until the group before is kept for want of one. Being cancelled
    /// ends the wait as well, and the next step says so.
    pub(super) async fn review(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
        why: Vec<Worse>,
    ) -> Result<Reviewed, StepError> {
        Self::enter(ctx, Step::Review);
        let announce = ctx.state(|refresh| refresh.announce);
        let input = ReviewInput { refresh_id: refresh_id.to_owned(), why: why.clone(), announce };
        let opened = ctx
            .execute_activity(RefreshActs::ask_for_review, input, policy::database_step("ask somebody to look at it"))
            .await?;
        let ReviewOpened { until, overtakes } = Self::book(ctx, opened);
        let since = progress::now(ctx);
        ctx.state_mut(|refresh| refresh.status.review = Some(Review { since, until, why }));
        Self::show(ctx);
        Self::overtake(ctx, refresh_id, overtakes).await;
        Self::announce(ctx, refresh_id, NotificationKind::ReviewNeeded).await;
        let wanted = ctx.cancellation_token().child_token();
        let timer = TimerOptions::builder(progress::time_until(ctx, until))
            .summary("until the group before is kept".to_owned())
            .cancellation_token(wanted.clone())
            .build();
        select! {
            _ = ctx.timer(timer) => {}
            _ = ctx.wait_condition(|refresh: &Self| refresh.steering.ends_review()) => {}
        }
        if ctx.patched(patch::TIMERS_END) {
            wanted.cancel();
        }
        ctx.state_mut(|refresh| refresh.status.review = None);
        Ok(match ctx.state(|refresh| (refresh.steering.decision, refresh.steering.overtaken)) {
            (Some(Decision::Approved), _) => Reviewed::Approved,
            (Some(Decision::Rejected), _) => Reviewed::Kept("rejected"),
            (None, true) => Reviewed::Kept(OVERTAKEN),
            (None, false) => Reviewed::Kept("review_timed_out"),
        })
    }

    /// Ends reviews of the company whose group is out of date with this refresh's. One that cannot be told has ended, or
    /// finds out when somebody approves it.
    pub(super) async fn overtake(ctx: &WorkflowContext<Self>, refresh_id: &str, older: Vec<Holder>) {
        // The patch is for refreshes whose worker of the release before has left the older ones alone.
        if older.is_empty() || !ctx.patched(patch::OVERTAKES) {
            return;
        }
        for Holder { workflow_id, .. } in older {
            let by = Holder { workflow_id: ctx.workflow_id().to_owned(), refresh_id: refresh_id.to_owned() };
            // Its latest run: one that was reset goes on under another run id.
            let other = ctx.external_workflow(workflow_id, None);
            // This refresh may just be told to stop; what it has found stands all the same.
            let options = SignalWorkflowOptions::builder().cancellation_token(WorkflowCancellationToken::new()).build();
            if let Err(error) = other.signal(Self::overtaken, by, options).await {
                progress::log!(ctx, warn, %error, refresh_id, "a review that is out of date could not be ended");
            }
        }
    }
}
