//! Why a person has a seat, in codes and sentences, and how sure that is.

use super::evidence::Candidate;
use super::score::{MAY_SIGN, View};
use super::{Reason, ReasonCode};
use crate::company::UNLIMITED;
use crate::{Level, Modifier, Role, Title};

/// The reasons for a seat, most telling first. Made of ranks, functions and figures only: never of the person's own
/// data.
pub(super) fn reasons(view: View, role: Role, candidate: &Candidate, tier_known: bool) -> Vec<Reason> {
    use ReasonCode as Code;
    let mut list = Vec::new();
    let mut say = |code, text: String| list.push(Reason { code, text });
    let rank = match candidate.title.level {
        None => "rank unknown".to_owned(),
        Some(Level::Owner) => "owner, founder or chief executive".to_owned(),
        Some(Level::CLevel) => "chief of a function".to_owned(),
        Some(level) => words(level.as_str()),
    };
    let functions =
        candidate.functions.iter().map(|function| words(function.as_str())).collect::<Vec<_>>().join(" and ");
    match role {
        Role::DecisionMaker => {}
        Role::Champion => {
            say(Code::ChampionLevel, format!("{rank} in or beside the using function: can carry the product inside"))
        }
        Role::Stakeholder => say(Code::UsesOrAffected, format!("{rank} who uses the product or is affected by it")),
        Role::Blocker => say(Code::CanBlock, format!("works in {functions}, which can stop or slow a purchase")),
        Role::Introducer if candidate.title.is(Modifier::AssistantOf) => {
            say(Code::OpensDoors, "assists an executive and knows the calendar".to_owned());
        }
        Role::Introducer if candidate.title.level.is_none() => {
            say(Code::OpensDoors, "sits on a supervisory or advisory board".to_owned());
        }
        Role::Introducer => say(Code::OpensDoors, format!("works in {functions}, which opens doors")),
    }
    let authority = view.authority(candidate).unwrap_or(0);
    if let Some(level) = candidate.title.level {
        let limit = view.tier.approval_limit(level);
        if limit == UNLIMITED && authority >= MAY_SIGN {
            say(Code::TopExecutive, format!("{rank}: signs without a limit in the own field"));
        } else if authority >= MAY_SIGN {
            say(
                Code::WithinApprovalLimit,
                format!("{rank}: the deal is within the approval limit of {}", dollars(limit)),
            );
        } else if limit > 0 && !candidate.title.is(Modifier::AssistantOf) {
            say(
                Code::AboveApprovalLimit,
                format!("{rank}: the deal is above the approval limit of {}", dollars(limit)),
            );
        }
    }
    match candidate.relevance {
        Some(100) => say(Code::PrimaryFunction, format!("works in {functions}: buys and uses the product")),
        Some(fit) if fit >= 50 => {
            say(Code::AdjacentFunction, format!("works in {functions}, beside the buying function"))
        }
        Some(_) if role == Role::DecisionMaker => {
            say(Code::TopExecutive, "runs the company as a whole".to_owned());
        }
        Some(_) => say(Code::UnrelatedFunction, format!("works in {functions}, neither buying nor beside it")),
        None => {}
    }
    if candidate.from_department {
        say(Code::FunctionFromDepartment, "what the person works on is taken from the department".to_owned());
    }
    if candidate.keyword {
        say(Code::TitleKeyword, "the title holds a keyword of the seller profile".to_owned());
    }
    if candidate.title.is(Modifier::Acting) {
        say(Code::Acting, "holds the position for now".to_owned());
    }
    if candidate.person.contact.is_empty() {
        say(Code::NoContact, "no contact data is known".to_owned());
    }
    if !tier_known {
        say(
            Code::TierUnknown,
            "the size of the company is unknown: approval limits are those of a small one".to_owned(),
        );
    }
    list
}

/// How sure a seat is, 0–100: half how plainly the title speaks, three tenths what else is known, two tenths the lead
/// over the best person without a seat.
pub(super) fn confidence(candidate: &Candidate, fit: u32, runner_up: u32, tier_known: bool) -> u8 {
    let person = &candidate.person;
    let agrees = person.departments.iter().any(|name| Title::parse(name).functions.meets(candidate.functions));
    let known = [
        (agrees && !candidate.from_department, 40),
        (person.manager.is_some(), 20),
        (!person.contact.is_empty(), 20),
        (person.start_date.is_some(), 10),
        (person.location.is_some(), 10),
    ];
    let evidence: u32 = known.iter().filter(|(known, _)| *known).map(|(_, share)| share).sum();
    let margin = fit.saturating_sub(runner_up).min(200) / 2;
    let sum = (u32::from(candidate.title.confidence) * 5 + evidence * 3 + margin * 2) / 10;
    let sum = if tier_known { sum } else { sum * 8 / 10 };
    u8::try_from(sum.min(100)).unwrap_or(100)
}

/// A wire name as words.
fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// "$200k", "$1.5M".
fn dollars(amount: u64) -> String {
    match amount {
        0..1_000 => format!("${amount}"),
        1_000..1_000_000 if amount.is_multiple_of(1_000) => format!("${}k", amount / 1_000),
        1_000..1_000_000 => format!("${}.{}k", amount / 1_000, amount % 1_000 / 100),
        _ if amount.is_multiple_of(1_000_000) => format!("${}M", amount / 1_000_000),
        _ => format!("${}.{}M", amount / 1_000_000, amount % 1_000_000 / 100_000),
    }
}
