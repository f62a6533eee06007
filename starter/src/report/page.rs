//! The page as a whole: head, beginning, sections, end.

use super::policy::{STYLE, in_the_page};
use super::words::{counted, grouped, listed, moment, roles, timestamp};
use super::{Report, changes, facts, figures, people, seats, words};
use engine::Role;
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub(super) fn page(report: &Report) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(in_the_page());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (report.group.company.name) " – buyer group" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#people" { "To the people" }
                (beginning(report))
                main {
                    (figures::figures(report))
                    (seats::section(report))
                    (changes::section(report))
                    (people::sections(report))
                    (facts::section(report))
                }
                (end(report))
            }
        }
    }
}

fn beginning(report: &Report) -> Markup {
    let group = &report.group;
    html! {
        header {
            p.kind { "Buyer group" }
            h1 dir="auto" { (group.company.name) }
            p.about {
                @if let Some(domain) = &group.company.domain { bdi { (domain) } " · " }
                (size(report)) " · as of "
                time datetime=[timestamp(group.refreshed_at)] { (moment(group.refreshed_at)) }
            }
            p.gist { (gist(report)) }
        }
    }
}

/// How large the company is, as far as that is known.
fn size(report: &Report) -> String {
    let (group, company) = (&report.group, &report.group.company);
    let class = group.tier.as_str().to_uppercase();
    let mut known = Vec::new();
    known.extend(company.staff.map(|staff| counted(staff as usize, "person", "people")));
    known.extend(company.revenue.map(|revenue| format!("{} a year", words::dollars(revenue))));
    if group.tier_known {
        known.push(format!("size class {class}"));
    } else {
        known.push(format!("size not known for certain, treated as class {class}"));
    }
    known.join(" · ")
}

/// The group in a sentence or two.
fn gist(report: &Report) -> String {
    let group = &report.group;
    let counts: Vec<String> = Role::ALL
        .into_iter()
        .map(|role| (role, seats::taken(report, role)))
        .filter(|(_, taken)| *taken > 0)
        .map(|(role, taken)| counted(taken, words::role(role), roles(role)))
        .collect();
    if counts.is_empty() {
        return "Nobody is in this group.".to_owned();
    }
    let people = counted(group.members.len(), "person", "people");
    let mut text = format!("{people}: {}.", listed(&counts));
    let open = seats::open(report);
    if open > 0 {
        text += &format!(" {} open.", if open == 1 { "1 seat is".to_owned() } else { format!("{open} seats are") });
    } else if group.targets.is_some() && group.gaps.is_empty() {
        text += " Every seat is taken.";
    }
    if seats::taken(report, Role::DecisionMaker) == 0 {
        text += " There is no decision maker.";
    }
    text
}

fn end(report: &Report) -> Markup {
    let group = &report.group;
    html! {
        footer {
            p {
                "Version " (grouped(group.version)) " of the group of " bdi { (group.company_id) }
                ", found out at the level “" (words::words(group.level.as_str())) "”."
            }
            p { "This page holds data about people. Keep it, pass it on and delete it accordingly." }
        }
    }
}
