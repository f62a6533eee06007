//! What is known about one person, read once, before any question of roles or size.

use crate::title::{fold, words_of};
use crate::{Function, Modifier, Person, SellerProfile, Set, Title};
use std::sync::Arc;

/// Relevance of a function that buys and uses the product.
const PRIMARY: u8 = 100;
/// Relevance of a function beside it.
const ADJACENT: u8 = 65;
/// Relevance of any other function.
const UNRELATED: u8 = 15;
/// What a keyword of the profile adds within a related function, and outside one.
const KEYWORD: (u8, u8) = (15, 5);

/// The seller profile, prepared for reading many titles.
#[derive(Clone, Debug)]
pub(super) struct Lens {
    pub(super) profile: SellerProfile,
    keywords: Vec<Vec<String>>,
    excluded: Vec<Vec<String>>,
}

impl Lens {
    pub(super) fn new(profile: &SellerProfile) -> Self {
        let phrases = |list: &[String]| list.iter().map(|phrase| words_of(phrase)).filter(|w| !w.is_empty()).collect();
        let (keywords, excluded) = (phrases(&profile.title_keywords), phrases(&profile.exclude_titles));
        Self { profile: profile.clone(), keywords, excluded }
    }
}

/// A person and what the title and department say.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) person: Arc<Person>,
    pub(super) title: Title,
    pub(super) functions: Set<Function>,
    /// The title does not say what the person works on; the department does.
    pub(super) from_department: bool,
    pub(super) keyword: bool,
    /// Fit of the functions to the product, 0–100; `None` when nothing says what the person works on. Top executives
    /// are judged by the size of the company as well, see `score`.
    pub(super) relevance: Option<u8>,
    /// The profile rules the title out, or the person holds the position no more.
    pub(super) out: bool,
}

impl Candidate {
    pub(super) fn new(person: Arc<Person>, lens: &Lens) -> Self {
        let text = person.title.as_deref().unwrap_or_default();
        let title = Title::parse(text);
        let words = words_of(text);
        let holds = |phrases: &[Vec<String>]| {
            phrases.iter().any(|phrase| words.windows(phrase.len()).any(|window| window == phrase.as_slice()))
        };
        let (keyword, excluded) = (holds(&lens.keywords), holds(&lens.excluded));
        let mut functions = title.functions;
        let from_department = functions.is_empty();
        if from_department {
            functions = person.departments.iter().flat_map(|name| Title::parse(name).functions.iter()).collect();
        }
        let relevance = if excluded { Some(0) } else { relevance(functions, keyword, &lens.profile) };
        let out = excluded || title.is(Modifier::Former);
        let from_department = from_department && !functions.is_empty();
        Self { person, title, functions, from_department, keyword, relevance, out }
    }

    pub(super) fn works_in(&self, functions: &[Function]) -> bool {
        self.functions.iter().any(|function| functions.contains(&function))
    }
}

fn relevance(functions: Set<Function>, keyword: bool, profile: &SellerProfile) -> Option<u8> {
    let best = functions
        .iter()
        .map(|function| match function {
            one if profile.primary_functions.contains(&one) => PRIMARY,
            one if profile.adjacent_functions.contains(&one) => ADJACENT,
            _ => UNRELATED,
        })
        .max()?;
    let more = match (keyword, best > UNRELATED) {
        (true, true) => KEYWORD.0,
        (true, false) => KEYWORD.1,
        (false, _) => 0,
    };
    Some((best + more).min(100))
}

/// A name or title as it is compared: folded words joined by single spaces.
pub(super) fn plain(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
