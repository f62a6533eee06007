//! The whole thing, from outside: on a real Temporal server, over real sockets, on real databases.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(missing_docs, reason = "nobody but the tests reads these")]
#![allow(unreachable_pub, reason = "a test binary has no outside; the SDK's macros want public items")]

mod bulk;
mod command_line;
mod compose;
mod failures;
mod fairness;
mod front_door;
mod house;
mod intake;
mod intelligence;
mod notify;
mod outages;
mod postgres;
mod priority;
mod privacy;
mod refresh;
mod replay;
mod retry;
mod review;
mod schedule;
mod significance;
mod slots;
mod stage;
mod suppression;
mod worker_process;
