//! When a company is to be refreshed next.

use crate::churn::Colour;
use serde::{Deserialize, Serialize};

const HOUR: i64 = 60 * 60 * 1_000;
const DAY: i64 = 24 * HOUR;

/// Milliseconds from a scheduled refresh that did not refresh the company until it is tried again: an hour after the first try, twice as long after each further one, at most a day. `tries` counts those before.
#[must_use]
pub const fn pause_after(tries: u32) -> i64 {
    // Two to the fifth is more than a day has hours.
    let doubled = if tries < 5 { HOUR << tries } else { DAY };
    if doubled < DAY { doubled } else { DAY }
}

impl Colour {
    /// Milliseconds between two refreshes: a day, seven days, thirty days (domain rule §10: daily, weekly, monthly).
    #[must_use]
    pub const fn interval(self) -> i64 {
        match self {
            Colour::Red => DAY,
            Colour::Orange => 7 * DAY,
            Colour::Green => 30 * DAY,
        }
    }
}

/// A refresh that really read the company's people. Only such a one moves a due date: a fetch that failed has verified
/// nothing, and working out the risk anew has not looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RealRefresh {
    at: i64,
}

impl RealRefresh {
    /// From the outcome of a fetch: when it answered, in Unix milliseconds, or why it did not.
    ///
    /// # Errors
    /// The fetch's own.
    pub fn of<E>(fetched_at: Result<i64, E>) -> Result<Self, E> {
        fetched_at.map(|at| Self { at })
    }
}

/// When a company is due, and the colour it has. The due date has no setter: [`refreshed`](Self::refreshed) alone moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    due: i64,
    colour: Colour,
}

impl Schedule {
    /// The schedule of a company refreshed for the first time.
    #[must_use]
    pub fn first(refresh: RealRefresh, colour: Colour) -> Self {
        Self { due: refresh.at.saturating_add(colour.interval()), colour }
    }

    /// A schedule as stored: due at these Unix milliseconds.
    #[must_use]
    pub const fn stored(due: i64, colour: Colour) -> Self {
        Self { due, colour }
    }

    /// After a real refresh: due one interval of the colour later.
    #[must_use]
    pub fn refreshed(self, refresh: RealRefresh, colour: Colour) -> Self {
        Self::first(refresh, colour)
    }

    /// After the risk was worked out anew: another colour, the same due date. The colour counts from the next refresh.
    #[must_use]
    pub const fn recalculated(self, colour: Colour) -> Self {
        Self { due: self.due, colour }
    }

    /// When it is due, Unix milliseconds.
    #[must_use]
    pub const fn due(self) -> i64 {
        self.due
    }

    /// The colour.
    #[must_use]
    pub const fn colour(self) -> Colour {
        self.colour
    }

    /// Whether it is due at this time, Unix milliseconds.
    #[must_use]
    pub const fn is_due(self, now: i64) -> bool {
        self.due <= now
    }
}
