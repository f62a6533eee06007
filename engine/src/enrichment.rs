//! What an upgrade of a group has still to pay for.

/// The levels to pay for, lowest first, to come from the level a group has to the level that is wanted: those above
/// `have` and up to `want` (domain rule §9: each level includes the one before, an upgrade pays only the difference).
/// Nothing when the group has the wanted level or more.
///
/// `levels` are the levels there are, in any order; a wanted level beyond them all means all of them.
///
/// ```
/// use engine::enrichment::levels_to_pay;
/// let levels = ["1 identify", "2 enrich", "3 deep research"];
/// assert_eq!(levels_to_pay(&levels, Some("1 identify"), "3 deep research"), ["2 enrich", "3 deep research"]);
/// ```
#[must_use]
pub fn levels_to_pay<L: Copy + Ord>(levels: &[L], have: Option<L>, want: L) -> Vec<L> {
    let mut unpaid: Vec<L> =
        levels.iter().copied().filter(|level| *level <= want && have.is_none_or(|have| *level > have)).collect();
    unpaid.sort_unstable();
    unpaid.dedup();
    unpaid
}
