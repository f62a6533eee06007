//! The database: SQLite and PostgreSQL, one behaviour.
//!
//! Knows neither Temporal nor HTTP, and has no clock: moments are given by the caller. Every method is one transaction
//! and may be called twice; nothing here retries, because whoever calls does.

mod candidates;
mod companies;
mod connect;
mod dialect;
mod enrichment;
mod error;
mod events;
mod groups;
mod inbox;
mod membership;
mod operations;
mod past_changes;
mod refreshes;
mod row;
mod save;
mod suppressions;

pub use connect::Store;
pub use enrichment::StoredEnrichment;
pub use error::StoreError;
pub use groups::{SavedGroup, SavedMember};
pub use inbox::{ClaimedEntry, InboxEntry, InboxFilter, InboxRecord, InboxStats, PutResult};
pub use operations::{OperationRecord, OperationStatus};
pub use past_changes::PastChange;
pub use refreshes::RefreshRecord;
