//! What makes sense in a seller profile.

use super::problem::{Problem, quoted};
use super::{SellerProfile, Weights};
use crate::Function;
use crate::title::words_of;
use std::collections::BTreeMap;

/// A problem, and the `[[coverage]]` it was found in, counted from 0.
pub(super) struct Found {
    pub(super) problem: Problem,
    pub(super) voice: Option<usize>,
}

/// Everything that makes no sense, in the order of the fields.
pub(super) fn problems(profile: &SellerProfile) -> Vec<Found> {
    let mut found = Vec::new();
    let mut refuse = |field: &str, problem: String, remedy: &str| found.push(plain(field, problem, remedy, None));
    if profile.product.trim().is_empty() {
        refuse("product", "is blank".to_owned(), "say in a few words what is sold");
    }
    if profile.deal_size == 0 {
        refuse("deal_size", "is 0".to_owned(), "write the usual deal in whole units of the currency, e.g. 60000");
    }
    if profile.primary_functions.is_empty() {
        let remedy = "name at least one function, e.g. [\"engineering\"]";
        refuse("primary_functions", "is an empty list".to_owned(), remedy);
    }
    for (field, functions) in
        [("primary_functions", &profile.primary_functions), ("adjacent_functions", &profile.adjacent_functions)]
    {
        if let Some(twice) = repeated(functions) {
            refuse(field, format!("names {twice} twice"), "keep the first");
        }
    }
    for both in profile.adjacent_functions.iter().filter(|one| profile.primary_functions.contains(one)) {
        let problem = format!("names {both}, which is also in primary_functions");
        refuse("adjacent_functions", problem, "keep it in one of the two lists");
    }
    let Weights { relevance, authority, influence, champion, reachability } = profile.weights;
    if [relevance, authority, influence, champion, reachability].iter().all(|weight| *weight == 0) {
        refuse("weights", "are all 0".to_owned(), "give at least one score a weight above 0");
    }
    phrases(profile, &mut found);
    coverage(profile, &mut found);
    found
}

/// Keywords and exclusions: made of words, each once, none in both lists.
fn phrases(profile: &SellerProfile, found: &mut Vec<Found>) {
    let mut before: BTreeMap<Vec<String>, &str> = BTreeMap::new();
    for (field, phrases) in [("title_keywords", &profile.title_keywords), ("exclude_titles", &profile.exclude_titles)] {
        for (index, phrase) in phrases.iter().enumerate() {
            let words = words_of(phrase);
            if words.is_empty() {
                let problem = format!("holds a phrase without words at position {}", index + 1);
                found.push(plain(
                    field,
                    problem,
                    "remove it or write whole words, e.g. \"developer experience\"",
                    None,
                ));
                continue;
            }
            match before.insert(words, field) {
                Some(other) if other == field => {
                    let problem = format!("holds {} twice, but for case and accents", quoted(phrase));
                    found.push(plain(field, problem, "keep the first", None));
                }
                Some(other) => {
                    let problem = format!("holds {}, which is also in {other}", quoted(phrase));
                    found.push(plain(field, problem, "keep it in one of the two lists", None));
                }
                None => {}
            }
        }
    }
}

fn coverage(profile: &SellerProfile, found: &mut Vec<Found>) {
    let mut names: Vec<String> = Vec::new();
    for (index, voice) in profile.coverage.iter().enumerate() {
        let mut refuse = |field: &str, problem: String, remedy: &str| {
            found.push(plain(field, format!("of entry {} {problem}", index + 1), remedy, Some(index)));
        };
        let name = voice.name.trim().to_lowercase();
        if name.is_empty() {
            refuse(
                "coverage.name",
                "is blank".to_owned(),
                "call the voice what its gap is to be called, e.g. \"finance\"",
            );
        } else if names.contains(&name) {
            let problem = format!("is {}, as that of another entry", quoted(&voice.name));
            refuse("coverage.name", problem, "give every entry a name of its own");
        }
        names.push(name);
        if voice.functions.is_empty() {
            let remedy = "name the functions any of which is enough, e.g. [\"finance\", \"procurement\"]";
            refuse("coverage.functions", "is an empty list".to_owned(), remedy);
        } else if let Some(twice) = repeated(&voice.functions) {
            refuse("coverage.functions", format!("names {twice} twice"), "keep the first");
        }
    }
}

fn plain(field: &str, problem: String, remedy: &str, voice: Option<usize>) -> Found {
    let problem = Problem { line: None, field: field.to_owned(), problem, remedy: remedy.to_owned() };
    Found { problem, voice }
}

fn repeated(functions: &[Function]) -> Option<Function> {
    functions.iter().enumerate().find(|(index, one)| functions[..*index].contains(one)).map(|(_, one)| *one)
}
