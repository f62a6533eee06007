//! How urgent a company is, by how long its people have been where they are.

use crate::career::{Career, CareerDate, Position, PositionEnd, analyse};
use crate::churn::{ASSUMED_ROLE_MONTHS, Churn, Colour, churn};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How often a company is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Urgency {
    /// That of its most urgent person.
    pub colour: Colour,
    /// How sure this is, 0–100: as sure as it is of the surest among those who have this colour.
    pub confidence: u8,
}

/// Judges a company by the day on which each of its people began the present position, as the source wrote it, at a moment
/// in Unix milliseconds. Somebody of whom no readable day is known is somebody without a history, and so is nobody at all:
/// orange, with low confidence.
///
/// ```
/// use engine::{Colour, urgency};
/// let at = 1_760_000_000_000; // October 2025
/// assert_eq!(urgency([Some("2025-09")], at).colour, Colour::Green);
/// assert_eq!(urgency([Some("2025-09"), Some("2022-01-15")], at).colour, Colour::Red);
/// ```
#[must_use]
pub fn urgency<'a>(starts: impl IntoIterator<Item = Option<&'a str>>, at: i64) -> Urgency {
    let judge = |start: Option<&str>| churn(&career(start, at), ASSUMED_ROLE_MONTHS);
    let people: Vec<Churn> = starts.into_iter().map(judge).collect();
    let Some(colour) = Colour::most_urgent(people.iter().map(|person| person.colour)) else {
        let Churn { colour, confidence, .. } = judge(None);
        return Urgency { colour, confidence };
    };
    let sure = people.iter().filter(|person| person.colour == colour).map(|person| person.confidence).max();
    Urgency { colour, confidence: sure.unwrap_or(0) }
}

/// A career of which nothing but the start of the present position is known.
fn career(start: Option<&str>, at: i64) -> Career {
    let Some(start) = start.and_then(CareerDate::parse) else { return Career::default() };
    let Ok(moment) = Timestamp::from_millisecond(at) else { return Career::default() };
    let present = Position { title: None, employer: None, start: Some(start), end: PositionEnd::Ongoing };
    analyse(&[present], TimeZone::UTC.to_datetime(moment).date())
}
