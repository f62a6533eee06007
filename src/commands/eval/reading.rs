//! What is measured: two ways of reading a title, side by side.

use super::keyword_list;
use engine::{Function, Level, Modifier, Title};
use serde::Serialize;
use std::collections::BTreeSet;

/// What a reader makes of a title.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Reading {
    /// Rank; `None` where the reader does not say.
    pub(super) level: Option<Level>,
    /// Functions; empty where the reader does not say.
    pub(super) functions: BTreeSet<Function>,
    /// Modifiers.
    pub(super) modifiers: BTreeSet<Modifier>,
}

/// A way of reading titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// The engine's.
    Parser,
    /// What it has to beat.
    KeywordList,
}

impl Reader {
    /// Reads a title.
    pub(super) fn read(self, title: &str) -> Reading {
        match self {
            Self::Parser => parsed(title),
            Self::KeywordList => keyword_list::read(title),
        }
    }
}

/// The only place that knows the shape of the engine's answer.
fn parsed(text: &str) -> Reading {
    let title = Title::parse(text);
    let mut reading = Reading { level: title.level, ..Reading::default() };
    reading.functions.extend(title.functions.iter());
    reading.modifiers.extend(title.modifiers.iter());
    reading
}

/// The same figures for both readers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Compared<T> {
    /// The engine's.
    pub(super) parser: T,
    /// The keyword list's.
    pub(super) keyword_list: T,
}

impl<T> Compared<T> {
    /// Measures both readers in the same way.
    pub(super) fn measure(mut measure: impl FnMut(Reader) -> T) -> Self {
        Self { parser: measure(Reader::Parser), keyword_list: measure(Reader::KeywordList) }
    }

    /// One figure of both.
    pub(super) fn map<U>(&self, pick: impl Fn(&T) -> U) -> Compared<U> {
        Compared { parser: pick(&self.parser), keyword_list: pick(&self.keyword_list) }
    }
}
