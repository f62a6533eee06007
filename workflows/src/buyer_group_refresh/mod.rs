//! The refresh: from "somebody there changed job" to a saved buyer group.
//!
//! Read [`BuyerGroupRefresh::run`] as the recipe. Each step is a method in `steps.rs`; how long it may take and how often
//! it is tried stands in `policy.rs`, with the reason.

#![expect(missing_docs, reason = "the macro documents the methods, and not the markers that it makes of them")]

mod announce;
mod policy;
mod progress;
mod review;
mod slot;
mod steering;
mod steps;

use contracts::{
    Begun, EnrichmentLevel, Holder, NotificationKind, OVERTAKEN, OutcomeKind, Priority, RefreshOutcome, RefreshRequest,
    RefreshStatus, Resolution, Steered, Steering,
};
use review::Reviewed;
use slot::Granted;
use steering::{Decision, Refusal, Said};
use steps::StepError;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult};

/// One refresh of one company's buyer group. The workflow id is the event's idempotency key.
#[workflow]
#[derive(Debug)]
pub struct BuyerGroupRefresh {
    request: RefreshRequest,
    status: RefreshStatus,
    /// The company, once it is known which one is meant.
    company_id: Option<String>,
    /// Members being enriched right now; bounds the fan-out.
    in_flight: usize,
    /// Whether somebody is to be told how it ends.
    announce: bool,
    /// How urgent its steps are unless they say otherwise, 1 before 5; 0 when nobody said.
    started_as: u32,
    /// How soon it is wanted, once its company is known.
    priority: Option<Priority>,
    /// What people have said to it.
    steering: Said,
    /// Why nothing was saved, for people, once it has ended so.
    why: Option<String>,
}

/// What refreshes do since the build that gave it this name. A history without the name goes the way of before.
mod patch {
    /// They ask for the company's slot.
    pub(super) const SLOTS: &str = "slots";
    /// They end older reviews of the company.
    pub(super) const OVERTAKES: &str = "overtakes";
    /// What they no longer wait for they no longer keep in the timeline.
    pub(super) const TIMERS_END: &str = "timers-end";
}

#[workflow_methods]
impl BuyerGroupRefresh {
    #[init]
    fn new(ctx: &WorkflowContextView, request: RefreshRequest) -> Self {
        let (status, steering) = (progress::at_the_start(), Said::default());
        let started_as = ctx.priority().priority_key.unwrap_or(0);
        Self {
            request,
            status,
            company_id: None,
            in_flight: 0,
            announce: false,
            started_as,
            priority: None,
            steering,
            why: None,
        }
    }

    /// Set up, run, and whatever happens leave a record of how it ended.
    #[run(name = contracts::BUYER_GROUP_REFRESH)]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<RefreshOutcome> {
        let refresh_id = match Self::begin(ctx).await {
            Ok(Begun::Open { refresh_id, announce }) => {
                ctx.state_mut(|refresh| refresh.announce = announce);
                refresh_id
            }
            Ok(Begun::AlreadyRecorded { refresh_id }) => {
                return Ok(Self::finish(ctx, ended(&refresh_id, OutcomeKind::Duplicate)));
            }
            // `begin` may have taken effect although we never heard so; its refresh has the id of this run.
            Err(error) => {
                let refresh_id = ctx.run_id().to_owned();
                return Self::fail(ctx, &refresh_id, error).await;
            }
        };
        match Self::refresh(ctx, &refresh_id).await {
            Ok(outcome) => Ok(Self::finish(ctx, outcome)),
            Err(error) => Self::fail(ctx, &refresh_id, error).await,
        }
    }

    /// How far it is.
    #[query(name = contracts::STATUS_QUERY)]
    pub fn status(&self, _ctx: &WorkflowContextView) -> RefreshStatus {
        self.status.clone()
    }

    // A handler only writes down what was said; the step that it concerns waits for it. So the histories of refreshes that
    // nobody steers stay as they are.

    #[update_validator(run_now)]
    fn may_run_now(&self, _ctx: &WorkflowContextView, steering: &Steering) -> Result<(), Refusal> {
        self.steering.may_run_now(&self.status, steering)
    }

    /// Not to wait for the company's slot.
    #[update(name = contracts::RUN_NOW_UPDATE)]
    pub fn run_now(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _steering: Steering) -> Steered {
        self.steering.run_now()
    }

    /// A later refresh of the company has found a group of its own: nobody needs to look at this one any more.
    #[signal(name = contracts::OVERTAKEN_SIGNAL)]
    pub fn overtaken(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _by: Holder) {
        self.steering.overtaken = true;
    }

    #[update_validator(approve)]
    fn may_approve(&self, _ctx: &WorkflowContextView, steering: &Steering) -> Result<(), Refusal> {
        self.steering.may_decide(Decision::Approved, &self.status, steering)
    }

    /// To save the group that is in review.
    #[update(name = contracts::APPROVE_UPDATE)]
    pub fn approve(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _steering: Steering) -> Steered {
        self.steering.decide(Decision::Approved)
    }

    #[update_validator(reject)]
    fn may_reject(&self, _ctx: &WorkflowContextView, steering: &Steering) -> Result<(), Refusal> {
        self.steering.may_decide(Decision::Rejected, &self.status, steering)
    }

    /// To keep the group before.
    #[update(name = contracts::REJECT_UPDATE)]
    pub fn reject(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _steering: Steering) -> Steered {
        self.steering.decide(Decision::Rejected)
    }
}

impl BuyerGroupRefresh {
    /// The business of it, once the refresh is open.
    async fn refresh(ctx: &WorkflowContext<Self>, refresh_id: &str) -> Result<RefreshOutcome, StepError> {
        let company_id = match Self::resolve_company(ctx, refresh_id).await? {
            Resolution::Company { company_id } => company_id,
            Resolution::NoMatch => {
                Self::record_end(ctx, refresh_id, OutcomeKind::NoMatch, None, None).await?;
                return Ok(ended(refresh_id, OutcomeKind::NoMatch));
            }
        };
        if ctx.patched(patch::SLOTS) {
            match Self::claim_slot(ctx, refresh_id, &company_id).await? {
                Granted::Run => {}
                Granted::Coalesced(holder) => {
                    let coalesced = ended(refresh_id, OutcomeKind::Coalesced);
                    return Ok(RefreshOutcome { company_id: Some(company_id), into: Some(holder), ..coalesced });
                }
                Granted::Ignored(reason) => {
                    let ignored = ended(refresh_id, OutcomeKind::Ignored);
                    return Ok(RefreshOutcome { company_id: Some(company_id), reason: Some(reason), ..ignored });
                }
            }
        }
        let discovered = Self::discover(ctx, refresh_id, &company_id).await?;
        let degraded = if ctx.state(|refresh| refresh.request.level) >= EnrichmentLevel::Enrich {
            Self::enrich(ctx, refresh_id, &company_id, &discovered.members).await?
        } else {
            Vec::new()
        };
        // Only workers that know of reviews say that something is worse.
        let reviewed = !discovered.worse.is_empty();
        if reviewed && let Reviewed::Kept(reason) = Self::review(ctx, refresh_id, discovered.worse).await? {
            Self::record_end(ctx, refresh_id, OutcomeKind::Kept, None, Some(reason)).await?;
            return Ok(kept(refresh_id, company_id, reason));
        }
        let saved = Self::save(ctx, refresh_id, &company_id, reviewed).await?;
        if saved.overtaken {
            return Ok(kept(refresh_id, company_id, OVERTAKEN));
        }
        Self::overtake(ctx, refresh_id, saved.overtakes).await;
        if saved.diff.total() > 0 {
            Self::announce(ctx, refresh_id, NotificationKind::GroupRefreshed).await;
        }
        Ok(RefreshOutcome {
            outcome: OutcomeKind::Refreshed,
            refresh_id: refresh_id.to_owned(),
            company_id: Some(company_id),
            into: None,
            reason: None,
            members: saved.members,
            diff: saved.diff,
            level: Self::level_reached(ctx),
            degraded,
            cost_micros: ctx.state(|refresh| refresh.status.cost_micros),
        })
    }

    /// Deep research is not among the steps yet, so a request for it is answered with the level below, and says so.
    fn level_reached(ctx: &WorkflowContext<Self>) -> EnrichmentLevel {
        ctx.state(|refresh| refresh.request.level).min(EnrichmentLevel::Enrich)
    }

    /// Tells everybody who watches how it ended.
    fn finish(ctx: &WorkflowContext<Self>, outcome: RefreshOutcome) -> RefreshOutcome {
        let cost_micros = ctx.state(|refresh| refresh.status.cost_micros);
        let into = outcome.into.as_ref().map(|holder| format!("`{}` answers for it", holder.workflow_id));
        let why = into.or_else(|| outcome.reason.as_ref().map(|reason| format!("because: `{reason}`")));
        Self::show_end(ctx, outcome.outcome, why);
        RefreshOutcome { cost_micros, ..outcome }
    }

    /// Records the failure or cancellation, then hands the error to the server: that decides `Failed` or `Canceled`.
    async fn fail(ctx: &WorkflowContext<Self>, refresh_id: &str, error: StepError) -> WorkflowResult<RefreshOutcome> {
        let outcome = if steps::is_cancelled(&error) { OutcomeKind::Cancelled } else { OutcomeKind::Failed };
        if let Err(unrecorded) = Self::record_end(ctx, refresh_id, outcome, steps::class_of(&error), None).await {
            progress::log!(ctx, warn, error = %unrecorded, "the end of the refresh could not be recorded");
        } else if outcome == OutcomeKind::Failed {
            Self::announce(ctx, refresh_id, NotificationKind::RefreshFailed).await;
        }
        Self::show_end(ctx, outcome, None);
        Err(error.into())
    }
}

/// The group before stands, for this reason.
fn kept(refresh_id: &str, company_id: String, reason: &str) -> RefreshOutcome {
    let kept = ended(refresh_id, OutcomeKind::Kept);
    RefreshOutcome { company_id: Some(company_id), reason: Some(reason.to_owned()), ..kept }
}

fn ended(refresh_id: &str, outcome: OutcomeKind) -> RefreshOutcome {
    RefreshOutcome {
        outcome,
        refresh_id: refresh_id.to_owned(),
        company_id: None,
        into: None,
        reason: None,
        members: 0,
        diff: contracts::DiffCounts::default(),
        level: EnrichmentLevel::Identify,
        degraded: Vec::new(),
        cost_micros: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::BuyerGroupRefresh;
    use contracts::{BuyerGroupRefreshDefinition, Step};
    use temporalio_workflow::common::WorkflowDefinition as _;

    #[test]
    fn clients_start_the_workflow_that_workers_run() {
        assert_eq!(BuyerGroupRefresh::name(), BuyerGroupRefreshDefinition.name());
    }

    #[test]
    fn progress_never_falls_from_step_to_step() {
        use Step::{Begin, ClaimSlot, Discover, Done, Enrich, ResolveCompany, Review, Save, Wait};
        let steps = [Begin, ResolveCompany, ClaimSlot, Wait, Discover, Enrich, Review, Save, Done];
        let percents: Vec<u8> = steps.into_iter().map(|step| super::progress::percent(step, 0, 12)).collect();
        assert!(percents.is_sorted(), "{percents:?}");
        assert!(super::progress::percent(Step::Enrich, 12, 12) <= super::progress::percent(Step::Save, 12, 12));
    }
}
