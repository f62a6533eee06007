//! Counting distinct people in bounded memory.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Hashes an estimate rests on.
const KEPT: usize = 65_536;
/// Hashes held before they are cut back: what fits into a table of 131,072 places.
const HELD: usize = KEPT + KEPT / 2;

/// Counts distinct ids by keeping the smallest hashes: exact until there are more than [`KEPT`], an estimate from how
/// densely the smallest lie beyond that. Neither the order of the ids nor their repetition matters.
#[derive(Clone, Debug, Default)]
pub(super) struct Distinct {
    /// At most [`HELD`]; only counted and cut back, so that their order never shows.
    hashes: HashSet<u64, BuildHasherDefault<Itself>>,
    /// No hash above this is among the smallest; `None` until there were too many.
    limit: Option<u64>,
}

impl Distinct {
    pub(super) fn add(&mut self, id: &str) {
        let hash = hash(id);
        if self.limit.is_some_and(|limit| hash > limit) {
            return;
        }
        self.hashes.insert(hash);
        if self.hashes.len() >= HELD {
            let limit = self.largest_kept();
            self.hashes.retain(|hash| *hash <= limit);
            self.limit = Some(limit);
        }
    }

    pub(super) fn count(&self) -> u64 {
        if self.hashes.len() < KEPT {
            return self.hashes.len() as u64;
        }
        let estimate = u128::from(KEPT as u64 - 1) * u128::from(u64::MAX) / u128::from(self.largest_kept().max(1));
        u64::try_from(estimate).unwrap_or(u64::MAX).max(KEPT as u64)
    }

    /// The largest of the [`KEPT`] smallest hashes.
    fn largest_kept(&self) -> u64 {
        let mut hashes: Vec<u64> = self.hashes.iter().copied().collect();
        *hashes.select_nth_unstable(KEPT - 1).1
    }
}

/// A hash is its own hash.
#[derive(Clone, Debug, Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// FNV-1a with a final mix: the same on every machine and in every version, unlike the standard library's hashers.
pub(super) fn hash(text: &str) -> u64 {
    let fnv = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (fnv ^ (fnv >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_exactly_while_few_and_closely_when_many() {
        let mut distinct = Distinct::default();
        for i in 0..60_000 {
            distinct.add(&format!("person {i}"));
            distinct.add(&format!("person {}", i / 2));
        }
        assert_eq!(distinct.count(), 60_000);
        let mut backwards = Distinct::default();
        for i in 0..300_000 {
            distinct.add(&format!("person {i}"));
            backwards.add(&format!("person {}", 299_999 - i));
        }
        assert!(distinct.count().abs_diff(300_000) < 6_000, "{}", distinct.count());
        assert_eq!(distinct.count(), backwards.count());
        assert!(distinct.hashes.len() < HELD);
    }
}
