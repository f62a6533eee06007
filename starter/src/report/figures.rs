//! The figures that judge the group as a whole.

use super::words::{band, cost};
use super::{Report, changes, meter, seats};
use maud::{Markup, html};

pub(super) fn figures(report: &Report) -> Markup {
    let group = &report.group;
    let (taken, wanted) = (group.members.len(), group.targets.map(|targets| targets.total()));
    html! {
        section.figures aria-label="At a glance" {
            dl {
                (figure("Cohesion", group.cohesion, match group.cohesion {
                    Some(_) => "how closely they work together",
                    None => "too little is known of how they work together",
                }))
                (figure("Confidence", Some(group.confidence), "how sure the group is"))
                div {
                    dt { "Seats" }
                    dd {
                        span.number { (taken) }
                        @if let Some(wanted) = wanted { span.of { " of " (wanted) } }
                        span.note {
                            @match (wanted, seats::open(report)) {
                                (None, _) => { "how many were wanted is not known" }
                                (_, 0) => { "none is open" }
                                (_, 1) => { "one is open" }
                                (_, open) => { (open) " are open" }
                            }
                        }
                    }
                }
                div {
                    dt { "Since last time" }
                    dd { (changes::in_short(report)) }
                }
                @if let Some(refresh) = report.refresh() {
                    div {
                        dt { "Cost" }
                        dd {
                            span.number { (cost(refresh.cost_micros)) }
                            span.note { "of this refresh, as measured" }
                        }
                    }
                }
            }
        }
    }
}

fn figure(name: &str, score: Option<u8>, note: &str) -> Markup {
    html! {
        div {
            dt { (name) }
            dd {
                @if let Some(score) = score {
                    span.number { (score) }
                    span.of { " of 100, " (band(score)) }
                } @else {
                    span.number.unknown { "unknown" }
                }
                (meter::bar(score))
                span.note { (note) }
            }
        }
    }
}
