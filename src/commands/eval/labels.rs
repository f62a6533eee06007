//! The hand-labelled titles, as the file has them.

use engine::{Function, Level, Modifier};
use serde::Serialize;
use std::collections::BTreeSet;

const FILE: &str = include_str!("../../../engine/accuracy/titles.tsv");

/// A title with what a careful reader says it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LabelledTitle {
    /// As a person carries it.
    pub(super) title: &'static str,
    /// Every accepted level, the preferred one first; `None` among them accepts "the title does not say".
    pub(super) levels: Vec<Option<Level>>,
    /// What it is about.
    pub(super) functions: Accepted<Function>,
    /// What changes its rank.
    pub(super) modifiers: Accepted<Modifier>,
    /// Kind of organisation.
    pub(super) sector: &'static str,
    /// Two-letter code.
    pub(super) language: &'static str,
}

/// What has to be found and what may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Accepted<T: Ord> {
    /// A reading without one of these is wrong.
    pub(super) required: BTreeSet<T>,
    /// Right, if found.
    pub(super) optional: BTreeSet<T>,
}

impl<T: Ord> Accepted<T> {
    /// Whether it may be found.
    pub(super) fn allows(&self, found: &T) -> bool {
        self.required.contains(found) || self.optional.contains(found)
    }

    /// Everything required is found, and nothing that is not accepted.
    pub(super) fn fits(&self, found: &BTreeSet<T>) -> bool {
        self.required.is_subset(found) && found.iter().all(|one| self.allows(one))
    }
}

/// A line of the file that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LabelError {
    /// Not as many columns as the header comment says.
    #[error("line {line}: {columns} columns where title, level, functions, modifiers, sector, language are expected")]
    Columns {
        /// Number of the line, from 1.
        line: usize,
        /// How many there are.
        columns: usize,
    },
    /// A name that is no wire name of its kind.
    #[error("line {line}: `{name}` is no {kind}; use its wire name, or `-` for none")]
    Name {
        /// Number of the line, from 1.
        line: usize,
        /// What it should be.
        kind: &'static str,
        /// What was found.
        name: &'static str,
    },
}

/// The built-in set.
///
/// # Errors
/// When the file does not follow its own header comment; a test keeps it from happening.
pub(super) fn labelled_titles() -> Result<Vec<LabelledTitle>, LabelError> {
    read(FILE)
}

fn read(file: &'static str) -> Result<Vec<LabelledTitle>, LabelError> {
    let lines = file.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
    lines.map(|(index, line)| row(index + 1, line)).collect()
}

fn row(line: usize, text: &'static str) -> Result<LabelledTitle, LabelError> {
    let columns: Vec<&'static str> = text.split('\t').collect();
    let [title, levels, functions, modifiers, sector, language] = columns[..] else {
        return Err(LabelError::Columns { line, columns: columns.len() });
    };
    let level = |name| match name {
        "-" => Ok(None),
        _ => Level::from_wire(name).map(Some).ok_or(LabelError::Name { line, kind: "level", name }),
    };
    Ok(LabelledTitle {
        title,
        levels: levels.split('|').map(level).collect::<Result<_, _>>()?,
        functions: accepted(functions, Function::from_wire).map_err(|name| LabelError::Name {
            line,
            kind: "function",
            name,
        })?,
        modifiers: accepted(modifiers, Modifier::from_wire).map_err(|name| LabelError::Name {
            line,
            kind: "modifier",
            name,
        })?,
        sector,
        language,
    })
}

fn accepted<T: Ord>(text: &'static str, from_wire: fn(&str) -> Option<T>) -> Result<Accepted<T>, &'static str> {
    let mut accepted = Accepted { required: BTreeSet::new(), optional: BTreeSet::new() };
    for name in text.split(',').filter(|_| text != "-") {
        let (set, plain) = match name.strip_suffix('?') {
            Some(plain) => (&mut accepted.optional, plain),
            None => (&mut accepted.required, name),
        };
        set.insert(from_wire(plain).ok_or(name)?);
    }
    Ok(accepted)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]
    use super::{LabelError, labelled_titles, read};
    use engine::{Function, Level, Modifier};
    use std::collections::BTreeSet;

    #[test]
    fn the_built_in_set_is_large_broad_and_without_repetition() {
        let titles = labelled_titles().unwrap();
        assert!(titles.len() >= 720, "{} titles", titles.len());
        let distinct: BTreeSet<_> = titles.iter().map(|one| one.title.to_lowercase()).collect();
        assert_eq!(distinct.len(), titles.len(), "a title stands twice");
        let open = titles.iter().filter(|one| one.levels.len() > 1).count();
        assert!(open * 100 < titles.len() * 12, "{open} titles accept several levels");
        let languages: BTreeSet<_> = titles.iter().map(|one| one.language).collect();
        assert_eq!(languages, BTreeSet::from(["de", "en", "es", "fr", "it", "nl", "pt"]));
        for language in languages {
            assert!(titles.iter().filter(|one| one.language == language).count() >= 45, "{language}");
        }
        let sectors: BTreeSet<_> = titles.iter().map(|one| one.sector).collect();
        assert_eq!(sectors.len(), 13, "{sectors:?}");
        for level in Level::ALL {
            assert!(titles.iter().any(|one| one.levels[0] == Some(*level)), "no {level}");
        }
    }

    #[test]
    fn marks_are_understood() {
        let titles = read("# a comment\nDeputy X\thead|-\tfinance,risk?\tdeputy\tgeneral\ten\n").unwrap();
        let [one] = &titles[..] else { panic!("{titles:?}") };
        assert_eq!(one.levels, [Some(Level::Head), None]);
        assert_eq!(one.functions.required, BTreeSet::from([Function::Finance]));
        assert_eq!(one.functions.optional, BTreeSet::from([Function::Risk]));
        assert!(one.modifiers.fits(&BTreeSet::from([Modifier::Deputy])));
    }

    #[test]
    fn what_is_required_must_be_found_and_nothing_else_than_accepted() {
        let titles = read("X\t-\tfinance,risk?\t-\tgeneral\ten").unwrap();
        let functions = &titles[0].functions;
        assert!(functions.fits(&BTreeSet::from([Function::Finance])));
        assert!(functions.fits(&BTreeSet::from([Function::Finance, Function::Risk])));
        assert!(!functions.fits(&BTreeSet::from([Function::Risk])));
        assert!(!functions.fits(&BTreeSet::from([Function::Finance, Function::Sales])));
    }

    #[test]
    fn a_bad_line_is_named() {
        let name = read("X\tboss\t-\t-\tgeneral\ten").unwrap_err();
        assert_eq!(name, LabelError::Name { line: 1, kind: "level", name: "boss" });
        let name = read("X\t-\t-\tboard??\tgeneral\ten").unwrap_err();
        assert_eq!(name, LabelError::Name { line: 1, kind: "modifier", name: "board??" });
        assert_eq!(read("#\nX\t-").unwrap_err(), LabelError::Columns { line: 2, columns: 2 });
    }
}
