//! Seats by role: taken, open, and why they are open.

use super::words::{roles, sentence};
use super::{Report, meter};
use engine::{Gap, Role};
use maud::{Markup, html};

pub(super) fn section(report: &Report) -> Markup {
    html! {
        section.seats aria-labelledby="seats" {
            h2 id="seats" { "Seats" }
            table {
                thead.hidden { tr { th scope="col" { "Role" } th scope="col" { "Seats" } th scope="col" { "What is missing" } } }
                tbody { @for role in Role::ALL { (row(report, role)) } }
            }
        }
    }
}

fn row(report: &Report, role: Role) -> Markup {
    let (taken, wanted) = (taken(report, role), wanted(report, role));
    let gaps: Vec<&Gap> = report.group.gaps.iter().filter(|gap| gap.role == role).collect();
    html! {
        tr {
            th scope="row" {
                @if taken > 0 { a href={ "#" (role.as_str()) } { (sentence(roles(role))) } }
                @else { (sentence(roles(role))) }
            }
            td.count { (meter::seats(taken, wanted.unwrap_or_default())) span { (count(taken, wanted)) } }
            td.gap { @for gap in gaps { p { (why(gap, taken, wanted)) } } }
        }
    }
}

/// Seats of this role that are taken, and how many are wanted, in words.
pub(super) fn count(taken: usize, wanted: Option<usize>) -> String {
    match (taken, wanted) {
        (0, Some(0)) => "none wanted".to_owned(),
        (0, None) => "nobody".to_owned(),
        (taken, Some(wanted)) if taken <= wanted => format!("{taken} of {wanted}"),
        (taken, Some(0)) => format!("{taken}, none wanted"),
        (taken, Some(wanted)) => format!("{taken}, {wanted} wanted"),
        (taken, None) => taken.to_string(),
    }
}

/// Members with this role.
pub(super) fn taken(report: &Report, role: Role) -> usize {
    report.group.members.iter().filter(|saved| saved.member.role == role).count()
}

/// Seats that are wanted for this role, when that was kept.
pub(super) fn wanted(report: &Report, role: Role) -> Option<usize> {
    report.group.targets.map(|targets| usize::from(targets.of(role)))
}

/// Seats that are open, over all roles.
pub(super) fn open(report: &Report) -> usize {
    let open = |role| wanted(report, role).unwrap_or_default().saturating_sub(taken(report, role));
    Role::ALL.into_iter().map(open).sum()
}

/// Why, without the figures that stand beside it already.
fn why(gap: &Gap, taken: usize, wanted: Option<usize>) -> String {
    let figures = format!("{taken} of {}: ", wanted.unwrap_or_default());
    sentence(gap.reason.strip_prefix(&figures).unwrap_or(&gap.reason))
}
