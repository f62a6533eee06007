//! A person recorded several times is one person.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

mod common;

use common::{group, ids, person, shortlist};
use engine::{Contact, Level, Outcome, Person, Role};

fn dated(id: &str, title: &str, start: &str) -> Person {
    Person { start_date: Some(start.to_owned()), ..person(id, title) }
}

#[test]
fn of_two_positions_the_higher_one_governs_in_any_order() {
    let records = [person("a", "Interim Head of Data"), person("a", "VP Engineering")];
    for order in [[0, 1], [1, 0]] {
        let group = group(order.map(|at| records[at].clone()), Some(600), 60_000);
        assert_eq!(ids(&group), ["a"]);
        assert_eq!((group.members[0].level, group.members[0].role), (Some(Level::VicePresident), Role::DecisionMaker));
    }
}

#[test]
fn among_positions_of_one_rank_the_latest_governs() {
    let records =
        [dated("a", "Director of Engineering", "2019-02"), dated("a", "Director, Platform Engineering", "2023-05")];
    let group = group(records, Some(600), 60_000);
    assert_eq!(group.members[0].person.title.as_deref(), Some("Director, Platform Engineering"));
    assert_eq!(group.members[0].person.start_date.as_deref(), Some("2023-05"), "each position keeps its own first day");
}

#[test]
fn a_position_given_up_never_takes_away_the_present_one() {
    let both = group([person("a", "Former CFO"), person("a", "CTO")], Some(600), 60_000);
    assert_eq!(ids(&both), ["a"]);
    let gone = [person("a", "Former CTO")];
    assert_eq!(group(gone.clone(), Some(600), 60_000).members, []);
    assert_eq!(shortlist(gone.clone(), Some(600), 60_000).explain(&gone[0]).outcome, Outcome::FormerPosition);
}

#[test]
fn a_position_that_concerns_the_product_governs_over_one_that_does_not() {
    let both = group([person("a", "CMO"), person("a", "Interim VP Engineering")], Some(600), 60_000);
    assert_eq!(both.members[0].level, Some(Level::VicePresident));
}

#[test]
fn blanks_are_filled_from_the_other_records() {
    let mail = |id: &str| Contact { email: Some(format!("{id}@example.com")), phone: None };
    let page = Some("https://profiles.example/x".to_owned());
    let records = [
        Person { profile_url: page.clone(), network: Some(900), ..person("crm-1", "VP Engineering") },
        Person { profile_url: page, contact: mail("a"), ..person("crm-2", "Director of Engineering") },
    ];
    let group = group(records, Some(600), 60_000);
    assert_eq!(group.members.len(), 1);
    let member = &group.members[0].person;
    assert_eq!((member.id.as_str(), member.network), ("crm-1", Some(900)));
    assert_eq!(member.contact, mail("a"));
}

#[test]
fn another_record_of_a_member_is_told_whose_it_is() {
    let page = Some("https://profiles.example/x".to_owned());
    let records = [
        Person { profile_url: page.clone(), ..person("crm-1", "VP Engineering") },
        Person { profile_url: page, ..person("crm-2", "Director of Engineering") },
    ];
    let why = shortlist(records.clone(), Some(600), 60_000).explain(&records[1]);
    assert_eq!((why.outcome, why.role), (Outcome::Seated, Some(Role::DecisionMaker)));
    assert_eq!(why.merged_into.as_ref(), Some(&records[0].id));
}

#[test]
fn one_person_recorded_often_crowds_nobody_out() {
    // Fewer records than a board keeps, as a person has in any source.
    let often = (0..12).map(|i| Person { location: Some(format!("Site {i}")), ..person("a", "CTO") });
    let others = (0..5).map(|i| person(&format!("b{i}"), "VP Engineering"));
    let group = group(often.chain(others), Some(600), 60_000);
    assert!(ids(&group).contains(&"a"));
    assert_eq!(group.members.iter().filter(|member| member.role == Role::DecisionMaker).count(), 2);
}
