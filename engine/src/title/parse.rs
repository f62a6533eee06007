//! From the parts of a title to the title.

use super::entry::{Entry, Flag, Kind, Qualifier};
use super::part::{self, Part};
use super::phrases::{items, parts, tokens};
use super::steps::{adjust, mark};
use super::tables::Tables;
use super::words::{readable, words};
use super::{Function, Level, Modifier, Title};
use crate::Set;

/// A title as its words say it.
pub(super) struct Reading {
    pub(super) title: Title,
    /// The level is that of a specialist who is called a manager: "Product Manager".
    pub(super) managerial: bool,
}

/// Reads a title.
pub(super) fn read(text: &str) -> Reading {
    let tables = Tables::get();
    let text = readable(text);
    let words = words(&text);
    let tokens = tokens(&words, &tables.vocabulary);
    let mut whole = Whole::default();
    for tokens in parts(&tokens, &tables.vocabulary) {
        part::read(&items(tokens, &words, tables), &mut |part| whole.add(part));
    }
    Reading { managerial: whole.top.managerial, title: whole.title() }
}

/// What the parts say together.
#[derive(Default)]
struct Whole {
    top: Part,
    functions: Set<Function>,
    weak: Set<Function>,
    modifiers: Set<Modifier>,
    loose: Set<Qualifier>,
    former: bool,
    bank: bool,
    words: u32,
    understood: u32,
}

impl Whole {
    fn add(&mut self, part: Part) {
        self.words += part.words;
        self.understood += part.understood;
        self.loose = self.loose.union(part.loose);
        self.bank |= part.bank;
        if part.modifiers.contains(Modifier::Former) {
            self.former = true;
            self.functions = self.functions.union(part.functions);
            self.weak = self.weak.union(part.weak);
            return;
        }
        // "Executive Assistant, CEO and CFO": the ranks that follow are those assisted.
        if !self.modifiers.contains(Modifier::AssistantOf) {
            if part.level > self.top.level {
                self.top = part;
            }
            self.functions = self.functions.union(part.functions);
            self.weak = self.weak.union(part.weak);
        }
        self.modifiers = self.modifiers.union(part.modifiers);
    }

    fn title(mut self) -> Title {
        if self.loose.contains(Qualifier::Former) {
            self.former = true;
            self.top.level = None;
        }
        if self.former && self.top.level.is_none() {
            self.modifiers.insert(Modifier::Former);
        }
        self.modifiers.extend(self.loose.iter().filter_map(mark));
        // A part that qualifies the rest counts as if it stood before a technical job: "Engineer, Principal".
        let mut beside = Entry::new(Kind::Occupation);
        beside.flags.insert(Flag::Technical);
        let mut level = self.top.level.map(|level| adjust(level, self.loose, &beside));
        if self.bank && self.top.bank_grade {
            level = Some(Level::SeniorIndividualContributor);
            self.top.unsure = true;
            self.functions = self.functions.iter().filter(|function| *function != Function::Executive).collect();
        }
        let functions = if self.functions.is_empty() { self.weak } else { self.functions };
        let confidence = self.confidence(level, functions);
        Title { level, functions, modifiers: self.modifiers, confidence }
    }

    /// A level and a function make a title plain; each word not understood takes its share away, and so does a phrase
    /// that may mean something else.
    fn confidence(&self, level: Option<Level>, functions: Set<Function>) -> u8 {
        if self.words == 0 {
            return 0;
        }
        let (base, span) = match (level.is_some(), !functions.is_empty()) {
            (true, true) => (60, 40),
            (true, false) => (45, 40),
            (false, true) => (10, 25),
            (false, false) => return if self.understood > 0 { 5 } else { 0 },
        };
        let doubt = if level.is_some() && self.top.unsure { 25 } else { 0 };
        let share = span * self.understood.min(self.words) / self.words;
        u8::try_from((base + share).saturating_sub(doubt)).unwrap_or(100).min(100)
    }
}
