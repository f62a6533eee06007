//! How much weight a person's word has: rank, span and network.

use crate::Level;

/// Weight of a rank, intern to owner, 0–100.
const RANK: [u8; 14] = [5, 15, 30, 40, 50, 58, 66, 74, 80, 86, 91, 96, 98, 100];

/// Shares of rank, span and network.
const SHARES: [u32; 3] = [60, 25, 15];

/// Direct reports on a logarithmic scale, 0–100: 18 for each doubling, so that 7 reports give 54 and 50 give 100.
pub(super) fn span(reports: u32) -> u8 {
    scaled(reports, 18, 16)
}

/// Connections and followers on a logarithmic scale, 0–100: 500 give 59, 33,000 and more give 100.
pub(super) fn network(size: u32) -> u8 {
    scaled(size, 100, 16 * 15)
}

fn scaled(count: u32, times: u32, by: u32) -> u8 {
    u8::try_from((log2_sixteenths(count.saturating_add(1)) * times / by).min(100)).unwrap_or(100)
}

/// Sixteenths of the binary logarithm, straight lines between powers of two: whole numbers, equal on every machine.
fn log2_sixteenths(value: u32) -> u32 {
    let whole = value.max(1).ilog2();
    let rest = u64::from(value.max(1)) - (1 << whole);
    whole * 16 + u32::try_from((rest * 16) >> whole).unwrap_or(15)
}

/// Influence, 0–100: the mean of rank, span and network weighed 60 : 25 : 15. What is unknown is left out; without a
/// rank there is no influence to speak of.
pub(super) fn influence(level: Option<Level>, span: Option<u8>, network: Option<u8>) -> Option<u8> {
    let rank = RANK[level? as usize];
    let (mut sum, mut total) = (0, 0);
    for (part, share) in [Some(rank), span, network].into_iter().zip(SHARES) {
        if let Some(part) = part {
            sum += u32::from(part) * share;
            total += share;
        }
    }
    u8::try_from((sum + total / 2) / total).ok()
}

/// Reach beyond the rank, 0–100: the better of span and network; `None` when neither is known.
pub(super) fn reach(span: Option<u8>, network: Option<u8>) -> Option<u8> {
    span.max(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn span_and_network_grow_by_the_logarithm() {
        assert_eq!([0, 1, 3, 7, 15, 31, 46, 5_000].map(span), [0, 18, 36, 54, 72, 90, 97, 100]);
        assert_eq!([0, 500, 30_000, u32::MAX].map(network), [0, 59, 98, 100]);
        assert!((0..3_000).all(|n| span(n) <= span(n + 1) && network(n) <= network(n + 1)));
    }

    #[test]
    fn what_is_unknown_is_left_out_not_replaced() {
        assert_eq!(influence(Some(Level::Director), None, None), Some(74));
        assert_eq!(influence(Some(Level::Director), Some(74), None), Some(74));
        assert!(influence(Some(Level::Director), Some(0), None) < Some(74));
        assert_eq!(influence(None, Some(100), Some(100)), None);
        assert_eq!(reach(None, None), None);
    }
}
