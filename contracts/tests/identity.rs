//! Identities: what is accepted, and that two events never share a workflow id.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use contracts::{EventId, EventKey, SourceName, WorkflowId, WorkspaceId, company_id, person_ref};
use proptest::prelude::*;

fn id(workspace: &str, source: &str, event: &str) -> WorkflowId {
    WorkflowId::new(&workspace.parse().unwrap(), &source.parse().unwrap(), &event.parse().unwrap())
}

#[test]
fn a_plain_event_id_stands_in_the_workflow_id_as_it_is() {
    assert_eq!(id("demo", "crm", "evt_001").as_str(), "buyer-group-refresh/demo/crm/evt_001");
}

#[test]
fn a_suppression_has_an_id_of_its_own_and_none_of_a_refresh() {
    let (workspace, source, event) = ("demo".parse().unwrap(), "lusha".parse().unwrap(), "evt_001".parse().unwrap());
    let id = WorkflowId::of_suppression(&workspace, &source, &event);
    assert_eq!(id.as_str(), "suppress-contact/demo/lusha/evt_001");
    assert_eq!(WorkflowId::parse(id.as_str()), None);
}

#[test]
fn an_id_is_measured_in_characters() {
    assert!("🎉".repeat(512).parse::<EventId>().is_ok());
    assert!("🎉".repeat(513).parse::<EventId>().is_err());
}

#[test]
fn an_address_never_stands_in_a_workflow_id() {
    let id = id("demo", "crm", "ana.ruiz@test.example");
    assert!(!id.as_str().contains("ana") && !id.as_str().contains('@'), "{id}");
}

#[test]
fn a_verbatim_id_is_never_taken_for_a_hashed_one() {
    let hashed = id("demo", "crm", "with space");
    let (_, key) = hashed.as_str().rsplit_once('/').unwrap();
    assert_ne!(id("demo", "crm", key), hashed);
}

#[test]
fn names_and_ids_out_of_bounds_are_refused_and_not_repeated() {
    for text in ["", "Demo", "a/b", "-a", "ä", &"a".repeat(65)] {
        assert!(text.parse::<WorkspaceId>().is_err() && text.parse::<SourceName>().is_err(), "{text:?}");
    }
    for text in ["", "a\nb", "a\0", &"a".repeat(513)] {
        assert!(text.parse::<EventId>().is_err(), "{text:?}");
    }
    let refusal = "secret-looking\n".parse::<EventId>().unwrap_err().to_string();
    assert!(!refusal.contains("secret"), "{refusal}");
}

#[test]
fn a_person_is_referred_to_without_being_named() {
    let demo: WorkspaceId = "demo".parse().unwrap();
    let other: WorkspaceId = "other".parse().unwrap();
    let reference = person_ref(&demo, "ana.ruiz@test.example");
    assert!(!reference.contains("ana") && reference.len() == 23, "{reference}");
    assert_eq!(reference, person_ref(&demo, "ana.ruiz@test.example"));
    assert_ne!(reference, person_ref(&demo, "ana.ruis@test.example"));
    assert_ne!(reference, person_ref(&other, "ana.ruiz@test.example"));
}

#[test]
fn a_company_has_one_id_by_domain_or_else_by_name() {
    let demo: WorkspaceId = "demo".parse().unwrap();
    let other: WorkspaceId = "other".parse().unwrap();
    let by_domain = company_id(&demo, "Test Company", Some("https://www.test.example/about"));
    assert_eq!(by_domain, company_id(&demo, "Another Name", Some("test.example")));
    assert_ne!(by_domain, company_id(&demo, "Test Company", None));
    assert_ne!(by_domain, company_id(&other, "Test Company", Some("test.example")));
    assert_eq!(company_id(&demo, "Test Company, Inc.", None), company_id(&demo, "TEST COMPANY", None));
    assert_ne!(company_id(&demo, "株式会社東京", None), company_id(&demo, "株式会社大阪", None));
}

proptest! {
    #[test]
    fn workflow_ids_are_short_readable_back_and_distinct(
        workspace in "[a-z0-9][a-z0-9_-]{0,63}",
        source in "[a-z0-9][a-z0-9_-]{0,63}",
        event in "\\PC{1,128}",
        other in "\\PC{1,128}",
    ) {
        prop_assume!(event.chars().count() <= EventId::MAX_CHARS && other.chars().count() <= EventId::MAX_CHARS);
        let made = id(&workspace, &source, &event);
        prop_assert!(made.as_str().len() <= 255);
        prop_assert!(made.as_str().is_ascii());
        let parts = WorkflowId::parse(made.as_str()).unwrap();
        prop_assert_eq!(parts.workspace.as_str(), workspace.as_str());
        prop_assert_eq!(parts.source.as_str(), source.as_str());
        prop_assert_eq!(&parts.event, &event.parse::<EventId>().unwrap().key());
        prop_assert_eq!(EventKey::parse(&parts.event.to_string()), Some(parts.event.clone()));
        prop_assert_eq!(&WorkflowId::of_key(&parts.workspace, &parts.source, &parts.event), &made);
        if let EventKey::Verbatim(text) = parts.event {
            prop_assert_eq!(text, event.clone());
        }
        prop_assert_eq!(made == id(&workspace, &source, &other), event == other);
    }

    #[test]
    fn reading_an_id_never_panics(text in "\\PC{0,300}") {
        let _ = WorkflowId::parse(&text);
    }
}
