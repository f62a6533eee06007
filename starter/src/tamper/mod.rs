//! Deliveries that are not as they should be: the bad-input corpus, as data in `starter/tamper/*.toml`, each row with the
//! answer that it must get. The tests send every row, and `buyer-group send --tamper` sends one to a running starter.
//!
//! Nothing here uses the code that it puts to the test: the MAC is computed anew, and the bytes are written to a socket as
//! they are.

mod build;
mod row;
mod wire;

pub use build::{Sender, Sent};
pub use row::{Expected, Row};
pub use wire::{Outcome, send};

/// Why the corpus cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("starter/tamper/{file}: {reason}")]
pub struct CorpusFault {
    file: &'static str,
    reason: String,
}

const FILES: [(&str, &str); 6] = [
    ("plain.toml", include_str!("../../tamper/plain.toml")),
    ("signature.toml", include_str!("../../tamper/signature.toml")),
    ("timestamp.toml", include_str!("../../tamper/timestamp.toml")),
    ("body.toml", include_str!("../../tamper/body.toml")),
    ("http.toml", include_str!("../../tamper/http.toml")),
    ("semantics.toml", include_str!("../../tamper/semantics.toml")),
];

/// Every row, in the order of the files.
///
/// # Errors
/// When a file is not what [`Row`] says; a test makes sure that this is never so.
pub fn rows() -> Result<Vec<Row>, CorpusFault> {
    let mut rows = Vec::new();
    for (file, text) in FILES {
        let read: row::File = toml::from_str(text).map_err(|error| CorpusFault { file, reason: error.to_string() })?;
        rows.extend(read.row);
    }
    Ok(rows)
}
