//! The activities, declared without bodies: implementations and the workflow both cite these, so that a type that differs
//! fails the build. Beside [`RefreshActs`], [`SuppressActs`], [`KeeperActs`], [`NotifyActs`] and [`DueActs`] this module
//! holds the macro's marker types, for `#[activity(definition = contracts::definitions::Begin)]`.
#![expect(missing_docs, reason = "the macro documents the methods, and not the markers that it makes of them")]
#![expect(clippy::unimplemented, reason = "the macro asks for exactly this body")]

use crate::{
    Addressed, Begun, BulkEnd, BulkPage, BulkPageInput, ClaimInput, DeliverInput, Delivery, DiscoverInput, Discovered,
    DueEvents, DueTaken, EnrichInput, Enrichment, FailureInput, GiveUpInput, KeepSlots, LeftLying, NotifyRequest,
    Receipt, RefreshDueRequest, RefreshRequest, Resolution, ResolveInput, Retained, RetentionRequest, ReviewInput,
    ReviewOpened, SaveInput, Saved, SlotClaim, SlotsKept, SuppressRequest, Suppressed, SweepRequest,
};
use temporalio_common::ActivityError;
use temporalio_macros::activity_definitions;

/// The activities of a refresh. Every one may run twice and leaves the same state as once.
pub struct RefreshActs;

#[activity_definitions]
impl RefreshActs {
    /// Records the event under its identity and opens the refresh.
    #[activity(name = "begin")]
    pub fn begin(request: RefreshRequest) -> Result<Receipt<Begun>, ActivityError> {
        unimplemented!()
    }

    /// Finds the company that is meant.
    #[activity(name = "resolve_company")]
    pub fn resolve_company(input: ResolveInput) -> Result<Receipt<Resolution>, ActivityError> {
        unimplemented!()
    }

    /// Asks for the company's slot.
    #[activity(name = "claim_slot")]
    pub fn claim_slot(input: ClaimInput) -> Result<Receipt<SlotClaim>, ActivityError> {
        unimplemented!()
    }

    /// Reads the company's people and chooses the group.
    #[activity(name = "discover")]
    pub fn discover(input: DiscoverInput) -> Result<Receipt<Discovered>, ActivityError> {
        unimplemented!()
    }

    /// Finds out how to reach one member.
    #[activity(name = "enrich_member")]
    pub fn enrich_member(input: EnrichInput) -> Result<Receipt<Enrichment>, ActivityError> {
        unimplemented!()
    }

    /// Notes that somebody is to look at the group before it is saved, and until when.
    #[activity(name = "ask_for_review")]
    pub fn ask_for_review(input: ReviewInput) -> Result<Receipt<ReviewOpened>, ActivityError> {
        unimplemented!()
    }

    /// Replaces the saved group in one transaction.
    #[activity(name = "save")]
    pub fn save(input: SaveInput) -> Result<Receipt<Saved>, ActivityError> {
        unimplemented!()
    }

    /// Closes a refresh that ended without a group.
    #[activity(name = "record_failure")]
    pub fn record_failure(input: FailureInput) -> Result<Receipt<()>, ActivityError> {
        unimplemented!()
    }
}

/// The activities that forget. They may run twice as well.
pub struct SuppressActs;

#[activity_definitions]
impl SuppressActs {
    /// Lists the data points and erases them wherever the workspace has them.
    #[activity(name = "suppress")]
    pub fn suppress(request: SuppressRequest) -> Result<Receipt<Suppressed>, ActivityError> {
        unimplemented!()
    }

    /// Lets go of what is older than the worker's settings allow.
    #[activity(name = "apply_retention")]
    pub fn apply_retention(request: RetentionRequest) -> Result<Receipt<Retained>, ActivityError> {
        unimplemented!()
    }
}

/// The activity of the keeper of slots. It may run twice as well.
pub struct KeeperActs;

#[activity_definitions]
impl KeeperActs {
    /// Closes refreshes whose workflow ended without a word, and says which events need another one.
    #[activity(name = "tend_slots")]
    pub fn tend_slots(input: KeepSlots) -> Result<Receipt<SlotsKept>, ActivityError> {
        unimplemented!()
    }
}

/// The activities of a bulk. They may run twice as well.
pub struct BulkActs;

#[activity_definitions]
impl BulkActs {
    /// Says which companies come next.
    #[activity(name = "bulk_items")]
    pub fn bulk_items(input: BulkPageInput) -> Result<Receipt<BulkPage>, ActivityError> {
        unimplemented!()
    }

    /// Notes that no more refreshes will be started.
    #[activity(name = "close_bulk")]
    pub fn close_bulk(input: BulkEnd) -> Result<Receipt<()>, ActivityError> {
        unimplemented!()
    }
}

/// The activities of a delivery. `deliver` may reach the receiver twice, under the same message id.
pub struct NotifyActs;

#[activity_definitions]
impl NotifyActs {
    /// Finds messages whose delivery nobody has begun and nobody will.
    #[activity(name = "find_left_lying")]
    pub fn find_left_lying(request: SweepRequest) -> Result<LeftLying, ActivityError> {
        unimplemented!()
    }

    /// Finds out which messages are to be delivered, and to whom.
    #[activity(name = "address_notifications")]
    pub fn address(request: NotifyRequest) -> Result<Addressed, ActivityError> {
        unimplemented!()
    }

    /// Sends one message to one receiver.
    #[activity(name = "deliver_notification")]
    pub fn deliver(input: DeliverInput) -> Result<Delivery, ActivityError> {
        unimplemented!()
    }

    /// Records that one message is no longer sent to one receiver.
    #[activity(name = "give_up_notification")]
    pub fn give_up(input: GiveUpInput) -> Result<(), ActivityError> {
        unimplemented!()
    }
}

/// The activities of the schedule. They may run twice as well.
pub struct DueActs;

#[activity_definitions]
impl DueActs {
    /// Takes companies that are due, within the budgets of their workspaces.
    #[activity(name = "take_due")]
    pub fn take_due(request: RefreshDueRequest) -> Result<DueTaken, ActivityError> {
        unimplemented!()
    }

    /// Says which of these refreshes are still needed.
    #[activity(name = "still_due")]
    pub fn still_due(events: DueEvents) -> Result<DueEvents, ActivityError> {
        unimplemented!()
    }
}

pub use bulk_acts::*;
pub use due_acts::*;
pub use keeper_acts::*;
pub use notify_acts::*;
pub use refresh_acts::*;
pub use suppress_acts::*;
