//! Why a person has a seat, in codes and sentences.

use super::confidence::agreement;
use super::decision::Taken;
use super::evidence::{Evidence, PRIMARY, RELATED};
use super::table::{BLOCKER_DEAL, BLOCKER_STAFF, Size, Table, Wishes};
use super::{Reason, ReasonCode};
use crate::company::UNLIMITED;
use crate::{Level, Modifier, Person, Role};
use ReasonCode as Code;

/// A seat that is taken, and where.
pub(super) struct Chosen<'a> {
    pub(super) taken: Taken,
    /// The greatest fit for the role among those without a seat.
    pub(super) runner_up: u32,
    /// Somebody without a seat has the same title and department and the same fit.
    pub(super) alike: bool,
    pub(super) table: &'a Table,
    pub(super) wishes: &'a Wishes,
}

/// The reasons for a seat, most telling first: the role, the money, the function, how it is known, the next best role,
/// and what would change it. Made of ranks, functions and figures only: never of anybody's own data.
pub(super) fn reasons(chosen: &Chosen<'_>, person: &Person, one: &Evidence) -> Vec<Reason> {
    let mut list = Vec::new();
    let mut say = |code, text: String| list.push(Reason { code, text });
    if chosen.taken.for_coverage {
        say(Code::Coverage, coverage(chosen, one));
    }
    if let Some((code, text)) = role(chosen, one) {
        say(code, text);
    }
    // A champion carries rather than signs: that this one could sign as well is said last, as what would change the seat.
    let carries = chosen.taken.role == Role::Champion && chosen.table.view.signs(one);
    if let Some((code, text)) = money(chosen.table, one).filter(|_| !carries) {
        say(code, text);
    }
    if let Some((code, text)) = function(chosen, one) {
        say(code, text);
    }
    if let Some(reports) = person.direct_reports.filter(|reports| *reports > 0) {
        say(Code::Span, format!("leads {reports} direct report{}", if reports == 1 { "" } else { "s" }));
    }
    if let Some(network) = person.network {
        say(Code::Network, format!("a network of {network}"));
    }
    if one.rests_on_department(person) {
        say(Code::FunctionFromDepartment, "what the person works on is taken from the department".to_owned());
    }
    if one.keyword {
        say(Code::TitleKeyword, "the title holds a keyword of the seller profile".to_owned());
    }
    if one.title.is(Modifier::Acting) {
        say(Code::Acting, "holds the position for now".to_owned());
    }
    if agreement(person, one).1 > 0 {
        say(Code::SourcesDisagree, "department, manager or span do not match the title".to_owned());
    }
    if person.contact.is_empty() {
        say(Code::NoContact, "no contact data is known".to_owned());
    }
    match chosen.table.size {
        Size::Told => {}
        Size::Counted => say(
            Code::SizeAssumed,
            "the size of the company is not known: as many people as the roster has are taken for its staff".to_owned(),
        ),
        Size::Unknown => say(
            Code::TierUnknown,
            "the size of the company is unknown: approval limits are those of a small one".to_owned(),
        ),
    }
    if chosen.alike {
        let text = "others with the same title and department would fit as well: the order of ids decides";
        say(Code::Alike, text.to_owned());
    }
    say(Code::RoleChoice, choice(chosen, one));
    say(Code::Lead, lead(chosen));
    if let Some(text) = change(chosen, one) {
        say(Code::WouldChange, text);
    }
    list
}

fn role(chosen: &Chosen<'_>, one: &Evidence) -> Option<(Code, String)> {
    let rank = rank(one.title.level);
    let functions = functions(one);
    Some(match chosen.taken.role {
        Role::DecisionMaker if chosen.table.view.alone => {
            (Code::OnlyPerson, "the only person of the company decides".to_owned())
        }
        Role::DecisionMaker => return None,
        Role::Champion => {
            (Code::ChampionLevel, format!("{rank} in or beside the using function: can carry the product inside"))
        }
        Role::Stakeholder if one.is_related() => {
            (Code::UsesOrAffected, format!("{rank} who uses the product or is affected by it"))
        }
        Role::Stakeholder => (Code::Consulted, format!("{rank} in {functions}, who will be asked")),
        Role::Blocker => (Code::CanBlock, format!("{rank} in {functions}, which can stop or slow a purchase")),
        Role::Introducer if one.title.is(Modifier::AssistantOf) => {
            (Code::OpensDoors, "assists an executive and knows the calendar".to_owned())
        }
        Role::Introducer if one.title.level.is_none() => {
            (Code::OpensDoors, "sits on a supervisory or advisory board".to_owned())
        }
        Role::Introducer => (Code::OpensDoors, format!("{rank} in {functions}, which opens doors")),
    })
}

fn money(table: &Table, one: &Evidence) -> Option<(Code, String)> {
    let level = one.title.level?;
    if one.title.is(Modifier::AssistantOf) {
        return None;
    }
    let (rank, limit) = (rank(Some(level)), table.view.tier.approval_limit(level));
    if limit == UNLIMITED {
        Some((Code::TopExecutive, format!("{rank}: signs without a limit in the own field")))
    } else if limit >= table.view.deal {
        Some((
            Code::WithinApprovalLimit,
            format!("{rank}: the deal is within the approval limit of {}", dollars(limit)),
        ))
    } else if limit > 0 {
        Some((Code::AboveApprovalLimit, format!("{rank}: the deal is above the approval limit of {}", dollars(limit))))
    } else {
        None
    }
}

fn function(chosen: &Chosen<'_>, one: &Evidence) -> Option<(Code, String)> {
    let functions = functions(one);
    let related = one.relevance?;
    Some(match related {
        PRIMARY if one.is_related() && chosen.wishes.needs.first().is_some_and(|need| one.works_in(need.functions)) => {
            (Code::PrimaryFunction, format!("works in {functions}: buys and uses the product"))
        }
        RELATED.. => (Code::AdjacentFunction, format!("works in {functions}, beside the buying function")),
        _ if chosen.table.view.runs_company(one) && chosen.taken.role == Role::DecisionMaker => {
            (Code::TopExecutive, "runs the company as a whole".to_owned())
        }
        _ => (Code::UnrelatedFunction, format!("works in {functions}, neither buying nor beside it")),
    })
}

/// Which need a coverage seat is for.
fn coverage(chosen: &Chosen<'_>, one: &Evidence) -> String {
    let needs = chosen.wishes.needs.iter().filter(|need| one.works_in(need.functions));
    let names: Vec<&str> = needs.map(|need| need.name.as_str()).collect();
    format!("seated beyond the targets because a deal of this size needs this voice: {}", names.join("; "))
}

/// This role against the next best.
fn choice(chosen: &Chosen<'_>, one: &Evidence) -> String {
    let view = chosen.table.view;
    let others = Role::ALL.into_iter().filter(|role| *role != chosen.taken.role);
    let next =
        others.map(|role| (view.fit(role, one), role)).max_by_key(|(fit, role)| (*fit, std::cmp::Reverse(*role)));
    let own = format!("fits the role of {} at {} of 100", words(chosen.taken.role.as_str()), chosen.taken.points / 10);
    match next {
        Some((fit, role)) if fit > 0 => format!("{own}; next best: {} at {}", words(role.as_str()), fit / 10),
        _ => format!("{own}, and no other"),
    }
}

fn lead(chosen: &Chosen<'_>) -> String {
    match (chosen.runner_up, chosen.taken.points.checked_sub(chosen.runner_up)) {
        (0, _) => "nobody without a seat fits the role".to_owned(),
        (_, Some(0)) => "as fit as the next candidate: the order of ids decides".to_owned(),
        (_, Some(lead)) => format!("{} of 100 ahead of the next candidate", tenths(lead)),
        (next, None) => format!(
            "{} of 100 behind a candidate without a seat: the seat prefers this function",
            tenths(next - chosen.taken.points)
        ),
    }
}

/// What would change the seat, where a figure can be named.
fn change(chosen: &Chosen<'_>, one: &Evidence) -> Option<String> {
    let table = chosen.table;
    let limit = table.view.tier.approval_limit(one.title.level?);
    if table.view.alone {
        return None;
    }
    match chosen.taken.role {
        Role::DecisionMaker if limit == UNLIMITED => {
            Some("keeps the seat at any deal size, unless somebody fits better".to_owned())
        }
        Role::DecisionMaker => Some(format!("could not sign above {}", dollars(limit))),
        Role::Champion | Role::Stakeholder if table.view.fit(Role::DecisionMaker, one) > 0 => {
            Some("may sign this deal: becomes a decision maker when such a seat falls free".to_owned())
        }
        Role::Champion | Role::Stakeholder if one.is_related() && limit > 0 => {
            Some(format!("would be a decision maker for deals up to {}", dollars(limit)))
        }
        Role::Blocker if !chosen.taken.for_coverage => Some(format!(
            "blockers are wanted for deals above {} and in companies of more than {BLOCKER_STAFF} people",
            dollars(BLOCKER_DEAL)
        )),
        _ => None,
    }
}

fn rank(level: Option<Level>) -> String {
    match level {
        None => "rank unknown".to_owned(),
        Some(Level::Owner) => "owner, founder or chief executive".to_owned(),
        Some(Level::CLevel) => "chief of a function".to_owned(),
        Some(level) => words(level.as_str()),
    }
}

fn functions(one: &Evidence) -> String {
    let names: Vec<String> = one.functions.iter().map(|function| words(function.as_str())).collect();
    if names.is_empty() { "an unknown function".to_owned() } else { names.join(" and ") }
}

/// A wire name as words.
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// Thousandths as hundredths, never rounded down to nothing: "0.5", "12".
pub(super) fn tenths(points: u32) -> String {
    if points < 10 { format!("0.{points}") } else { (points / 10).to_string() }
}

/// "$200k", "$1.5M".
pub(super) fn dollars(amount: u64) -> String {
    match amount {
        0..1_000 => format!("${amount}"),
        1_000..1_000_000 if amount.is_multiple_of(1_000) => format!("${}k", amount / 1_000),
        1_000..1_000_000 => format!("${}.{}k", amount / 1_000, amount % 1_000 / 100),
        _ if amount.is_multiple_of(1_000_000) => format!("${}M", amount / 1_000_000),
        _ => format!("${}.{}M", amount / 1_000_000, amount % 1_000_000 / 100_000),
    }
}
