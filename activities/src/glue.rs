//! The activities as the worker registers them: each cites its definition, so that a type that differs fails the build.
//! What each does is written at the definition, in [`Refresher`] and in [`Notifier`].
#![expect(missing_docs, reason = "the definitions document the activities")]

use crate::notify::Notifier;
use crate::{Refresher, Scheduler, StepFailure};
use contracts::{
    Addressed, Begun, ClaimInput, DeliverInput, Delivery, DiscoverInput, Discovered, DueEvents, DueTaken, EnrichInput,
    Enrichment, FailureInput, GiveUpInput, LeftLying, NotifyRequest, Receipt, RefreshDueRequest, RefreshRequest,
    Resolution, ResolveInput, Retained, RetentionRequest, ReviewInput, ReviewOpened, SaveInput, Saved, SlotClaim,
    SuppressRequest, Suppressed, SweepRequest, definitions,
};
use std::sync::Arc;
use temporalio_common::ActivityError;
use temporalio_macros::activities;
use temporalio_sdk::activities::ActivityContext;

/// The activities of a refresh.
#[derive(Clone)]
pub struct RefreshActivities(Arc<Refresher>);

impl RefreshActivities {
    /// The activities as done by this refresher.
    #[must_use]
    pub fn new(refresher: Arc<Refresher>) -> Self {
        Self(refresher)
    }
}

#[activities]
impl RefreshActivities {
    #[activity(definition = definitions::Begin)]
    pub async fn begin(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: RefreshRequest,
    ) -> Result<Receipt<Begun>, ActivityError> {
        self.0.begin(&ctx, &request).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::ResolveCompany)]
    pub async fn resolve_company(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ResolveInput,
    ) -> Result<Receipt<Resolution>, ActivityError> {
        self.0.resolve_company(&ctx, &input).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::ClaimSlot)]
    pub async fn claim_slot(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ClaimInput,
    ) -> Result<Receipt<SlotClaim>, ActivityError> {
        self.0.claim_slot(&ctx, &input).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::Discover)]
    pub async fn discover(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DiscoverInput,
    ) -> Result<Receipt<Discovered>, ActivityError> {
        self.0.discover(&ctx, &input).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::EnrichMember)]
    pub async fn enrich_member(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: EnrichInput,
    ) -> Result<Receipt<Enrichment>, ActivityError> {
        self.0.enrich_member(&ctx, &input).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::AskForReview)]
    pub async fn ask_for_review(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ReviewInput,
    ) -> Result<Receipt<ReviewOpened>, ActivityError> {
        self.0.ask_for_review(&ctx, &input).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::Save)]
    pub async fn save(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: SaveInput,
    ) -> Result<Receipt<Saved>, ActivityError> {
        self.0.save(&ctx, &input).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::RecordFailure)]
    pub async fn record_failure(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: FailureInput,
    ) -> Result<Receipt<()>, ActivityError> {
        self.0.record_failure(&ctx, &input).await.map_err(StepFailure::tell)
    }
}

/// The activity of a suppression.
pub struct SuppressActivities(Arc<Refresher>);

impl SuppressActivities {
    /// The activity as done by this refresher.
    #[must_use]
    pub fn new(refresher: Arc<Refresher>) -> Self {
        Self(refresher)
    }
}

#[activities]
impl SuppressActivities {
    #[activity(definition = definitions::Suppress)]
    pub async fn suppress(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: SuppressRequest,
    ) -> Result<Receipt<Suppressed>, ActivityError> {
        self.0.suppress(&ctx, &request).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::ApplyRetention)]
    pub async fn apply_retention(
        self: Arc<Self>,
        ctx: ActivityContext,
        _: RetentionRequest,
    ) -> Result<Receipt<Retained>, ActivityError> {
        self.0.apply_retention(&ctx).await.map_err(StepFailure::tell)
    }
}

/// The activities of a delivery.
#[derive(Clone)]
pub struct NotifyActivities(Arc<Notifier>);

impl NotifyActivities {
    /// The activities as done by this notifier.
    #[must_use]
    pub fn new(notifier: Arc<Notifier>) -> Self {
        Self(notifier)
    }
}

#[activities]
impl NotifyActivities {
    #[activity(definition = definitions::FindLeftLying)]
    pub async fn find_left_lying(
        self: Arc<Self>,
        _ctx: ActivityContext,
        _: SweepRequest,
    ) -> Result<LeftLying, ActivityError> {
        self.0.find_left_lying().await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::Address)]
    pub async fn address(
        self: Arc<Self>,
        ctx: ActivityContext,
        request: NotifyRequest,
    ) -> Result<Addressed, ActivityError> {
        self.0.address(&ctx, &request).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::Deliver)]
    pub async fn deliver(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DeliverInput,
    ) -> Result<Delivery, ActivityError> {
        self.0.deliver(&ctx, &input).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::GiveUp)]
    pub async fn give_up(self: Arc<Self>, _ctx: ActivityContext, input: GiveUpInput) -> Result<(), ActivityError> {
        self.0.give_up(&input).await.map_err(StepFailure::tell)
    }
}

/// The activities of the schedule.
pub struct DueActivities(Arc<Scheduler>);

impl DueActivities {
    /// The activities as done by this scheduler.
    #[must_use]
    pub fn new(scheduler: Arc<Scheduler>) -> Self {
        Self(scheduler)
    }
}

#[activities]
impl DueActivities {
    #[activity(definition = definitions::TakeDue)]
    pub async fn take_due(
        self: Arc<Self>,
        ctx: ActivityContext,
        _: RefreshDueRequest,
    ) -> Result<DueTaken, ActivityError> {
        self.0.take_due(&ctx).await.map_err(StepFailure::tell)
    }

    #[activity(definition = definitions::StillDue)]
    pub async fn still_due(
        self: Arc<Self>,
        ctx: ActivityContext,
        events: DueEvents,
    ) -> Result<DueEvents, ActivityError> {
        self.0.still_due(&ctx, events).await.map_err(StepFailure::tell)
    }
}
