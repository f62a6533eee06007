//! Reading the tables under `vocabulary/`.

use super::compounds::Compounds;
use super::entry::{Entry, Flag, Glue, Kind, Qualifier};
use super::fold::words_of;
use super::vocabulary::{Expansion, Homograph, Pair, Vocabulary, WordId};
use super::{Function, Level};
use crate::Set;
use std::sync::LazyLock;

const GLUE: &str = include_str!("../../vocabulary/glue.tsv");
const ABBREVIATIONS: &str = include_str!("../../vocabulary/abbreviations.tsv");
const HOMOGRAPHS: &str = include_str!("../../vocabulary/homographs.tsv");
const RANKS: &str = include_str!("../../vocabulary/ranks.tsv");
const LADDERS: &str = include_str!("../../vocabulary/ladders.tsv");
const OCCUPATIONS: &str = include_str!("../../vocabulary/occupations.tsv");
const TRADES: &str = include_str!("../../vocabulary/trades.tsv");
const FUNCTIONS: &str = include_str!("../../vocabulary/functions.tsv");
const QUALIFIERS: &str = include_str!("../../vocabulary/qualifiers.tsv");
const COMPOUNDS: &str = include_str!("../../vocabulary/compounds.tsv");

/// Everything the tables say.
pub(super) struct Tables {
    pub(super) vocabulary: Vocabulary,
    pub(super) compounds: Compounds,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables::load(&mut |_| ()));

impl Tables {
    pub(super) fn get() -> &'static Self {
        &TABLES
    }

    /// Reads every table; rows that make no sense are handed to `complain` and left out (a test sees to it that there
    /// are none). Tables are read most telling first: a phrase keeps the meaning it was given first.
    fn load(complain: &mut dyn FnMut(String)) -> Self {
        let mut loader = Loader { vocabulary: Vocabulary::new(), plurals: Vec::new() };
        let mut read = |table, row: &mut dyn FnMut(&[&str]) -> Option<()>| {
            for line in rows(table) {
                if row(&line.split('\t').collect::<Vec<_>>()).is_none() {
                    complain(line.to_owned());
                }
            }
        };
        read(GLUE, &mut |row| loader.glue(row));
        read(ABBREVIATIONS, &mut |row| loader.abbreviation(row));
        read(RANKS, &mut |row| loader.phrases(row, Kind::Rank));
        read(LADDERS, &mut |row| loader.phrases(row, Kind::Rank));
        read(OCCUPATIONS, &mut |row| loader.phrases(row, Kind::Occupation));
        read(TRADES, &mut |row| loader.phrases(row, Kind::Occupation));
        read(FUNCTIONS, &mut |row| loader.topics(row));
        read(QUALIFIERS, &mut |row| loader.qualifiers(row));
        read(HOMOGRAPHS, &mut |row| loader.homograph(row));
        loader.add_plurals();
        let mut compounds = Compounds::default();
        read(COMPOUNDS, &mut |row| compounds.add(row));
        Self { vocabulary: loader.vocabulary, compounds }
    }
}

struct Loader {
    vocabulary: Vocabulary,
    /// Phrases whose plural is a topic: a manager of engineers is no engineer.
    plurals: Vec<(Vec<String>, Set<Function>)>,
}

impl Loader {
    /// Columns: role, words.
    fn glue(&mut self, row: &[&str]) -> Option<()> {
        let [role, words] = row else { return None };
        let glue = Glue::from_wire(role);
        if glue.is_none() && *role != "gender" {
            return None;
        }
        for word in words.split('|') {
            let word = self.one_word(word)?;
            let info = self.vocabulary.info_mut(word)?;
            match glue {
                Some(_) => info.glue = info.glue.or(glue),
                None => info.gender = true,
            }
        }
        Some(())
    }

    /// Columns: abbreviations, words, words as the last of a phrase where they differ. Two words may be abbreviated
    /// together.
    fn abbreviation(&mut self, row: &[&str]) -> Option<()> {
        let (abbreviations, before, last) = match row {
            [abbreviations, before] => (abbreviations, before, before),
            [abbreviations, before, last] => (abbreviations, before, last),
            _ => return None,
        };
        let expansion = Expansion { before: self.few_words(before)?, last: self.few_words(last)? };
        let number = u16::try_from(self.vocabulary.expansions.len()).ok()?;
        self.vocabulary.expansions.push(expansion);
        for abbreviation in abbreviations.split('|') {
            if let [first, second] = words_of(abbreviation).as_slice() {
                let (first, second) = (self.vocabulary.intern(first), self.vocabulary.intern(second));
                if !self.vocabulary.insert_pair(first, Pair { second, then: expansion.last }) {
                    return None;
                }
                continue;
            }
            let word = self.one_word(abbreviation)?;
            let info = self.vocabulary.info_mut(word)?;
            if info.expansion.replace(number).is_some() {
                return None;
            }
        }
        Some(())
    }

    /// Columns: words, functions, `last` or `-`, words when the title is about one of the functions, words otherwise.
    fn homograph(&mut self, row: &[&str]) -> Option<()> {
        let [words, about, last, then, otherwise] = row else { return None };
        let about = about.split(',').map(Function::from_wire).collect::<Option<Vec<_>>>()?;
        let homograph = Homograph {
            about: about.into_iter().collect(),
            last: *last == "last",
            then: self.few_words(then)?,
            otherwise: self.few_words(otherwise)?,
        };
        let number = u16::try_from(self.vocabulary.homographs.len()).ok()?;
        self.vocabulary.homographs.push(homograph);
        for word in words.split('|') {
            let word = self.one_word(word)?;
            self.vocabulary.info_mut(word)?.homograph = Some(number);
        }
        Some(())
    }

    /// Columns: phrases, level, functions, flags; `-` for none.
    fn phrases(&mut self, row: &[&str], kind: Kind) -> Option<()> {
        let [phrases, level, functions, flags] = row else { return None };
        let mut entry = Entry::new(kind);
        if *level != "-" {
            entry.level = Some(Level::from_wire(level)?);
        }
        for name in functions.split(',').filter(|name| *name != "-") {
            entry.functions.insert(Function::from_wire(name)?);
        }
        entry.flags = flags_of(flags)?;
        self.add(phrases, entry)
    }

    /// Columns: functions or `-`, phrases, flags where there are any.
    fn topics(&mut self, row: &[&str]) -> Option<()> {
        let (name, phrases, flags) = match row {
            [name, phrases] => (name, phrases, Set::new()),
            [name, phrases, flags] => (name, phrases, flags_of(flags)?),
            _ => return None,
        };
        let mut functions = Set::new();
        for name in name.split(',').filter(|name| *name != "-") {
            functions.insert(Function::from_wire(name)?);
        }
        self.add(phrases, Entry { functions, flags, ..Entry::new(Kind::Topic) })
    }

    /// Columns: effect, phrases, flags where there are any.
    fn qualifiers(&mut self, row: &[&str]) -> Option<()> {
        let (effect, phrases, flags) = match row {
            [effect, phrases] => (effect, phrases, Set::new()),
            [effect, phrases, flags] => (effect, phrases, flags_of(flags)?),
            _ => return None,
        };
        self.add(phrases, Entry { flags, ..Entry::new(Kind::Qualifier(Qualifier::from_wire(effect)?)) })
    }

    fn add(&mut self, phrases: &str, entry: Entry) -> Option<()> {
        for phrase in phrases.split('|') {
            let words = words_of(phrase);
            let numbers = self.expanded(&words, entry.kind == Kind::Topic);
            if numbers.is_empty() {
                return None;
            }
            let mut entry = entry;
            if words.last().is_some_and(|word| word == "officer") {
                entry.flags.insert(Flag::Officer);
            }
            let called = numbers.last().and_then(|word| self.vocabulary.alone(*word));
            let manages =
                called.is_some_and(|called| called.kind == Kind::Rank && called.level >= Some(Level::Manager));
            if manages && entry.level.is_some_and(|level| level < Level::Lead) {
                entry.flags.insert(Flag::Managerial);
            }
            self.vocabulary.insert(&numbers, entry);
            if matches!(entry.kind, Kind::Occupation | Kind::Rank) && entry.level.is_some() {
                let functions = if entry.kind == Kind::Occupation { entry.functions } else { Set::new() };
                self.plurals.push((words, functions));
            }
        }
        Some(())
    }

    fn add_plurals(&mut self) {
        for (mut words, functions) in std::mem::take(&mut self.plurals) {
            let Some(last) = words.last_mut() else { continue };
            *last = plural(last);
            let numbers = self.expanded(&words, false);
            self.vocabulary.insert(&numbers, Entry { functions, ..Entry::new(Kind::Topic) });
        }
    }

    /// The words of a phrase as titles will show them once their abbreviations are written out.
    fn expanded(&mut self, words: &[String], attribute: bool) -> Vec<WordId> {
        let mut numbers = Vec::new();
        for (i, word) in words.iter().enumerate() {
            let number = self.vocabulary.intern(word);
            let expansion = self.vocabulary.info(number).expansion;
            match expansion.and_then(|at| self.vocabulary.expansions.get(usize::from(at))) {
                Some(expansion) => {
                    let last = i + 1 == words.len() && !attribute;
                    let form = if last { expansion.last } else { expansion.before };
                    numbers.extend(form.iter().filter(|word| **word != WordId::UNKNOWN));
                }
                None => numbers.push(number),
            }
        }
        numbers
    }

    fn one_word(&mut self, text: &str) -> Option<WordId> {
        match words_of(text).as_slice() {
            [word] => Some(self.vocabulary.intern(word)),
            _ => None,
        }
    }

    fn few_words(&mut self, text: &str) -> Option<[WordId; 4]> {
        let (words, mut few) = (words_of(text), [WordId::UNKNOWN; 4]);
        if words.is_empty() || words.len() > few.len() {
            return None;
        }
        for (place, word) in few.iter_mut().zip(&words) {
            *place = self.vocabulary.intern(word);
        }
        Some(few)
    }
}

fn flags_of(list: &str) -> Option<Set<Flag>> {
    list.split(',').filter(|flag| *flag != "-").map(Flag::from_wire).collect::<Option<Vec<_>>>().map(Set::from_iter)
}

/// The English plural; harmless for other languages, whose plurals stand in the tables.
fn plural(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("man").filter(|stem| stem.len() > 2) {
        format!("{stem}men")
    } else if let Some(stem) = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        format!("{stem}ies")
    } else if word.ends_with(['s', 'x']) || word.ends_with("ch") || word.ends_with("sh") {
        format!("{word}es")
    } else {
        format!("{word}s")
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_every_table_makes_sense() {
        let mut complaints = Vec::new();
        Tables::load(&mut |row| complaints.push(row));
        assert_eq!(complaints, Vec::<String>::new());
    }

    #[test]
    fn plurals() {
        for (one, many) in [("engineer", "engineers"), ("secretary", "secretaries"), ("foreman", "foremen")] {
            assert_eq!(plural(one), many);
        }
        assert_eq!(
            (plural("boss"), plural("coach"), plural("attorney")),
            ("bosses".into(), "coaches".into(), "attorneys".into())
        );
    }
}
