//! One person, one record.
//!
//! The same id, profile page or personal e-mail address is the same person. The same name and title is the same person
//! unless two records are told apart by identifiers of the same kind. The result does not depend on the order of the
//! records.

use super::evidence::{Candidate, Lens, plain};
use super::view::View;
use crate::Person;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Mailboxes shared by many: no proof of identity.
const SHARED_MAILBOXES: [&str; 10] =
    ["info", "office", "contact", "hello", "sales", "support", "admin", "hr", "team", "press"];

/// Merges the records of each person into one. Sorted by id.
pub(super) fn merge(mut candidates: Vec<Candidate>, lens: &Lens, view: View) -> Vec<Candidate> {
    candidates.sort_by(|a, b| a.person.cmp(&b.person));
    candidates.dedup_by(|a, b| a.person == b.person);
    let people: Vec<&Person> = candidates.iter().map(|candidate| candidate.person.as_ref()).collect();
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
            group[at + 1..].iter().any(|b| sets.find(*a) != sets.find(*b) && conflicts(people[*a], people[*b]))
        });
        for index in group {
            // Among namesakes who are told apart, a record without identifiers is one of them; which, nobody can know.
            if !conflict || (!has_own_id(people[*index]) && identifiers(people[*index]).len() == 1) {
                sets.join(group[0], *index);
            }
        }
    }

    let mut merged: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    for (index, candidate) in candidates.into_iter().enumerate() {
        merged.entry(sets.find(index)).or_default().push(candidate);
    }
    let mut merged: Vec<Candidate> = merged.into_values().filter_map(|records| one(records, lens, view)).collect();
    merged.sort_by(|a, b| a.person.cmp(&b.person));
    merged
}

/// Whether two records are one person, looked at without any others.
pub(super) fn same(a: &Person, b: &Person) -> bool {
    let (left, right) = (identifiers(a), identifiers(b));
    left.iter().any(|key| right.contains(key))
        || (a.title.is_some()
            && plain(&a.name) == plain(&b.name)
            && a.title.as_deref().map(plain) == b.title.as_deref().map(plain)
            && !conflicts(a, b))
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

/// Whether the id is more than the name, name and title, profile page or e-mail address over again.
fn has_own_id(person: &Person) -> bool {
    let (id, name) = (plain(person.id.as_str()), plain(&person.name));
    let rest = id.strip_prefix(&name).map(|rest| rest.trim_start_matches([',', ' ']));
    let is_name =
        rest.is_some_and(|rest| rest.is_empty() || person.title.as_deref().map(plain).as_deref() == Some(rest));
    !is_name
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

/// One record of several: the position that governs, the identity told best, blanks filled from the others.
///
/// Of several positions the governing one is held rather than given up, fits a role rather than none, concerns the
/// product rather than not, then stands highest, began last, and is told most plainly. Somebody's old position never takes
/// away the present one, and a record that fits nothing, which a shortlist may have dropped, never governs.
fn one(mut records: Vec<Candidate>, lens: &Lens, view: View) -> Option<Candidate> {
    let governs = |candidate: &Candidate| {
        let one = &candidate.evidence;
        let concerns = one.is_related() || one.is_top();
        let start = candidate.person.start_date.as_deref().and_then(iso).map(str::to_owned);
        (
            one.out.is_none(),
            view.fits_any(one),
            concerns,
            one.title.level,
            one.relevance,
            start,
            one.title.confidence,
            filled(&candidate.person),
        )
    };
    records.sort_by(|a, b| governs(b).cmp(&governs(a)).then_with(|| a.person.cmp(&b.person)));
    if records.len() == 1 {
        return records.pop();
    }
    // A record with an id of its own names the person best.
    let named = records.iter().position(|candidate| has_own_id(&candidate.person)).unwrap_or(0);
    let mut person = records.first()?.person.as_ref().clone();
    person.id = records[named].person.id.clone();
    person.name.clone_from(&records[named].person.name);
    let title = person.title.as_deref().map(plain);
    for other in &records[1..] {
        let other = other.person.as_ref();
        fill(&mut person.contact.email, &other.contact.email);
        fill(&mut person.contact.phone, &other.contact.phone);
        fill(&mut person.profile_url, &other.profile_url);
        fill(&mut person.location, &other.location);
        fill(&mut person.network, &other.network);
        fill(&mut person.employer, &other.employer);
        // Another position has its own manager, reports and first day.
        if other.title.is_none() || other.title.as_deref().map(plain) == title {
            fill(&mut person.manager, &other.manager);
            fill(&mut person.manager_title, &other.manager_title);
            fill(&mut person.direct_reports, &other.direct_reports);
            fill(&mut person.start_date, &other.start_date);
            if person.departments.is_empty() {
                person.departments.clone_from(&other.departments);
            }
        }
    }
    Some(Candidate::new(Arc::new(person), lens))
}

fn fill<T: Clone>(blank: &mut Option<T>, other: &Option<T>) {
    if blank.is_none() {
        blank.clone_from(other);
    }
}

/// How much of a record is known.
fn filled(person: &Person) -> usize {
    let known = [
        person.manager.is_some(),
        person.manager_title.is_some(),
        person.direct_reports.is_some(),
        person.network.is_some(),
        person.contact.email.is_some(),
        person.contact.phone.is_some(),
        person.profile_url.is_some(),
        person.location.is_some(),
        person.start_date.is_some(),
        !person.departments.is_empty(),
    ];
    known.into_iter().filter(|known| *known).count()
}

/// A date that begins like ISO 8601, which sorts as text; anything else cannot be compared.
fn iso(date: &str) -> Option<&str> {
    let month = date.get(..7)?;
    let plain = month.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() });
    plain.then_some(date)
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
