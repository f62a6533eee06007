//! Spearman's rank correlation.

/// Spearman's ρ of paired values, −1 to 1, in thousandths: Pearson's correlation of the ranks, ties sharing their mean
/// rank (C. Spearman, 1904). `None` for fewer than two pairs, or when one side does not vary.
///
/// Sums are whole numbers, so that only the last division and root are rounded.
pub(super) fn spearman(pairs: &[(i64, i64)]) -> Option<i32> {
    let left = double_ranks(pairs.iter().map(|pair| pair.0));
    let right = double_ranks(pairs.iter().map(|pair| pair.1));
    let count = pairs.len() as i128;
    let sum = |ranks: &[i128]| ranks.iter().sum::<i128>();
    let products = |one: &[i128], other: &[i128]| one.iter().zip(other).map(|(a, b)| a * b).sum::<i128>();
    let covariance = |one: &[i128], other: &[i128]| count * products(one, other) - sum(one) * sum(other);
    let (variance_left, variance_right) = (covariance(&left, &left), covariance(&right, &right));
    if variance_left == 0 || variance_right == 0 {
        return None;
    }
    let spread = (variance_left as f64).sqrt() * (variance_right as f64).sqrt();
    Some((1000.0 * covariance(&left, &right) as f64 / spread).round() as i32)
}

/// Twice the mean rank of each value, from 1: whole numbers also for ties.
fn double_ranks(values: impl Iterator<Item = i64>) -> Vec<i128> {
    let values: Vec<i64> = values.collect();
    let mut sorted = values.clone();
    sorted.sort_unstable();
    let rank = |value: &i64| {
        let first = sorted.partition_point(|other| other < value);
        let last = sorted.partition_point(|other| other <= value);
        (first + 1 + last) as i128
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::{double_ranks, spearman};

    #[test]
    fn order_alone_counts() {
        assert_eq!(spearman(&[(1, 10), (2, 1000), (3, 1001)]), Some(1000));
        assert_eq!(spearman(&[(1, 3), (2, 2), (3, -50)]), Some(-1000));
    }

    #[test]
    fn one_swap_costs_what_the_textbook_says() {
        // 1 − 6·Σd² / (n(n²−1)) with Σd² = 2 and n = 4.
        assert_eq!(spearman(&[(1, 1), (2, 2), (3, 4), (4, 3)]), Some(800));
    }

    #[test]
    fn ties_share_their_mean_rank() {
        assert_eq!(double_ranks([5, 7, 7, 9].into_iter()), [2, 5, 5, 8]);
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / √(4.5 · 5).
        assert_eq!(spearman(&[(1, 1), (2, 2), (2, 3), (3, 4)]), Some(949));
    }

    #[test]
    fn nothing_to_correlate_is_no_number() {
        for pairs in [&[][..], &[(1, 2)], &[(1, 2), (1, 3)]] {
            assert_eq!(spearman(pairs), None, "{pairs:?}");
        }
    }
}
