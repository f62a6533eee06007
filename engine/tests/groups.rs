//! Groups by example, and the failures of the earlier system that must not come back.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

mod common;

use common::{company, group, ids, person, roster, seller};
use engine::company::Employer;
use engine::{
    Contact, GapCode, Group, Level, Outcome, Person, PersonId, ReasonCode, Role, SellerProfile, Shortlist, Tier,
    WhyCode, diff,
};
use std::collections::BTreeMap;

fn role_of(group: &Group, id: &str) -> Option<Role> {
    group.members.iter().find(|member| member.person.id.as_str() == id).map(|member| member.role)
}

fn seats(group: &Group) -> Vec<(&str, Role)> {
    group.members.iter().map(|member| (member.person.id.as_str(), member.role)).collect()
}

#[test]
fn a_whole_company_gets_a_whole_group() {
    let group = group(roster(), Some(600), 60_000);
    assert_eq!((group.tier, group.tier_known), (Tier::M1, true));
    assert_eq!(group.members.len(), 9, "{:?}", ids(&group));
    assert_eq!(group.gaps, []);
    assert_eq!(role_of(&group, "cto"), Some(Role::DecisionMaker));
    assert_eq!(role_of(&group, "dir2"), Some(Role::Champion));
    assert_eq!(role_of(&group, "cmo"), None);
    assert!(group.cohesion.is_some() && group.confidence > 0);
    assert!(group.members.iter().all(|member| !member.reasons.is_empty()));
}

#[test]
fn e3_e11_scores_share_one_scale_and_groups_do_not_collapse() {
    for staff in [150, 282, 600, 1_200, 4_000, 12_000, 60_000, 300_000] {
        let many = (0..4).flat_map(|copy| {
            roster()
                .into_iter()
                .map(move |one| person(&format!("{}{copy}", one.id), one.title.as_deref().unwrap_or("")))
        });
        let group = group(many, Some(staff), 60_000);
        let (least, _, most) = group.tier.sizes();
        assert!((least..=most).contains(&group.members.len()), "{staff}: {} members", group.members.len());
        for scores in group.members.iter().map(|member| member.scores) {
            let all = [scores.relevance, scores.authority, scores.influence, scores.champion, scores.reachability];
            assert!(all.into_iter().flatten().chain([scores.overall]).all(|score| score <= 100));
        }
        let deciders = group.members.iter().filter(|member| member.role == Role::DecisionMaker);
        assert!(deciders.map(|member| member.scores.overall).min().unwrap() >= 50);
    }
}

#[test]
fn e4_authority_is_limit_at_least_deal() {
    let people = || vec![person("a", "VP Engineering"), person("b", "Director of Engineering")];
    // S7: a vice president signs up to 200k, a director up to 150k.
    let small = group(people(), Some(282), 150_000);
    assert_eq!(small.members.iter().filter(|member| member.role == Role::DecisionMaker).count(), 2);
    let large = group(people(), Some(282), 150_001);
    assert_eq!(role_of(&large, "a"), Some(Role::DecisionMaker));
    assert_eq!(role_of(&large, "b"), Some(Role::Champion));
    let huge = group(people(), Some(282), 5_000_000);
    assert!(huge.members.iter().all(|member| member.role != Role::DecisionMaker));
    let gap = huge.gaps.iter().find(|gap| gap.role == Role::DecisionMaker).unwrap();
    assert_eq!((gap.wanted, gap.seated), (2, 0));
}

#[test]
fn e1_people_of_another_company_stay_out() {
    let works_at = |id: &str, name: &str| Person {
        employer: Some(Employer { name: Some(name.to_owned()), domain: None }),
        ..person(id, "CTO")
    };
    let people = || [works_at("own", "EXAMPLE Inc."), works_at("other", "Globex"), person("silent", "VP Engineering")];
    let whole = group(people(), Some(600), 60_000);
    assert_eq!(ids(&whole), ["own", "silent"]);
    assert_eq!((whole.considered, whole.rejected_other_employer), (2, 1));
    let why = common::shortlist(people(), Some(600), 60_000).explain(&works_at("other", "Globex"));
    assert_eq!((why.outcome, why.role), (Outcome::OtherEmployer, None));
    assert!(why.roles.iter().all(|role| role.code == WhyCode::OtherEmployer));
}

#[test]
fn e5_geography_is_evidence_and_an_empty_group_has_no_cohesion() {
    let at = |location: Option<&str>| {
        let people = roster().into_iter().enumerate().map(|(i, one)| Person {
            // Every second person elsewhere.
            location: location.map(|place| if i % 2 == 0 { place.to_owned() } else { "Lyon, France".to_owned() }),
            ..one
        });
        group(people.collect::<Vec<_>>(), Some(600), 60_000).cohesion.unwrap()
    };
    let (together, apart, unknown) = (at(Some("Paris, France")), at(Some("Austin, TX")), at(None));
    assert!(together > apart && together > unknown, "{together} {apart} {unknown}");
    let empty = group([], Some(600), 60_000);
    assert_eq!((empty.cohesion, empty.confidence), (None, 0));
    assert_eq!(group([person("a", "CTO")], Some(600), 60_000).cohesion, None);
}

#[test]
fn e9_a_company_of_unknown_size_is_small_and_doubtful_not_a_hundred_people() {
    let unknown = group(roster(), None, 60_000);
    assert_eq!((unknown.tier, unknown.tier_known), (Tier::S3, false));
    let small = group(roster(), Some(25), 60_000);
    assert_eq!(unknown.targets, small.targets);
    assert_eq!(ids(&unknown), ids(&small));
    assert!(unknown.confidence < small.confidence && unknown.confidence <= 60);
    assert!(unknown.members.iter().all(|member| member.reasons.iter().any(|one| one.code == ReasonCode::TierUnknown)));
    assert_ne!(unknown.targets, group(roster(), Some(100), 60_000).targets);
}

#[test]
fn blockers_are_wanted_for_large_deals_or_staff() {
    let wanted = |staff, deal| group(roster(), Some(staff), deal).targets.blocker;
    assert_eq!([wanted(100, 50_000), wanted(101, 50_000), wanted(100, 50_001), wanted(20, 50_001)], [0, 1, 1, 1]);
}

#[test]
fn whoever_runs_a_large_company_leaves_the_purchase_to_the_function() {
    let decides = |people: Vec<Person>, staff| {
        let members = group(people, Some(staff), 60_000).members.into_iter();
        let deciders = members.filter(|member| member.role == Role::DecisionMaker);
        deciders.map(|member| member.person.id.to_string()).collect::<Vec<_>>()
    };
    let three = || vec![person("ceo", "CEO"), person("vpe", "VP Engineering"), person("cto", "CTO, Cofounder")];
    assert_eq!(decides(three(), 30_000), ["cto", "vpe"]);
    assert_eq!(decides(three(), 20), ["ceo"]);
    assert_eq!(decides(vec![person("ceo", "CEO")], 30_000), ["ceo"], "who can, if nobody nearer does");
}

#[test]
fn a_general_counsel_stops_a_purchase_rather_than_a_paralegal() {
    let people = [person("a", "Paralegal"), person("b", "General Counsel"), person("c", "Legal Counsel")];
    let blockers = group(people, Some(600), 60_000);
    assert_eq!(role_of(&blockers, "b"), Some(Role::Blocker));
    assert_eq!(blockers.members.len(), 1);
}

#[test]
fn gaps_say_in_a_code_why() {
    let codes = |people: Vec<Person>, staff, deal| -> BTreeMap<Role, GapCode> {
        group(people, Some(staff), deal).gaps.into_iter().rev().map(|gap| (gap.role, gap.code.unwrap())).collect()
    };
    let nobody = codes(vec![], 600, 60_000);
    assert_eq!(nobody[&Role::DecisionMaker], GapCode::NobodyInFunction);
    let junior = codes(vec![person("a", "Engineering Manager")], 282, 120_000);
    assert_eq!(junior[&Role::DecisionMaker], GapCode::NobodySeniorEnough);
    assert_eq!(junior[&Role::Champion], GapCode::NobodyInFunction, "one of two chairs is taken");
    assert_eq!(junior[&Role::Stakeholder], GapCode::SeatedElsewhere);
    let low = codes(vec![person("a", "Software Engineer")], 282, 60_000);
    assert_eq!(low[&Role::Champion], GapCode::NobodySeniorEnough);
    let beside = codes(vec![person("a", "IT Team Lead")], 282, 60_000);
    assert_eq!(beside[&Role::Champion], GapCode::BelowMinimumFit);
    // Six seats, all of them wanted, and procurement needed beside the lawyer.
    let few = ["cto", "dir1", "mgr1", "mgr2", "law", "proc", "part"];
    let full = group(roster().into_iter().filter(|one| few.contains(&one.id.as_str())), Some(20), 200_000);
    assert_eq!(
        (full.members.len(), role_of(&full, "proc"), role_of(&full, "law")),
        (6, Some(Role::Blocker), Some(Role::Blocker))
    );
    assert_eq!(full.gaps.iter().map(|gap| gap.code.unwrap()).collect::<Vec<_>>(), [GapCode::CapReached]);
}

#[test]
fn composition_counts_and_names_what_is_missing() {
    let whole = group(roster(), Some(600), 200_000);
    assert_eq!(
        Role::ALL.map(|role| usize::from(whole.composition.of(role))).iter().sum::<usize>(),
        whole.members.len()
    );
    assert_eq!((whole.composition.covered.len(), whole.composition.missing.len()), (4, 0));
    let without = roster().into_iter().filter(|one| !["cfo", "proc"].contains(&one.id.as_str()));
    let without = group(without, Some(600), 200_000).composition;
    assert_eq!(without.missing, ["finance or procurement"]);
    assert!(without.summary.contains("not represented: finance or procurement"), "{}", without.summary);
    assert_eq!(group([], Some(600), 60_000).composition.decision_maker, 0);
}

#[test]
fn a_crowd_of_a_hundred_thousand_and_rosters_of_a_handful() {
    let titles = ["Truck Driver", "Software Engineer", "Engineering Manager", "Director of Engineering", "Accountant"];
    let crowd = (0..100_000).map(|i| person(&format!("p{i:06}"), titles[if i % 1_000 == 0 { 3 } else { i % 3 }]));
    let mut shortlist = Shortlist::new(&seller(60_000), &company(Some(100_000)));
    crowd.chain(roster()).for_each(|one| shortlist.offer(one));
    assert!(shortlist.people().count() <= 600, "{}", shortlist.people().count());
    let large = shortlist.finish();
    assert_eq!(large.members.len(), 16, "{:?}", large.gaps);
    for size in [0, 1, 2, 3, 5] {
        let few: Vec<Person> = roster().into_iter().take(size).collect();
        let small = group(few, u32::try_from(size).ok(), 60_000);
        assert_eq!(small.members.is_empty(), size == 0);
        assert!(small.members.len() <= size.min(3), "{size}: {:?}", ids(&small));
        assert_eq!(small.cohesion.is_none(), small.members.len() < 2);
    }
}

#[test]
fn a_chief_of_another_function_decides_nothing_here_and_the_owner_everything() {
    let group = group([person("cmo", "CMO"), person("ceo", "Owner")], Some(40), 60_000);
    assert_eq!(role_of(&group, "ceo"), Some(Role::DecisionMaker));
    assert_ne!(role_of(&group, "cmo"), Some(Role::DecisionMaker));
}

#[test]
fn e6_coverage_counts_against_the_cap_and_seats_nobody_twice() {
    for staff in [8, 20, 45, 90, 150, 282, 600, 3_000, 300_000] {
        for deal in [10_000, 60_000, 120_000, 400_000] {
            let group = group(roster(), Some(staff), deal);
            assert!(group.members.len() <= group.tier.sizes().2, "{staff} {deal}: {:?}", ids(&group));
            let mut seen = ids(&group);
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), group.members.len());
        }
    }
}

#[test]
fn large_deals_bring_finance_and_law_to_the_table() {
    let group = group(roster(), Some(600), 200_000);
    let works = |functions: &[&str]| {
        let mut all = group.members.iter().flat_map(|member| &member.functions);
        all.any(|function| functions.contains(&function.as_str()))
    };
    assert!(works(&["finance", "procurement"]) && works(&["legal", "risk", "compliance", "security"]));
    let without = roster().into_iter().filter(|one| !["cfo", "proc"].contains(&one.id.as_str()));
    let group = common::group(without, Some(600), 200_000);
    assert!(group.gaps.iter().any(|gap| gap.reason.contains("finance")), "{:?}", group.gaps);
}

#[test]
fn e12_nobody_is_invented() {
    let empty = group([], Some(600), 60_000);
    assert_eq!((empty.members.len(), empty.cohesion, empty.confidence, empty.considered), (0, None, 0, 0));
    assert!(!empty.gaps.is_empty());
    let unknown = group([person("a", ""), person("b", "Wizard")], Some(600), 60_000);
    assert_eq!(unknown.members, []);
    let members = group(roster(), Some(600), 60_000).members;
    for member in members {
        let given = roster().into_iter().find(|one| one.id == member.person.id).unwrap();
        assert_eq!(member.person, given, "members are the people offered, unchanged");
        assert_eq!(member.scores.reachability, None, "no contact data is known, so no score pretends there is");
    }
}

#[test]
fn nobody_is_seated_to_fill_a_chair() {
    let people = (0..40).map(|i| person(&format!("p{i}"), "Truck Driver"));
    assert_eq!(group(people, Some(600), 60_000).members, []);
}

#[test]
fn very_small_companies() {
    let one = group([person("a", "Founder")], Some(1), 60_000);
    assert_eq!(role_of(&one, "a"), Some(Role::DecisionMaker));
    let one = group([person("a", "Barista")], Some(1), 60_000);
    assert_eq!(role_of(&one, "a"), Some(Role::DecisionMaker), "whatever the title");
    let silent = common::shortlist([person("a", "")], None, 60_000).finish_with_headcount(1);
    assert_eq!(role_of(&silent, "a"), Some(Role::DecisionMaker), "a size known only at the end");
    assert!(silent.confidence < 40, "{}", silent.confidence);
    assert_eq!(group([person("a", "Account Manager")], Some(1), 60_000).members, [], "excluded by the profile");
    let three =
        group([person("a", "Founder"), person("b", "Head of Engineering"), person("c", "Lawyer")], Some(3), 60_000);
    assert_eq!(ids(&three), ["a", "b"]);
    let five = group(roster(), Some(5), 60_000);
    assert_eq!(five.members.iter().map(|one| one.role).collect::<Vec<_>>(), &Role::ALL[..3]);
}

#[test]
fn headcount_is_evidence_only_when_the_caller_says_so() {
    let shortlist = || {
        let mut shortlist = Shortlist::new(&seller(60_000), &company(None));
        roster().into_iter().for_each(|person| shortlist.offer(person));
        shortlist
    };
    let page = shortlist().finish();
    assert_eq!((page.tier, page.tier_known), (Tier::S3, false));
    assert!(page.members[0].reasons.iter().any(|reason| reason.code == ReasonCode::TierUnknown));
    let list = shortlist().finish_with_headcount(600);
    assert_eq!((list.tier, list.tier_known), (Tier::M1, true));
    let told = group(roster(), Some(600), 60_000);
    assert_eq!(seats(&list), seats(&told));
    assert!(list.confidence < told.confidence, "a counted list is not a told size");
    let assumed = |group: &Group| {
        group.members.iter().all(|one| one.reasons.iter().any(|reason| reason.code == ReasonCode::SizeAssumed))
    };
    assert!(assumed(&list) && !assumed(&told));
}

#[test]
fn duplicates_are_one_person() {
    let contact = |email: &str| Contact { email: Some(email.to_owned()), phone: None };
    let a = Person { contact: contact("A@example.com"), ..person("1", "CTO") };
    let same_mail = Person { contact: contact("a@EXAMPLE.com"), name: "Other".to_owned(), ..person("2", "CTO") };
    assert_eq!(group([a.clone(), same_mail], Some(600), 60_000).members.len(), 1);

    let url = |id: &str, url: &str| Person { profile_url: Some(url.to_owned()), ..person(id, "CTO") };
    let pages = [url("1", "https://www.example.com/in/x/"), url("2", "http://example.com/in/X?utm=1")];
    assert_eq!(group(pages, Some(600), 60_000).members.len(), 1);

    let named = |id: &str| Person { name: "Kim Öz".to_owned(), ..person(id, "CTO") };
    assert_eq!(group([named("1"), named("kim öz")], Some(600), 60_000).members.len(), 1, "the id is only the name");
    assert_eq!(group([named("1"), named("2")], Some(600), 60_000).members.len(), 2, "ids differ: namesakes");

    let shared = |id: &str| Person { contact: contact("info@example.com"), ..person(id, "CTO") };
    assert_eq!(
        group([shared("1"), shared("2")], Some(600), 60_000).members.len(),
        2,
        "a shared mailbox proves nothing"
    );

    let gap_filled = group([a, person("1", "CTO")], Some(600), 60_000);
    assert_eq!(gap_filled.members[0].person.contact.email.as_deref(), Some("A@example.com"));
}

#[test]
fn a_shortlist_is_bounded_and_can_be_taken_up_again() {
    let titles = ["Engineering Manager", "Director of Engineering", "VP Engineering", "Legal Counsel", "Product Lead"];
    let mut first = Shortlist::new(&seller(60_000), &company(Some(9_000)));
    for i in 0..5_000 {
        first.offer(person(&format!("p{i:04}"), titles[i % titles.len()]));
    }
    assert!(first.people().count() <= 500);
    assert_eq!(first.considered(), 5_000);
    let mut second = Shortlist::new(&seller(60_000), &company(Some(9_000)));
    first.people().cloned().for_each(|person| second.offer(person));
    assert!(first.people().eq(second.people()));
    let mut backwards = Shortlist::new(&seller(60_000), &company(Some(9_000)));
    for i in (0..5_000).rev() {
        backwards.offer(person(&format!("p{i:04}"), titles[i % titles.len()]));
    }
    assert!(first.people().eq(backwards.people()), "whom a full list drops does not depend on the order");
    assert_eq!(first.finish().members, second.finish().members);
}

#[test]
fn reasons_hold_no_personal_data() {
    let mut people = roster();
    for (i, person) in people.iter_mut().enumerate() {
        person.name = format!("Zebulon Quark{i}");
        person.contact.email = Some(format!("zq{i}@example.com"));
        person.contact.phone = Some(format!("+1-555-01{i:02}"));
    }
    for member in group(people, Some(600), 200_000).members {
        for reason in member.reasons {
            assert!(!["Zebulon", "Quark", "@", "555"].iter().any(|part| reason.text.contains(part)), "{reason:?}");
        }
    }
}

#[test]
fn excluded_titles_get_no_seat() {
    let profile = SellerProfile { exclude_titles: vec!["platform".to_owned()], ..seller(60_000) };
    let mut shortlist = Shortlist::new(&profile, &company(Some(600)));
    roster().into_iter().for_each(|person| shortlist.offer(person));
    assert!(!ids(&shortlist.finish()).contains(&"dir2"));
}

#[test]
fn the_department_stands_in_where_the_title_is_silent() {
    let silent = Person { departments: vec!["Engineering".to_owned()], ..person("a", "Director") };
    let group = group([silent], Some(600), 60_000);
    assert_eq!(group.members[0].level, Some(Level::Director));
    assert!(group.members[0].reasons.iter().any(|reason| reason.code == ReasonCode::FunctionFromDepartment));
}

#[test]
fn a_group_survives_the_wire() {
    let group = group(roster(), Some(600), 120_000);
    let json = serde_json::to_string(&group).unwrap();
    assert_eq!(serde_json::from_str::<Group>(&json).unwrap(), group);
}

#[test]
fn a_diff_names_every_change_sorted_by_id() {
    let before: Vec<_> = group(roster(), Some(600), 60_000).members.iter().map(engine::Member::snapshot).collect();
    assert!(diff(&before, &before).is_empty());
    let mut after = before.clone();
    after.reverse();
    assert!(diff(&before, &after).is_empty(), "order is no change");
    let left = after.pop().unwrap();
    after[0].title = Some("Chief Engineer".to_owned());
    after[0].score = after[0].score.abs_diff(10);
    after[1].score += 9;
    after[2].role = Role::Introducer;
    after[3].contact.phone = Some("+1-555-0100".to_owned());
    let mut new = left.clone();
    new.person_id = PersonId::new("aaa").unwrap();
    after.push(new.clone());
    let diff = diff(&before, &after);
    assert_eq!((&diff.left, &diff.joined), (&vec![left], &vec![new]));
    let summary = diff.summary();
    let counts = [summary.role_changed, summary.title_changed, summary.contact_changed, summary.score_moved];
    assert_eq!(counts, [1, 1, 1, 1]);
    assert_eq!(serde_json::to_value(summary).unwrap()["joined"], 1);
}

#[test]
fn the_sample_company_gets_a_group_to_sign() {
    let text = include_str!("../../sample/people.csv");
    let profile = SellerProfile::from_toml(include_str!("../../sample/profile.toml")).unwrap();
    let mut shortlist = Shortlist::new(&profile, &company(None));
    let rows: Vec<Vec<String>> = text.lines().skip(1).map(cells).collect();
    let known: BTreeMap<&str, &Vec<String>> = rows.iter().map(|row| (row[0].as_str(), row)).collect();
    let some = |cell: &String| (!cell.is_empty()).then(|| cell.clone());
    for row in &rows {
        assert!(row[5].is_empty() || known.contains_key(row[5].as_str()), "manager of {}", row[0]);
        shortlist.offer(Person {
            name: format!("{} {}", row[1], row[2]),
            departments: some(&row[4]).into_iter().collect(),
            manager: PersonId::new(row[5].clone()),
            contact: Contact { email: some(&row[6]), phone: some(&row[7]) },
            profile_url: some(&row[8]),
            location: some(&row[9]),
            start_date: some(&row[10]),
            ..person(&row[0], &row[3])
        });
    }
    let group = shortlist.finish_with_headcount(rows.len() as u64);
    assert_eq!((group.considered, group.gaps.len()), (rows.len() as u64, 0));
    let event: serde_json::Value = serde_json::from_str(include_str!("../../sample/event.json")).unwrap();
    let id = event["person"]["id"].as_str().unwrap();
    assert_eq!(event["person"]["newTitle"].as_str(), Some(known[id][3].as_str()));
    assert_eq!(role_of(&group, id), Some(Role::DecisionMaker));
}

/// The cells of a line of the sample, where only commas are quoted.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

#[test]
fn a_director_beside_the_buying_function_does_not_decide_for_it() {
    let beside = group([person("a", "Director of Product"), person("b", "CEO")], Some(300), 60_000);
    assert_eq!(role_of(&beside, "b"), Some(Role::DecisionMaker));
    assert_ne!(role_of(&beside, "a"), Some(Role::DecisionMaker));
    let within = group([person("a", "Director of Engineering"), person("b", "CEO")], Some(300), 60_000);
    assert_eq!(role_of(&within, "a"), Some(Role::DecisionMaker));
}

#[test]
fn who_decides_for_the_whole_comes_before_who_decides_for_a_region() {
    let people = ["VP Engineering, EMEA", "VP Engineering, APAC", "VP Engineering"];
    let people = people.iter().enumerate().map(|(index, title)| person(&format!("p{index}"), title));
    let chosen = group(people, Some(40), 60_000);
    assert_eq!(role_of(&chosen, "p2"), Some(Role::DecisionMaker));
}

#[test]
fn coverage_never_takes_the_decision_makers_chair() {
    // Six seats at most, and four functions to be heard.
    for deal in [60_000, 120_000, 200_000] {
        let few = group(roster(), Some(20), deal);
        assert!(few.members.iter().any(|member| member.role == Role::DecisionMaker), "{deal}: {:?}", ids(&few));
        assert!(few.members.len() <= 6);
    }
}

/// People of a made-up company: title and department.
fn staffed(rows: &[(&str, &str)]) -> Vec<Person> {
    let rows = rows.iter().enumerate();
    rows.map(|(at, (title, department))| Person {
        departments: (!department.is_empty()).then(|| (*department).to_owned()).into_iter().collect(),
        ..person(&format!("p{at:02}"), title)
    })
    .collect()
}

/// Titles by role of the group a preset gives.
fn by_role(preset: &str, rows: &[(&str, &str)], staff: u32) -> BTreeMap<Role, Vec<String>> {
    let mut shortlist = Shortlist::new(&SellerProfile::preset(preset).unwrap(), &company(Some(staff)));
    staffed(rows).into_iter().for_each(|one| shortlist.offer(one));
    let mut roles: BTreeMap<Role, Vec<String>> = BTreeMap::new();
    for member in shortlist.finish().members {
        roles.entry(member.role).or_default().push(member.person.title.unwrap());
    }
    roles
}

#[test]
fn whoever_buys_decides_before_who_runs_the_company_or_works_beside() {
    let rows = [
        ("CEO", ""),
        ("Co-Founder", ""),
        ("VP People", "People"),
        ("VP Finance", "Finance"),
        ("Recruiting Manager", "People"),
        ("IT Manager", "IT"),
    ];
    let roles = by_role("recruiting", &rows, 180);
    assert_eq!(roles[&Role::DecisionMaker][0], "VP People");
    assert_eq!(roles[&Role::DecisionMaker].len(), 2, "the second chair is filled all the same");
    assert_eq!(roles[&Role::Champion][0], "Recruiting Manager");
}

#[test]
fn managers_decide_only_where_nobody_above_them_is_known() {
    let rows = [
        ("HR Manager", "HR"),
        ("Director of Human Resources", "HR"),
        ("CHRO", "HR"),
        ("HR Manager", "Police"),
        ("CEO", ""),
    ];
    let roles = by_role("payroll_hr", &rows, 900);
    assert_eq!(roles[&Role::DecisionMaker], ["CHRO", "Director of Human Resources"]);
    let alone = by_role("payroll_hr", &[("HR Manager", "HR"), ("HR Coordinator", "HR")], 900);
    assert_eq!(alone[&Role::DecisionMaker], ["HR Manager"]);
}

#[test]
fn several_buying_functions_share_the_decision_and_deputies_come_after_chiefs() {
    let rows = [
        ("Deputy Commissioner", "Operations"),
        ("First Deputy Commissioner", "Operations"),
        ("Chief Financial Officer", "Finance"),
        ("Chief Information Officer", "IT"),
        ("Chief Operating Officer", ""),
        ("Director of Finance", "Finance"),
    ];
    let two = by_role("erp", &rows, 900);
    assert_eq!(two[&Role::DecisionMaker], ["Chief Financial Officer", "Chief Information Officer"]);
    let three = by_role("erp", &rows, 40_000);
    assert_eq!(
        three[&Role::DecisionMaker].iter().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
        ["Chief Financial Officer", "Chief Information Officer", "Chief Operating Officer"].into()
    );
}

#[test]
fn a_function_that_title_and_department_both_name_counts_more() {
    let rows = [
        ("Director of Administration", "Legal"),
        ("Director of Operations", "Operations"),
        ("COO", ""),
        ("VP", "Operations"),
    ];
    let roles = by_role("fleet_operations", &rows, 900);
    assert_eq!(roles[&Role::DecisionMaker][0], "COO");
    assert_eq!(roles[&Role::Champion], ["Director of Operations", "Director of Administration"]);
}

#[test]
fn the_top_of_another_field_comes_after_the_top_of_the_whole() {
    // Ids would put the engineer first in a tie; so would they the other way round.
    for rows in [
        [("Managing Director, Engineering", ""), ("Managing Director", "")],
        [("Managing Director", ""), ("Managing Director, Engineering", "")],
    ] {
        let roles = by_role("legal", &rows, 40);
        assert_eq!(roles[&Role::DecisionMaker], ["Managing Director"]);
    }
}

#[test]
fn engineering_that_is_taught_or_maintained_is_no_technical_voice() {
    let rows = [("CHRO", "HR"), ("Dean, College of Engineering", "Education"), ("HR Manager", "HR")];
    let mut shortlist = Shortlist::new(&SellerProfile::preset("payroll_hr").unwrap(), &company(Some(900)));
    staffed(&rows).into_iter().for_each(|one| shortlist.offer(one));
    assert!(shortlist.finish().composition.missing.contains(&"technical".to_owned()));
    let tools = by_role("developer_tools", &[("CTO", ""), ("Director of Engineering", ""), rows[1]], 900);
    assert!(tools.values().flatten().all(|title| !title.starts_with("Dean")), "{tools:?}");
}

#[test]
fn law_and_procurement_stop_a_purchase_before_who_guards_something_else() {
    let rows =
        [("VP Supply Chain", ""), ("Chief Information Security Officer", ""), ("Head of Legal", ""), ("CIO", "")];
    let blockers = &by_role("fleet_operations", &rows, 450)[&Role::Blocker];
    assert_eq!(blockers[0], "Head of Legal");
    assert!(!blockers.iter().any(|title| title.contains("Security")), "{blockers:?}");
    let security = [("CTO", ""), ("Chief Information Security Officer", ""), ("Chief Compliance Officer", "")];
    assert_eq!(
        by_role("developer_tools", &security, 90)[&Role::Blocker],
        ["Chief Information Security Officer"],
        "security is a neighbour of this product"
    );
}

#[test]
fn a_champion_who_could_sign_is_not_praised_for_it() {
    let members = group(roster(), Some(600), 60_000).members;
    let champion = members.iter().find(|one| one.role == Role::Champion && one.scores.authority >= Some(80)).unwrap();
    let codes: Vec<ReasonCode> = champion.reasons.iter().map(|reason| reason.code).collect();
    assert!(!codes.contains(&ReasonCode::WithinApprovalLimit), "{codes:?}");
    assert_eq!(codes.last(), Some(&ReasonCode::WouldChange));
}

#[test]
fn who_is_chosen_by_id_alone_says_so() {
    let rows = [("Branch Manager", "Operations"); 9];
    let mut shortlist = Shortlist::new(&SellerProfile::preset("fleet_operations").unwrap(), &company(Some(600)));
    staffed(&rows).into_iter().for_each(|one| shortlist.offer(one));
    let group = shortlist.finish();
    assert!(!group.members.is_empty());
    let alike = |member: &engine::Member| member.reasons.iter().any(|reason| reason.code == ReasonCode::Alike);
    assert!(group.members.iter().all(alike) == (group.members.len() < rows.len()));
    let distinct = common::group(roster(), Some(600), 60_000);
    assert!(!distinct.members.iter().any(alike));
}

#[test]
fn namesakes_without_ids_are_two_people() {
    let named = |title: &str| Person {
        name: "Kim Öz".to_owned(),
        ..person(&format!("kim öz, {}", title.to_lowercase()), title)
    };
    let both = group([named("Sergeant"), named("CTO")], Some(600), 60_000);
    assert_eq!((both.considered, both.members.len()), (2, 1));
    let again = Person { id: PersonId::new("crm-7").unwrap(), ..named("CTO") };
    assert_eq!(
        group([named("CTO"), again], Some(600), 60_000).members.len(),
        1,
        "name and title alone tell nothing apart"
    );
}
