//! Counting distinct people in bounded memory.

use std::collections::BTreeSet;

/// Hashes kept.
const KEPT: usize = 65_536;

/// Counts distinct ids by keeping the smallest hashes: exact until there are more than [`KEPT`], an estimate from how
/// densely the smallest lie beyond that. The order of the ids does not matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Distinct(BTreeSet<u64>);

impl Distinct {
    pub(super) fn add(&mut self, id: &str) {
        let hash = hash(id);
        if self.0.len() < KEPT || self.0.last().is_some_and(|largest| hash < *largest) {
            self.0.insert(hash);
            if self.0.len() > KEPT {
                self.0.pop_last();
            }
        }
    }

    pub(super) fn count(&self) -> u64 {
        let kept = self.0.len() as u64;
        match self.0.last() {
            Some(largest) if self.0.len() >= KEPT && *largest > 0 => {
                let estimate = u128::from(kept - 1) * u128::from(u64::MAX) / u128::from(*largest);
                u64::try_from(estimate).unwrap_or(u64::MAX).max(kept)
            }
            _ => kept,
        }
    }
}

/// FNV-1a with a final mix: the same on every machine and in every version, unlike the standard library's hashers.
fn hash(text: &str) -> u64 {
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
        for i in 0..300_000 {
            distinct.add(&format!("person {i}"));
        }
        assert!(distinct.count().abs_diff(300_000) < 6_000, "{}", distinct.count());
    }
}
