//! The documents of a group against the schema that readers are given.

use super::Desk;
use super::schema_check::{self, Fields};
use engine::{Function, Level, Role, Tier};
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../docs/schemas/group.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// What the schema has against a document; empty when it fits. Readers must ignore fields they do not know; we may not have
/// any that the schema does not describe.
pub fn objections(document: &Value) -> Vec<String> {
    schema_check::objections(&schema(), document, Fields::OnlyDescribed)
}

#[tokio::test(flavor = "multi_thread")]
async fn computed_groups_fit_the_schema() {
    let desk = Desk::new().await;
    desk.file("few.csv", "name,title\nAda Example,CTO\nBob Example,Software Engineer\n");
    for args in [
        &["discover"][..],
        &["discover", "--preset", "legal", "--staff", "9000"],
        &["discover", "--roster", "few.csv", "--company", "Few"],
        &["discover", "--deal-size", "90000", "--currency", "EUR", "--exchange", "EUR=1.08"],
    ] {
        let group = desk.run(&[args, &["--output", "json"]].concat()).await.ended(0).json();
        assert_eq!(objections(&group), Vec::<String>::new(), "{args:?}");
        assert!(group["targets"].is_object() && group["seller"].is_object(), "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_refuses_what_a_group_is_not() {
    let desk = Desk::new().await;
    let group = desk.run(&["discover", "--output", "json"]).await.ended(0).json();
    for (place, wrong) in [
        ("/cohesion", json!(101)),
        ("/tier", json!("xl")),
        ("/members/0/role", json!("boss")),
        ("/members/0/reasons", json!([])),
        ("/members/0/scores/overall", json!(null)),
        ("/members/0/level", json!("chief")),
        ("/targets/champion", json!(-1)),
        ("/seller/rate", json!(1.08)),
        ("/company", json!({"name": "x", "domain": null, "colour": "blue"})),
    ] {
        let mut group = group.clone();
        *group.pointer_mut(place).unwrap_or_else(|| panic!("no {place}")) = wrong;
        let found = objections(&group);
        assert!(found.len() == 1 && found[0].starts_with(place), "{place}: {found:?}");
    }
    let mut newer = group;
    newer["added_later"] = json!(1);
    let tolerant = schema_check::objections(&schema(), &newer, Fields::Any);
    assert_eq!(tolerant, Vec::<String>::new(), "a reader with today's schema refuses tomorrow's group");
    assert_eq!(objections(&newer).len(), 1);
}

#[test]
fn the_schema_has_the_vocabulary_of_the_engine() {
    let schema = schema();
    let listed = |place: &str| -> Vec<String> {
        let list = schema.pointer(place).and_then(Value::as_array).unwrap_or_else(|| panic!("no {place}"));
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let names = |all: &[&'static str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let roles: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    assert_eq!(listed("/$defs/role/enum"), names(&roles));
    assert_eq!(listed("/properties/targets/required"), names(&roles));
    let tiers: Vec<_> = Tier::ALL.iter().map(|tier| tier.as_str()).collect();
    assert_eq!(listed("/properties/tier/enum"), names(&tiers));
    let levels: Vec<_> = Level::ALL.iter().map(|level| level.as_str()).collect();
    assert_eq!(listed("/$defs/member/properties/level/enum"), names(&levels));
    let functions: Vec<_> = Function::ALL.iter().map(|function| function.as_str()).collect();
    assert_eq!(listed("/$defs/member/properties/functions/items/enum"), names(&functions));
}
