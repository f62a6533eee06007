//! Words for people who do something, by their English ending: "Growth Hacker", "Data Wrangler".
//!
//! An ending alone proves nothing ("Walker" is as well a name), so such a word counts only as the last of its part and
//! beside a word that says what the work is about. It then names a specialist, with doubt.

use super::entry::{Entry, Flag, Kind};
use super::{Function, Level};
use crate::Set;

/// Letters before the ending, at least.
const SHORTEST_STEM: usize = 3;

/// Endings, and what those who bear them work on where no other word says it.
const ENDINGS: [(&[u8], Option<Function>); 6] = [
    (b"ologist", Some(Function::Research)),
    (b"ist", None),
    (b"eer", None),
    (b"er", None),
    (b"or", None),
    (b"man", None),
];

/// The meaning of an unknown word that ends like an occupation; its letters may be of either case.
pub(super) fn read(letters: &[u8]) -> Option<Entry> {
    let (_, function) = ENDINGS.iter().find(|(ending, _)| {
        let stem = letters.len().checked_sub(ending.len()).filter(|stem| *stem >= SHORTEST_STEM);
        stem.and_then(|stem| letters.get(stem..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
    })?;
    Some(Entry {
        level: Some(Level::IndividualContributor),
        functions: function.iter().copied().collect(),
        flags: Set::from_iter([Flag::Unsure, Flag::Weak, Flag::Last, Flag::Agent]),
        ..Entry::new(Kind::Occupation)
    })
}
