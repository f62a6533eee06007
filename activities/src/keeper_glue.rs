//! The keeper's activity as the worker registers it; see `glue.rs`.
#![expect(missing_docs, reason = "the definitions document the activities")]

use crate::{Keeper, StepFailure};
use contracts::{KeepSlots, Receipt, SlotsKept, definitions};
use std::sync::Arc;
use temporalio_common::ActivityError;
use temporalio_macros::activities;
use temporalio_sdk::activities::ActivityContext;

/// The activity of the keeper of slots.
pub struct KeeperActivities(Keeper);

impl KeeperActivities {
    /// The activity as done by this keeper.
    #[must_use]
    pub const fn new(keeper: Keeper) -> Self {
        Self(keeper)
    }
}

#[activities]
impl KeeperActivities {
    #[activity(definition = definitions::TendSlots)]
    pub async fn tend_slots(
        self: Arc<Self>,
        ctx: ActivityContext,
        _input: KeepSlots,
    ) -> Result<Receipt<SlotsKept>, ActivityError> {
        self.0.tend_slots(&ctx).await.map_err(StepFailure::tell)
    }
}
