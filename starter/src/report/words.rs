//! Figures, moments and names of values, as people write them.

use contracts::{EnrichmentLevel, MicroDollars, RefreshReason, UnixMillis};
use engine::Role;
use jiff::Timestamp;

/// A day: "3 March 2026".
pub(super) fn day(at: UnixMillis) -> String {
    shown(at, "%-d %B %Y")
}

/// A day with the time: "3 March 2026, 14:05 UTC".
pub(super) fn moment(at: UnixMillis) -> String {
    shown(at, "%-d %B %Y, %H:%M UTC")
}

/// A moment for machines.
pub(super) fn timestamp(at: UnixMillis) -> Option<String> {
    Timestamp::from_millisecond(at).ok().map(|at| at.to_string())
}

fn shown(at: UnixMillis, format: &str) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| "an unknown day".to_owned(), |at| at.strftime(format).to_string())
}

/// A time that something took.
pub(super) fn span(millis: u64) -> String {
    match millis {
        0..1_000 => "less than a second".to_owned(),
        1_000..60_000 => format!("{} s", millis / 1_000),
        60_000..3_600_000 => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
        _ => format!("{} h {} min", millis / 3_600_000, millis % 3_600_000 / 60_000),
    }
}

/// What something cost: "$1.87".
pub(super) fn cost(micros: MicroDollars) -> String {
    match micros {
        0 => "nothing".to_owned(),
        1..10_000 => "less than $0.01".to_owned(),
        _ => {
            let cents = micros.saturating_add(5_000) / 10_000;
            format!("${}.{:02}", grouped(cents / 100), cents % 100)
        }
    }
}

/// An amount of money without cents: "$48M", "$1.2B".
pub(super) fn dollars(amount: u64) -> String {
    let (unit, name) = match amount {
        0..1_000_000 => return format!("${}", grouped(amount)),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, "B"),
    };
    match amount % unit / (unit / 10) {
        0 => format!("${}{name}", grouped(amount / unit)),
        tenth => format!("${}.{tenth}{name}", grouped(amount / unit)),
    }
}

/// A whole number with its thousands apart: "12,480".
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many of something: "1 seat", "3 seats".
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count as u64), if count == 1 { one } else { many })
}

/// Several things in a sentence: "a, b and c".
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// With a capital at its beginning.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A wire name as people write it: "human resources", "IT".
pub(super) fn words(name: &str) -> String {
    match name {
        "it" => "IT".to_owned(),
        "c_level" => "C-level".to_owned(),
        _ => name.replace(['_', '.'], " "),
    }
}

/// One person with this role.
pub(super) const fn role(role: Role) -> &'static str {
    match role {
        Role::DecisionMaker => "decision maker",
        Role::Champion => "champion",
        Role::Stakeholder => "stakeholder",
        Role::Blocker => "blocker",
        Role::Introducer => "introducer",
    }
}

/// Several.
pub(super) const fn roles(role: Role) -> &'static str {
    match role {
        Role::DecisionMaker => "decision makers",
        Role::Champion => "champions",
        Role::Stakeholder => "stakeholders",
        Role::Blocker => "blockers",
        Role::Introducer => "introducers",
    }
}

/// What the role is to a purchase.
pub(super) const fn meaning(role: Role) -> &'static str {
    match role {
        Role::DecisionMaker => "Can approve this purchase.",
        Role::Champion => "Feels the need daily and will argue for it inside.",
        Role::Stakeholder => "Uses it, is affected by it, is asked.",
        Role::Blocker => "Can stop or slow it.",
        Role::Introducer => "Opens doors.",
    }
}

/// What was found out at this level.
pub(super) const fn depth(level: EnrichmentLevel) -> &'static str {
    match level {
        EnrichmentLevel::Identify => "who they are",
        EnrichmentLevel::Enrich => "who they are and how to reach them",
        EnrichmentLevel::DeepResearch => "who they are, how to reach them, and their careers",
        EnrichmentLevel::Other => "more than this version can name",
    }
}

/// Why a refresh ran.
pub(super) fn reason(reason: &RefreshReason) -> String {
    match reason {
        RefreshReason::RoleChange => "somebody's role changed".to_owned(),
        RefreshReason::CompanyChange => "somebody changed company".to_owned(),
        RefreshReason::Promotion => "somebody was promoted".to_owned(),
        RefreshReason::DepartmentChange => "somebody changed department".to_owned(),
        RefreshReason::Joined => "somebody joined the company".to_owned(),
        RefreshReason::Left => "somebody left the company".to_owned(),
        RefreshReason::Manual => "somebody asked for it".to_owned(),
        RefreshReason::Scheduled => "it was due".to_owned(),
        RefreshReason::Bulk => "it was asked for with many others".to_owned(),
        RefreshReason::Other(name) => words(name),
    }
}

/// A score of 0–100 in a word.
pub(super) const fn band(score: u8) -> &'static str {
    match score {
        0..40 => "low",
        40..60 => "fair",
        60..80 => "good",
        _ => "high",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        let costs = [0, 1, 9_999, 10_000, 170_000, 1_004_999, 1_005_000, 1_234_567_890_000].map(cost);
        let written =
            ["nothing", "less than $0.01", "less than $0.01", "$0.01", "$0.17", "$1.00", "$1.01", "$1,234,567.89"];
        assert_eq!(costs, written);
        let amounts = [950_000, 1_000_000, 48_250_000, 999_999_999, 2_500_000_000, 1_000_000_000_000].map(dollars);
        assert_eq!(amounts, ["$950,000", "$1M", "$48.2M", "$999.9M", "$2.5B", "$1,000B"]);
        assert_eq!(cost(MicroDollars::MAX), "$18,446,744,073,709.55");
    }

    #[test]
    fn times_read_as_people_write_them() {
        assert_eq!(
            [0, 999, 1_000, 59_999, 61_000, 3_660_000].map(span),
            ["less than a second", "less than a second", "1 s", "59 s", "1 min 1 s", "1 h 1 min"]
        );
        assert_eq!(moment(1_772_546_700_000), "3 March 2026, 14:05 UTC");
        assert_eq!(day(UnixMillis::MAX), "an unknown day");
    }

    #[test]
    fn several_things_make_a_sentence() {
        let all = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([0, 1, 2, 3].map(|count| listed(&all[..count])), ["", "a", "a and b", "a, b and c"]);
        assert_eq!([0, 1, 1_200].map(|count| counted(count, "seat", "seats")), ["0 seats", "1 seat", "1,200 seats"]);
        assert_eq!(sentence("éclair"), "Éclair");
    }
}
