//! One person, one record.
//!
//! The same id, profile page or personal e-mail address is the same person. The same name and title is the same person
//! unless two records are told apart by identifiers of the same kind. The result does not depend on the order of the
//! records.

use super::evidence::plain;
use crate::Person;
use std::collections::BTreeMap;

/// Mailboxes shared by many: no proof of identity.
const SHARED_MAILBOXES: [&str; 10] =
    ["info", "office", "contact", "hello", "sales", "support", "admin", "hr", "team", "press"];

/// Merges the records of each person into one. Sorted by id.
pub(super) fn merge(mut people: Vec<Person>) -> Vec<Person> {
    people.sort();
    people.dedup();
    let mut sets = Sets((0..people.len()).collect());

    let mut strong: BTreeMap<(u8, String), usize> = BTreeMap::new();
    for (index, person) in people.iter().enumerate() {
        for key in identifiers(person) {
            let first = *strong.entry(key).or_insert(index);
            sets.join(first, index);
        }
    }

    // Namesakes with the same title, by set.
    let mut namesakes: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (index, person) in people.iter().enumerate() {
        if let Some(title) = &person.title {
            namesakes.entry((plain(&person.name), plain(title))).or_default().push(index);
        }
    }
    for group in namesakes.values() {
        let conflict = group.iter().enumerate().any(|(at, a)| {
            group[at + 1..].iter().any(|b| sets.find(*a) != sets.find(*b) && conflicts(&people[*a], &people[*b]))
        });
        for index in group {
            // Among namesakes who are told apart, a record without identifiers is one of them; which, nobody can know.
            if !conflict || (!has_own_id(&people[*index]) && identifiers(&people[*index]).len() == 1) {
                sets.join(group[0], *index);
            }
        }
    }

    let mut merged: BTreeMap<usize, Vec<Person>> = BTreeMap::new();
    for (index, person) in people.into_iter().enumerate() {
        merged.entry(sets.find(index)).or_default().push(person);
    }
    let mut merged: Vec<Person> = merged.into_values().filter_map(one).collect();
    merged.sort();
    merged
}

const OWN_ID: u8 = 0;
const PROFILE: u8 = 1;
const EMAIL: u8 = 2;

fn profile_key(url: &str) -> String {
    let lower = url.trim().to_lowercase();
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    rest.trim_start_matches("www.").trim_end_matches('/').to_owned()
}

fn identifiers(person: &Person) -> Vec<(u8, String)> {
    let mut keys = vec![(OWN_ID, person.id.as_str().to_owned())];
    if let Some(url) = person.profile_url.as_deref().map(profile_key).filter(|key| !key.is_empty()) {
        keys.push((PROFILE, url));
    }
    if let Some(email) = &person.contact.email {
        let email = email.trim().to_lowercase();
        let mailbox = email.split('@').next().unwrap_or_default();
        if !email.is_empty() && !SHARED_MAILBOXES.contains(&mailbox) {
            keys.push((EMAIL, email));
        }
    }
    keys
}

/// Whether the id is more than the name, profile page or e-mail address over again.
fn has_own_id(person: &Person) -> bool {
    let id = plain(person.id.as_str());
    id != plain(&person.name)
        && person.profile_url.as_deref().is_none_or(|url| profile_key(url) != profile_key(&id))
        && person.contact.email.as_deref().is_none_or(|email| plain(email) != id)
}

/// Whether two records carry identifiers of one kind that differ.
fn conflicts(a: &Person, b: &Person) -> bool {
    if has_own_id(a) && has_own_id(b) && a.id != b.id {
        return true;
    }
    let (a, b) = (identifiers(a), identifiers(b));
    a.iter().filter(|(kind, _)| *kind != OWN_ID).any(|one| b.iter().any(|other| one.0 == other.0 && one.1 != other.1))
}

/// The fullest record, its blanks filled from the others.
fn one(mut records: Vec<Person>) -> Option<Person> {
    let filled = |person: &Person| {
        let known = [
            person.title.is_some(),
            person.manager.is_some(),
            person.contact.email.is_some(),
            person.contact.phone.is_some(),
            person.profile_url.is_some(),
            person.location.is_some(),
            person.start_date.is_some(),
            !person.departments.is_empty(),
        ];
        known.into_iter().filter(|known| *known).count()
    };
    // A record with an id of its own names the person best.
    records.sort_by(|a, b| (has_own_id(b), filled(b)).cmp(&(has_own_id(a), filled(a))).then_with(|| a.cmp(b)));
    let mut records = records.into_iter();
    let mut person = records.next()?;
    for other in records {
        person.title = person.title.or(other.title);
        person.manager = person.manager.or(other.manager);
        person.contact.email = person.contact.email.or(other.contact.email);
        person.contact.phone = person.contact.phone.or(other.contact.phone);
        person.profile_url = person.profile_url.or(other.profile_url);
        person.location = person.location.or(other.location);
        person.start_date = person.start_date.or(other.start_date);
        if person.departments.is_empty() {
            person.departments = other.departments;
        }
    }
    Some(person)
}

/// Sets of records of one person; the smallest index stands for the set.
struct Sets(Vec<usize>);

impl Sets {
    fn find(&self, mut index: usize) -> usize {
        while self.0[index] != index {
            index = self.0[index];
        }
        index
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b)] = a.min(b);
    }
}
