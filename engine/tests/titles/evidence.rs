//! What departments and reporting lines add to a title, and what they may not.

use super::{F, L, M, Title};
use engine::title::Context;
use proptest::prelude::*;

fn with(title: &str, departments: &[&str], manager: Option<&str>, reports: Option<u32>) -> Title {
    let departments: Vec<String> = departments.iter().map(|&name| name.to_owned()).collect();
    Title::read(title, &Context { departments: &departments, manager_title: manager, direct_reports: reports })
}

#[test]
fn departments_name_missing_functions_and_support_named_ones() {
    let plain = Title::parse("Director");
    let told = with("Director", &["Finance"], None, None);
    assert_eq!((told.level, told.functions.len()), (Some(L::Director), 1));
    assert!(told.functions.contains(F::Finance) && told.confidence > plain.confidence);

    let (alone, agreed) = (Title::parse("Partner, Tax"), with("Partner, Tax", &["Finance"], None, None));
    assert!(agreed.confidence > alone.confidence);
    assert_eq!(with("Recruiter", &["Engineering"], None, None), Title::parse("Recruiter"), "the title is plainer");
}

#[test]
fn direct_reports_show_who_leads() {
    let level = |title, reports| with(title, &[], None, Some(reports)).level;
    assert_eq!(level("Engineer", 6), Some(L::Lead));
    assert_eq!(level("Product Manager", 4), Some(L::Manager));
    assert_eq!(level("Wizard", 2), Some(L::Lead));
    assert_eq!(level("Wizard", 30), Some(L::Manager));
    assert_eq!(level("Director", 2), Some(L::Director));
    assert_eq!(level("Wizard", 0), None);
    let raised = with("Engineer", &[], None, Some(6));
    assert!(raised.confidence < Title::parse("Engineer").confidence, "the words did not say so");
}

#[test]
fn nobody_to_lead_is_evidence_too() {
    let (manager, alone) = (Title::parse("Marketing Manager"), with("Marketing Manager", &[], None, Some(0)));
    assert_eq!(alone.level, manager.level);
    assert!(alone.confidence < manager.confidence);
    let product = with("Product Manager", &[], None, Some(0));
    assert_eq!(product.level, Some(L::IndividualContributor));
    assert!(product.confidence > Title::parse("Product Manager").confidence);
}

#[test]
fn the_managers_title_bounds_and_doubts() {
    let unknown = with("Wizard", &[], Some("Team Lead"), Some(30));
    assert_eq!(unknown.level, Some(L::Lead), "not above the manager");
    let odd = with("Director of Sales", &[], Some("Sales Manager"), None);
    assert_eq!(odd.level, Some(L::Director), "plain words keep their rank");
    assert!(odd.confidence < Title::parse("Director of Sales").confidence);
    assert_eq!(with("Wizard", &[], Some("VP Sales"), None), Title::parse("Wizard"), "nothing is invented");
}

#[test]
fn a_former_position_gains_no_rank() {
    let former = with("Former CEO", &["Sales"], None, Some(9));
    assert_eq!(former.level, None);
    assert!(former.is(M::Former));
}

const TITLES: [&str; 12] = [
    "",
    "Wizard",
    "Intern",
    "Engineer",
    "Senior Engineer",
    "Product Manager",
    "Team Lead",
    "Manager",
    "Director",
    "CEO",
    "Executive Assistant",
    "Former CTO",
];

proptest! {
    #[test]
    fn more_reports_never_lower_the_level(
        title in 0..TITLES.len(), manager in proptest::option::of(0..TITLES.len()), few in 0_u32..40, more in 0_u32..40,
    ) {
        let read = |reports| with(TITLES[title], &[], manager.map(|at| TITLES[at]), Some(reports));
        prop_assert!(read(few).level <= read(few + more).level);
        prop_assert!(read(few).confidence <= 100);
    }

    #[test]
    fn no_evidence_changes_nothing(text in any::<String>()) {
        prop_assert_eq!(Title::read(&text, &Context::default()), Title::parse(&text));
    }
}
