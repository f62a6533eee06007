//! Stretches of time, in months since the year 0.

/// Joins stretches that overlap or lie at most `tolerance` months apart; sorted by their start.
pub(super) fn merged(spells: impl Iterator<Item = (i32, i32)>, tolerance: i32) -> Vec<(i32, i32)> {
    let mut spells: Vec<(i32, i32)> = spells.collect();
    spells.sort_unstable();
    let mut merged: Vec<(i32, i32)> = Vec::new();
    for (from, until) in spells {
        match merged.last_mut() {
            Some(last) if from <= last.1 + tolerance => last.1 = last.1.max(until),
            _ => merged.push((from, until)),
        }
    }
    merged
}

/// Whole months between neighbouring stretches: from an end in March to a start in June lie two, April and May.
pub(super) fn gaps(merged: &[(i32, i32)]) -> Vec<u32> {
    let pairs = merged.iter().zip(merged.iter().skip(1));
    pairs.map(|(before, after)| before.1.abs_diff(after.0) - 1).collect()
}
