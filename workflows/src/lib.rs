//! Deterministic workflows: what happens in which order, and what is done when a step fails. No clock, no randomness,
//! no I/O; the manifest names nothing that could do any, and `clippy.toml` forbids what the language itself offers.

mod apply_retention;
mod bulk_refresh;
mod buyer_group_refresh;
mod deliver_notifications;
mod refresh_due;
mod slot_keeper;
mod suppress_contact;
mod sweep_outbox;

pub use apply_retention::ApplyRetention;
pub use bulk_refresh::BulkRefresh;
pub use buyer_group_refresh::BuyerGroupRefresh;
pub use deliver_notifications::DeliverNotifications;
pub use refresh_due::RefreshDue;
pub use slot_keeper::SlotKeeper;
pub use suppress_contact::SuppressContact;
pub use sweep_outbox::SweepOutbox;
