//! HTTP in: a signed webhook becomes the start of a durable refresh, once.
//!
//! Read [`webhook`] first, it is the whole way: [`auth`] (who sent it), [`intakes`] (what it asks for), [`start`] (the
//! workflow). [`inbox`] sees to it that what was accepted is started. [`problem`] says how errors look, [`openapi`] describes
//! all of it to programs, [`server`] says how it is served. [`report`] shows a group to people.

pub mod auth;
mod budget;
mod clock;
pub mod fields;
pub mod health;
pub mod inbox;
pub mod intake;
pub mod intakes;
pub mod intelligence;
pub mod json;
mod label;
mod late;
pub mod limits;
pub mod metrics;
pub mod openapi;
pub mod problem;
pub mod report;
mod retry;
pub mod server;
pub mod start;
pub mod tamper;
pub mod webhook;

pub use auth::{Source, SourceConfig, Sources, SourcesError, Unverified, Verified};
pub use clock::{Clock, SystemClock};
pub use health::{Checks, Readiness};
pub use intelligence::Intelligence;
pub use late::LateStarter;
pub use limits::Rate;
pub use problem::Problem;
pub use retry::RetryAnswer;
pub use server::{AppState, Drained, ServerLimits, router, serve};
pub use start::{RefreshStarter, StartAnswer, StartError, StartLimits, StartRefresh, Starting, StartingAll};
pub use webhook::{PERSON_CHANGE_PATH, WEBHOOKS_PATH, path_of};
