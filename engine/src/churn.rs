//! How likely somebody is to leave the present role soon.

use crate::Career;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// How urgent a refresh is: the colour says how often. Most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// Daily: risk of 60 or more, or three months left or fewer.
    Red,
    /// Weekly: risk of 40 or more, or six months left or fewer; also where nothing is known.
    Orange,
    /// Monthly: everything else.
    Green,
}

impl Colour {
    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Colour::Red => "red",
            Colour::Orange => "orange",
            Colour::Green => "green",
        }
    }

    /// The most urgent of several, as for a company and its people; `None` of none.
    #[must_use]
    pub fn most_urgent(colours: impl IntoIterator<Item = Colour>) -> Option<Colour> {
        colours.into_iter().min()
    }
}

/// How likely somebody is to leave the present role soon (domain rule §10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Churn {
    /// Risk, 0–100; `None` when the start of the present role is not known.
    pub risk: Option<u8>,
    /// Months until the present role is as old as the person's roles become, rounded up; 0 when it is older.
    pub expected_months_left: Option<u32>,
    /// How often to look.
    pub colour: Colour,
    /// How sure this is, 0–100.
    pub confidence: u8,
}

/// Months a role is taken to last where the person has not completed one (starting value of domain rule §10).
pub const ASSUMED_ROLE_MONTHS: NonZeroU32 = NonZeroU32::MIN.saturating_add(23);

/// Confidence without a history, with an assumed length, with one or two known lengths, with three or more.
const CONFIDENCE: [u8; 4] = [20, 40, 60, 80];
/// What dates without months take off the confidence.
const INEXACT: u8 = 20;

/// Judges a career. `assumed` is the length of a role, in months, where no completed one is known; by default
/// [`ASSUMED_ROLE_MONTHS`].
///
/// With r = months in the present role ÷ mean months of the completed ones, the risk is 30 + 40·r up to r = 1 (so 30 at
/// 0, 50 at ½, 70 at 1) and 90 − 20 ÷ (2·r − 1) from there: it goes on from 70 with the same slope and nears 90 without
/// reaching it. Five completed roles add 10, three add 5. Computed in whole numbers and rounded down, so that a colour's
/// threshold is reached exactly when the figure shown says so.
///
/// Nobody's history is nothing: without a known present role the colour is orange, the confidence low, the risk unknown.
#[must_use]
pub fn churn(career: &Career, assumed: NonZeroU32) -> Churn {
    let Some(current) = career.months_in_role else {
        return Churn { risk: None, expected_months_left: None, colour: Colour::Orange, confidence: CONFIDENCE[0] };
    };
    // The mean is total ÷ count, kept apart so that nothing is rounded on the way.
    let known = NonZeroU32::new(career.completed_measured).filter(|_| career.completed_months > 0);
    let (total, count) = known.map_or((assumed.get(), 1), |count| (career.completed_months, count.get()));
    let (total, spent) = (u64::from(total), u64::from(current) * u64::from(count));
    let bonus = match career.completed {
        5.. => 10,
        3..=4 => 5,
        _ => 0,
    };
    let risk = u8::try_from((risk_of(spent, total) + bonus).min(100)).unwrap_or(100);
    let left = total.saturating_sub(spent).div_ceil(u64::from(count));
    let left = u32::try_from(left).unwrap_or(u32::MAX);
    let colour = if risk >= 60 || left <= 3 {
        Colour::Red
    } else if risk >= 40 || left <= 6 {
        Colour::Orange
    } else {
        Colour::Green
    };
    let sure = match (known, career.completed_measured) {
        (None, _) => CONFIDENCE[1],
        (Some(_), 1..=2) => CONFIDENCE[2],
        (Some(_), _) => CONFIDENCE[3],
    };
    let confidence = if career.exact { sure } else { sure - INEXACT };
    Churn { risk: Some(risk), expected_months_left: Some(left), colour, confidence }
}

/// The curve over r = spent ÷ total, rounded down. `total` is above 0.
fn risk_of(spent: u64, total: u64) -> u64 {
    if spent <= total { 30 + 40 * spent / total } else { 90 - (20 * total).div_ceil(2 * spent - total) }
}

#[cfg(test)]
mod tests {
    use super::risk_of;
    use proptest::prelude::*;

    #[test]
    fn the_curve_goes_through_the_points_of_the_rule() {
        assert_eq!([0, 500, 1_000].map(|spent| risk_of(spent, 1_000)), [30, 50, 70]);
        assert_eq!([1_500, 2_000, 10_000].map(|spent| risk_of(spent, 1_000)), [80, 83, 88]);
        assert_eq!(risk_of(u64::from(u32::MAX), 1), 89, "near 90, never there");
    }

    proptest! {
        #[test]
        fn the_curve_never_falls_and_never_jumps(spent in 0..50_000_u64, total in 1_000..10_000_u64) {
            let (here, next) = (risk_of(spent, total), risk_of(spent + 1, total));
            prop_assert!(here <= next && next - here <= 1 && (30..90).contains(&here));
        }
    }
}
