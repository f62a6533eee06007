//! How long a group takes: from 32,000 people, streamed; beside it the naive way, which keeps everybody.
#![allow(missing_docs, reason = "criterion's macros make public items without documentation")]

#[path = "../examples/support/crowd.rs"]
mod crowd;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use engine::{Company, Level, Person, Role, SellerProfile, Shortlist, Title};
use std::hint::black_box;

const PEOPLE: u64 = 32_000;

fn company() -> Company {
    Company { name: "Example".to_owned(), staff: Some(32_000), ..Company::default() }
}

fn streamed(people: Vec<Person>) -> usize {
    let profile = SellerProfile { deal_size: 120_000, ..SellerProfile::default() };
    let mut shortlist = Shortlist::new(&profile, &company());
    people.into_iter().for_each(|person| shortlist.offer(person));
    shortlist.finish().members.len()
}

/// Read every title, keep and sort a copy of everybody for every role, take the first of each: no coverage, no duplicates,
/// no exact choice.
fn naive(people: &[Person]) -> usize {
    let profile = SellerProfile::default();
    let mut taken: Vec<String> = Vec::new();
    for (role, wanted, ideal) in [
        (Role::DecisionMaker, 3, Level::VicePresident),
        (Role::Champion, 4, Level::Director),
        (Role::Stakeholder, 6, Level::Manager),
        (Role::Blocker, 2, Level::Director),
        (Role::Introducer, 1, Level::Director),
    ] {
        let mut ranked: Vec<(i32, Person)> = people
            .iter()
            .map(|person| {
                let title = Title::parse(person.title.as_deref().unwrap_or_default());
                let related = title.functions.iter().any(|one| profile.primary_functions.contains(&one));
                let level = title.level.map_or(0, |level| level as i32);
                let wanted = related == (role < Role::Blocker);
                (100 * i32::from(wanted) - (level - ideal as i32).abs(), person.clone())
            })
            .collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
        let free = ranked.into_iter().map(|(_, person)| person.id.to_string()).filter(|id| !taken.contains(id));
        let seats: Vec<String> = free.take(wanted).collect();
        taken.extend(seats);
    }
    taken.len()
}

fn groups(criterion: &mut Criterion) {
    let people: Vec<Person> = (0..PEOPLE).map(crowd::person).collect();
    let mut group = criterion.benchmark_group("group from 32,000 people");
    group.sample_size(20);
    group.bench_function("shortlist", |bencher| {
        bencher.iter_batched(|| people.clone(), |people| black_box(streamed(people)), BatchSize::LargeInput);
    });
    group.bench_function("titles alone", |bencher| {
        bencher.iter(|| {
            let read = people.iter().filter_map(|person| person.title.as_deref()).map(Title::parse);
            black_box(read.filter(|title| title.level.is_some()).count())
        });
    });
    group.bench_function("naive", |bencher| bencher.iter(|| black_box(naive(&people))));
    group.finish();

    let mut kept = Shortlist::new(&SellerProfile { deal_size: 200_000, ..SellerProfile::default() }, &company());
    people.into_iter().for_each(|person| kept.offer(person));
    criterion.bench_function("choice among those kept", |bencher| bencher.iter(|| black_box(kept.decide().worth())));
}

criterion_group!(benches, groups);
criterion_main!(benches);
