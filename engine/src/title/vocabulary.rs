//! The words titles are made of, read once from the tables under `vocabulary/`.

use super::{Function, Level, Modifier, fold};
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a phrase does to a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Says how high a position stands.
    Rank,
    /// Names a job and so fixes its rank.
    Occupation,
    /// Says what a person works on.
    Topic,
    /// Moves or marks a rank.
    Qualifier(Qualifier),
}

/// How a qualifier moves or marks a rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    Senior,
    Associate,
    Assistant,
    Deputy,
    Principal,
    Lead,
    Third,
    Acting,
    Former,
    Regional,
    /// Understood, but moves nothing: junior, global, Roman one and two.
    Plain,
}

/// One phrase of the vocabulary.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) level: Option<Level>,
    pub(super) functions: Vec<Function>,
    pub(super) modifier: Option<Modifier>,
    /// The phrase rules the title even where a rank stands before it.
    pub(super) governs: bool,
    /// An assistant's word: whose assistant, the rest of the title says.
    pub(super) maybe_assistant: bool,
    /// "Staff" before this occupation means seniority, not "employee".
    pub(super) technical: bool,
    /// The words alone leave doubt.
    pub(super) unsure: bool,
}

impl Entry {
    fn new(kind: Kind) -> Self {
        let (level, functions, modifier) = (None, Vec::new(), None);
        let (governs, maybe_assistant, technical, unsure) = (false, false, false, false);
        Self { kind, level, functions, modifier, governs, maybe_assistant, technical, unsure }
    }
}

/// Phrases by their first word, longest first.
pub(super) struct Vocabulary(HashMap<String, Vec<(Vec<String>, Entry)>>);

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::load(&mut |_| ()));

const RANKS: &str = include_str!("../../vocabulary/ranks.tsv");
const OCCUPATIONS: &str = include_str!("../../vocabulary/occupations.tsv");
const FUNCTIONS: &str = include_str!("../../vocabulary/functions.tsv");
const QUALIFIERS: &str = include_str!("../../vocabulary/qualifiers.tsv");
const COMPOUNDS: &str = include_str!("../../vocabulary/compounds.tsv");

impl Vocabulary {
    pub(super) fn get() -> &'static Self {
        &VOCABULARY
    }

    /// The longest phrase the words begin with, and its length in words.
    pub(super) fn longest<'v>(&'v self, words: &[&str]) -> Option<(usize, &'v Entry)> {
        let (first, rest) = words.split_first()?;
        self.0.get(*first)?.iter().find_map(|(tail, entry)| {
            let fits = tail.len() <= rest.len() && tail.iter().zip(rest).all(|(a, b)| a == b);
            fits.then_some((tail.len() + 1, entry))
        })
    }

    /// Reads every table; rows that make no sense are handed to `complain` and left out (a test sees to it that there
    /// are none).
    fn load(complain: &mut dyn FnMut(String)) -> Self {
        let mut vocabulary = Self(HashMap::new());
        for row in rows(RANKS) {
            vocabulary.add_row(row, Kind::Rank, complain);
        }
        for row in rows(OCCUPATIONS) {
            vocabulary.add_row(row, Kind::Occupation, complain);
        }
        for row in rows(FUNCTIONS) {
            match row.split_once('\t').and_then(|(name, phrases)| Some((Function::from_wire(name)?, phrases))) {
                Some((function, phrases)) => {
                    vocabulary.add(phrases, &Entry { functions: vec![function], ..Entry::new(Kind::Topic) }, complain);
                }
                None => complain(row.to_owned()),
            }
        }
        for row in rows(QUALIFIERS) {
            match row.split_once('\t').and_then(|(name, phrases)| Some((qualifier(name)?, phrases))) {
                Some((effect, phrases)) => {
                    vocabulary.add(phrases, &Entry::new(Kind::Qualifier(effect)), complain);
                }
                None => complain(row.to_owned()),
            }
        }
        vocabulary.add_compounds(complain);
        for phrases in vocabulary.0.values_mut() {
            phrases.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        }
        vocabulary
    }

    fn add_row(&mut self, row: &str, kind: Kind, complain: &mut dyn FnMut(String)) {
        let mut columns = row.split('\t');
        let (Some(phrases), Some(level), Some(functions), Some(flags), None) =
            (columns.next(), columns.next(), columns.next(), columns.next(), columns.next())
        else {
            return complain(row.to_owned());
        };
        let mut entry = Entry::new(kind);
        entry.level = Level::from_wire(level);
        let mut good = level == "-" || entry.level.is_some();
        for name in functions.split(',').filter(|name| *name != "-") {
            match Function::from_wire(name) {
                Some(function) => entry.functions.push(function),
                None => good = false,
            }
        }
        for flag in flags.split(',').filter(|flag| *flag != "-") {
            match flag {
                "unsure" => entry.unsure = true,
                "governs" => entry.governs = true,
                "technical" => entry.technical = true,
                "maybe_assistant" => entry.maybe_assistant = true,
                "assistant_of" => entry.modifier = Some(Modifier::AssistantOf),
                "board" => entry.modifier = Some(Modifier::Board),
                _ => good = false,
            }
        }
        if good { self.add(phrases, &entry, complain) } else { complain(row.to_owned()) }
    }

    fn add(&mut self, phrases: &str, entry: &Entry, complain: &mut dyn FnMut(String)) {
        for phrase in phrases.split('|') {
            let phrase = fold(phrase);
            let mut words = phrase.split_whitespace().map(str::to_owned);
            let Some(first) = words.next() else {
                complain(phrases.to_owned());
                continue;
            };
            let tail: Vec<String> = words.collect();
            let known = self.0.entry(first).or_default();
            // Tables are read most telling first: a phrase keeps the meaning it was given first.
            if known.iter().all(|(other, _)| *other != tail) {
                known.push((tail, entry.clone()));
            }
        }
    }

    fn add_compounds(&mut self, complain: &mut dyn FnMut(String)) {
        let (mut fields, mut ranks) = (Vec::new(), Vec::new());
        for row in rows(COMPOUNDS) {
            let columns: Vec<&str> = row.split('\t').collect();
            match columns[..] {
                ["field", parts, name] if Function::from_wire(name).is_some() => {
                    fields.push((parts, Function::from_wire(name)));
                }
                ["rank", parts, name] if Level::from_wire(name).is_some() => {
                    ranks.push((parts, Level::from_wire(name)))
                }
                _ => complain(row.to_owned()),
            }
        }
        for (first_parts, function) in &fields {
            for (second_parts, level) in &ranks {
                let functions = function.iter().copied().collect();
                let entry = Entry { level: *level, functions, ..Entry::new(Kind::Rank) };
                for first in first_parts.split('|') {
                    for second in second_parts.split('|') {
                        self.add(&format!("{}{}", first.trim(), second.trim()), &entry, complain);
                    }
                }
            }
        }
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

fn qualifier(name: &str) -> Option<Qualifier> {
    Some(match name {
        "senior" => Qualifier::Senior,
        "associate" => Qualifier::Associate,
        "assistant" => Qualifier::Assistant,
        "deputy" => Qualifier::Deputy,
        "principal" => Qualifier::Principal,
        "lead" => Qualifier::Lead,
        "third" => Qualifier::Third,
        "acting" => Qualifier::Acting,
        "former" => Qualifier::Former,
        "regional" => Qualifier::Regional,
        "junior" | "second" | "group" => Qualifier::Plain,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_every_table_makes_sense() {
        let mut complaints = Vec::new();
        let vocabulary = Vocabulary::load(&mut |row| complaints.push(row));
        assert_eq!(complaints, Vec::<String>::new());
        assert!(vocabulary.0.len() > 500);
    }
}
