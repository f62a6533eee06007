//! German and Dutch words written as one: "Vertriebsleiterin", "Softwareentwickler", "Inkoopmedewerker".
//!
//! A compound is read only when it is made wholly of known parts, fields first and one rank or job last, so this is
//! still reading by words: "Begleiter" and "Mitarbeiter" hold no "Leiter".

use super::entry::{Entry, Kind};
use super::fold::fold;
use super::{Function, Level};
use crate::Set;
use std::collections::{BTreeSet, HashMap};

/// Bytes of the shortest part.
const SHORTEST: usize = 2;

/// Letters of the longest compound read: longer runs of letters are no words.
const LONGEST: usize = 48;

/// Most fields before the last part ("Software|entwicklungs|leiter").
const MOST_FIELDS: u8 = 3;

/// The parts of compounds, by their letters.
#[derive(Default)]
pub(super) struct Compounds {
    fields: HashMap<String, Option<Function>>,
    heads: HashMap<String, Entry>,
    /// The last two letters of every head: most words end otherwise and need no further look.
    endings: BTreeSet<[u8; 2]>,
}

impl Compounds {
    /// Columns: `field`, parts, function or `-`; or `head`, parts, level or `-`, functions or `-`.
    pub(super) fn add(&mut self, row: &[&str]) -> Option<()> {
        match row {
            ["field", parts, name] => {
                let function = if *name == "-" { None } else { Some(Function::from_wire(name)?) };
                self.fields.extend(parts.split('|').map(|part| (fold(part.trim()), function)));
            }
            ["head", parts, level, names] => {
                let level = if *level == "-" { None } else { Some(Level::from_wire(level)?) };
                let mut functions = Set::new();
                for name in names.split(',').filter(|name| *name != "-") {
                    functions.insert(Function::from_wire(name)?);
                }
                let kind = match level {
                    None => Kind::Topic,
                    Some(level) if level >= Level::Lead => Kind::Rank,
                    Some(_) => Kind::Occupation,
                };
                let entry = Entry { level, functions, ..Entry::new(kind) };
                self.endings
                    .extend(parts.split('|').filter_map(|part| fold(part.trim()).as_bytes().last_chunk().copied()));
                self.heads.extend(parts.split('|').map(|part| (fold(part.trim()), entry)));
            }
            _ => return None,
        }
        Some(())
    }

    /// Reads one word; its letters may be of either case.
    pub(super) fn read(&self, letters: &[u8]) -> Option<Entry> {
        if !(3 * SHORTEST..=LONGEST).contains(&letters.len()) || !letters.is_ascii() {
            return None;
        }
        let ending: &[u8; 2] = letters.last_chunk()?;
        if !self.endings.contains(&ending.map(|letter| letter.to_ascii_lowercase())) {
            return None;
        }
        let word = std::str::from_utf8(letters).ok()?.to_ascii_lowercase();
        (SHORTEST..word.len() - SHORTEST).find_map(|at| {
            let (first, last) = (word.get(..at)?, word.get(at..)?);
            let head = self.heads.get(last)?;
            let mut functions = Set::new();
            self.fields(first, MOST_FIELDS, &mut functions)
                .then(|| Entry { functions: if functions.is_empty() { head.functions } else { functions }, ..*head })
        })
    }

    /// Whether the text is made of fields alone; gathers what they are about. The field beside the head is the more
    /// telling: a "Produktionseinkaufsleiter" buys.
    fn fields(&self, text: &str, most: u8, functions: &mut Set<Function>) -> bool {
        if most == 0 {
            return false;
        }
        if let Some(function) = self.fields.get(text) {
            functions.extend(*function);
            return true;
        }
        (SHORTEST..text.len().saturating_sub(SHORTEST)).any(|at| {
            let (Some(first), Some(rest)) = (text.get(..at), text.get(at..)) else { return false };
            self.fields.contains_key(first) && self.fields(rest, most - 1, functions)
        })
    }
}
