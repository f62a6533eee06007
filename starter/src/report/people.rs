//! The people, role by role: who, how much they weigh, why, and how to reach them.

use super::withheld::{self, missing};
use super::words::{day, listed, meaning, role, roles, sentence, timestamp, words};
use super::{Contacts, Report, meter, seats};
use engine::{Function, Person, PersonId, Reason, ReasonCode, Role};
use maud::{Markup, html};
use store::SavedMember;

/// Reasons that are shown at once; the others open on request, and in print.
const SHOWN: usize = 3;

pub(super) fn sections(report: &Report) -> Markup {
    html! {
        div id="people" {
            @if report.group.members.is_empty() {
                section.role aria-labelledby="nobody" {
                    h2 id="nobody" { "People" }
                    div { p { "Nobody is in this group. The seats above say what was looked for." } }
                }
            }
            @for role in Role::ALL { (section(report, role)) }
        }
    }
}

fn section(report: &Report, role: Role) -> Markup {
    let members: Vec<&SavedMember> = report.group.members.iter().filter(|saved| saved.member.role == role).collect();
    html! {
        @if !members.is_empty() {
            section.role aria-labelledby=(role.as_str()) {
                div.rail {
                    h2 id=(role.as_str()) { (sentence(roles(role))) }
                    p { (seats::count(members.len(), seats::wanted(report, role))) ". " (meaning(role)) }
                }
                div { @for saved in members { (member(report, saved)) } }
            }
        }
    }
}

fn member(report: &Report, saved: &SavedMember) -> Markup {
    let member = &saved.member;
    let person = &member.person;
    html! {
        article.member {
            div.who {
                h3 { span.name dir="auto" { (person.name) } (news(report, &person.id)) }
                p.title dir="auto" { (person.title.as_deref().unwrap_or("Title unknown")) }
                (place(report, saved))
                (reach(report, saved))
            }
            div.why { (reasons(&member.reasons)) }
            (scores(saved))
        }
    }
}

/// What the last refresh changed about this member, in a word.
fn news(report: &Report, id: &PersonId) -> Markup {
    let Some(diff) = report.diff().filter(|_| !report.is_first()) else { return html! {} };
    let was = diff.role_changed.iter().find(|change| change.person_id == *id);
    html! {
        @if diff.joined.iter().any(|one| one.person_id == *id) { " " span.news { "new" } }
        @if let Some(was) = was { " " span.news { "was " (role(was.old)) } }
    }
}

/// Rank, functions, department, place and time, as far as they are known.
fn place(report: &Report, saved: &SavedMember) -> Markup {
    let member = &saved.member;
    let person = &member.person;
    let functions: Vec<String> = member.functions.iter().copied().map(Function::as_str).map(words).collect();
    html! {
        ul.place {
            li { (member.level.map_or_else(|| "Rank unknown".to_owned(), |level| sentence(&words(level.as_str())))) }
            @if !functions.is_empty() { li { (listed(&functions)) } }
            @if !person.departments.is_empty() {
                li { "department " bdi { (person.departments.join(" › ")) } }
            }
            @if let Some(location) = &person.location { li { bdi { (location) } } }
            @if let Some(manager) = manager(report, person) { li { "reports to " bdi { (manager) } } }
            @if let Some(since) = &person.start_date { li { "in post since " bdi { (since) } } }
            li { "in the group since " time datetime=[timestamp(saved.joined_at)] { (day(saved.joined_at)) } }
        }
    }
}

/// Whoever this person reports to, when they are in the group as well.
fn manager<'a>(report: &'a Report, person: &Person) -> Option<&'a str> {
    let manager = person.manager.as_ref()?;
    let found = report.group.members.iter().find(|saved| saved.member.person.id == *manager)?;
    Some(&found.member.person.name)
}

fn reach(report: &Report, saved: &SavedMember) -> Markup {
    let person = &saved.member.person;
    let profile = person.profile_url.as_deref().filter(|url| !url.trim().is_empty());
    html! {
        @if let Some(url) = profile { p.reach { (profile_page(url)) } }
        @if report.contacts == Contacts::Shown {
            @if let Some(email) = &person.contact.email { p.reach { (link("mailto:", email, is_plain_address(email))) } }
            @if let Some(phone) = &person.contact.phone { p.reach { (link("tel:", phone, is_number(phone))) } }
            @if let Some(missing) = missing(report, saved) { p.reach.none { (withheld::sentence(missing)) } }
        }
    }
}

/// The page of a profile: where it leads to is shown, and it is a link only when a browser goes nowhere else.
fn profile_page(url: &str) -> Markup {
    let lower = url.to_ascii_lowercase();
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    let is_one_word = !url.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    let shown = url.split_once("://").map_or(url, |(_, rest)| rest).trim_start_matches("www.").trim_end_matches('/');
    html! {
        @if is_web && is_one_word { a href=(url) rel="noreferrer noopener" { bdi { (shown) } } } @else { bdi { (url) } }
    }
}

fn link(scheme: &str, text: &str, is_link: bool) -> Markup {
    let target: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    html! { @if is_link { a href={ (scheme) (target) } { bdi { (text) } } } @else { bdi { (text) } } }
}

/// An address without any character that would mean something else in a link.
fn is_plain_address(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "@.-_+'".contains(letter);
    text.chars().all(plain)
        && text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !domain.contains('@'))
}

/// A telephone number with nothing but digits and what people put between them.
fn is_number(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_digit() || "+-(). ".contains(letter))
        && text.chars().any(|letter| letter.is_ascii_digit())
}

fn reasons(all: &[Reason]) -> Markup {
    let told: Vec<&Reason> = all.iter().filter(|reason| is_about_the_seat(reason.code)).collect();
    let (first, rest) = told.split_at(told.len().min(SHOWN));
    html! {
        ul { @for reason in first { li { (sentence(&reason.text)) } } }
        @if !rest.is_empty() {
            details {
                summary { (rest.len()) " more " (if rest.len() == 1 { "reason" } else { "reasons" }) }
                ul { @for reason in rest { li { (sentence(&reason.text)) } } }
            }
        }
    }
}

/// What is said elsewhere is not said of each member: the size of the company, once; contact data, as it is known now and
/// not as it was when the group was chosen.
fn is_about_the_seat(code: ReasonCode) -> bool {
    !matches!(code, ReasonCode::NoContact | ReasonCode::TierUnknown | ReasonCode::SizeAssumed)
}

fn scores(saved: &SavedMember) -> Markup {
    let scores = &saved.member.scores;
    html! {
        div.scores {
            p.overall {
                span.hidden { "Score " } span.number { (scores.overall) } span.of { " of 100" }
                span.sure { (saved.member.confidence) " % sure" }
            }
            dl {
                (score("Relevance", scores.relevance))
                (score("Authority", scores.authority))
                (score("Influence", scores.influence))
                (score("Champion", scores.champion))
                (score("Reach", scores.reachability))
            }
        }
    }
}

fn score(name: &str, score: Option<u8>) -> Markup {
    html! {
        div {
            dt { (name) }
            dd {
                (meter::bar(score))
                @if let Some(score) = score { span { (score) } } @else { span.unknown { "unknown" } }
            }
        }
    }
}
