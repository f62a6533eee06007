//! Ranks that only say whose: "CEO Office Manager", "CFO Services Manager", "Founder Relations".
//!
//! A chief or whoever stands higher, written right before another rank, an occupation or what such a person owns, is an
//! attribute: the last noun governs (the rule of English compounds). "Geschäftsführer Technik" names a field and stays.

use super::entry::{Entry, Flag, Kind};
use super::finds::Found;
use super::{Function, Level};

/// Turns ranks that are attributes into topics. What the rank is about still counts where nothing else says; that it
/// runs the company does not.
pub(super) fn yield_to_nouns(finds: &mut [Found]) {
    for at in 0..finds.len() {
        let (before, after) = finds.split_at_mut(at + 1);
        let Some(rank) = before.last_mut().filter(|found| found.head && found.is_high()) else { continue };
        // Whom an assistant assists must stay known.
        let assists = |found: &Found| found.entry.is(Flag::MaybeAssistant) || found.entry.is(Flag::AssistantOf);
        let governed = after
            .iter()
            .rfind(|found| found.head && found.entry.level.is_some())
            .is_some_and(|found| !found.is_high() && found.entry.level < Some(Level::CLevel) && !assists(found));
        let owned = after.first().is_some_and(|found| found.head && found.entry.is(Flag::Owned));
        if governed || owned && !after.iter().any(assists) {
            let functions = rank.entry.functions.iter().filter(|function| *function != Function::Executive).collect();
            rank.entry = Entry { functions, ..Entry::new(Kind::Topic) };
            rank.entry.flags.insert(Flag::Weak);
        }
    }
}
