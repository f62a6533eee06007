//! How closely the members work together.

use super::Member;
use crate::place::Country;
use crate::title::fold;
use crate::{Function, Level};
use std::collections::{BTreeMap, BTreeSet};

/// Functions that work hand in hand.
const NEIGHBOURS: [(Function, Function); 6] = [
    (Function::Sales, Function::Marketing),
    (Function::Product, Function::Engineering),
    (Function::Finance, Function::Operations),
    (Function::HumanResources, Function::Operations),
    (Function::Legal, Function::Compliance),
    (Function::Security, Function::It),
];

/// Functions that cannot finish their part of a purchase or of their daily work without another: who depends, on whom.
const DEPENDS: [(Function, &[Function]); 16] = [
    (Function::Engineering, &[Function::Product, Function::It, Function::Security, Function::Data]),
    (Function::Product, &[Function::Engineering, Function::Data]),
    (Function::Data, &[Function::Engineering, Function::It, Function::Product]),
    (Function::It, &[Function::Security, Function::Engineering, Function::Procurement, Function::Operations]),
    (Function::Security, &[Function::It, Function::Engineering, Function::Compliance, Function::Legal]),
    (Function::Sales, &[Function::Marketing, Function::Revenue, Function::CustomerSuccess, Function::Finance]),
    (Function::Revenue, &[Function::Sales, Function::Marketing, Function::Finance]),
    (Function::Marketing, &[Function::Sales, Function::Revenue, Function::Product]),
    (Function::CustomerSuccess, &[Function::Sales, Function::Support, Function::Product]),
    (Function::Support, &[Function::CustomerSuccess, Function::Engineering, Function::Product]),
    (Function::Finance, &[Function::Operations, Function::Procurement, Function::Legal, Function::Executive]),
    (Function::Operations, &[Function::Finance, Function::SupplyChain, Function::It, Function::HumanResources]),
    (Function::SupplyChain, &[Function::Operations, Function::Procurement]),
    (Function::HumanResources, &[Function::Finance, Function::Operations, Function::Legal]),
    (Function::Procurement, &[Function::Finance, Function::Legal]),
    (Function::Legal, &[Function::Compliance, Function::Risk, Function::Procurement, Function::Finance]),
];

/// 0–100, `None` when there is nothing to judge by. A factor without data is left out and its weight shared among the
/// others (domain rule §6: reporting lines 30, adjacency 25, seniority 20, geography 15, interdependence 10).
pub(super) fn cohesion(members: &[Member]) -> Option<u8> {
    if members.len() < 2 {
        return None;
    }
    let factors = [
        (30, reporting(members)),
        (25, adjacency(members)),
        (20, seniority(members)),
        (15, geography(members)),
        (10, interdependence(members)),
    ];
    let (mut sum, mut total) = (0, 0);
    for (weight, factor) in factors {
        if let Some(factor) = factor {
            sum += weight * factor;
            total += weight;
        }
    }
    (total > 0).then(|| u8::try_from((sum / total).min(100)).unwrap_or(100))
}

/// Share of members linked to another member: one manages the other, or both have the same manager. Without any
/// reporting line: share of members with a colleague of another rank in the same function.
fn reporting(members: &[Member]) -> Option<usize> {
    let linked = |a: &Member, b: &Member| {
        a.person.manager.as_ref() == Some(&b.person.id)
            || b.person.manager.as_ref() == Some(&a.person.id)
            || (a.person.manager.is_some() && a.person.manager == b.person.manager)
    };
    let ladder =
        |a: &Member, b: &Member| a.level.is_some() && b.level.is_some() && a.level != b.level && shares_function(a, b);
    let manages = |one: &Member| members.iter().any(|other| other.person.manager.as_ref() == Some(&one.person.id));
    let placed: Vec<&Member> =
        members.iter().filter(|member| member.person.manager.is_some() || manages(member)).collect();
    if placed.is_empty() {
        let ranked: Vec<&Member> =
            members.iter().filter(|member| member.level.is_some() && !member.functions.is_empty()).collect();
        return share(&ranked, ladder);
    }
    share(&placed, linked)
}

fn share(members: &[&Member], related: impl Fn(&Member, &Member) -> bool) -> Option<usize> {
    if members.len() < 2 {
        return None;
    }
    let with = |one: &&&Member| members.iter().any(|other| other.person.id != one.person.id && related(one, other));
    Some(members.iter().filter(with).count() * 100 / members.len())
}

/// Share of pairs that work in the same or in neighbouring functions.
fn adjacency(members: &[Member]) -> Option<usize> {
    let known: Vec<&Member> = members.iter().filter(|member| !member.functions.is_empty()).collect();
    let (mut close, mut pairs) = (0, 0);
    for (at, a) in known.iter().enumerate() {
        for b in &known[at + 1..] {
            pairs += 1;
            let neighbours = NEIGHBOURS.iter().any(|(x, y)| {
                (a.functions.contains(x) && b.functions.contains(y))
                    || (a.functions.contains(y) && b.functions.contains(x))
            });
            close += usize::from(neighbours || shares_function(a, b));
        }
    }
    (pairs > 0).then(|| close * 100 / pairs)
}

/// How many of the four storeys of a company are represented: those who do, lead, direct and govern.
fn seniority(members: &[Member]) -> Option<usize> {
    let storey = |level: Level| match level {
        level if level <= Level::Lead => 0,
        level if level <= Level::Head => 1,
        level if level <= Level::SeniorVicePresident => 2,
        _ => 3,
    };
    let known: Vec<usize> = members.iter().filter_map(|member| member.level).map(storey).collect();
    let storeys: BTreeSet<usize> = known.iter().copied().collect();
    (known.len() > 1).then(|| storeys.len() * 100 / known.len().min(4))
}

/// Share of members in the most common country; where none of the locations names a country, at the most common place.
fn geography(members: &[Member]) -> Option<usize> {
    let locations = || members.iter().filter_map(|member| member.person.location.as_deref());
    let countries: Vec<String> =
        locations().filter_map(Country::of_location).map(|country| country.as_str().to_owned()).collect();
    let places = || locations().map(|location| fold(location).trim().to_owned()).filter(|place| !place.is_empty());
    let known = if countries.is_empty() { places().collect() } else { countries };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for place in &known {
        *counts.entry(place).or_default() += 1;
    }
    let most = counts.values().max().copied()?;
    (known.len() > 1).then(|| most * 100 / known.len())
}

/// Share of members whose function depends on that of another member. Left out when no member's function is in the list
/// of those that depend.
fn interdependence(members: &[Member]) -> Option<usize> {
    let depends = |one: &Member| -> Vec<Function> {
        let rows = DEPENDS.iter().filter(|(function, _)| one.functions.contains(function));
        rows.flat_map(|(_, on)| on.iter().copied()).collect()
    };
    let known: Vec<(&Member, Vec<Function>)> =
        members.iter().map(|one| (one, depends(one))).filter(|(_, on)| !on.is_empty()).collect();
    let served = known.iter().filter(|(one, on)| {
        let mut others = members.iter().filter(|other| other.person.id != one.person.id);
        others.any(|other| other.functions.iter().any(|function| on.contains(function)))
    });
    (!known.is_empty()).then(|| served.count() * 100 / known.len())
}

fn shares_function(a: &Member, b: &Member) -> bool {
    a.functions.iter().any(|function| b.functions.contains(function))
}
