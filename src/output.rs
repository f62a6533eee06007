//! What standard output carries.

use clap::ValueEnum;

/// What standard output carries. Everything that is not the answer goes to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}
