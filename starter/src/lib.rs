//! HTTP in: a signed webhook becomes the start of a durable refresh, once.
//!
//! Read [`webhook`] first, it is the whole way: [`signature`] (who sent it), [`intakes`] (what it asks for), [`start`] (the
//! workflow). [`sources`] says who may send, [`problem`] how errors look, [`server`] how it is served.

mod clock;
pub mod fields;
pub mod health;
pub mod intake;
pub mod intakes;
mod json;
mod label;
pub mod openapi;
pub mod problem;
pub mod server;
pub mod signature;
pub mod sources;
pub mod start;
pub mod webhook;

pub use clock::{Clock, SystemClock};
pub use health::Readiness;
pub use problem::Problem;
pub use server::{AppState, Drained, ServerLimits, router, serve};
pub use sources::{Source, Sources, SourcesError};
pub use start::{RefreshStarter, StartAnswer, StartError, StartLimits, StartRefresh, Starting};
pub use webhook::PERSON_CHANGE_PATH;
