//! How long a company that keeps failing is left alone.

use contracts::UnixMillis;

/// Failures in a row after which a company is tried once in [`LONGEST`], and nobody's event is carried on any more.
pub(super) const BUDGET: i64 = 5;

/// The longest pause: a day, in milliseconds.
const LONGEST: i64 = 24 * 60 * 60 * 1000;

/// The pause after this many failures in a row: the window, doubled with every failure; a day when the budget is used up.
/// Without a window there is no limit, and so no pause.
pub(super) fn after(window_ms: i64, failures: i64) -> UnixMillis {
    if window_ms == 0 || failures <= 0 {
        return 0;
    }
    if failures >= BUDGET {
        return LONGEST;
    }
    // At most 2^4: the budget is 5.
    window_ms.saturating_mul(1 << failures).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::{BUDGET, LONGEST, after};

    #[test]
    fn w5_every_failure_doubles_the_pause_until_it_is_a_day() {
        let hour = LONGEST / 24;
        let pauses: Vec<i64> = (0..=6).map(|failures| after(hour, failures) / hour).collect();
        assert_eq!(pauses, [0, 2, 4, 8, 16, 24, 24]);
        assert_eq!((after(1, BUDGET - 1), after(1, BUDGET)), (16, LONGEST));
    }

    #[test]
    fn a_long_window_never_makes_a_pause_longer_than_a_day_and_none_makes_none() {
        assert_eq!((after(i64::MAX, 1), after(i64::MAX, 99)), (LONGEST, LONGEST));
        assert_eq!((after(0, 1), after(0, 99)), (0, 0));
    }
}
