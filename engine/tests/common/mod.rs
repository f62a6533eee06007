//! People made for tests.
#![allow(dead_code, reason = "each test file uses its own part")]

use engine::{Company, Group, Person, PersonId, SellerProfile, Shortlist};

pub(crate) fn person(id: &str, title: &str) -> Person {
    let id_of = PersonId::new(id).unwrap_or_else(|| panic!("blank id"));
    Person { title: (!title.is_empty()).then(|| title.to_owned()), ..Person::new(id_of, format!("Name {id}")) }
}

pub(crate) fn company(staff: Option<u32>) -> Company {
    Company { name: "Example".to_owned(), staff, ..Company::default() }
}

pub(crate) fn seller(deal_size: u64) -> SellerProfile {
    SellerProfile { deal_size, ..SellerProfile::default() }
}

pub(crate) fn shortlist(people: impl IntoIterator<Item = Person>, staff: Option<u32>, deal_size: u64) -> Shortlist {
    let mut shortlist = Shortlist::new(&seller(deal_size), &company(staff));
    people.into_iter().for_each(|person| shortlist.offer(person));
    shortlist
}

pub(crate) fn group(people: impl IntoIterator<Item = Person>, staff: Option<u32>, deal_size: u64) -> Group {
    shortlist(people, staff, deal_size).finish()
}

/// A company with somebody for every role.
pub(crate) fn roster() -> Vec<Person> {
    [
        ("ceo", "CEO"),
        ("cto", "CTO"),
        ("cmo", "CMO"),
        ("cfo", "CFO"),
        ("vpe", "VP Engineering"),
        ("dir1", "Director of Engineering"),
        ("dir2", "Director, Platform Engineering"),
        ("mgr1", "Engineering Manager"),
        ("mgr2", "Engineering Manager, DevOps"),
        ("mgr3", "Data Engineering Manager"),
        ("pm", "Director of Product"),
        ("it", "IT Manager"),
        ("law", "General Counsel"),
        ("proc", "Head of Procurement"),
        ("sec", "Head of Information Security"),
        ("part", "Director of Partnerships"),
        ("ae", "Account Executive"),
        ("ea", "Executive Assistant to the CEO"),
        ("swe", "Software Engineer"),
        ("none", ""),
        ("odd", "Wizard"),
    ]
    .map(|(id, title)| person(id, title))
    .to_vec()
}

pub(crate) fn ids(group: &Group) -> Vec<&str> {
    group.members.iter().map(|member| member.person.id.as_str()).collect()
}
