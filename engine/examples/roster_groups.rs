//! Prints the groups a roster gives for several products: to be read by somebody who sells.
//!
//! `cargo run -p engine --example roster_groups -- roster.csv`, where the file has the columns `person_id`, `name`,
//! `title`, `manager_id`, `manager_title`, `direct_reports`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for reading, not for running a business")]

use engine::{Company, Function, Person, PersonId, SellerProfile, Shortlist};
use std::collections::HashMap;

fn main() {
    let file = std::env::args().nth(1).unwrap_or_else(|| panic!("usage: roster_groups <roster.csv> [id to explain]"));
    let people = read(&file);
    for profile in profiles() {
        let company = Company { name: "Example".to_owned(), ..Company::default() };
        let mut shortlist = Shortlist::new(&profile, &company);
        people.iter().cloned().for_each(|person| shortlist.offer(person));
        let kept = shortlist.people().count();
        let decision = shortlist.decide_with_headcount(people.len() as u64);
        let group = decision.group();
        println!(
            "\n== {}, {}: {} cohesion {:?} confidence {} considered {} kept {kept}\n   {}",
            profile.product,
            profile.deal_size,
            group.tier,
            group.cohesion,
            group.confidence,
            group.considered,
            group.composition.summary
        );
        for member in &group.members {
            let (s, title) = (member.scores, member.person.title.as_deref().unwrap_or("?"));
            println!(
                "{:15} {:55} r{:?} a{:?} i{:?} c{:?} o{} sure {}",
                member.role.as_str(),
                title,
                s.relevance.unwrap_or(0),
                s.authority.unwrap_or(0),
                s.influence.unwrap_or(0),
                s.champion.unwrap_or(0),
                s.overall,
                member.confidence
            );
            if std::env::var_os("REASONS").is_some() {
                for reason in &member.reasons {
                    println!("      {}: {}", reason.code, reason.text);
                }
            }
        }
        for gap in &group.gaps {
            println!("  gap {} {}/{} {:?}: {}", gap.role, gap.seated, gap.wanted, gap.code, gap.reason);
        }
        if let Some(id) = std::env::args().nth(2) {
            for person in people.iter().filter(|person| person.id.as_str() == id) {
                println!("{}", serde_json::to_string_pretty(&decision.why(person)).unwrap());
            }
        }
    }
}

fn profiles() -> Vec<SellerProfile> {
    use Function as F;
    let profile = |product: &str, deal_size, primary: &[F], adjacent: &[F], keywords: &[&str]| SellerProfile {
        product: product.to_owned(),
        deal_size,
        primary_functions: primary.to_vec(),
        adjacent_functions: adjacent.to_vec(),
        title_keywords: keywords.iter().map(|&word| word.to_owned()).collect(),
        ..SellerProfile::default()
    };
    vec![
        SellerProfile { deal_size: 120_000, ..SellerProfile::default() },
        profile(
            "observability",
            120_000,
            &[F::Engineering],
            &[F::It, F::Data, F::Security, F::Support, F::Product],
            &["devops", "sre", "reliability", "infrastructure", "platform", "cloud"],
        ),
        profile(
            "recruiting",
            60_000,
            &[F::HumanResources],
            &[F::Operations, F::Finance],
            &["recruiting", "talent", "recruiter", "sourcer"],
        ),
        profile(
            "security",
            250_000,
            &[F::Security],
            &[F::It, F::Engineering, F::Compliance, F::Risk],
            &["security", "cloud", "devops"],
        ),
    ]
}

fn read(file: &str) -> Vec<Person> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let some = |row: &HashMap<String, String>, column: &str| row.get(column).filter(|cell| !cell.is_empty()).cloned();
    rows.iter()
        .map(|row| Person {
            title: some(row, "title"),
            manager: some(row, "manager_id").and_then(PersonId::new),
            manager_title: some(row, "manager_title"),
            direct_reports: some(row, "direct_reports").and_then(|count| count.parse().ok()),
            ..Person::new(PersonId::new(row["person_id"].clone()).unwrap(), row["name"].clone())
        })
        .collect()
}
