//! What people see while it runs: the status query, the step as a search attribute, the details in the Web UI.
//! Nothing here names a person, a title or an address; Web UI details and search attributes are not encrypted.

use super::BuyerGroupRefresh;
use contracts::{BGR_OUTCOME, BGR_STEP, OutcomeKind, Receipt, RefreshStatus, Step};
use temporalio_workflow::WorkflowContext;

/// Logs once: silent while history is replayed.
macro_rules! log {
    ($ctx:expr, $level:ident, $($fields:tt)*) => {
        if !$ctx.is_replaying() {
            tracing::$level!($($fields)*);
        }
    };
}
pub(super) use log;

/// Where a refresh stands before its first step.
pub(super) fn at_the_start() -> RefreshStatus {
    RefreshStatus {
        step: Step::Begin,
        percent: 0,
        members_found: 0,
        members_enriched: 0,
        attempts: 0,
        cost_micros: 0,
        outcome: None,
    }
}

/// 0–100. The weights follow how long the steps take: enriching is most of it, and grows member by member.
pub(super) fn percent(step: Step, enriched: u32, found: u32) -> u8 {
    match step {
        Step::Begin => 0,
        Step::ResolveCompany => 5,
        Step::Discover => 10,
        Step::Enrich => 30 + u8::try_from(60 * enriched.min(found) / found.max(1)).unwrap_or(60),
        Step::Save => 90,
        Step::Done => 100,
        // Only a later build is in such a step.
        Step::Other => 0,
    }
}

impl BuyerGroupRefresh {
    /// Enters a step. Commands go out with the step's first activity, so this costs no round trip.
    pub(super) fn enter(ctx: &WorkflowContext<Self>, step: Step) {
        ctx.state_mut(|refresh| refresh.status.step = step);
        ctx.upsert_search_attributes([BGR_STEP.value_set(step.as_str().to_owned())]);
        Self::show(ctx);
    }

    /// Books what a finished activity took.
    pub(super) fn book<T>(ctx: &WorkflowContext<Self>, receipt: Receipt<T>) -> T {
        ctx.state_mut(|refresh| {
            refresh.status.attempts += receipt.attempts;
            refresh.status.cost_micros += receipt.cost_micros;
        });
        receipt.result
    }

    /// The last step, and how it ended. A refresh that ended badly keeps showing the step in which it did.
    pub(super) fn show_end(ctx: &WorkflowContext<Self>, outcome: OutcomeKind) {
        let badly = matches!(outcome, OutcomeKind::Failed | OutcomeKind::Cancelled);
        ctx.state_mut(|refresh| {
            refresh.status.outcome = Some(outcome);
            if !badly {
                refresh.status.step = Step::Done;
            }
        });
        let step = ctx.state(|refresh| refresh.status.step);
        ctx.upsert_search_attributes([
            BGR_STEP.value_set(step.as_str().to_owned()),
            BGR_OUTCOME.value_set(outcome.as_str().to_owned()),
        ]);
        Self::show(ctx);
    }

    /// Current details, in Markdown.
    pub(super) fn show(ctx: &WorkflowContext<Self>) {
        let status = ctx.state_mut(|refresh| {
            let status = &mut refresh.status;
            let percent = percent(status.step, status.members_enriched, status.members_found);
            status.percent = status.percent.max(percent);
            status.clone()
        });
        let mut details = match status.outcome {
            None => format!("**{}** · {} %", status.step, status.percent),
            Some(outcome) if status.step == Step::Done => format!("**{outcome}**"),
            Some(outcome) => format!("**{outcome}** in step {}", status.step),
        };
        if let Some(company_id) = ctx.state(|refresh| refresh.company_id.clone()) {
            details += &format!("\n\ncompany: `{company_id}`");
        }
        if status.members_found > 0 {
            details += &format!("\n\nmembers: {} found, {} enriched", status.members_found, status.members_enriched);
        }
        if status.cost_micros > 0 {
            details += &format!("\n\ncost so far: ${:.4}", status.cost_micros as f64 / 1e6);
        }
        ctx.set_current_details(details);
    }
}
