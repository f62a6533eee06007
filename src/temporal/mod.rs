//! The Temporal server: the command that runs a dev server, the dev server itself, the connection to any server.

pub mod attributes;
pub mod command;
pub mod connect;
pub mod dev_server;
mod due_schedule;
mod install;
mod keeper;
mod leftover;
mod ports;
mod retention_schedule;
pub mod schedules;
mod server_log;
mod slot_schedule;
mod standing;
mod sweep_schedule;
mod watcher;
pub mod web_ui;

pub use attributes::{ensure_search_attributes, missing_search_attributes, register_search_attributes};
pub use command::{Found, Search, TemporalCommand};
pub use connect::{ConnectOptions, NamedServer, Server, connect, connect_with, existing_server};
pub use dev_server::{DevServer, DevServerOptions};
pub use due_schedule::{ensure_due_schedule, make_due_schedule};
pub use keeper::keep_connected;
pub use retention_schedule::{create_retention_schedule, ensure_retention_schedule};
pub use slot_schedule::{create_slot_schedule, ensure_slot_schedule};
pub use standing::WorkflowStandings;
pub use sweep_schedule::{create_sweep_schedule, ensure_sweep_schedule};
pub use web_ui::WebUi;
