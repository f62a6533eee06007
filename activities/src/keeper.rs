//! The keeper of slots: refreshes that ended without a word are closed, and their events carried on.

use crate::StepFailure;
use crate::attempt::now;
use async_trait::async_trait;
use contracts::{FailureClass, FailureInput, OutcomeKind, Receipt, SlotsKept, Step};
use std::sync::Arc;
use store::{Overdue, Store, StoreError};
use temporalio_sdk::activities::ActivityContext;

/// Workflows looked for in one round. The next round looks for the rest.
const LOOKED_FOR: u32 = 100;

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
}

impl Keeper {
    /// Over this store, with somebody to ask.
    #[must_use]
    pub fn new(store: Store, workflows: Arc<dyn Workflows>) -> Self {
        Self { store, workflows }
    }

    /// Closes refreshes whose workflow has ended without a word, and says which refreshes have to be started for events that
    /// are left over.
    ///
    /// # Errors
    /// Transient when the database or the Temporal server is away.
    pub async fn tend_slots(&self, ctx: &ActivityContext) -> Result<Receipt<SlotsKept>, StepFailure> {
        let mut kept = SlotsKept::default();
        for overdue in self.store.overdue_refreshes(now(), LOOKED_FOR).await? {
            kept.looked_at += 1;
            kept.closed += u32::from(self.look(&overdue).await?);
        }
        kept.carry = self.store.carries(now(), CARRIED).await?;
        if kept.closed > 0 || !kept.carry.is_empty() {
            let (closed, carried) = (kept.closed, kept.carry.len());
            tracing::warn!(event_name = "slots.kept", closed, carried, "refreshes ended without a word, or badly");
        }
        Ok(Receipt { result: kept, attempts: ctx.info().attempt, cost_micros: 0 })
    }

    /// Whether the refresh has ended without a word; then it is closed.
    async fn look(&self, overdue: &Overdue) -> Result<bool, StepFailure> {
        let unknown = |cause| StepFailure::step(FailureClass::Transient, format!("how a workflow stands: {cause}"));
        let (outcome, class) = match self.workflows.standing(&overdue.workflow_id).await.map_err(unknown)? {
            Standing::Running => {
                self.store.found_running(&overdue.refresh_id, now()).await?;
                return Ok(false);
            }
            Standing::Cancelled => (OutcomeKind::Cancelled, None),
            Standing::Over(class) => (OutcomeKind::Failed, Some(class.to_owned())),
        };
        let input = FailureInput {
            refresh_id: overdue.refresh_id.clone(),
            outcome,
            step: Step::from_name(&overdue.step),
            class,
            reason: None,
            cost_micros: 0,
            // Whoever ended it knows.
            announce: false,
        };
        match self.store.record_failure(&input, now()).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}
