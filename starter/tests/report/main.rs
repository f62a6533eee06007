//! The page about a group: what it says, that nothing in it is taken for markup, that it fetches nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends")]

mod golden;
mod parsed;
mod safe;
mod samples;
mod says;
