//! The review gate: a group that is much worse than the one before waits for a person.

use super::steering::Decision;
use super::steps::StepError;
use super::{BuyerGroupRefresh, patch, policy, progress};
use contracts::{NotificationKind, RefreshActs, Review, ReviewInput, Step, Worse};
use temporalio_workflow::{TimerOptions, WorkflowContext, select};

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
        let until = Self::book(ctx, opened).until;
        let since = progress::now(ctx);
        ctx.state_mut(|refresh| refresh.status.review = Some(Review { since, until, why }));
        Self::show(ctx);
        Self::announce(ctx, refresh_id, NotificationKind::ReviewNeeded).await;
        let wanted = ctx.cancellation_token().child_token();
        let timer = TimerOptions::builder(progress::time_until(ctx, until))
            .summary("until the group before is kept".to_owned())
            .cancellation_token(wanted.clone())
            .build();
        select! {
            _ = ctx.timer(timer) => {}
            _ = ctx.wait_condition(|refresh: &Self| refresh.steering.decision.is_some()) => {}
        }
        if ctx.patched(patch::TIMERS_END) {
            wanted.cancel();
        }
        ctx.state_mut(|refresh| refresh.status.review = None);
        Ok(match ctx.state(|refresh| refresh.steering.decision) {
            Some(Decision::Approved) => Reviewed::Approved,
            Some(Decision::Rejected) => Reviewed::Kept("rejected"),
            None => Reviewed::Kept("review_timed_out"),
        })
    }
}
