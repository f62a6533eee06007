//! The intelligence API from outside: every answer over a real socket, groups and keys in a real database. In place of Temporal
//! stands a recorder that answers as the server does.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod asking;
mod bulk;
mod groups;
mod keys;
mod lists;
mod operations;
mod protocol;
mod report;
mod retry;
mod steering;
mod temporal;
mod world;

pub(crate) use world::{Answer, World};
