//! How a file is understood, for somebody about to use it.

use super::data::RosterData;
use super::encoding::Encoding;
use super::header::{Columns, Meaning, shown};
use super::reader::Reader;
use crate::sources::{Rejection, SourceError};
use engine::Person;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

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
    /// People read; one who is recorded twice counts once.
    pub people: u64,
    /// Problems: rows that are no people, single values left out, people recorded twice.
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
    let mut identities = Identities::default();
    let mut keys = BTreeSet::new();
    let mut key_seen = |key: &str| {
        if keys.len() < MAX_KEYS && !keys.contains(key) {
            keys.insert(key.to_owned());
        }
    };
    while let Some(row) = reader.next(&mut key_seen)? {
        summary.rows += 1;
        let repeated = row.person.as_ref().and_then(|person| identities.repeated(person, row.line));
        summary.people += u64::from(row.person.is_some() && repeated.is_none());
        for problem in row.rejected.into_iter().chain(repeated) {
            summary.problems += 1;
            if summary.rejected.len() < SHOWN {
                summary.rejected.push(problem);
            }
        }
    }
    reader.finish()?;
    let columns = table.unwrap_or_else(|| Columns::read(keys.into_iter().collect()));
    summary.columns = columns.recognised();
    summary.ignored = columns.ignored();
    Ok(summary)
}

/// Identities seen, to tell a person who is recorded twice; by hash, so that a large roster stays affordable.
#[derive(Default)]
struct Identities(HashMap<u64, u64>);

/// Identities remembered; in a roster with more people, later repetitions are not told.
const MAX_IDENTITIES: usize = 1_000_000;

impl Identities {
    /// What is to be said when somebody of this identity stood on an earlier line.
    fn repeated(&mut self, person: &Person, line: u64) -> Option<Rejection> {
        let mut hasher = DefaultHasher::new();
        person.id.hash(&mut hasher);
        let identity = hasher.finish();
        if let Some(earlier) = self.0.get(&identity) {
            let reason = format!(
                "the same person id, or without ids the same address or the same name and title, as on line {earlier}: both are taken for one person"
            );
            return Some(Rejection { line, reason });
        }
        if self.0.len() < MAX_IDENTITIES {
            self.0.insert(identity, line);
        }
        None
    }
}

impl RosterSummary {
    /// Whether any column of the file holds this.
    #[must_use]
    pub fn has(&self, meaning: Meaning) -> bool {
        self.columns.iter().any(|(known, _)| *known == meaning)
    }
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
