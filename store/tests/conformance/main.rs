//! One behaviour on both databases: every case runs on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends")]

mod address;
mod api_keys;
mod begin;
mod bulks;
mod candidates;
mod closing;
mod corruption;
mod diffs;
mod due;
mod due_model;
mod due_simulation;
mod fixture;
mod inbox;
mod outbox;
mod pages;
mod past_changes;
mod privacy;
mod reads;
mod retries;
mod reviews;
mod save;
mod slot_holders;
mod slot_model;
mod slot_priorities;
mod slot_races;
mod slots;
mod suppressions;
mod versions;

/// Runs every named case, an async function over a [`fixture::Fixture`], on both databases.
macro_rules! on_both {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $case() { super::$case($crate::fixture::Fixture::sqlite().await).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $case() { super::$case($crate::fixture::Fixture::postgres().await).await; })+
        }
    };
}
pub(crate) use on_both;
