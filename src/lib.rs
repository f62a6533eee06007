//! The command line of Buyer Group Refresh, and the only place where the crates of the house are put together.

pub mod cli;
pub mod commands;
pub mod config;
pub mod dev_key;
pub mod dev_secret;
pub mod doctor;
pub mod documents;
pub mod exit;
pub mod front_door;
pub mod output;
pub mod refresh_worker;
pub mod running;
pub mod sample;
pub mod secret_watch;
pub mod seller_args;
pub mod show_group;
pub mod signals;
pub mod telemetry;
pub mod temporal;
pub mod why;
pub mod wiring;
