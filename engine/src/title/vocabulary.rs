//! The words titles are made of, as they are looked up: every word a number, every phrase a path through a tree.

use super::Function;
use super::entry::{Entry, Glue};
use crate::Set;
use hashbrown::HashTable;
use std::collections::HashMap;

/// A word by number. [`WordId::UNKNOWN`] is no word of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(super) struct WordId(pub(super) u32);

impl WordId {
    pub(super) const UNKNOWN: Self = Self(0);
}

/// A word that stands for others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expansion {
    /// Before another word: "tech lead" is a technical lead.
    pub(super) before: [WordId; 4],
    /// As the last word: "lab tech" is a laboratory technician.
    pub(super) last: [WordId; 4],
}

/// Two words that stand for others together, where neither would alone: "gen mgr".
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) second: WordId,
    pub(super) then: [WordId; 4],
}

/// A word of two meanings, told apart by what the rest of the title is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Homograph {
    pub(super) about: Set<Function>,
    /// Only as the last word of its phrase.
    pub(super) last: bool,
    pub(super) then: [WordId; 4],
    pub(super) otherwise: [WordId; 4],
}

/// What is known of one word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Info {
    pub(super) glue: Option<Glue>,
    /// Mark of gender or of any gender ("m/w/d"), left out where it is a part of its own.
    pub(super) gender: bool,
    pub(super) expansion: Option<u16>,
    pub(super) homograph: Option<u16>,
    /// Whether pairs of words begin with this one.
    pairs: bool,
    /// The phrase of this word alone, and whether longer ones begin with it.
    node: Option<u32>,
    longer: bool,
}

/// One place in the tree of phrases.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    entry: Option<u32>,
    longer: bool,
}

/// All words and phrases.
#[derive(Default)]
pub(super) struct Vocabulary {
    ids: HashTable<WordId>,
    texts: Vec<String>,
    infos: Vec<Info>,
    nodes: Vec<Node>,
    steps: HashTable<(u64, u32)>,
    entries: Vec<Entry>,
    pub(super) expansions: Vec<Expansion>,
    pub(super) homographs: Vec<Homograph>,
    pairs: HashMap<WordId, Vec<Pair>>,
}

impl Vocabulary {
    pub(super) fn new() -> Self {
        let mut empty = Self::default();
        empty.texts.push(String::new());
        empty.infos.push(Info::default());
        empty
    }

    /// The word with these letters, in either case.
    pub(super) fn word(&self, letters: &[u8]) -> WordId {
        let same = |id: &WordId| self.text(*id).as_bytes().eq_ignore_ascii_case(letters);
        self.ids.find(hash(letters), same).copied().unwrap_or_default()
    }

    /// The word as it is folded.
    pub(super) fn text(&self, word: WordId) -> &str {
        self.texts.get(word.0 as usize).map(String::as_str).unwrap_or_default()
    }

    pub(super) fn info(&self, word: WordId) -> Info {
        self.infos.get(word.0 as usize).copied().unwrap_or_default()
    }

    /// The longest phrase the words begin with, and its length in words. Hand in fewer words for a shorter phrase.
    pub(super) fn longest(&self, words: impl Iterator<Item = WordId>) -> Option<(usize, &Entry)> {
        let mut words = words.enumerate();
        let info = self.info(words.next()?.1);
        let mut at = info.node?;
        let mut longer = info.longer;
        let mut found = self.entry(at).map(|entry| (1, entry));
        while longer {
            let Some((i, word)) = words.next() else { break };
            let Some(next) = self.step(at, word) else { break };
            at = next;
            longer = self.nodes.get(at as usize).is_some_and(|node| node.longer);
            found = self.entry(at).map(|entry| (i + 1, entry)).or(found);
        }
        found
    }

    /// What two words stand for together.
    pub(super) fn pair(&self, first: WordId, info: Info, second: WordId) -> Option<&[WordId; 4]> {
        let pairs = if info.pairs { self.pairs.get(&first) } else { None };
        pairs?.iter().find(|pair| pair.second == second).map(|pair| &pair.then)
    }

    /// Adds a pair; `false` where it is there already.
    pub(super) fn insert_pair(&mut self, first: WordId, pair: Pair) -> bool {
        let known = self.pairs.entry(first).or_default();
        let fresh = known.iter().all(|other| other.second != pair.second);
        if fresh {
            known.push(pair);
            if let Some(info) = self.info_mut(first) {
                info.pairs = true;
            }
        }
        fresh
    }

    /// What the word means by itself.
    pub(super) fn alone(&self, word: WordId) -> Option<&Entry> {
        self.entry(self.info(word).node?)
    }

    fn entry(&self, node: u32) -> Option<&Entry> {
        self.entries.get(self.nodes.get(node as usize)?.entry? as usize)
    }

    fn step(&self, from: u32, word: WordId) -> Option<u32> {
        let key = u64::from(from) << 32 | u64::from(word.0);
        self.steps.find(mix(key), |(other, _)| *other == key).map(|(_, to)| *to)
    }

    /// The number of a word, given now if it has none.
    pub(super) fn intern(&mut self, text: &str) -> WordId {
        let known = self.word(text.as_bytes());
        if known != WordId::UNKNOWN {
            return known;
        }
        let id = WordId(u32::try_from(self.texts.len()).unwrap_or_default());
        self.texts.push(text.to_owned());
        self.infos.push(Info::default());
        let texts = &self.texts;
        self.ids.insert_unique(hash(text.as_bytes()), id, |id| {
            hash(texts.get(id.0 as usize).map(String::as_bytes).unwrap_or_default())
        });
        id
    }

    pub(super) fn info_mut(&mut self, word: WordId) -> Option<&mut Info> {
        self.infos.get_mut(word.0 as usize)
    }

    /// Adds a phrase; one that is there already keeps the meaning it was given first, and the answer is `false`.
    pub(super) fn insert(&mut self, phrase: &[WordId], entry: Entry) -> bool {
        let Some((first, rest)) = phrase.split_first() else { return false };
        let fresh = u32::try_from(self.nodes.len()).unwrap_or_default();
        let Some(info) = self.infos.get_mut(first.0 as usize) else { return false };
        info.longer |= !rest.is_empty();
        let mut at = *info.node.get_or_insert(fresh);
        if at == fresh {
            self.nodes.push(Node::default());
        }
        for word in rest {
            if let Some(node) = self.nodes.get_mut(at as usize) {
                node.longer = true;
            }
            at = self.step(at, *word).unwrap_or_else(|| {
                let next = u32::try_from(self.nodes.len()).unwrap_or_default();
                let key = u64::from(at) << 32 | u64::from(word.0);
                self.nodes.push(Node::default());
                self.steps.insert_unique(mix(key), (key, next), |(key, _)| mix(*key));
                next
            });
        }
        let number = u32::try_from(self.entries.len()).unwrap_or_default();
        match self.nodes.get_mut(at as usize) {
            Some(node) if node.entry.is_none() => {
                node.entry = Some(number);
                self.entries.push(entry);
                true
            }
            _ => false,
        }
    }
}

/// FNV-1a over lowered letters, stirred so that every bit depends on every letter.
fn hash(letters: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for letter in letters {
        hash = (hash ^ u64::from(letter.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3);
    }
    mix(hash)
}

fn mix(key: u64) -> u64 {
    let key = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    key ^ key >> 32
}
