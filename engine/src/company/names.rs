//! How two company names stand to one another.

use super::key::name_key;
use crate::title::fold;
use std::collections::HashSet;
use std::sync::LazyLock;

static PARTS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../vocabulary/organisation_parts.txt").lines();
    lines.filter(|line| !line.starts_with('#') && !line.is_empty()).collect()
});

/// How two company names stand to one another. Never by containment alone: "Harvard Business School" is not "Harvard".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same name, legal forms aside.
    Same,
    /// A short form, an acronym, another spelling or another script: the names alone do not tell.
    Unclear,
    /// Names of different organisations.
    Different,
}

/// Compares two names; `None` when one is blank.
pub(super) fn likeness(a: &str, b: &str) -> Option<Likeness> {
    let (a, b) = (name_key(a), name_key(b));
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if a == b {
        return Some(Likeness::Same);
    }
    if is_latin(&a) != is_latin(&b) {
        return Some(Likeness::Unclear);
    }
    let (a, b) = (fold(&a), fold(&b));
    let (long, short) = if a.len() >= b.len() { (&a, &b) } else { (&b, &a) };
    let long: Vec<&str> = long.split(' ').collect();
    let short: Vec<&str> = short.split(' ').collect();
    if long.concat() == short.concat() || is_acronym(&short, &long) || is_acronym(&long, &short) {
        return Some(Likeness::Unclear);
    }
    // "Example UK" may be the company's branch or somebody else; "Example Business School" is not the company.
    let held = long.len() > short.len() && long.windows(short.len()).any(|words| words == short);
    let part = long.iter().any(|word| PARTS.contains(word) && !short.contains(word));
    Some(if held && !part { Likeness::Unclear } else { Likeness::Different })
}

/// Whether the name is that of a school, hospital, division or other part of an organisation.
pub(super) fn names_a_part(name: &str) -> bool {
    fold(&name_key(name)).split(' ').any(|word| PARTS.contains(word))
}

fn is_latin(name: &str) -> bool {
    name.chars().filter(|c| c.is_alphabetic()).any(|c| c.is_ascii() || ('\u{c0}'..='\u{24f}').contains(&c))
}

/// "ibm" of "international business machines", with or without small words.
fn is_acronym(short: &[&str], long: &[&str]) -> bool {
    let [letters] = short else { return false };
    let initials =
        |words: &mut dyn Iterator<Item = &&str>| -> String { words.filter_map(|word| word.chars().next()).collect() };
    let small = ["and", "of", "the", "for", "de", "du", "la", "und", "fur", "et", "y", "e"];
    long.len() >= 2
        && (initials(&mut long.iter()) == *letters
            || initials(&mut long.iter().filter(|word| !small.contains(word))) == *letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_whole_never_by_containment() {
        for (a, b, expected) in [
            ("Example Inc.", "EXAMPLE", Likeness::Same),
            ("Harvard", "Harvard Business School", Likeness::Different),
            ("Siemens", "Siemens Healthineers", Likeness::Unclear),
            ("Siemens Stiftung", "Siemens AG", Likeness::Different),
            ("Bank of America", "Bank of America Merrill Lynch", Likeness::Unclear),
            ("Target", "Target Hospitality Division", Likeness::Different),
            ("IBM", "International Business Machines Corp.", Likeness::Unclear),
            ("EY", "Ernst & Young LLP", Likeness::Unclear),
            ("Face Book", "Facebook", Likeness::Unclear),
            ("Société Générale", "Societe Generale", Likeness::Unclear),
            ("みどり", "Midori", Likeness::Unclear),
            ("みどり", "あおい", Likeness::Different),
            ("Targetti", "Target", Likeness::Different),
            ("Delta Air Lines", "Delta Faucet", Likeness::Different),
        ] {
            assert_eq!(likeness(a, b), Some(expected), "{a:?} and {b:?}");
            assert_eq!(likeness(b, a), Some(expected), "{b:?} and {a:?}");
        }
        assert_eq!(likeness(" ", "Example"), None);
    }
}
