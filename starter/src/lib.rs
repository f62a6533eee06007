//! HTTP in: a signed webhook becomes the start of a durable refresh, once.
//!
//! Read [`webhook`] first, it is the whole way: [`signature`] (who sent it), [`event`] (what it asks for), [`start`] (the
//! workflow). [`inbox`] sees to it that what was accepted is started. [`sources`] says who may send, [`problem`] how errors look, [`server`] how it is served.

mod clock;
pub mod event;
pub mod fields;
pub mod health;
pub mod inbox;
pub mod intake;
mod json;
mod label;
mod late;
pub mod metrics;
pub mod problem;
pub mod server;
pub mod signature;
pub mod sources;
pub mod start;
pub mod webhook;

pub use clock::{Clock, SystemClock};
pub use health::{Checks, Readiness};
pub use late::LateStarter;
pub use problem::Problem;
pub use server::{AppState, Drained, ServerLimits, router, serve};
pub use sources::{Source, Sources, SourcesError};
pub use start::{RefreshStarter, StartAnswer, StartError, StartLimits, StartRefresh, Starting};
pub use webhook::PERSON_CHANGE_PATH;
