//! Why in, why not, and what would change it.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

mod common;

use common::{person, roster, shortlist};
use engine::{Explanation, Outcome, Person, ReasonCode, Role, RoleExplanation, WhyCode};

fn why(people: impl IntoIterator<Item = Person>, deal: u64, whom: &Person) -> Explanation {
    shortlist(people, Some(282), deal).explain(whom)
}

fn role(explanation: &Explanation, role: Role) -> &RoleExplanation {
    explanation.roles.iter().find(|one| one.role == role).unwrap()
}

#[test]
fn members_say_why_this_role_and_what_would_change_it() {
    let group = shortlist(roster(), Some(282), 120_000).finish();
    let said = |id: &str, code: ReasonCode| {
        let member = group.members.iter().find(|member| member.person.id.as_str() == id).unwrap();
        let reason = member.reasons.iter().find(|reason| reason.code == code);
        reason.map(|reason| reason.text.clone()).unwrap_or_default()
    };
    assert_eq!(said("vpe", ReasonCode::WouldChange), "could not sign above $200k");
    assert!(
        said("vpe", ReasonCode::RoleChoice).contains("next best: champion at"),
        "{}",
        said("vpe", ReasonCode::RoleChoice)
    );
    assert_eq!(said("mgr2", ReasonCode::WouldChange), "would be a decision maker for deals up to $50k");
    assert!(group.members.iter().all(|one| one.reasons.iter().any(|reason| reason.code == ReasonCode::Lead)));
    let covering: Vec<_> = group
        .members
        .iter()
        .filter(|member| member.reasons.iter().any(|reason| reason.code == ReasonCode::Coverage))
        .collect();
    assert_eq!(covering.len(), 1);
    assert!(covering[0].reasons[0].text.contains("finance or procurement"), "{:?}", covering[0].reasons[0]);
}

#[test]
fn somebody_out_hears_why_for_every_role() {
    let manager = why(roster(), 120_000, &person("new", "Engineering Manager"));
    assert_eq!((manager.outcome, manager.role), (Outcome::Outranked, None));
    let decides = role(&manager, Role::DecisionMaker);
    assert_eq!(decides.code, WhyCode::CannotSign);
    assert_eq!(decides.change.as_deref(), Some("a deal of up to $50k, or a higher rank"));
    assert_eq!(role(&manager, Role::Champion).code, WhyCode::Outranked);
    assert_eq!(role(&manager, Role::Blocker).code, WhyCode::CannotBlock);
    assert_eq!(role(&manager, Role::Introducer).code, WhyCode::OpensNoDoors);

    let marketing = why(roster(), 120_000, &person("new", "Director of Marketing"));
    assert_eq!(marketing.outcome, Outcome::FitsNoRole);
    assert!(
        [Role::DecisionMaker, Role::Champion, Role::Stakeholder]
            .into_iter()
            .all(|one| role(&marketing, one).code == WhyCode::UnrelatedFunction)
    );

    let wizard = why(roster(), 120_000, &person("new", "Wizard"));
    assert!(wizard.roles.iter().all(|one| one.code == WhyCode::RankUnknown && one.fit == 0));
    let excluded = why(roster(), 120_000, &person("new", "Account Manager"));
    assert_eq!(excluded.outcome, Outcome::ExcludedTitle);
    let specialist = why(roster(), 120_000, &person("new", "Software Engineer"));
    assert_eq!(role(&specialist, Role::Champion).code, WhyCode::RankUnsuitable);
    let seller = why(roster(), 120_000, &person("new", "VP Sales"));
    assert_eq!(role(&seller, Role::Introducer).code, WhyCode::NotWanted);
}

#[test]
fn a_member_hears_of_the_other_roles_too() {
    let cto = roster().into_iter().find(|one| one.id.as_str() == "cto").unwrap();
    let why = why(roster(), 120_000, &cto);
    assert_eq!((why.outcome, why.role), (Outcome::Seated, Some(Role::DecisionMaker)));
    assert_eq!(role(&why, Role::DecisionMaker).code, WhyCode::Seated);
    let director = roster().into_iter().find(|one| one.id.as_str() == "dir1").unwrap();
    let director = self::why(roster(), 120_000, &director);
    assert_eq!(role(&director, Role::Stakeholder).code, WhyCode::SeatedInOtherRole);
}

#[test]
fn explanations_hold_no_personal_data_and_survive_the_wire() {
    let mut people = roster();
    for person in &mut people {
        person.name = "Zebulon Quark".to_owned() + person.id.as_str();
    }
    for one in &people {
        let why = why(people.clone(), 120_000, one);
        let texts = why.roles.iter().flat_map(|role| [Some(&role.text), role.change.as_ref()]).flatten();
        assert!(texts.chain([&why.text]).all(|text| !text.contains("Quark")), "{why:?}");
        let json = serde_json::to_string(&why).unwrap();
        assert_eq!(serde_json::from_str::<Explanation>(&json).unwrap(), why);
        assert!(json.contains("\"code\":\"") && !json.contains("CannotSign"), "codes are snake_case");
    }
}
