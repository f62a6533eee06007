//! What holds for any company.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

mod common;

use common::{group, person, shortlist};
use engine::company::{domain_key, name_key};
use engine::{
    Function, Group, Level, Modifier, Openings, Outcome, Person, Preset, ReasonCode, Role, SellerProfile, Shortlist,
    Title, WhyCode,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

const TITLES: [&str; 30] = [
    "CEO",
    "CTO",
    "CFO",
    "CMO",
    "VP Engineering",
    "VP Sales",
    "VP Product",
    "Director of Engineering",
    "Director of Product",
    "Senior Director, Platform",
    "Head of Data",
    "Engineering Manager",
    "Senior Engineering Manager",
    "Product Manager",
    "IT Manager",
    "IT-Leiter",
    "Tech Lead",
    "Software Engineer",
    "Staff Engineer",
    "General Counsel",
    "Head of Compliance",
    "Security Engineer",
    "Leiterin Einkauf",
    "Financial Controller",
    "Account Executive",
    "Director of Partnerships",
    "Executive Assistant to the CEO",
    "Board Member",
    "",
    "Wizard",
];

fn one() -> impl Strategy<Value = Person> {
    let parts = (0..40_u32, 0..TITLES.len(), any::<bool>(), 0..20_u32, proptest::option::of(0..30_u32));
    parts.prop_map(|(id, title, mail, manager, reports)| {
        let mut person = person(&format!("p{id}"), TITLES[title]);
        person.contact.email = mail.then(|| format!("p{id}@example.com"));
        person.manager = engine::PersonId::new(format!("p{manager}"));
        person.direct_reports = reports;
        person
    })
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    // Companies of a handful, and of a crowd now and then.
    prop_oneof![
        4 => proptest::collection::vec(one(), 0..6),
        6 => proptest::collection::vec(one(), 0..24),
        1 => proptest::collection::vec(one(), 24..60),
    ]
}

fn staff() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![Just(None), (1..400_000_u32).prop_map(Some), (1..300_u32).prop_map(Some)]
}

fn deal() -> impl Strategy<Value = u64> {
    prop_oneof![1_000..60_000_u64, 60_000..400_000_u64, 1_000_000..9_000_000_u64]
}

/// Titles of every sector and some languages, for presets of every kind.
const ALL_TITLES: [&str; 44] = [
    "CEO",
    "Owner",
    "Managing Partner",
    "CFO",
    "CIO",
    "COO",
    "CHRO",
    "CISO",
    "General Counsel",
    "Chief Procurement Officer",
    "CRO",
    "CMO",
    "Deputy Commissioner",
    "COMMISSIONER OF HUMAN RESOURCES",
    "VP People",
    "VP Finance",
    "VP Sales",
    "SVP, Operations",
    "VP Engineering",
    "DIR OF FLEET OPERATIONS",
    "Director of Finance",
    "Director of Talent Acquisition",
    "Senior Director, Security",
    "Legal Director",
    "Director, Sales Operations",
    "Head of Procurement",
    "Head of IT",
    "Leiter Controlling",
    "Responsable paie",
    "Gerente de compras",
    "Payroll Manager",
    "HUMAN RESOURCES MGR",
    "Fleet Manager",
    "Marketing Manager",
    "IT Manager",
    "Security Engineer",
    "Software Engineer",
    "Accountant",
    "Buyer",
    "Recruiter",
    "Paralegal",
    "Truck Driver",
    "Registered Nurse",
    "",
];
const DEPARTMENTS: [&str; 6] = ["Finance", "Human Resources", "Operations", "IT", "Legal", "Sales"];

fn colleague() -> impl Strategy<Value = Person> {
    let department = proptest::option::of(0..DEPARTMENTS.len());
    (0..30_u32, 0..ALL_TITLES.len(), department, proptest::option::of(0..12_u32)).prop_map(
        |(id, title, department, reports)| Person {
            departments: department.map(|at| DEPARTMENTS[at].to_owned()).into_iter().collect(),
            direct_reports: reports,
            ..person(&format!("p{id}"), ALL_TITLES[title])
        },
    )
}

fn preset() -> impl Strategy<Value = SellerProfile> {
    (0..Preset::ALL.len()).prop_map(|at| Preset::ALL[at].profile().unwrap())
}

fn chosen(profile: &SellerProfile, people: impl IntoIterator<Item = Person>, staff: Option<u32>) -> Group {
    let mut shortlist = Shortlist::new(profile, &common::company(staff));
    people.into_iter().for_each(|person| shortlist.offer(person));
    shortlist.finish()
}

/// Sum of role fit cannot be read from outside; every member's seat is what counts here.
fn seats(group: &Group) -> Vec<(String, Role)> {
    group.members.iter().map(|member| (member.person.id.to_string(), member.role)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_order_of_offers_does_not_matter(
        (people, shuffled) in people().prop_flat_map(|p| (Just(p.clone()), Just(p).prop_shuffle())),
        staff in staff(), deal in deal(),
    ) {
        prop_assert_eq!(group(people, staff, deal), group(shuffled, staff, deal));
    }

    #[test]
    fn offering_again_changes_nothing(people in people(), staff in staff(), deal in deal()) {
        let once = group(people.clone(), staff, deal);
        let twice = group(people.iter().chain(people.iter().rev()).cloned(), staff, deal);
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn whoever_sits_could_sit(
        people in proptest::collection::vec(colleague(), 2..24), staff in staff(), profile in preset(),
    ) {
        let openings = Openings::new(&profile);
        for member in chosen(&profile, people, staff).members {
            let person = &member.person;
            let department = person.departments.first().map(String::as_str);
            let could = openings.could_sit(person.title.as_deref(), department);
            prop_assert!(could != Some(false), "{:?} in {department:?} is {}", person.title, member.role);
        }
    }

    #[test]
    fn caps_hold_and_nobody_sits_twice(people in people(), staff in staff(), deal in deal()) {
        let group = group(people.clone(), staff, deal);
        let most = group.tier.sizes().2;
        prop_assert!(group.members.len() <= most.min(19));
        let ids: BTreeSet<_> = group.members.iter().map(|member| &member.person.id).collect();
        prop_assert_eq!(ids.len(), group.members.len());
        for member in &group.members {
            prop_assert!(people.iter().any(|one| one.id == member.person.id), "members come from the offers");
            prop_assert!(!member.reasons.is_empty() && member.confidence <= 100);
        }
        prop_assert_eq!(group.cohesion.is_none(), group.members.len() < 2);
    }

    #[test]
    fn somebody_irrelevant_changes_nothing(people in people(), staff in staff(), deal in deal(), name in 0..3_usize) {
        // In a company of one, nobody is irrelevant.
        prop_assume!(staff != Some(1));
        let before = group(people.clone(), staff, deal);
        let title = ["Truck Driver", "Wizard", ""][name];
        let mut after = group(people.into_iter().chain([person("zz", title)]), staff, deal);
        prop_assert_eq!(after.considered, before.considered + 1);
        after.considered = before.considered;
        prop_assert_eq!(after, before);
    }

    #[test]
    fn no_padding(people in people(), staff in staff(), deal in deal()) {
        let group = group(people, staff, deal);
        // Who is the whole company decides, whatever the title.
        let only = |member: &&engine::Member| member.reasons.iter().any(|one| one.code == ReasonCode::OnlyPerson);
        for member in group.members.iter().filter(|member| !only(member)) {
            if member.role == Role::DecisionMaker {
                prop_assert!(member.scores.authority.unwrap() >= 80 && member.scores.relevance.unwrap() >= 50);
            }
            prop_assert!(member.level.is_some() || member.role == Role::Introducer);
        }
        for gap in &group.gaps {
            prop_assert!(gap.seated < gap.wanted && !gap.reason.is_empty());
        }
    }

    #[test]
    fn an_open_seat_means_nobody_suitable_was_left(people in people(), staff in 30..5_000_u32, deal in 1_000..50_000_u64) {
        // Whoever takes the seat alone would have taken an open one in the group.
        let whole = group(people.clone(), Some(staff), deal);
        let taken: BTreeSet<String> = seats(&whole).into_iter().map(|(id, _)| id).collect();
        let short: Vec<Role> = whole.gaps.iter().filter(|gap| gap.wanted > gap.seated).map(|gap| gap.role).collect();
        // Records of one id with different titles are merged, so look only at people with a single record.
        let single = |one: &&Person| people.iter().filter(|other| other.id == one.id).count() == 1;
        for one in people.iter().filter(single).filter(|one| !taken.contains(one.id.as_str())) {
            for (_, role) in seats(&group([one.clone()], Some(staff), deal)) {
                prop_assert!(!short.contains(&role), "{:?} could have taken the seat of a {}", one.title, role);
            }
        }
    }

    #[test]
    fn promotion_never_lowers_authority(staff in staff(), deal in deal(), function in 0..4_usize) {
        let function = ["Engineering", "Marketing", "Finance", "Product"][function];
        let ladder = ["Manager", "Senior Manager", "Head", "Director", "Senior Director", "VP", "SVP"];
        let titles = ladder.map(|rank| format!("{rank}, {function}")).into_iter().chain(["CEO".to_owned()]);
        let mut last = (0, None::<Level>);
        for title in titles {
            let alone = group([person("a", &title)], staff, deal);
            let Some(member) = alone.members.first() else { continue };
            let now = (member.scores.authority.unwrap_or(0), member.level);
            prop_assert!(now.0 >= last.0 && now.1 >= last.1, "{}: {:?} after {:?}", title, now, last);
            last = now;
        }
    }

    #[test]
    fn a_better_candidate_never_lowers_the_total_fit(people in people(), staff in staff(), deal in deal(), seat in 0..19_usize) {
        let before = shortlist(people.clone(), staff, deal).decide();
        let members = &before.group().members;
        // In a company of one whoever is known decides; a second person is no better candidate but a contradiction.
        prop_assume!(!members.is_empty() && staff != Some(1));
        // Somebody seated, once more, and with a wider reach.
        let model = members[seat % members.len()].person.clone();
        let better = Person {
            network: Some(1_000_000),
            title: model.title.clone(),
            departments: model.departments.clone(),
            direct_reports: model.direct_reports,
            ..person("zz", "")
        };
        let after = shortlist(people.into_iter().chain([better]), staff, deal).decide();
        prop_assert!(after.worth() >= before.worth(), "{:?} after {:?}", after.worth(), before.worth());
    }

    #[test]
    fn everybody_is_explained(people in people(), staff in staff(), deal in deal()) {
        let decision = shortlist(people.clone(), staff, deal).decide();
        let group = decision.group();
        for one in &people {
            let why = decision.why(one);
            let member = group.members.iter().find(|member| member.person.id == one.id);
            prop_assert_eq!(why.role, member.map(|member| member.role));
            prop_assert_eq!(why.outcome == Outcome::Seated, member.is_some());
            prop_assert!(!why.text.is_empty() && why.roles.len() == 5);
            for role in &why.roles {
                let seated = why.role == Some(role.role);
                prop_assert_eq!(role.code == WhyCode::Seated, seated);
                let fits = [WhyCode::Outranked, WhyCode::NotWanted, WhyCode::CapReached, WhyCode::SeatedInOtherRole];
                prop_assert!(seated || fits.contains(&role.code) == (role.fit >= role.minimum), "{:?}", role);
            }
        }
    }

    #[test]
    fn any_text_is_a_title(text in any::<String>()) {
        let title = Title::parse(&text);
        prop_assert!(title.confidence <= 100);
        prop_assert_eq!(&title, &Title::parse(&text));
        prop_assert_eq!(title.level, Title::parse(&text.to_uppercase().to_lowercase()).level);
    }

    #[test]
    fn words_in_any_order_never_panic(words in proptest::collection::vec("[ -~éäß&/,.()'-]{0,12}|chief|officer|of|senior|assistant|partner|vp|head", 0..12)) {
        let title = Title::parse(&words.join(" "));
        prop_assert!(title.confidence <= 100);
    }

    #[test]
    fn keys_never_panic_and_settle(text in any::<String>()) {
        let key = name_key(&text);
        prop_assert_eq!(key.is_empty(), text.trim().is_empty());
        if let Some(domain) = domain_key(&text) {
            prop_assert_eq!(domain_key(&domain), Some(domain.clone()));
        }
    }
}

proptest! {
    // Each case makes several groups; every preset gets its share.
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_preset_keeps_order_duplicates_caps_and_the_irrelevant_out(
        (people, shuffled) in proptest::collection::vec(colleague(), 0..30)
            .prop_flat_map(|people| (Just(people.clone()), Just(people).prop_shuffle())),
        profile in preset(), staff in staff(),
    ) {
        let group = chosen(&profile, people.clone(), staff);
        prop_assert_eq!(&group, &chosen(&profile, shuffled.clone(), staff), "order");
        let twice = chosen(&profile, people.iter().chain(&shuffled).cloned(), staff);
        prop_assert_eq!(&group, &twice, "the same record twice");
        // The same person once more under another id, known by the profile page.
        let paged = people.iter().map(|one| Person { profile_url: Some(format!("x.example/{}", one.id)), ..one.clone() });
        let copies = people.iter().map(|one| Person {
            id: engine::PersonId::new(format!("copy-{}", one.id)).unwrap(),
            profile_url: Some(format!("https://x.example/{}/", one.id)),
            ..one.clone()
        });
        let copied = chosen(&profile, paged.clone().chain(copies), staff);
        prop_assert_eq!(copied.members.len(), chosen(&profile, paged, staff).members.len(), "duplicates");
        prop_assert!(group.members.len() <= group.tier.sizes().2);
        let ids: BTreeSet<_> = group.members.iter().map(|member| &member.person.id).collect();
        prop_assert_eq!(ids.len(), group.members.len());
        if staff != Some(1) {
            let mut after = chosen(&profile, people.into_iter().chain([person("zz", "Wizard")]), staff);
            after.considered = group.considered;
            prop_assert_eq!(after, group, "somebody irrelevant");
        }
    }

    #[test]
    fn nobody_carries_what_an_inferior_of_the_same_function_decides(
        people in proptest::collection::vec(colleague(), 0..30), profile in preset(), staff in 1..60_000_u32,
    ) {
        // Whoever works in the one buying function and nowhere else, by title and department, for the whole company.
        if profile.primary_functions.len() > 1 {
            return Ok(());
        }
        let buyer = profile.primary_functions[0];
        let plain = |one: &engine::Member| {
            let title = Title::parse(one.person.title.as_deref().unwrap_or_default());
            let functions: Vec<Function> = title.functions.iter().collect();
            let departments = one.person.departments.iter().map(|name| Title::parse(name).functions);
            let told = departments.into_iter().all(|named| named.contains(buyer));
            let modified = [Modifier::Deputy, Modifier::Associate, Modifier::Regional].iter().any(|one| title.is(*one));
            functions == [buyer] && told && !modified
        };
        let group = chosen(&profile, people, Some(staff));
        let of = |role| group.members.iter().filter(move |one| one.role == role).filter(|one| plain(one));
        for carries in of(Role::Champion).filter(|one| one.scores.authority >= Some(80)) {
            for decides in of(Role::DecisionMaker) {
                // A chief may stand too far above a small deal.
                prop_assert!(
                    carries.level <= decides.level || carries.level >= Some(Level::CLevel),
                    "{:?} carries what {:?} decides", carries.person.title, decides.person.title
                );
            }
        }
    }
}
