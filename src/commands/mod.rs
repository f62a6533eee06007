//! The commands, one file each.

pub mod dev;
pub mod discover;
pub mod doctor;
pub mod erase;
pub mod eval;
pub mod history;
pub mod inbox;
pub mod key;
pub mod load;
pub mod migrate;
pub mod notifications;
pub mod presets;
pub mod receivers;
pub mod refresh;
pub mod replay;
pub mod retry;
pub mod schedule;
pub mod send;
pub mod show;
pub mod starter;
pub mod status;
pub mod steer;
pub mod target;
pub mod temporal_command;
pub mod why_event;
pub mod worker;
