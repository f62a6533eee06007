//! Every activity done twice: what a lost answer and the retry after it amount to.
#![expect(dead_code, reason = "the macro makes constants for workflows to call, which call the definitions instead")]

use activities::{Refresher, StepFailure};
use contracts::{
    Begun, ClaimInput, DiscoverInput, Discovered, EnrichInput, Enrichment, FailureInput, Receipt, RefreshRequest,
    Resolution, ResolveInput, ReviewInput, ReviewOpened, SaveInput, Saved, SlotClaim, definitions,
};
use std::sync::Arc;
use temporalio_common::ActivityError;
use temporalio_macros::activities;
use temporalio_sdk::activities::ActivityContext;

#[derive(Clone)]
pub struct Twice(pub Arc<Refresher>);

macro_rules! twice {
    ($self:ident, $ctx:ident, $step:ident, $input:ident) => {{
        $self.0.$step(&$ctx, &$input).await.map_err(told)?;
        $self.0.$step(&$ctx, &$input).await.map_err(told)
    }};
}

fn told(failure: StepFailure) -> ActivityError {
    // Retryable, whatever the class: nothing fails in the test that uses this.
    failure.into()
}

#[activities]
impl Twice {
    #[activity(definition = definitions::Begin)]
    pub async fn begin(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: RefreshRequest,
    ) -> Result<Receipt<Begun>, ActivityError> {
        twice!(self, ctx, begin, input)
    }

    #[activity(definition = definitions::ResolveCompany)]
    pub async fn resolve_company(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ResolveInput,
    ) -> Result<Receipt<Resolution>, ActivityError> {
        twice!(self, ctx, resolve_company, input)
    }

    #[activity(definition = definitions::ClaimSlot)]
    pub async fn claim_slot(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ClaimInput,
    ) -> Result<Receipt<SlotClaim>, ActivityError> {
        twice!(self, ctx, claim_slot, input)
    }

    #[activity(definition = definitions::AskForReview)]
    pub async fn ask_for_review(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ReviewInput,
    ) -> Result<Receipt<ReviewOpened>, ActivityError> {
        twice!(self, ctx, ask_for_review, input)
    }

    #[activity(definition = definitions::Discover)]
    pub async fn discover(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DiscoverInput,
    ) -> Result<Receipt<Discovered>, ActivityError> {
        twice!(self, ctx, discover, input)
    }

    #[activity(definition = definitions::EnrichMember)]
    pub async fn enrich_member(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: EnrichInput,
    ) -> Result<Receipt<Enrichment>, ActivityError> {
        twice!(self, ctx, enrich_member, input)
    }

    #[activity(definition = definitions::Save)]
    pub async fn save(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: SaveInput,
    ) -> Result<Receipt<Saved>, ActivityError> {
        twice!(self, ctx, save, input)
    }

    #[activity(definition = definitions::RecordFailure)]
    pub async fn record_failure(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: FailureInput,
    ) -> Result<Receipt<()>, ActivityError> {
        twice!(self, ctx, record_failure, input)
    }
}
