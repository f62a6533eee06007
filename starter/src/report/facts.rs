//! How the group came to be: when, why, how deep, of how many, for how much, and what was withheld.

use super::words::{cost, depth, grouped, moment, reason, sentence, span, timestamp};
use super::{Report, withheld};
use engine::ReasonCode;
use maud::{Markup, html};

pub(super) fn section(report: &Report) -> Markup {
    let group = &report.group;
    let withheld = withheld::all(report);
    html! {
        section.facts aria-labelledby="facts" {
            h2 id="facts" { "How it was made" }
            dl {
                dt { "Saved" }
                dd {
                    time datetime=[timestamp(group.refreshed_at)] { (moment(group.refreshed_at)) }
                    ", version " (grouped(group.version))
                }
                dt { "Found out" }
                dd { (sentence(depth(group.level))) }
                dt { "Considered" }
                dd {
                    @if group.considered == 1 { "1 person" } @else { (grouped(group.considered)) " people" }
                    @if let Some(size) = size(report) { span.note { (size) } }
                }
                @if let Some(refresh) = report.refresh() {
                    dt { "Why" }
                    dd { (sentence(&reason(&refresh.reason))) }
                    dt { "Cost" }
                    dd {
                        (sentence(&cost(refresh.cost_micros)))
                        @if refresh.cost_micros > 0 { ", measured from the calls that were made" }
                    }
                    @if let Some(took) = took(refresh.started_at, refresh.completed_at) {
                        dt { "Took" }
                        dd { (sentence(&span(took))) ", waits included" }
                    }
                } @else {
                    dt { "Why, cost" }
                    dd { "No longer known" }
                }
                dt { "Withheld" }
                dd {
                    @if withheld.is_empty() { "Nothing that is known of" }
                    @else { ul { @for line in &withheld { li { (line) } } } }
                }
            }
        }
    }
}

/// What is said of the company's size once rather than of each member.
fn size(report: &Report) -> Option<&'static str> {
    let says =
        |code| report.group.members.iter().flat_map(|saved| &saved.member.reasons).any(|reason| reason.code == code);
    if says(ReasonCode::SizeAssumed) {
        Some("The size of the company is not known: as many people as the source has are taken for its staff.")
    } else if says(ReasonCode::TierUnknown) || !report.group.tier_known {
        Some("The size of the company is not known: approval limits are those of a small one.")
    } else {
        None
    }
}

fn took(began: i64, ended: Option<i64>) -> Option<u64> {
    ended.and_then(|ended| u64::try_from(ended.saturating_sub(began)).ok())
}
