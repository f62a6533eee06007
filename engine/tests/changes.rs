//! What changed between two groups, and when it is too much to save unseen.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

use engine::{Contact, DropReason, GroupSnapshot, MemberSnapshot, PersonId, Role, diff, significant_drop};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn member(id: &str, role: Role, score: u8) -> MemberSnapshot {
    MemberSnapshot {
        person_id: PersonId::new(id).unwrap(),
        name: format!("Person {id}"),
        title: Some(format!("Title {}", score / 40)),
        role,
        score,
        contact: Contact { email: score.is_multiple_of(3).then(|| format!("{id}@acme.example")), phone: None },
    }
}

fn group(members: &[(&str, Role)], confidence: u8) -> GroupSnapshot {
    GroupSnapshot { members: members.iter().map(|(id, role)| member(id, *role, 60)).collect(), confidence }
}

fn reasons(before: &GroupSnapshot, after: &GroupSnapshot) -> Vec<DropReason> {
    significant_drop(before, after).map(|drop| drop.reasons().to_vec()).unwrap_or_default()
}

const DM: Role = Role::DecisionMaker;
const CH: Role = Role::Champion;
const ST: Role = Role::Stakeholder;

#[test]
fn each_reason_has_its_threshold_and_its_figures() {
    let four = group(&[("a", DM), ("b", CH), ("c", ST), ("d", ST)], 80);
    let change = |after| reasons(&four, &after);
    assert_eq!(change(four.clone()), []);
    assert_eq!(change(group(&[], 80)), [DropReason::Empty { before: 4 }]);
    assert_eq!(
        change(group(&[("a", CH), ("b", CH), ("c", ST), ("d", ST)], 80)),
        [DropReason::NoDecisionMaker { before: 1 }]
    );
    assert_eq!(change(group(&[("a", DM), ("b", CH), ("c", ST)], 80)), [], "a quarter gone");
    assert_eq!(
        change(group(&[("a", DM), ("b", CH), ("x", ST), ("y", ST)], 80)),
        [DropReason::HalfGone { gone: 2, before: 4 }],
        "half gone, though others came"
    );
    assert_eq!(change(group(&[("a", DM), ("b", CH), ("c", ST), ("d", ST)], 51)), [], "29 less");
    assert_eq!(
        change(group(&[("a", DM), ("b", CH), ("c", ST), ("d", ST)], 50)),
        [DropReason::ConfidenceFell { before: 80, after: 50 }]
    );
    let drop = significant_drop(&four, &group(&[("a", ST)], 10)).unwrap();
    assert_eq!(
        drop.to_string(),
        "no decision maker any more, there were 1; 3 of 4 members are gone; confidence fell from 80 to 10"
    );
    assert_eq!(
        serde_json::to_value(&drop).unwrap()[1],
        serde_json::json!({"reason": "half_gone", "gone": 3, "before": 4})
    );
}

#[test]
fn small_groups_and_first_groups_are_judged_fairly() {
    assert_eq!(reasons(&group(&[], 90), &group(&[], 0)), [], "there was no group");
    assert_eq!(reasons(&group(&[("a", CH)], 50), &group(&[("b", CH)], 50)), [], "one of one is no half");
    assert_eq!(
        reasons(&group(&[("a", CH), ("b", CH)], 50), &group(&[("a", CH)], 50)),
        [DropReason::HalfGone { gone: 1, before: 2 }]
    );
    assert_eq!(reasons(&group(&[("a", CH), ("b", CH), ("c", CH)], 50), &group(&[("a", CH), ("b", CH)], 50)), []);
}

fn members() -> impl Strategy<Value = Vec<MemberSnapshot>> {
    let role = proptest::sample::select(Role::ALL.to_vec());
    proptest::collection::btree_map("[a-h]", (role, 0..=100_u8), 0..8)
        .prop_map(|people| people.iter().map(|(id, (role, score))| member(id, *role, *score)).collect())
}

proptest! {
    #[test]
    fn a_group_differs_from_itself_in_nothing(members in members()) {
        prop_assert!(diff(&members, &members).is_empty());
        let group = GroupSnapshot { members, confidence: 50 };
        prop_assert_eq!(significant_drop(&group, &group), None);
    }

    #[test]
    fn there_and_back_mirror_each_other(a in members(), b in members()) {
        let (there, back) = (diff(&a, &b), diff(&b, &a));
        prop_assert_eq!(&there.joined, &back.left);
        prop_assert_eq!(&there.left, &back.joined);
        let turned: Vec<_> = back.role_changed.iter().map(|change| (&change.person_id, change.new, change.old)).collect();
        let straight: Vec<_> = there.role_changed.iter().map(|change| (&change.person_id, change.old, change.new)).collect();
        prop_assert_eq!(straight, turned);
        prop_assert_eq!(there.summary().score_moved, back.summary().score_moved);
        prop_assert_eq!(there.summary().title_changed, back.summary().title_changed);
    }

    #[test]
    fn what_is_told_leads_from_the_one_group_to_the_other(a in members(), b in members()) {
        let told = diff(&a, &b);
        let mut now: BTreeMap<PersonId, MemberSnapshot> = a.iter().map(|one| (one.person_id.clone(), one.clone())).collect();
        for gone in &told.left {
            prop_assert!(now.remove(&gone.person_id).is_some());
        }
        for new in &told.joined {
            prop_assert!(now.insert(new.person_id.clone(), new.clone()).is_none());
        }
        for change in &told.role_changed { now.get_mut(&change.person_id).unwrap().role = change.new; }
        for change in &told.title_changed { now.get_mut(&change.person_id).unwrap().title = change.new.clone(); }
        for change in &told.contact_changed { now.get_mut(&change.person_id).unwrap().contact = change.new.clone(); }
        for change in &told.score_moved { now.get_mut(&change.person_id).unwrap().score = change.new; }
        for (mut reached, wanted) in now.into_values().zip(&b) {
            prop_assert!(reached.score.abs_diff(wanted.score) < engine::diff::SCORE_MOVE);
            reached.score = wanted.score;
            prop_assert_eq!(&reached, wanted);
        }
    }

    #[test]
    fn order_and_repetition_tell_nothing(a in members(), b in members(), turn in 0..8_usize) {
        let mut turned: Vec<_> = a.iter().rev().cloned().collect();
        if let Some(first) = turned.first().cloned() {
            // Somebody listed a second time with a lower score, at either end.
            let again = MemberSnapshot { score: first.score / 2, role: Role::Introducer, ..first };
            turned.insert(if turn % 2 == 0 { 0 } else { turned.len() }, again);
            let lower = turned.iter().all(|one| one.score > 0);
            prop_assume!(lower);
        }
        prop_assert_eq!(diff(&a, &b), diff(&turned, &b));
    }

    #[test]
    fn keeping_everybody_and_all_confidence_is_no_drop(a in members(), more in members(), confidence in 0..=100_u8) {
        let mut after = a.clone();
        after.extend(more.into_iter().filter(|new| a.iter().all(|old| old.person_id != new.person_id)));
        let (before, after) = (GroupSnapshot { members: a, confidence }, GroupSnapshot { members: after, confidence: 100 });
        prop_assert_eq!(significant_drop(&before, &after), None);
    }
}
