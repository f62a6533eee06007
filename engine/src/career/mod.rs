//! What somebody's positions, one after another, say of the person.

mod date;
mod spell;

pub use date::{CareerDate, PositionEnd};

use crate::company::name_key;
use crate::title::fold;
use crate::{Level, Modifier, Title};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use spell::{gaps, merged};
use std::cmp::Ordering;

/// A position as a source lists it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Job title.
    pub title: Option<String>,
    /// Name of the employer.
    pub employer: Option<String>,
    /// First month.
    pub start: Option<CareerDate>,
    /// Last month.
    pub end: PositionEnd,
}

/// Which way a career goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trajectory {
    /// More steps up than down.
    Rising,
    /// As many up as down.
    Steady,
    /// More steps down than up.
    Falling,
}

/// What somebody's positions say (domain rule §10). Months are whole months; unknown is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Career {
    /// Which way it goes; `None` when no two neighbouring positions have a known rank.
    pub trajectory: Option<Trajectory>,
    /// Months in the present role: of several, the one begun last.
    pub months_in_role: Option<u32>,
    /// Completed roles.
    pub completed: u32,
    /// Completed roles whose length is known.
    pub completed_measured: u32,
    /// Months of those together.
    pub completed_months: u32,
    /// Steps to a higher rank within one employer.
    pub promotions: u32,
    /// Steps to a higher rank with a new employer.
    pub rises_by_move: u32,
    /// Steps to a lower rank, with or without a new employer.
    pub falls: u32,
    /// Months at the present employer without a break, all roles together.
    pub tenure_months: Option<u32>,
    /// Months in any position; those in several at once count once.
    pub experience_months: Option<u32>,
    /// Breaks between positions, in months, earliest first. Time since the last position is none: the source may be old.
    pub gaps: Vec<u32>,
    /// Every length is counted from months; otherwise some from years.
    pub exact: bool,
}

impl Career {
    /// Mean length of the completed roles in months, rounded; `None` when no length is known.
    #[must_use]
    pub fn mean_role_months(&self) -> Option<u32> {
        (self.completed_months + self.completed_measured / 2).checked_div(self.completed_measured)
    }
}

/// A position whose start is known and past, and that is held today or has a known end.
struct Role {
    start: CareerDate,
    /// Months since the year 0; of an ongoing role today.
    from: i32,
    until: i32,
    ongoing: bool,
    /// The length in months, where the dates give one.
    months: Option<u32>,
    exact: bool,
    employer: Option<String>,
    level: Option<Level>,
}

/// Reads a career as it stands on a day.
///
/// The order of the positions does not matter, and one listed twice counts once. Left out are positions that have not
/// begun, end before they begin, or of which neither end nor presence is known. Board seats count only where there is
/// nothing else. A role begun and ended in one year, months unknown, has no known length.
#[must_use]
pub fn analyse(positions: &[Position], today: Date) -> Career {
    let Some(today) = CareerDate::of(today) else { return Career::default() };
    let positions = jobs(positions);
    let mut roles: Vec<Role> = positions.iter().filter_map(|position| Role::new(position, today)).collect();
    roles.sort_by(|a, b| (a.from, a.until, a.level, &a.employer).cmp(&(b.from, b.until, b.level, &b.employer)));
    // Ended, but nobody knows when it began.
    let unmeasured = positions
        .iter()
        .filter(|position| {
            position.start.is_none() && matches!(position.end, PositionEnd::On(end) if !end.is_after(today))
        })
        .count();

    let current = roles.iter().rev().find(|role| role.ongoing);
    let lengths: Vec<u32> = roles.iter().filter(|role| !role.ongoing).filter_map(|role| role.months).collect();
    let completed = roles.iter().filter(|role| !role.ongoing).count() + unmeasured;
    let tolerance = |roles: &[&Role]| if roles.iter().all(|role| role.exact) { 1 } else { 12 };
    let all: Vec<&Role> = roles.iter().collect();
    let spells = merged(all.iter().map(|role| (role.from, role.until)), tolerance(&all));
    let tenure_months = current.and_then(|current| {
        current.employer.as_ref()?;
        let there: Vec<&Role> = roles.iter().filter(|role| role.employer == current.employer).collect();
        let spells = merged(there.iter().map(|role| (role.from, role.until)), tolerance(&there));
        spells.last().map(|(from, until)| from.abs_diff(*until))
    });
    let steps = steps(&roles);
    let count =
        |wanted: &[Step]| u32::try_from(steps.iter().filter(|step| wanted.contains(step)).count()).unwrap_or(u32::MAX);
    let (promotions, rises_by_move, falls) = (count(&[Step::Promotion]), count(&[Step::Rise]), count(&[Step::Fall]));
    Career {
        trajectory: (!steps.is_empty()).then(|| match (promotions + rises_by_move).cmp(&falls) {
            Ordering::Greater => Trajectory::Rising,
            Ordering::Equal => Trajectory::Steady,
            Ordering::Less => Trajectory::Falling,
        }),
        months_in_role: current.map(|role| role.from.abs_diff(role.until)),
        completed: u32::try_from(completed).unwrap_or(u32::MAX),
        completed_measured: u32::try_from(lengths.len()).unwrap_or(u32::MAX),
        completed_months: lengths.iter().sum(),
        promotions,
        rises_by_move,
        falls,
        tenure_months,
        experience_months: (!spells.is_empty()).then(|| spells.iter().map(|(from, until)| from.abs_diff(*until)).sum()),
        gaps: gaps(&spells),
        exact: unmeasured == 0 && roles.iter().all(|role| role.exact),
    }
}

/// The positions that are jobs, each once.
fn jobs(positions: &[Position]) -> Vec<&Position> {
    let board =
        |position: &&Position| position.title.as_deref().is_some_and(|title| Title::parse(title).is(Modifier::Board));
    let mut jobs: Vec<&Position> = positions.iter().filter(|position| !board(position)).collect();
    if jobs.is_empty() {
        jobs = positions.iter().collect();
    }
    let key = |position: &Position| {
        let title = position.title.as_deref().map(fold);
        (title, position.employer.as_deref().map(name_key), position.start, position.end)
    };
    jobs.sort_by_cached_key(|position| key(position));
    jobs.dedup_by_key(|position| key(position));
    jobs
}

impl Role {
    fn new(position: &Position, today: CareerDate) -> Option<Self> {
        let start = position.start.filter(|start| !start.is_after(today))?;
        // An end to come is still a present position.
        let end = match position.end {
            PositionEnd::Ongoing => None,
            PositionEnd::On(end) if start.is_after(end) => return None,
            PositionEnd::On(end) => Some(end).filter(|end| !end.is_after(today)),
            PositionEnd::Unknown => return None,
        };
        let until = end.unwrap_or(today).index();
        let from = start.index().min(until);
        let exact = start.is_exact() && end.is_none_or(CareerDate::is_exact);
        let measured = exact || end.is_none_or(|end| !start.same_year(end));
        Some(Self {
            start,
            from,
            until,
            ongoing: end.is_none(),
            // Begun and ended in one month is a month.
            months: measured.then(|| from.abs_diff(until).max(1)),
            exact,
            employer: position.employer.as_deref().map(name_key).filter(|key| !key.is_empty()),
            level: position.title.as_deref().and_then(|title| Title::parse(title).level),
        })
    }
}

/// A step from one position to the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Promotion,
    Rise,
    Level,
    Fall,
}

/// Months that an old position may go on beside the new one.
const HANDOVER: i32 = 3;

/// Compares each role with the one before it at the same employer; where there is none, with the last one that ended
/// elsewhere.
fn steps(roles: &[Role]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, role) in roles.iter().enumerate() {
        let earlier = || roles[..at].iter().rev().filter(|other| other.start < role.start && other.level.is_some());
        let inside = earlier().find(|other| role.employer.is_some() && other.employer == role.employer);
        let elsewhere = || {
            earlier()
                .find(|other| other.employer != role.employer && !other.ongoing && other.until <= role.from + HANDOVER)
        };
        let Some(before) = inside.or_else(elsewhere) else { continue };
        let Some(order) = role.level.map(|level| Some(level).cmp(&before.level)) else { continue };
        steps.push(match order {
            Ordering::Greater if inside.is_some() => Step::Promotion,
            Ordering::Greater => Step::Rise,
            Ordering::Equal => Step::Level,
            Ordering::Less => Step::Fall,
        });
    }
    steps
}
