//! Everything that is written into a workflow history or crosses a process: identities and their builders, request and
//! outcome types, activity definitions, names. Nothing here does anything; it is the shape others agree on.
//!
//! Types that travel through Temporal only ever grow: a new field is optional, an enum tolerates values it does not know.
//! `tests/golden.rs` pins the JSON of each, so that a change to the wire is a decision and never an accident.

mod acts;
mod bulk;
pub mod definitions;
mod due;
mod failure;
mod ids;
mod names;
mod notify;
mod outcome;
mod request;
mod retention;
mod slots;
mod steering;
mod suppress;

pub use acts::{
    Begun, ChosenMember, DiscoverInput, Discovered, EnrichInput, Enrichment, FailureInput, Receipt, Resolution,
    ResolveInput, SaveInput, Saved,
};
pub use bulk::{BulkEnd, BulkItem, BulkPage, BulkPageInput, BulkProgress, BulkRequest, BulkStatus};
pub use definitions::{BulkActs, DueActs, KeeperActs, NotifyActs, RefreshActs, SuppressActs};
pub use due::{DueEvent, DueEvents, DueRefresh, DueStarted, DueTaken, RefreshDueRequest};
pub use engine::significance::Priority;
pub use failure::{FailureClass, Unavailable};
pub use ids::{
    Digest, EventId, EventKey, IdError, ReceiverName, SourceName, WorkflowId, WorkflowIdParts, WorkspaceId, bulk_id,
    company_id, person_ref,
};
pub use names::*;
pub use notify::{
    Addressed, AddressedMessage, DeliverInput, Delivery, GiveUpInput, LeftLying, NOTIFY_PATIENCE, NotificationKind,
    Notified, NotifyRequest, SweepRequest, Swept, message_id,
};
pub use outcome::{DiffCounts, OutcomeKind, RefreshOutcome, RefreshStatus, Step};
pub use request::{CompanyRef, CompanyWanted, EnrichmentLevel, EventRef, RefreshReason, RefreshRequest};
pub use retention::{Retained, RetentionRequest};
pub use slots::{Carry, ClaimInput, Holder, KeepSlots, News, SlotClaim, SlotsKept};
pub use steering::{
    APPROVE_UPDATE, OVERTAKEN, OVERTAKEN_SIGNAL, REJECT_UPDATE, RUN_NOW_UPDATE, Review, ReviewInput, ReviewOpened,
    Steered, Steering, Worse,
};
pub use suppress::{DataPoint, DataPointKind, StartRequest, SuppressRequest, Suppressed, opaque_identity};

/// Milliseconds since 1970-01-01T00:00:00Z. The one representation of a moment inside the house; text is for borders.
pub type UnixMillis = i64;

/// Millionths of a US dollar. What a provider call cost, measured from the call.
pub type MicroDollars = u64;
