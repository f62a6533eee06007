//! The steps, one method each. A step enters, calls its activity under its policy, and books what that took.

use super::{BuyerGroupRefresh, policy};
use contracts::{
    BGR_COMPANY, Begun, ChosenMember, DiscoverInput, Discovered, EnrichInput, Enrichment, FailureInput, OutcomeKind,
    RefreshActs, Resolution, ResolveInput, SaveInput, Saved, Step, Unavailable,
};
use std::cell::RefCell;
use std::collections::BTreeSet;
use temporalio_workflow::common::Priority;
use temporalio_workflow::common::error::IncomingError;
use temporalio_workflow::{ActivityExecutionError, ActivityOptions, WorkflowContext, join_all};

/// Why a step did not succeed, as the server reports it.
pub(super) type StepError = ActivityExecutionError;

impl BuyerGroupRefresh {
    pub(super) async fn begin(ctx: &WorkflowContext<Self>) -> Result<Begun, StepError> {
        Self::enter(ctx, Step::Begin);
        let request = ctx.state(|refresh| refresh.request.clone());
        let begun = ctx
            .execute_activity(RefreshActs::begin, request, policy::database_step("record the event, open the refresh"))
            .await?;
        Ok(Self::book(ctx, begun))
    }

    pub(super) async fn resolve_company(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
    ) -> Result<Resolution, StepError> {
        Self::enter(ctx, Step::ResolveCompany);
        let input =
            ResolveInput { refresh_id: refresh_id.to_owned(), request: ctx.state(|refresh| refresh.request.clone()) };
        let resolution = ctx
            .execute_activity(RefreshActs::resolve_company, input, policy::company_lookup("which company is meant"))
            .await?;
        let resolution = Self::book(ctx, resolution);
        if let Resolution::Company { company_id } = &resolution {
            // The request may have known the company by another name; from here all its refreshes are found under one.
            ctx.upsert_search_attributes([BGR_COMPANY.value_set(company_id.clone())]);
            ctx.state_mut(|refresh| refresh.company_id = Some(company_id.clone()));
        }
        Ok(resolution)
    }

    pub(super) async fn discover(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
        company_id: &str,
    ) -> Result<Discovered, StepError> {
        Self::enter(ctx, Step::Discover);
        let input = DiscoverInput {
            refresh_id: refresh_id.to_owned(),
            workspace: ctx.state(|refresh| refresh.request.workspace.clone()),
            company_id: company_id.to_owned(),
        };
        let discovered = ctx
            .execute_activity(
                RefreshActs::discover,
                input,
                Self::ranked(ctx, policy::discovery("read the people, choose the group")),
            )
            .await?;
        let discovered = Self::book(ctx, discovered);
        ctx.state_mut(|refresh| refresh.status.members_found = count(discovered.members.len()));
        Ok(discovered)
    }

    /// Every member, a few at a time. What is withheld is returned. A failure fails the step: no further lookup is begun, and
    /// those under way are told to stop, which gives them the time to bring home an answer that is already on its way.
    pub(super) async fn enrich(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
        company_id: &str,
        members: &[ChosenMember],
    ) -> Result<Vec<Unavailable>, StepError> {
        Self::enter(ctx, Step::Enrich);
        let workspace = ctx.state(|refresh| refresh.request.workspace.clone());
        let together = ctx.cancellation_token().child_token();
        let failure = RefCell::new(None);
        let lookups = members.iter().enumerate().map(|(index, member)| {
            let input = EnrichInput {
                refresh_id: refresh_id.to_owned(),
                workspace: workspace.clone(),
                company_id: company_id.to_owned(),
                person_ref: member.person_ref.clone(),
            };
            let summary = format!("member {} of {}: {}", index + 1, members.len(), member.role);
            let (together, failure) = (&together, &failure);
            async move {
                // A cancelled wait needs no handling of its own: the lookup below is then refused as cancelled.
                let _ = ctx.wait_condition(|refresh| refresh.in_flight < policy::ENRICH_AT_ONCE).await;
                if failure.borrow().is_some() {
                    return None;
                }
                ctx.state_mut(|refresh| refresh.in_flight += 1);
                let options = Self::ranked(ctx, policy::member_lookup(summary, together));
                let looked_up = ctx.execute_activity(RefreshActs::enrich_member, input, options).await;
                ctx.state_mut(|refresh| refresh.in_flight -= 1);
                match looked_up {
                    Ok(receipt) => {
                        let enrichment = Self::book(ctx, receipt);
                        ctx.state_mut(|refresh| refresh.status.members_enriched += 1);
                        Self::show(ctx);
                        Some(enrichment)
                    }
                    Err(error) => {
                        // The first failure is the reason; those after it only follow from it.
                        failure.borrow_mut().get_or_insert(error);
                        together.cancel();
                        None
                    }
                }
            }
        });
        let enrichments = join_all(lookups).await;
        if let Some(error) = failure.into_inner() {
            return Err(error);
        }
        let withheld: BTreeSet<Unavailable> = enrichments
            .into_iter()
            .filter_map(|enrichment| match enrichment {
                Some(Enrichment::Withheld { reason }) => Some(reason),
                _ => None,
            })
            .collect();
        Ok(withheld.into_iter().collect())
    }

    pub(super) async fn save(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
        company_id: &str,
        reviewed: bool,
    ) -> Result<Saved, StepError> {
        Self::enter(ctx, Step::Save);
        let input = SaveInput {
            refresh_id: refresh_id.to_owned(),
            workspace: ctx.state(|refresh| refresh.request.workspace.clone()),
            company_id: company_id.to_owned(),
            level: Self::level_reached(ctx),
            cost_micros: ctx.state(|refresh| refresh.status.cost_micros),
            announce: ctx.state(|refresh| refresh.announce),
            reviewed,
        };
        let options = Self::ranked(ctx, policy::database_step("replace the saved group"));
        let saved = ctx.execute_activity(RefreshActs::save, input, options).await?;
        Ok(Self::book(ctx, saved))
    }

    /// A step as urgent as the refresh has turned out to be: because of what its event is about, because somebody wants it
    /// now, or because of an event that folded into it. One of which nothing is said is as urgent as the workflow.
    pub(super) fn ranked(ctx: &WorkflowContext<Self>, mut options: ActivityOptions) -> ActivityOptions {
        let (key, started_as, turn) = ctx.state(|refresh| {
            let said = refresh.steering.run_now.then_some(contracts::Priority::Manual);
            let soonest = refresh.priority.into_iter().chain(said).min();
            (
                soonest.map(|priority| u32::from(priority.number())),
                refresh.started_as,
                refresh.request.workspace.clone(),
            )
        });
        if let Some(key) = key.filter(|key| *key != started_as) {
            options.priority = Some(Priority::builder().priority_key(key).fairness_key(turn.as_str()).build());
            // Somebody waits for it by now, so it leaves the queue of those for which nobody does.
            if key <= u32::from(contracts::Priority::Webhook.number()) {
                options.task_queue = Some(contracts::TASK_QUEUE.to_owned());
            }
        }
        options
    }

    /// Closes the refresh in the store when it ends without a group. Runs in a scope of its own, because the workflow's
    /// may just have been cancelled; but a review that was cancelled has not ended by itself.
    pub(super) async fn record_end(
        ctx: &WorkflowContext<Self>,
        refresh_id: &str,
        outcome: OutcomeKind,
        class: Option<String>,
        reason: Option<&str>,
    ) -> Result<(), StepError> {
        let input = FailureInput {
            refresh_id: refresh_id.to_owned(),
            outcome,
            step: ctx.state(|refresh| refresh.status.step),
            class,
            reason: reason.map(str::to_owned),
            cost_micros: ctx.state(|refresh| refresh.status.cost_micros),
            announce: ctx.state(|refresh| refresh.announce),
        };
        let summary = format!("record that it ended as {outcome}");
        let options = match outcome {
            OutcomeKind::Kept => policy::database_step(&summary),
            _ => policy::last_words(&summary),
        };
        let recorded = ctx.execute_activity(RefreshActs::record_failure, input, options).await?;
        Self::book(ctx, recorded);
        Ok(())
    }
}

/// Whether the step ended because the workflow was asked to stop.
pub(super) fn is_cancelled(error: &StepError) -> bool {
    error.as_cancelled().is_some()
}

/// The failure type name under which the end is recorded.
pub(super) fn class_of(error: &StepError) -> Option<String> {
    match error.cause() {
        Some(IncomingError::Application(failure)) => failure.type_name().map(str::to_owned),
        Some(IncomingError::Timeout(_)) => Some("Timeout".to_owned()),
        Some(IncomingError::Cancelled(_)) => None,
        _ if is_cancelled(error) => None,
        _ => Some("Unknown".to_owned()),
    }
}

fn count(members: usize) -> u32 {
    u32::try_from(members).unwrap_or(u32::MAX)
}
