//! Wire names, once. Nobody types a name twice.

use crate::{
    BulkRequest, BulkStatus, DueStarted, KeepSlots, Notified, NotifyRequest, RefreshDueRequest, RefreshOutcome,
    RefreshRequest, Retained, RetentionRequest, SlotsKept, SuppressRequest, Suppressed, SweepRequest, Swept,
};
use temporalio_common::WorkflowDefinition;
use temporalio_common::search_attributes::SearchAttributeKey;

/// Task queue on which refreshes and their activities run.
pub const TASK_QUEUE: &str = "buyer-group-refresh";

/// The queue of refreshes that nobody waits for, bulk and scheduled. Urgency orders what waits for a worker; it gives back
/// neither slots that are taken nor a processor that is busy. So these have few slots, and of their own.
pub const BACKGROUND_TASK_QUEUE: &str = "buyer-group-refresh-background";

/// Task queue on which receivers are told. They may be slow, and must not take the place of what refreshes do.
pub const DELIVERY_QUEUE: &str = "buyer-group-deliveries";

/// Workflow type name of the refresh.
pub const BUYER_GROUP_REFRESH: &str = "BuyerGroupRefresh";

/// Workflow type name of the suppression of contact data.
pub const SUPPRESS_CONTACT: &str = "SuppressContact";

/// Workflow type name of the keeper of slots.
pub const SLOT_KEEPER: &str = "SlotKeeper";

/// Id of the schedule that starts the keeper, and beginning of the ids of the workflows it starts.
pub const SLOT_KEEPER_SCHEDULE: &str = "bgr-slot-keeper";

/// Workflow type name of the refresh of many companies.
pub const BULK_REFRESH: &str = "BulkRefresh";

/// Query: how far is a bulk? Answers [`crate::BulkStatus`].
pub const BULK_STATUS_QUERY: &str = "bulk_status";

/// Workflow type name of the delivery of notifications.
pub const DELIVER_NOTIFICATIONS: &str = "DeliverNotifications";

/// Workflow type name of the run that has messages delivered which were left lying.
pub const SWEEP_OUTBOX: &str = "SweepOutbox";

/// Id of the schedule that starts it, and beginning of the ids of the workflows it starts.
pub const SWEEP_SCHEDULE: &str = "bgr-outbox-sweep";

/// Workflow type name of the run that lets go of what is no longer needed.
pub const APPLY_RETENTION: &str = "ApplyRetention";

/// Id of the schedule that starts it once a day.
pub const RETENTION_SCHEDULE: &str = "bgr-retention";

/// Workflow type name of a run of the schedule that refreshes companies which are due.
pub const REFRESH_DUE: &str = "RefreshDue";

/// Id of that schedule, and beginning of the ids of the workflows it starts.
pub const DUE_SCHEDULE: &str = "bgr-due-refreshes";

/// Query: how far is it? Answers [`crate::RefreshStatus`].
pub const STATUS_QUERY: &str = "status";

/// Memo key: digest of the event's body, with which a repeated delivery is told from a conflicting one.
pub const MEMO_DIGEST: &str = "bodyDigest";

/// Memo key: the sender's event id in full, also where it is only hashed into the workflow id.
pub const MEMO_EVENT_ID: &str = "eventId";

/// Key of a search attribute of type `Keyword`.
pub type Keyword = SearchAttributeKey<String>;

/// Search attribute: workspace (tenant).
pub const BGR_WORKSPACE: Keyword = SearchAttributeKey::keyword("BgrWorkspace");
/// Search attribute: company, as the hash that [`crate::company_id`] makes.
pub const BGR_COMPANY: Keyword = SearchAttributeKey::keyword("BgrCompany");
/// Search attribute: why the refresh runs, a wire name of [`crate::RefreshReason`].
pub const BGR_REASON: Keyword = SearchAttributeKey::keyword("BgrReason");
/// Search attribute: the step the refresh is in, a wire name of [`crate::Step`].
pub const BGR_STEP: Keyword = SearchAttributeKey::keyword("BgrStep");
/// Search attribute: how it ended, a wire name of [`crate::OutcomeKind`], `failed` or `cancelled`; absent while it runs.
pub const BGR_OUTCOME: Keyword = SearchAttributeKey::keyword("BgrOutcome");

/// Names of all search attributes; each is a `Keyword` and must be registered on the namespace.
pub const SEARCH_ATTRIBUTES: [&str; 5] = ["BgrWorkspace", "BgrCompany", "BgrReason", "BgrStep", "BgrOutcome"];

/// The refresh as a client starts it: the same name and types as the workflow itself, without its code.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuyerGroupRefreshDefinition;

impl WorkflowDefinition for BuyerGroupRefreshDefinition {
    type Input = RefreshRequest;
    type Output = RefreshOutcome;

    fn name(&self) -> &str {
        BUYER_GROUP_REFRESH
    }
}

impl temporalio_common::HasWorkflowDefinition for BuyerGroupRefreshDefinition {
    type Run = Self;
}

/// The suppression as a client starts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SuppressContactDefinition;

impl WorkflowDefinition for SuppressContactDefinition {
    type Input = SuppressRequest;
    type Output = Suppressed;

    fn name(&self) -> &str {
        SUPPRESS_CONTACT
    }
}

impl temporalio_common::HasWorkflowDefinition for SuppressContactDefinition {
    type Run = Self;
}

/// The keeper of slots as a schedule starts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SlotKeeperDefinition;

impl WorkflowDefinition for SlotKeeperDefinition {
    type Input = KeepSlots;
    type Output = SlotsKept;

    fn name(&self) -> &str {
        SLOT_KEEPER
    }
}

impl temporalio_common::HasWorkflowDefinition for SlotKeeperDefinition {
    type Run = Self;
}

/// The refresh of many companies as a client starts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct BulkRefreshDefinition;

impl WorkflowDefinition for BulkRefreshDefinition {
    type Input = BulkRequest;
    type Output = BulkStatus;

    fn name(&self) -> &str {
        BULK_REFRESH
    }
}

impl temporalio_common::HasWorkflowDefinition for BulkRefreshDefinition {
    type Run = Self;
}

/// The delivery of notifications as a client or a refresh starts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeliverNotificationsDefinition;

impl WorkflowDefinition for DeliverNotificationsDefinition {
    type Input = NotifyRequest;
    type Output = Notified;

    fn name(&self) -> &str {
        DELIVER_NOTIFICATIONS
    }
}

impl temporalio_common::HasWorkflowDefinition for DeliverNotificationsDefinition {
    type Run = Self;
}

/// The sweep as the schedule starts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SweepOutboxDefinition;

impl WorkflowDefinition for SweepOutboxDefinition {
    type Input = SweepRequest;
    type Output = Swept;

    fn name(&self) -> &str {
        SWEEP_OUTBOX
    }
}

impl temporalio_common::HasWorkflowDefinition for SweepOutboxDefinition {
    type Run = Self;
}

/// The run of the retention as the schedule starts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApplyRetentionDefinition;

impl WorkflowDefinition for ApplyRetentionDefinition {
    type Input = RetentionRequest;
    type Output = Retained;

    fn name(&self) -> &str {
        APPLY_RETENTION
    }
}

impl temporalio_common::HasWorkflowDefinition for ApplyRetentionDefinition {
    type Run = Self;
}

/// A run of the schedule as it starts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct RefreshDueDefinition;

impl WorkflowDefinition for RefreshDueDefinition {
    type Input = RefreshDueRequest;
    type Output = DueStarted;

    fn name(&self) -> &str {
        REFRESH_DUE
    }
}

impl temporalio_common::HasWorkflowDefinition for RefreshDueDefinition {
    type Run = Self;
}
