//! The database: SQLite and PostgreSQL, one behaviour.
//!
//! Knows neither Temporal nor HTTP, and has no clock: moments are given by the caller. Every method is one transaction
//! and may be called twice; nothing here retries, because whoever calls does.

mod answers;
mod api_keys;
mod bulks;
mod candidates;
mod companies;
mod connect;
mod dialect;
mod documents;
mod due;
mod earlier_answers;
mod enrichment;
mod erasure;
mod error;
mod event_record;
mod events;
mod group_versions;
mod groups;
mod inbox;
mod membership;
mod operations;
mod outbox;
mod pages;
mod past_changes;
mod people;
mod refreshes;
mod retention;
mod retries;
mod reviews;
mod row;
mod save;
mod slots;
mod suppressions;

pub use answers::EventAnswer;
pub use api_keys::ApiKey;
pub use bulks::{BulkItemRecord, BulkPut, BulkRecord, NewBulkItem};
pub use connect::Store;
pub use due::{DueCompany, DueOverview, NextDue, Recalculating, TakeDue, WorkspaceDue};
pub use enrichment::StoredEnrichment;
pub use erasure::{Erasing, Whom};
pub use error::StoreError;
pub use event_record::EventRecord;
pub use group_versions::PastGroup;
pub use groups::{SavedGroup, SavedMember};
pub use inbox::{ClaimedEntry, InboxEntry, InboxFilter, InboxRecord, InboxStats, PutResult};
pub use operations::{OperationRecord, OperationStatus};
pub use outbox::{
    DeliveryRecord, DeliveryStatus, DisabledReceiver, NotificationFilter, NotificationRecord, OutboxMessage, Retried,
    Tried,
};
pub use pages::{CompanyRecord, GroupSummary, RefreshFilter, RefreshMark, RefreshState};
pub use past_changes::PastChange;
pub use refreshes::RefreshRecord;
pub use retention::{Cutoffs, Retaining};
pub use retries::{Kept, RetryFilter, RetryStatus};
pub use slots::{KnownPerson, Overdue, Unjudged};
