//! A title read beside what else is known of the person: departments, direct reports and the manager's title.
//!
//! Evidence corrects or supports a title; it never invents one. The rules, all from the domain rule "department and
//! reporting lines, when given, correct or support the title":
//!
//! - **Departments** name the functions where the title names none, and raise confidence where they agree.
//! - **Direct reports** make whoever leads people at least a lead, and at least a manager where the title is called so
//!   ("Product Manager") or is unknown and the team large. The words did not say it, so confidence falls. Leads and above
//!   are confirmed. A manager known to have no reports is doubted; a product manager without any is confirmed as the
//!   specialist the title was read as.
//! - **The manager's title** bounds what direct reports may raise. A title that ranks above its manager's keeps its rank,
//!   for the words are plain, but is doubted.
//!
//! More direct reports never lower a level, and a former position gains none.

use super::parse::{Reading, read};
use super::{Function, Level, Modifier, Title};
use crate::Set;

/// Confidence in a rank that only direct reports show, 0–100.
const SHOWN_BY_REPORTS: u8 = 50;

/// Direct reports from which somebody with an unknown title is taken for a manager: more than a lead's team.
const LARGE_TEAM: u32 = 8;

/// What a contradiction takes from confidence.
const DOUBT: u8 = 20;

/// What is known of a person beside the title. The default knows nothing and changes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Names of the departments the person belongs to.
    pub departments: &'a [String],
    /// Title of the person's manager.
    pub manager_title: Option<&'a str>,
    /// People who report to the person directly; `Some(0)` is known to lead nobody.
    pub direct_reports: Option<u32>,
}

impl Title {
    /// Reads a title beside other evidence. With no evidence this is [`Title::parse`].
    ///
    /// ```
    /// use engine::title::{Context, Level, Title};
    /// let context = Context { direct_reports: Some(6), ..Context::default() };
    /// assert_eq!(Title::read("Engineer", &context).level, Some(Level::Lead));
    /// ```
    #[must_use]
    pub fn read(text: &str, context: &Context<'_>) -> Self {
        let Reading { mut title, managerial } = read(text);
        hear_departments(&mut title, context.departments);
        if title.is(Modifier::Former) {
            return title;
        }
        let bound = context.manager_title.and_then(|manager| Self::parse(manager).level);
        let plain = title.level;
        if let Some(reports) = context.direct_reports {
            hear_reports(&mut title, reports, managerial, bound);
        }
        if plain.zip(bound).is_some_and(|(own, manager)| own > manager) {
            title.confidence = title.confidence.saturating_sub(DOUBT);
        }
        title
    }
}

fn hear_departments(title: &mut Title, departments: &[String]) {
    let named: Set<Function> = departments.iter().flat_map(|name| Title::parse(name).functions.iter()).collect();
    if named.is_empty() {
        return;
    }
    if title.functions.is_empty() {
        title.functions = named;
        title.confidence = supported(title.confidence);
    } else if title.functions.meets(named) {
        title.confidence = supported(title.confidence);
    }
}

fn hear_reports(title: &mut Title, reports: u32, managerial: bool, bound: Option<Level>) {
    if reports == 0 {
        match title.level {
            Some(Level::Manager | Level::SeniorManager) => title.confidence = title.confidence.saturating_sub(DOUBT),
            Some(_) if managerial => title.confidence = supported(title.confidence),
            _ => {}
        }
        return;
    }
    let shown = if managerial || title.level.is_none() && reports >= LARGE_TEAM { Level::Manager } else { Level::Lead };
    // A manager whose own title reads as a specialist's bounds nothing.
    let shown = bound.filter(|bound| *bound >= Level::Lead).map_or(shown, |bound| shown.min(bound));
    match title.level {
        Some(level) if level >= Level::Lead => title.confidence = supported(title.confidence),
        Some(level) if level >= shown => {}
        _ => {
            title.level = Some(shown);
            title.confidence = title.confidence.clamp(SHOWN_BY_REPORTS / 2, SHOWN_BY_REPORTS);
        }
    }
}

/// A second source agrees: a quarter of the doubt goes.
fn supported(confidence: u8) -> u8 {
    confidence + (100 - confidence.min(100)) / 4
}
