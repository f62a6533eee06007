//! Databases for tests: real ones, private to a test, gone when the process is.

mod binaries;
mod cluster;
mod database;

pub use cluster::Cluster;
pub use database::{TestDb, TestPostgres, URL_VARIABLE};
