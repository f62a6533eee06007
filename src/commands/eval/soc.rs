//! Occupations of the Standard Occupational Classification and the functions that count as right for them.

use engine::Function;
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = include_str!("../../../engine/accuracy/soc_functions.tsv");

/// Major groups of the classification (SOC 2018, two digits), in short.
const MAJOR_GROUPS: [(&str, &str); 23] = [
    ("11", "management"),
    ("13", "business and finance"),
    ("15", "computer and mathematics"),
    ("17", "architecture and engineering"),
    ("19", "science"),
    ("21", "community and social service"),
    ("23", "legal"),
    ("25", "education and library"),
    ("27", "arts and media"),
    ("29", "healthcare practice"),
    ("31", "healthcare support"),
    ("33", "protection"),
    ("35", "food service"),
    ("37", "cleaning and grounds"),
    ("39", "personal care"),
    ("41", "sales"),
    ("43", "office and administration"),
    ("45", "farming, fishing, forestry"),
    ("47", "construction and extraction"),
    ("49", "installation and repair"),
    ("51", "production"),
    ("53", "transportation"),
    ("55", "military"),
];

/// Name of the major group of an occupation code.
pub(super) fn major_group(code: &str) -> Option<&'static str> {
    MAJOR_GROUPS.iter().find(|(group, _)| code.starts_with(group)).map(|(_, name)| *name)
}

/// Accepted functions by prefix of the occupation code.
pub(super) struct Occupations {
    by_prefix: BTreeMap<&'static str, BTreeSet<Function>>,
}

/// A line of the file that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: a prefix and comma-separated wire names of functions are expected, once for each prefix")]
pub(super) struct OccupationError {
    /// Number of the line, from 1.
    line: usize,
}

impl Occupations {
    /// The built-in table.
    ///
    /// # Errors
    /// When the file does not follow its own header comment; a test keeps it from happening.
    pub(super) fn built_in() -> Result<Self, OccupationError> {
        Self::read(FILE)
    }

    fn read(file: &'static str) -> Result<Self, OccupationError> {
        let mut by_prefix = BTreeMap::new();
        for (index, line) in file.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let error = OccupationError { line: index + 1 };
            let mut columns = line.split('\t');
            let (Some(prefix), Some(names)) = (columns.next(), columns.next()) else { return Err(error) };
            let functions: Option<BTreeSet<_>> = names.split(',').map(Function::from_wire).collect();
            let Some(functions) = functions else { return Err(error) };
            if by_prefix.insert(prefix, functions).is_some() {
                return Err(error);
            }
        }
        Ok(Self { by_prefix })
    }

    /// The functions that count as right for an occupation code; the longest prefix wins.
    pub(super) fn accepted(&self, code: &str) -> Option<&BTreeSet<Function>> {
        let prefixes = (1..=code.len()).rev().filter_map(|length| code.get(..length));
        prefixes.into_iter().find_map(|prefix| self.by_prefix.get(prefix))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::{MAJOR_GROUPS, Occupations};
    use engine::Function;
    use std::collections::BTreeSet;

    #[test]
    fn the_longest_prefix_wins() {
        let table = Occupations::read("13\toperations\tx\n13-20\tfinance\tx\n13-2011\tfinance,compliance\tx").unwrap();
        let of = |code| table.accepted(code).cloned();
        assert_eq!(of("13-2011.01"), Some(BTreeSet::from([Function::Finance, Function::Compliance])));
        assert_eq!(of("13-2051.00"), Some(BTreeSet::from([Function::Finance])));
        assert_eq!(of("13-1111.00"), Some(BTreeSet::from([Function::Operations])));
        assert_eq!(of("15-1252.00"), None);
    }

    #[test]
    fn the_built_in_table_covers_every_major_group() {
        let table = Occupations::built_in().unwrap();
        for (code, name) in MAJOR_GROUPS {
            assert!(table.by_prefix.keys().any(|prefix| prefix.starts_with(code)), "{code} {name}");
        }
        assert_eq!(table.accepted("29-1141.00"), Some(&BTreeSet::from([Function::Medical])));
    }

    #[test]
    fn a_bad_line_is_named() {
        for file in ["13\tmoney\tx", "13", "13\tfinance\tx\n13\tfinance\tx"] {
            assert_eq!(Occupations::read(file).err().map(|error| error.line), Some(file.lines().count()), "{file}");
        }
    }
}
