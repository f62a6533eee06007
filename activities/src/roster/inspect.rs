//! How a file is understood, for somebody about to use it.

use super::data::RosterData;
use super::encoding::Encoding;
use super::header::{Columns, Meaning, shown};
use super::reader::Reader;
use crate::sources::{Rejection, SourceError};
use std::collections::BTreeSet;
use std::fmt;

/// Rejections kept in a summary; the rest is only counted.
const SHOWN: usize = 20;

/// Different JSON keys kept in a summary.
const MAX_KEYS: usize = 256;

/// How a roster was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterSummary {
    /// The file's name.
    pub file: String,
    /// How its text is stored.
    pub encoding: Encoding,
    /// What separates the columns; `None` for JSON lines.
    pub delimiter: Option<char>,
    /// Columns understood and the header each stands under.
    pub columns: Vec<(Meaning, String)>,
    /// Headers of columns that are not used.
    pub ignored: Vec<String>,
    /// Rows that are not blank.
    pub rows: u64,
    /// People read.
    pub people: u64,
    /// Problems, of rows that are no people and of single values left out.
    pub problems: u64,
    /// The first of the problems.
    pub rejected: Vec<Rejection>,
}

/// Reads everything once.
pub(super) fn inspect(data: &RosterData) -> Result<RosterSummary, SourceError> {
    let mut reader = Reader::open(data, None)?;
    let (delimiter, table) = match reader.table() {
        Some((delimiter, columns)) => (Some(char::from(delimiter)), Some(columns.clone())),
        None => (None, None),
    };
    let mut summary = RosterSummary {
        file: data.label(),
        encoding: reader.encoding(),
        delimiter,
        columns: Vec::new(),
        ignored: Vec::new(),
        rows: 0,
        people: 0,
        problems: 0,
        rejected: Vec::new(),
    };
    let mut keys = BTreeSet::new();
    let mut key_seen = |key: &str| {
        if keys.len() < MAX_KEYS && !keys.contains(key) {
            keys.insert(key.to_owned());
        }
    };
    while let Some(row) = reader.next(&mut key_seen)? {
        summary.rows += 1;
        summary.people += u64::from(row.person.is_some());
        summary.problems += row.rejected.len() as u64;
        let room = SHOWN.saturating_sub(summary.rejected.len());
        summary.rejected.extend(row.rejected.into_iter().take(room));
    }
    reader.finish()?;
    let columns = table.unwrap_or_else(|| Columns::read(keys.into_iter().collect()));
    summary.columns = columns.recognised();
    summary.ignored = columns.ignored();
    Ok(summary)
}

impl fmt::Display for RosterSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.delimiter {
            None => "one JSON object per line".to_owned(),
            Some('\t') => "separated by tabs".to_owned(),
            Some(delimiter) => format!("separated by '{delimiter}'"),
        };
        writeln!(f, "{}: {}, {kind}", self.file, self.encoding)?;
        for (meaning, header) in &self.columns {
            writeln!(f, "  {meaning:<12} <- {}", shown(header))?;
        }
        if !self.ignored.is_empty() {
            let names: Vec<_> = self.ignored.iter().map(|header| shown(header)).collect();
            writeln!(f, "  not used: {}", names.join(", "))?;
        }
        writeln!(f, "{} rows, {} people, {} problems", self.rows, self.people, self.problems)?;
        for rejection in &self.rejected {
            writeln!(f, "  line {}: {}", rejection.line, rejection.reason)?;
        }
        let more = self.problems - self.rejected.len() as u64;
        if more > 0 {
            writeln!(f, "  and {more} more")?;
        }
        Ok(())
    }
}
