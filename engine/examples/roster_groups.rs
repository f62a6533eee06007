//! Prints the groups a roster gives for several products: to be read by somebody who sells.
//!
//! `cargo run -p engine --example roster_groups -- roster.csv [preset[:deal]…]`, where the file has the columns `person_id`,
//! `name`, `title` and, if known, `department`, `manager_id`, `manager_title`, `direct_reports`. `STAFF` tells the size of the
//! company, `REASONS` asks for reasons, `EXPLAIN` for an explanation of the person with this id.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for reading, not for running a business")]

use engine::{Company, Function, Person, PersonId, SellerProfile, Shortlist};
use std::collections::HashMap;

fn main() {
    let file = std::env::args().nth(1).unwrap_or_else(|| panic!("usage: roster_groups <roster.csv> [preset[:deal]…]"));
    let people = read(&file);
    for profile in profiles() {
        let staff = std::env::var("STAFF").ok().and_then(|staff| staff.parse().ok());
        let company = Company { name: "Example".to_owned(), staff, ..Company::default() };
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
                "{:15} {:52} [{:12}] {:24} r{:?} a{:?} i{:?} c{:?} o{} sure {}",
                member.role.as_str(),
                title,
                member.person.departments.join(" ").chars().take(12).collect::<String>(),
                member.functions.iter().map(|one| one.as_str()).collect::<Vec<_>>().join("+"),
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
        if let Ok(id) = std::env::var("EXPLAIN") {
            for person in people.iter().filter(|person| person.id.as_str() == id) {
                println!("{}", serde_json::to_string_pretty(&decision.why(person)).unwrap());
            }
        }
    }
}

fn profiles() -> Vec<SellerProfile> {
    let asked: Vec<SellerProfile> = std::env::args().skip(2).map(|asked| preset(&asked)).collect();
    if asked.is_empty() { usual() } else { asked }
}

fn preset(asked: &str) -> SellerProfile {
    let (name, deal) = asked.split_once(':').map_or((asked, None), |(name, deal)| (name, Some(deal)));
    let mut profile = SellerProfile::preset(name).unwrap_or_else(|| panic!("no preset {name}"));
    if let Some(deal) = deal {
        profile.deal_size = deal.parse().unwrap();
    }
    profile
}

fn usual() -> Vec<SellerProfile> {
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
            departments: some(row, "department").into_iter().collect(),
            manager: some(row, "manager_id").and_then(PersonId::new),
            manager_title: some(row, "manager_title"),
            direct_reports: some(row, "direct_reports").and_then(|count| count.parse().ok()),
            ..Person::new(PersonId::new(row["person_id"].clone()).unwrap(), row["name"].clone())
        })
        .collect()
}
