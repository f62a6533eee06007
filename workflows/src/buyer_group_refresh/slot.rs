//! Waiting for the company's slot: at most one refresh of a company starts in a window of time.

use super::steps::StepError;
use super::{BuyerGroupRefresh, policy, progress};
use contracts::{ClaimInput, Holder, RefreshActs, SlotClaim, Step, UnixMillis};
use temporalio_workflow::{TimerOptions, WorkflowContext, select};

impl BuyerGroupRefresh {
    /// Asks for the slot until it is this refresh's; `None` then. Else the refresh that waits already and answers for this
    /// one, which is closed.
    pub(super) async fn claim_slot(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
        company_id: &str,
    ) -> Result<Option<Holder>, StepError> {
        loop {
            match Self::ask_for_slot(ctx, refresh_id, company_id).await? {
                SlotClaim::Run { folded, level } => {
                    ctx.state_mut(|refresh| {
                        refresh.status.waiting_until = None;
                        refresh.status.holds_for = folded;
                        // Whoever folded into this refresh gets what they asked for.
                        refresh.request.level =
                            level.map_or(refresh.request.level, |level| level.max(refresh.request.level));
                    });
                    return Ok(None);
                }
                SlotClaim::Coalesced { holder } => return Ok(Some(holder)),
                SlotClaim::Wait { until } => Self::wait_for_slot(ctx, until).await,
            }
        }
    }

    async fn ask_for_slot(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
        company_id: &str,
    ) -> Result<SlotClaim, StepError> {
        Self::enter(ctx, Step::ClaimSlot);
        let input = ctx.state(|refresh| ClaimInput {
            refresh_id: refresh_id.to_owned(),
            workspace: refresh.request.workspace.clone(),
            company_id: company_id.to_owned(),
            run_now: refresh.steering.run_now,
        });
        let claim = ctx
            .execute_activity(RefreshActs::claim_slot, input, policy::database_step("ask for the company's slot"))
            .await?;
        Ok(Self::book(ctx, claim))
    }

    /// Until the slot opens or somebody wants it now. Being cancelled ends the wait as well, and the next step says so.
    async fn wait_for_slot(ctx: &WorkflowContext<Self>, until: UnixMillis) {
        ctx.state_mut(|refresh| refresh.status.waiting_until = Some(until));
        Self::enter(ctx, Step::Wait);
        let timer = TimerOptions::builder(progress::time_until(ctx, until))
            .summary("until the company's next slot opens".to_owned())
            .build();
        select! {
            _ = ctx.timer(timer) => {}
            _ = ctx.wait_condition(|refresh: &Self| refresh.steering.run_now) => {}
        }
    }
}
