//! From words to the phrases of the vocabulary, part by part.

use super::Function;
use super::agents;
use super::entry::{Entry, Flag, Glue, Kind, Qualifier};
use super::tables::Tables;
use super::vocabulary::{Expansion, Homograph, Info, Vocabulary, WordId};
use super::words::Word;
use crate::Set;
use smallvec::SmallVec;

/// A word by number, after abbreviations are written out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    id: WordId,
    /// The place of the word in the text; the words of one abbreviation share it.
    source: u8,
    possessive: bool,
    opens_part: bool,
    /// A homograph was decided here: the words alone leave doubt.
    doubtful: bool,
}

/// The tokens of one title.
pub(super) type Tokens = SmallVec<[Token; 32]>;

/// A piece of a part.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    /// A phrase that is known.
    Known {
        /// What it means.
        entry: Entry,
        /// Words of the text it is made of.
        words: u8,
        /// Somebody else's: "President's".
        possessed: bool,
    },
    /// A word that is not.
    Unknown,
    Preposition,
    Conjunction,
}

/// The pieces of one part.
pub(super) type Items = SmallVec<[Item; 12]>;

/// Numbers the words, writes abbreviations out and decides homographs.
pub(super) fn tokens(words: &[Word<'_>], vocabulary: &Vocabulary) -> Tokens {
    let ids: SmallVec<[(WordId, Info); 24]> = words
        .iter()
        .map(|word| {
            let id = number(word.letters.bytes(), vocabulary);
            (id, vocabulary.info(id))
        })
        .collect();
    let mut tokens = Tokens::new();
    let (mut ranked, mut inside, mut paired) = (false, false, false);
    for (i, (word, (id, info))) in words.iter().zip(&ids).enumerate() {
        inside &= !word.opens_part;
        if std::mem::take(&mut paired) {
            continue;
        }
        let beside = words.get(i + 1).zip(ids.get(i + 1)).filter(|(next, _)| !next.opens_part);
        if let Some(pair) = beside.and_then(|(_, (second, _))| vocabulary.pair(*id, *info, *second)) {
            let known = || pair.iter().filter(|id| **id != WordId::UNKNOWN);
            for (n, id) in known().enumerate() {
                let last = n + 1 == known().count();
                tokens.push(Token {
                    id: *id,
                    source: u8::try_from(i + usize::from(last)).unwrap_or(u8::MAX),
                    possessive: word.possessive,
                    opens_part: word.opens_part && n == 0,
                    doubtful: false,
                });
                ranked |= is_rank(vocabulary, *id);
            }
            paired = true;
            continue;
        }
        // The last word of its phrase: nothing follows but a grade, a preposition or another part.
        let last = || {
            let next = words.get(i + 1).zip(ids.get(i + 1)).filter(|(next, _)| !next.opens_part);
            next.is_none_or(|(_, (id, info))| info.glue.is_some() || is_grade(vocabulary, *id))
        };
        let free = !ranked && !inside;
        let mut push = |ids: &[WordId], doubtful| {
            for (n, id) in ids.iter().enumerate().filter(|(_, id)| **id != WordId::UNKNOWN) {
                let opens_part = word.opens_part && n == 0;
                let source = u8::try_from(i).unwrap_or(u8::MAX);
                tokens.push(Token { id: *id, source, possessive: word.possessive, opens_part, doubtful });
                ranked |= is_rank(vocabulary, *id);
            }
        };
        let homograph = info.homograph.and_then(|at| vocabulary.homographs.get(usize::from(at)));
        let expansion = info.expansion.and_then(|at| vocabulary.expansions.get(usize::from(at)));
        if let Some(Homograph { about, then, otherwise, .. }) = homograph.filter(|one| !one.last || last()) {
            let others = ids.iter().filter(|(other, _)| other != id).filter_map(|(id, _)| vocabulary.alone(*id));
            let medical = about.contains(Function::Medical);
            let about =
                others.into_iter().any(|entry| entry.functions.meets(*about) || medical && entry.is(Flag::Credential));
            push(if about { then } else { otherwise }, !about);
        } else if let Some(Expansion { before, last: written }) = expansion {
            let job = free && last();
            push(if job { written } else { before }, false);
        } else if *id == WordId::UNKNOWN {
            tokens.push(Token {
                id: *id,
                source: u8::try_from(i).unwrap_or(u8::MAX),
                possessive: word.possessive,
                opens_part: word.opens_part,
                doubtful: false,
            });
        } else {
            push(&[*id], false);
        }
        inside |= info.glue == Some(Glue::Preposition);
    }
    tokens
}

fn is_rank(vocabulary: &Vocabulary, id: WordId) -> bool {
    vocabulary.alone(id).is_some_and(|entry| entry.kind == Kind::Rank && !entry.is(Flag::Chief))
}

/// The number of a word; the German feminine ("Kellnerin", "Betreuerinnen") of a job is read as the job.
fn number(letters: &[u8], vocabulary: &Vocabulary) -> WordId {
    let id = vocabulary.word(letters);
    if id != WordId::UNKNOWN {
        return id;
    }
    let feminine = |ending: &[u8]| {
        let (stem, end) = letters.split_at_checked(letters.len().checked_sub(ending.len())?)?;
        let job = end.eq_ignore_ascii_case(ending).then(|| vocabulary.word(stem))?;
        vocabulary.alone(job).filter(|entry| entry.level.is_some()).map(|_| job)
    };
    feminine(b"in").or_else(|| feminine(b"innen")).unwrap_or_default()
}

fn is_grade(vocabulary: &Vocabulary, id: WordId) -> bool {
    vocabulary.alone(id).is_some_and(|entry| {
        matches!(entry.kind, Kind::Qualifier(Qualifier::Third | Qualifier::Plain)) && entry.is(Flag::Beside)
    })
}

/// The pieces of one part, and how many of its words count.
pub(super) fn items(part: &[Token], words: &[Word<'_>], tables: &Tables) -> Items {
    let vocabulary = &tables.vocabulary;
    let mut items = Items::new();
    let mut at = 0;
    while let Some(token) = part.get(at) {
        let glue = vocabulary.info(token.id).glue;
        if glue == Some(Glue::Employer) {
            break;
        }
        let rest = part.get(at..).unwrap_or_default();
        if let Some((length, entry)) = longest(rest, vocabulary) {
            let phrase = rest.get(..length).unwrap_or_default();
            let mut entry = *entry;
            if phrase.iter().any(|token| token.doubtful) {
                entry.flags = entry.flags.union(Set::from_iter([Flag::Unsure, Flag::Guessed]));
            }
            let first = phrase.first().map_or(0, |token| token.source);
            let last = phrase.last().map_or(0, |token| token.source);
            // A second phrase within one abbreviation adds no word.
            let shared = at.checked_sub(1).and_then(|at| part.get(at)).is_some_and(|token| token.source == first);
            let words = (last - first + 1).saturating_sub(u8::from(shared));
            items.push(Item::Known { entry, words, possessed: phrase.last().is_some_and(|token| token.possessive) });
            at += length;
            continue;
        }
        at += 1;
        match glue {
            Some(Glue::Preposition) => items.push(Item::Preposition),
            Some(Glue::Conjunction) => items.push(Item::Conjunction),
            Some(_) => {}
            None => items.push(unknown(*token, words, tables)),
        }
    }
    items
}

/// The longest phrase the tokens begin with. One that is itself only as the last of its part gives way to a shorter one
/// where more follows: "Assistant Chief", but "Assistant | Chief Operating Engineer".
fn longest<'v>(rest: &[Token], vocabulary: &'v Vocabulary) -> Option<(usize, &'v Entry)> {
    let within = |most: usize| vocabulary.longest(rest.iter().take(most).map(|token| token.id));
    let (length, entry) = within(rest.len())?;
    let followed = || {
        rest.get(length).is_some_and(|next| vocabulary.info(next.id).glue.is_none() && !is_grade(vocabulary, next.id))
    };
    if length > 1 && entry.is(Flag::Last) && followed() { within(length - 1) } else { Some((length, entry)) }
}

/// A word the vocabulary does not hold may still be a compound of known parts, or end like an occupation.
fn unknown(token: Token, words: &[Word<'_>], tables: &Tables) -> Item {
    let word = words.get(usize::from(token.source)).filter(|_| token.id == WordId::UNKNOWN);
    let read =
        |word: &Word<'_>| tables.compounds.read(word.letters.bytes()).or_else(|| agents::read(word.letters.bytes()));
    match word.and_then(read) {
        Some(entry) => Item::Known { entry, words: 1, possessed: token.possessive },
        None => Item::Unknown,
    }
}

/// The parts of a title. A part that is only a notation for gender ("m/w/d", "Leiter/in") is left out.
pub(super) fn parts<'t>(tokens: &'t [Token], vocabulary: &Vocabulary) -> impl Iterator<Item = &'t [Token]> {
    tokens
        .chunk_by(|_, next| !next.opens_part)
        .filter(|part| !part.iter().all(|token| vocabulary.info(token.id).gender))
}
