//! Waiting for the company's slot: at most one refresh of a company starts in a window of time.

use super::steps::StepError;
use super::{BuyerGroupRefresh, patch, policy, progress};
use contracts::{ClaimInput, Holder, News, RefreshActs, RefreshRequest, SlotClaim, Step, UnixMillis};
use temporalio_workflow::{TimerOptions, WorkflowContext, select};

/// What became of asking for the slot.
pub(super) enum Granted {
    /// It is this refresh's.
    Run,
    /// Another refresh waits already and answers for this one, which is closed.
    Coalesced(Holder),
    /// The event is not worth it, for this reason; the refresh is closed.
    Ignored(String),
}

impl BuyerGroupRefresh {
    /// Asks for the slot until there is an answer for good.
    pub(super) async fn claim_slot(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
        company_id: &str,
    ) -> Result<Granted, StepError> {
        // Judged once: whoever waited for the slot has been found worth it.
        let mut news = ctx.state(|refresh| news(&refresh.request));
        loop {
            match Self::ask_for_slot(ctx, refresh_id, company_id, news.take()).await? {
                SlotClaim::Run { folded, level, priority } => {
                    ctx.state_mut(|refresh| {
                        refresh.priority = priority;
                        refresh.status.waiting_until = None;
                        refresh.status.holds_for = folded;
                        // Whoever folded into this refresh gets what they asked for.
                        refresh.request.level =
                            level.map_or(refresh.request.level, |level| level.max(refresh.request.level));
                    });
                    return Ok(Granted::Run);
                }
                SlotClaim::Coalesced { holder } => return Ok(Granted::Coalesced(holder)),
                SlotClaim::Ignored { reason } => return Ok(Granted::Ignored(reason)),
                SlotClaim::Wait { until } => Self::wait_for_slot(ctx, until).await,
            }
        }
    }

    async fn ask_for_slot(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
        company_id: &str,
        news: Option<News>,
    ) -> Result<SlotClaim, StepError> {
        Self::enter(ctx, Step::ClaimSlot);
        let input = ctx.state(|refresh| ClaimInput {
            refresh_id: refresh_id.to_owned(),
            workspace: refresh.request.workspace.clone(),
            company_id: company_id.to_owned(),
            run_now: refresh.steering.run_now,
            news,
        });
        let options = Self::ranked(ctx, policy::database_step("ask for the company's slot"));
        let claim = ctx.execute_activity(RefreshActs::claim_slot, input, options).await?;
        Ok(Self::book(ctx, claim))
    }

    /// Until the slot opens or somebody wants it now. Being cancelled ends the wait as well, and the next step says so.
    async fn wait_for_slot(ctx: &WorkflowContext<Self>, until: UnixMillis) {
        ctx.state_mut(|refresh| refresh.status.waiting_until = Some(until));
        Self::enter(ctx, Step::Wait);
        let wanted = ctx.cancellation_token().child_token();
        let timer = TimerOptions::builder(progress::time_until(ctx, until))
            .summary("until the company's next slot opens".to_owned())
            .cancellation_token(wanted.clone())
            .build();
        select! {
            _ = ctx.timer(timer) => {}
            _ = ctx.wait_condition(|refresh: &Self| refresh.steering.run_now) => {}
        }
        if ctx.patched(patch::TIMERS_END) {
            wanted.cancel();
        }
    }
}

/// What there is to judge: what a sender told of a person. A person who asks for a refresh is not asked why.
fn news(request: &RefreshRequest) -> Option<News> {
    let person_ref = request.person_ref.clone()?;
    let (kind, occurred_at) = (request.reason.clone(), request.event.occurred_at);
    Some(News { kind, occurred_at, person_ref, could_sit: request.could_sit })
}
