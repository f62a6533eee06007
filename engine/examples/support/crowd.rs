//! A crowd made for measuring: the same people on every machine, titles spread as in a large organisation.

use engine::{Person, PersonId};

const RANKS: [(&str, u64); 12] = [
    ("", 620),
    ("Senior ", 160),
    ("Lead ", 60),
    ("Staff ", 20),
    ("Intern, ", 20),
    ("Manager, ", 70),
    ("Senior Manager, ", 20),
    ("Head of ", 8),
    ("Director of ", 14),
    ("Senior Director, ", 4),
    ("VP ", 3),
    ("Assistant to the VP ", 1),
];
const FIELDS: [(&str, &str); 16] = [
    ("Software Engineer", "Engineering"),
    ("Truck Driver", "Logistics"),
    ("Account Executive", "Sales"),
    ("Accountant", "Finance"),
    ("Nurse", "Nursing"),
    ("Data Analyst", "Data & Analytics"),
    ("Product Designer", "Product"),
    ("Recruiter", "Talent Acquisition"),
    ("Systems Administrator", "Information Technology"),
    ("Security Analyst", "Information Security"),
    ("Police Officer", "Public Safety"),
    ("Paralegal", "Legal"),
    ("Buyer", "Procurement"),
    ("Maintenance Technician", "Facilities"),
    ("Customer Support Specialist", "Customer Support"),
    ("Teacher", "Education"),
];

/// The person with this number.
pub(crate) fn person(number: u64) -> Person {
    let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let (mut rank, field) = ((mixed >> 20) % 1000, FIELDS[(mixed % 16) as usize]);
    let mut at = 0;
    while rank >= RANKS[at].1 {
        rank -= RANKS[at].1;
        at += 1;
    }
    // Every team of a large place is called something else, so that few titles are alike.
    let team = (mixed >> 40) % 400;
    let title = if at < 5 {
        format!("{}{}, Team {team}", RANKS[at].0, field.0)
    } else {
        format!("{}{}, Unit {team}", RANKS[at].0, field.1)
    };
    let id = PersonId::new(format!("person-{number:07}")).unwrap_or_else(|| unreachable!("the id is not blank"));
    let mut person = Person::new(id, format!("Name {number}"));
    person.title = Some(title);
    person.departments = vec![field.1.to_owned()];
    person.location = Some("Springfield, IL, United States".to_owned());
    person.contact.email = Some(format!("person.{number}@example.com"));
    person
}
