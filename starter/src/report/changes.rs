//! What changed since last time, and what the refreshes before changed.

use super::Report;
use super::words::{cost, counted, day, listed, reason, role, timestamp};
use contracts::DiffCounts;
use engine::{Change, Contact, Diff, MemberSnapshot};
use maud::{Markup, html};
use store::PastChange;

pub(super) fn section(report: &Report) -> Markup {
    let before: Vec<&PastChange> =
        report.changes.iter().filter(|change| change.refresh.refresh_id != report.group.refresh_id).collect();
    html! {
        section.changes aria-labelledby="changes" {
            h2 id="changes" { "What changed" }
            div {
                (since(report, before.first().copied()))
                @if !before.is_empty() {
                    h3 { "Refreshes before" }
                    ul.past { @for change in before { (past(change)) } }
                }
            }
        }
    }
}

/// The last change in a few figures.
pub(super) fn in_short(report: &Report) -> Markup {
    let Some(diff) = report.diff() else {
        return html! { span.number.unknown { "unknown" } span.note { "no longer kept" } };
    };
    if report.is_first() {
        return html! { span.number { "new" } span.note { "the first group of this company" } };
    }
    let counts = diff.summary();
    let other = counts.role_changed + counts.title_changed + counts.contact_changed + counts.score_moved;
    html! {
        span.number { "+" (counts.joined) " −" (counts.left) }
        span.note {
            @if diff.is_empty() { "nothing changed" }
            @else { (counts.joined) " joined, " (counts.left) " left, " (counted(other, "other change", "other changes")) }
        }
    }
}

fn since(report: &Report, before: Option<&PastChange>) -> Markup {
    let Some(diff) = report.diff() else {
        return html! { p { "What the last refresh changed is no longer kept." } };
    };
    if report.is_first() {
        return html! { p { "This is the first group that was saved for this company, so everybody in it is new." } };
    }
    let last = before.and_then(|change| change.refresh.completed_at);
    html! {
        @if let Some(last) = last {
            p.since { "Since " time datetime=[timestamp(last)] { (day(last)) } ":" }
        }
        @if diff.is_empty() { p { "Nothing changed: the same people, roles, titles, contact data and scores." } }
        @else { (in_full(diff)) }
    }
}

fn in_full(diff: &Diff) -> Markup {
    let name = |title: &Option<String>| title.clone().unwrap_or_else(|| "no known title".to_owned());
    html! {
        div.kinds {
            (kind("Joined", &diff.joined, |one: &MemberSnapshot| html! {
                b dir="auto" { (one.name) } (titled(one)) span.soft { " as " (role(one.role)) }
            }))
            (kind("Left", &diff.left, |one: &MemberSnapshot| html! {
                b dir="auto" { (one.name) } (titled(one)) span.soft { " was " (role(one.role)) }
            }))
            (kind("New role", &diff.role_changed, |one| html! {
                b dir="auto" { (one.name) } ": " (role(one.old)) " → " (role(one.new))
            }))
            (kind("New title", &diff.title_changed, |one| html! {
                b dir="auto" { (one.name) } ": " bdi { (name(&one.old)) } " → " bdi { (name(&one.new)) }
            }))
            (kind("Score moved", &diff.score_moved, |one| html! {
                b dir="auto" { (one.name) } ": " (one.old) " → " (one.new)
                span.soft { " " (if one.new > one.old { "up" } else { "down" }) " " (one.old.abs_diff(one.new)) }
            }))
            (kind("New contact data", &diff.contact_changed, |one| html! {
                b dir="auto" { (one.name) } ": " (reach(one))
            }))
        }
    }
}

/// Changes of one kind, when there are any.
fn kind<T>(name: &str, changes: &[T], line: impl Fn(&T) -> Markup) -> Markup {
    html! {
        @if !changes.is_empty() {
            div {
                h3 { (name) span.of { " " (changes.len()) } }
                ul { @for change in changes { li { (line(change)) } } }
            }
        }
    }
}

fn titled(one: &MemberSnapshot) -> Markup {
    html! { @if let Some(title) = &one.title { ", " bdi { (title) } } }
}

/// Which contact data changed, and how; never the data.
fn reach(change: &Change<Contact>) -> String {
    let how = |name: &str, old: &Option<String>, new: &Option<String>| match (old, new) {
        (None, Some(_)) => Some(format!("{name} found")),
        (Some(_), None) => Some(format!("{name} gone")),
        (old, new) if old != new => Some(format!("other {name}")),
        _ => None,
    };
    let (old, new) = (&change.old, &change.new);
    let parts = [how("e-mail address", &old.email, &new.email), how("telephone number", &old.phone, &new.phone)];
    listed(&parts.into_iter().flatten().collect::<Vec<_>>())
}

fn past(change: &PastChange) -> Markup {
    let refresh = &change.refresh;
    html! {
        li {
            @if let Some(ended) = refresh.completed_at { time datetime=[timestamp(ended)] { (day(ended)) } ": " }
            (summary(refresh.diff)) "; cost " (cost(refresh.cost_micros))
            span.soft { ", because " (reason(&refresh.reason)) }
        }
    }
}

fn summary(counts: DiffCounts) -> String {
    let parts: Vec<String> = [
        (counts.joined, "joined", "joined"),
        (counts.left, "left", "left"),
        (counts.role_changed, "new role", "new roles"),
        (counts.title_changed, "new title", "new titles"),
        (counts.score_moved, "moved score", "moved scores"),
        (counts.contact_changed, "change of contact data", "changes of contact data"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| counted(count as usize, one, many))
    .collect();
    if parts.is_empty() { "nothing changed".to_owned() } else { listed(&parts) }
}
