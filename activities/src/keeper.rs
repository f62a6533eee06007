//! The keeper of slots: refreshes that ended without a word are closed, and their events carried on.

use crate::StepFailure;
use crate::attempt::now;
use crate::notify::Receivers;
use async_trait::async_trait;
use contracts::{FailureClass, FailureInput, NotificationKind, NotifyRequest, OutcomeKind, Receipt, SlotsKept, Step};
use std::sync::Arc;
use store::{Overdue, Store, StoreError};
use temporalio_sdk::activities::ActivityContext;

/// Workflows looked for in one round. The next round looks for the rest. Each look takes the server and the database a few
/// milliseconds, and whoever waits is looked for every quarter of an hour.
const LOOKED_FOR: u32 = 500;

/// A workflow that somebody ended from outside, who knows that it failed.
const TERMINATED: &str = "Terminated";

/// Refreshes started in one round. Each takes along everybody of its company.
const CARRIED: u32 = 20;

/// How a workflow stands, by its latest run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// At work.
    Running,
    /// Somebody stopped it.
    Cancelled,
    /// It has ended, in the way that this names: a failure class of the refresh log.
    Over(&'static str),
}

/// Whoever knows how workflows stand.
#[async_trait]
pub trait Workflows: Send + Sync {
    /// How this one stands.
    ///
    /// # Errors
    /// What kept it from being known.
    async fn standing(&self, workflow_id: &str) -> Result<Standing, String>;
}

/// Does the rounds.
pub struct Keeper {
    store: Store,
    workflows: Arc<dyn Workflows>,
    receivers: Arc<Receivers>,
}

/// What a look at a refresh found.
enum Look {
    Running,
    /// It had ended without a word and is closed; with what is to be told of that, if anybody is told of anything.
    Closed(Option<NotifyRequest>),
}

impl Keeper {
    /// Over this store, with somebody to ask, and these receivers to be told.
    #[must_use]
    pub fn new(store: Store, workflows: Arc<dyn Workflows>, receivers: Arc<Receivers>) -> Self {
        Self { store, workflows, receivers }
    }

    /// Says which refreshes have to be started for events that are left over, and closes refreshes whose workflow has ended
    /// without a word; the next round starts what follows from that. A look that fails is left to the next round.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn tend_slots(&self, ctx: &ActivityContext) -> Result<Receipt<SlotsKept>, StepFailure> {
        let Some(round) = ctx.info().workflow_run_id.as_deref() else {
            return Err(StepFailure::step(
                FailureClass::Internal,
                "the keeper makes its rounds only within a workflow",
            ));
        };
        // First: whom nobody can look for must not keep those waiting who are left over.
        let carry = self.store.carries(round, now(), CARRIED).await?;
        let mut kept = SlotsKept { carry, ..SlotsKept::default() };
        for overdue in self.store.overdue_refreshes(now(), LOOKED_FOR).await? {
            kept.looked_at += 1;
            match self.look(&overdue).await {
                Ok(Look::Running) => {}
                Ok(Look::Closed(announce)) => {
                    kept.closed += 1;
                    kept.announce.extend(announce);
                }
                Err(error) => {
                    let refresh_id = overdue.refresh_id.as_str();
                    tracing::warn!(event_name = "slots.not_looked_at", refresh_id, %error, "left to the next round");
                }
            }
        }
        if kept.closed > 0 || !kept.carry.is_empty() {
            let (closed, carried) = (kept.closed, kept.carry.len());
            tracing::warn!(event_name = "slots.kept", closed, carried, "refreshes ended without a word, or badly");
        }
        Ok(Receipt { result: kept, attempts: ctx.info().attempt, cost_micros: 0 })
    }

    /// Whether the refresh has ended without a word; then it is closed.
    async fn look(&self, overdue: &Overdue) -> Result<Look, StepFailure> {
        let unknown = |cause| StepFailure::step(FailureClass::Transient, format!("how a workflow stands: {cause}"));
        let (outcome, class) = match self.workflows.standing(&overdue.workflow_id).await.map_err(unknown)? {
            Standing::Running => {
                self.store.found_running(&overdue.refresh_id, now()).await?;
                return Ok(Look::Running);
            }
            Standing::Cancelled => (OutcomeKind::Cancelled, None),
            Standing::Over(class) => (OutcomeKind::Failed, Some(class)),
        };
        // Nobody knows yet of a failure that nobody wanted.
        let unwanted = outcome == OutcomeKind::Failed && class != Some(TERMINATED);
        let announce = unwanted && self.receivers.any_in(&overdue.workspace);
        let input = FailureInput {
            refresh_id: overdue.refresh_id.clone(),
            outcome,
            step: Step::from_name(&overdue.step),
            class: class.map(str::to_owned),
            reason: None,
            cost_micros: 0,
            announce,
        };
        match self.store.record_failure(&input, now()).await {
            Ok(()) => Ok(Look::Closed(announce.then(|| NotifyRequest {
                workspace: overdue.workspace.clone(),
                refresh_id: overdue.refresh_id.clone(),
                kind: NotificationKind::RefreshFailed,
            }))),
            Err(StoreError::NotFound { .. }) => Ok(Look::Closed(None)),
            Err(error) => Err(error.into()),
        }
    }
}
