//! The phrases of a part that count where they stand.

use super::Level;
use super::entry::{Entry, Flag, Kind, Qualifier};
use super::part::Part;
use super::phrases::Item;
use smallvec::SmallVec;

/// A phrase in its place.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) entry: Entry,
    /// Stands in the head of the part: "Director" of "Director of Sales".
    pub(super) head: bool,
    pub(super) possessed: bool,
    /// The last phrase of the head.
    pub(super) last: bool,
}

impl Found {
    /// A chief's rank or a higher one.
    pub(super) fn is_high(&self) -> bool {
        self.entry.kind == Kind::Rank && self.entry.level >= Some(Level::CLevel)
    }
}

pub(super) type Finds = SmallVec<[Found; 12]>;

/// The phrases that count, and how many words they are made of.
pub(super) fn finds(items: &[Item], part: &mut Part) -> Finds {
    let mut finds = Finds::new();
    let mut head = true;
    let is_and =
        |at: Option<usize>| at.and_then(|at| items.get(at)).is_some_and(|item| matches!(item, Item::Conjunction));
    for (at, item) in items.iter().enumerate() {
        match item {
            Item::Known { entry, .. } if entry.is(Flag::Agent) && !names_topic(&finds) => part.words += 1,
            Item::Known { entry, words, possessed } => {
                let (words, rest) = (u32::from(*words), items.get(at + 1..).unwrap_or_default());
                let ends = !rest.iter().take_while(|item| !matches!(item, Item::Preposition)).any(|item| match item {
                    Item::Known { entry, .. } => !matches!(entry.kind, Kind::Qualifier(_)),
                    _ => true,
                });
                part.words += words;
                if misplaced(entry, &finds, rest, ends) || entry.is(Flag::Name) && is_name(items, at) {
                    // Understood, but it says nothing here.
                    part.understood += if entry.is(Flag::Beside) { 0 } else { words };
                    continue;
                }
                part.understood += words;
                let mut entry = *entry;
                let describes = matches!(rest.first(), Some(Item::Known { entry, .. }) if entry.kind == Kind::Topic);
                if entry.kind == Kind::Topic && !describes && (is_and(at.checked_sub(1)) || is_and(Some(at + 1))) {
                    // "Finance & Operations": named on a level with the other. In "Email & Automation Marketing" it is not.
                    entry.flags = entry.flags.iter().filter(|flag| *flag != Flag::Weak).collect();
                }
                // "Ingeniero de Software Senior": a grade at the end belongs to the head.
                let trailing = rest.is_empty() && is_grade(&entry);
                finds.push(Found { entry, head: (head || trailing) && !possessed, possessed: *possessed, last: ends });
            }
            Item::Unknown => part.words += 1,
            Item::Preposition => head = false,
            Item::Conjunction => {}
        }
    }
    finds
}

/// Whether a phrase stands where it does not mean what the table says.
fn misplaced(entry: &Entry, before: &Finds, after: &[Item], ends: bool) -> bool {
    let only_qualifiers = || before.iter().all(|found| matches!(found.entry.kind, Kind::Qualifier(_)));
    let beside = || match entry.kind {
        // A grade belongs to the job before it.
        Kind::Qualifier(_) => before.iter().any(|found| found.entry.level.is_some()),
        _ => {
            let known = |item: &Item| matches!(item, Item::Known { entry, .. } if !entry.is(Flag::Beside));
            !before.is_empty() || after.iter().any(known) || before.is_empty() && after.is_empty()
        }
    };
    entry.is(Flag::Last) && !ends
        || entry.is(Flag::Alone) && !(ends && only_qualifiers())
        || entry.is(Flag::Beside) && !beside()
}

fn is_grade(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::Qualifier(Qualifier::Senior | Qualifier::Junior | Qualifier::Third))
}

/// Whether a word that is known by its ending has something to stand on.
fn names_topic(finds: &Finds) -> bool {
    let topic = |found: &Found| found.entry.kind == Kind::Topic;
    finds.last().is_some_and(topic) && finds.iter().all(|found| found.entry.level.is_none())
}

/// Whether a word that is also a personal name stands beside a word that is not known.
fn is_name(items: &[Item], at: usize) -> bool {
    let unknown = |at: Option<usize>| {
        at.and_then(|at| items.get(at)).is_some_and(|item| match item {
            Item::Known { entry, .. } => entry.is(Flag::Agent),
            other => matches!(other, Item::Unknown),
        })
    };
    unknown(at.checked_sub(1)) || unknown(Some(at + 1))
}
