//! The shortlist against keeping everybody.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

use super::decision::Decision;
use super::duplicates::merge;
use super::evidence::{Candidate, Lens};
use super::table::{Table, Wishes};
use super::view::View;
use super::{Member, Shortlist};
use crate::company::UNLIMITED;
use crate::{Company, Level, Person, PersonId, Role, SellerProfile, Tier, Title};
use proptest::prelude::*;
use std::sync::Arc;

const RANKS: [&str; 12] = [
    "VP",
    "Director",
    "Senior Director",
    "Head",
    "Manager",
    "Senior Manager",
    "Lead",
    "Senior",
    "Chief",
    "Intern",
    "Associate Director",
    "Executive Assistant to the VP",
];
const FIELDS: [&str; 12] = [
    "Engineering",
    "Product",
    "IT",
    "Security",
    "Data",
    "Legal",
    "Finance",
    "Procurement",
    "Sales",
    "Marketing",
    "Compliance",
    "Operations",
];

fn crowd(most: usize) -> impl Strategy<Value = Vec<Person>> {
    let one = (any::<u16>(), 0..RANKS.len(), 0..FIELDS.len(), proptest::option::of(0..40_u32), 0..FIELDS.len());
    proptest::collection::vec(one, 0..most).prop_map(|rows| {
        let made = rows.into_iter().enumerate().map(|(at, (id, rank, field, reports, boss))| Person {
            title: Some(format!("{}, {}", RANKS[rank], FIELDS[field])),
            direct_reports: reports,
            manager_title: (id % 3 == 0).then(|| format!("VP {}", FIELDS[boss])),
            ..Person::new(PersonId::new(format!("p{id}-{at}")).unwrap(), format!("Name {id} {at}"))
        });
        made.collect()
    })
}

/// The group when nobody is dropped.
fn from_everybody(profile: &SellerProfile, company: &Company, people: &[Person]) -> Vec<(PersonId, Role)> {
    let (lens, wishes) = (Lens::new(profile), Wishes::new(profile));
    let all = people.iter().map(|person| Candidate::new(Arc::new(person.clone()), &lens)).collect();
    let view = View { tier: Tier::of(company).0, deal: profile.deal_usd(), ..View::default() };
    let all: Vec<Candidate> = merge(all, &lens, view);
    let table = Table::new(&wishes, profile, company, false, &all);
    seats(&Decision::new(lens, wishes, company.clone(), table, all, Vec::new(), (0, 0)).into_group().members)
}

fn seats(members: &[Member]) -> Vec<(PersonId, Role)> {
    members.iter().map(|member| (member.person.id.clone(), member.role)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_shortlist_loses_nobody_who_belongs_into_the_group(
        people in crowd(900), staff in prop_oneof![Just(150_u32), Just(282), Just(4_000), Just(30_000), Just(300_000)],
        deal_size in prop_oneof![Just(20_000_u64), Just(60_000), Just(250_000), Just(2_000_000)], known in any::<bool>(),
    ) {
        let profile = SellerProfile { deal_size, ..SellerProfile::default() };
        let company = |staff| Company { name: "Example".to_owned(), staff, ..Company::default() };
        // The size may be known before or only after the last page.
        let mut shortlist = Shortlist::new(&profile, &company(known.then_some(staff)));
        people.iter().cloned().for_each(|person| shortlist.offer(person));
        let group = shortlist.finish_with_headcount(u64::from(staff));
        prop_assert_eq!(seats(&group.members), from_everybody(&profile, &company(Some(staff)), &people));
    }
}

#[test]
fn promotion_never_lowers_authority_at_any_tier_and_deal() {
    let deals = [1, 999, 1_000, 5_000, 25_000, 60_000, 150_000, 150_001, 1_000_000, 10_000_000, UNLIMITED - 1];
    for tier in Tier::ALL.iter().copied() {
        for deal in deals {
            let view = View { tier, deal, ..View::default() };
            let authority = |level| {
                let profile = SellerProfile::default();
                let person = Person::new(PersonId::new("a").unwrap(), "A");
                let mut one = Candidate::new(Arc::new(person), &Lens::new(&profile)).evidence;
                one.title = Title { level: Some(level), ..Title::default() };
                view.authority(&one).unwrap()
            };
            let ladder: Vec<u8> = Level::ALL.iter().copied().map(authority).collect();
            assert!(ladder.is_sorted(), "{tier} {deal}: {ladder:?}");
            for (level, authority) in Level::ALL.iter().zip(&ladder) {
                assert_eq!(*authority >= 80, tier.approval_limit(*level) >= deal, "{tier} {deal} {level}");
            }
        }
    }
}
