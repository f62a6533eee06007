//! Events: what is read, what is ignored, and that nothing makes the reader panic or leak.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::super::{Delivery, DeliveryWindow, Intake, SourceFacts, read as read_delivery};
use super::*;
use contracts::{Digest, EnrichmentLevel, RefreshRequest, StartRequest};
use proptest::prelude::*;

const NOW: i64 = 1_760_097_600_000;

fn facts() -> SourceFacts {
    SourceFacts {
        name: "crm".parse().unwrap(),
        workspace: "demo".parse().unwrap(),
        level: EnrichmentLevel::DeepResearch,
        intake: Intake::PersonChange,
        window: DeliveryWindow::Week,
        openings: None,
    }
}

fn deliver(body: &[u8]) -> Result<Delivery, EventFault> {
    read_delivery(&facts(), body, NOW, None)
}

/// The events of a body that is one.
fn events(body: &Value) -> Vec<Event> {
    let delivery = deliver(body.to_string().as_bytes()).unwrap();
    delivery.items.into_iter().map(|item| item.event.unwrap()).collect()
}

fn requests(body: &Value) -> Vec<RefreshRequest> {
    let refresh = |event| match event {
        Event::Start(request) => match *request {
            StartRequest::Refresh(request) => Some(request),
            StartRequest::Suppress(_) | StartRequest::Bulk(_) => None,
        },
        Event::Ignored { .. } => None,
    };
    events(body).into_iter().filter_map(refresh).collect()
}

fn ignored(body: &Value) -> Option<Ignored> {
    match events(body).as_slice() {
        [Event::Ignored { reason, .. }] => Some(*reason),
        _ => None,
    }
}

fn sample() -> Value {
    json!({
        "id": "evt_001", "source": "crm", "type": "person.role_change", "timestamp": "2025-10-10T12:00:00Z",
        "person": {"id": "p_123", "name": "John Doe", "email": "john@example.com", "oldTitle": "VP Sales", "newTitle": "CRO"},
        "company": {"id": "c_456", "name": " Test Company ", "domain": "test.example"},
        "changes": {"title": {"old": "VP Sales", "new": "CRO"}},
        "something": {"new": [1, 2, 3]},
    })
}

#[test]
fn an_event_becomes_a_request_without_personal_data() {
    let body = serde_json::to_vec(&sample()).unwrap();
    let request = requests(&sample()).remove(0);
    assert_eq!((request.workspace.as_str(), request.event.source.as_str()), ("demo", "crm"));
    assert_eq!((request.level, request.reason.clone()), (EnrichmentLevel::DeepResearch, RefreshReason::RoleChange));
    assert_eq!(request.event.id.as_str(), "evt_001");
    assert_eq!(request.person_ref, Some(person_ref(&request.workspace, "p_123")));
    assert_eq!((request.event.occurred_at, request.event.received_at), (1_760_097_600_000, NOW));
    let company = request.company.named().unwrap();
    assert_eq!((company.name.as_str(), company.id.as_deref()), ("Test Company", Some("c_456")));
    assert_eq!((company.domain.as_deref(), &request.event.digest), (Some("test.example"), &Digest::of(&body)));
    let json = serde_json::to_string(&request).unwrap();
    for private in ["John", "john", "VP Sales", "CRO"] {
        assert!(!json.contains(private), "{private} got into {json}");
    }
}

#[test]
fn a_person_s_id_may_have_any_letters_and_goes_on_as_a_reference() {
    let with_id = |id: &str| {
        let mut event = sample();
        event["person"]["id"] = json!(id);
        requests(&event).remove(0).person_ref.unwrap()
    };
    for id in ["andré_gómez", "山田 太郎", "a/b", "42", "john@example.com"] {
        assert_eq!(with_id(id), person_ref(&"demo".parse().unwrap(), id));
    }
}

#[test]
fn every_known_type_refreshes_and_any_other_is_ignored_whatever_is_in_it() {
    for reason in RefreshReason::EVENTS {
        let mut event = sample();
        event["type"] = json!(reason.as_str());
        assert_eq!(requests(&event).len(), 1, "{reason}");
    }
    let event = json!({"id": "evt_1", "source": "crm", "type": "person.birthday", "person": 5});
    let expected = Event::Ignored { event_id: "evt_1".parse().unwrap(), reason: Ignored::UnknownType };
    assert_eq!(events(&event), [expected]);
}

#[test]
fn a_change_that_changes_nothing_is_ignored_only_when_it_says_so_itself() {
    let same = json!({"title": {"old": "CRO", "new": "CRO"}});
    let cases = [
        ("person.role_change", same.clone(), true),
        ("person.promotion", same.clone(), true),
        ("person.joined", same.clone(), false),
        ("person.company_change", same, false),
        ("person.role_change", json!({"title": {"old": "a", "new": "a"}, "team": {"old": null, "new": "x"}}), false),
        ("person.role_change", json!({"title": {"old": null, "new": null}}), true),
        ("person.role_change", json!({"title": {}}), false),
        ("person.role_change", json!({"title": {"old": "CRO"}}), false),
        ("person.department_change", json!({}), false),
    ];
    for (kind, changes, ignored) in cases {
        let mut event = sample();
        event["type"] = json!(kind);
        event["changes"] = changes.clone();
        assert_eq!(super::tests::ignored(&event) == Some(Ignored::NothingChanged), ignored, "{kind} {changes}");
    }
}

/// A move, as said by these members of `person` and this `company`.
fn moved(old: Option<&str>, new: Option<&str>, company: &str) -> Vec<(String, String)> {
    let mut event = sample();
    event["type"] = json!("person.company_change");
    event["company"] = json!({"name": company});
    event["person"]["oldCompany"] = json!(old);
    event["person"]["newCompany"] = json!(new);
    let named = |request: RefreshRequest| (request.event.id.to_string(), request.company.named().unwrap().name.clone());
    requests(&event).into_iter().map(named).collect()
}

#[test]
fn w16_a_move_refreshes_both_companies_each_under_an_id_of_its_own() {
    let pair = |a: &str, b: &str, ending: &str| {
        vec![("evt_001".to_owned(), a.to_owned()), (format!("evt_001:{ending}"), b.to_owned())]
    };
    assert_eq!(moved(Some("Contoso"), Some("Northwind"), "Northwind"), pair("Northwind", "Contoso", "from"));
    assert_eq!(moved(Some("Contoso"), Some("Northwind"), "CONTOSO, Inc."), pair("CONTOSO, Inc.", "Northwind", "to"));
    assert_eq!(moved(Some("Contoso"), None, "Northwind"), pair("Northwind", "Contoso", "from"));
    assert_eq!(moved(None, Some("Northwind"), "Contoso"), pair("Contoso", "Northwind", "to"));
    // The new employer under another name than its own.
    assert_eq!(moved(Some("Contoso"), Some("NW"), "Northwind"), pair("Northwind", "Contoso", "from"));
    // Only one company is named.
    for (old, new) in [(None, None), (Some(" "), Some("")), (None, Some("northwind ltd")), (Some("Northwind"), None)] {
        assert_eq!(moved(old, new, "Northwind"), [("evt_001".to_owned(), "Northwind".to_owned())], "{old:?} {new:?}");
    }
    let mut event = sample();
    event["type"] = json!("person.company_change");
    event["changes"] = json!({"company": {"old": "Contoso", "new": "Test Company"}});
    assert_eq!(requests(&event).len(), 2, "said by the changes");
    // The id has no room for an ending.
    event["id"] = json!("x".repeat(512));
    let requests = requests(&event);
    assert!(requests[1].event.id.as_str().ends_with(":from"));
    assert_ne!(requests[0].event.id, requests[1].event.id);
    assert_eq!(requests[0].event.digest, requests[1].event.digest);
}

#[test]
fn w17_an_event_that_says_itself_that_nothing_changed_triggers_no_paid_work() {
    assert_eq!(
        moved(Some("Northwind"), Some("NORTHWIND, Inc."), "Northwind"),
        [],
        "the same employer before and after"
    );
    let mut event = sample();
    event.as_object_mut().unwrap().remove("changes");
    event["person"]["oldTitle"] = json!("CRO ");
    assert_eq!(ignored(&event), Some(Ignored::NothingChanged), "the same title before and after");
    event["type"] = json!("person.department_change");
    assert_eq!(ignored(&event), None, "titles say nothing of a department");
}

#[test]
fn w13_an_insignificant_event_is_told_so_and_nothing_of_a_rate_limit() {
    let mut event = sample();
    event["changes"] = json!({"title": {"old": "CRO", "new": "CRO"}});
    assert_eq!(ignored(&event).unwrap().as_str(), "old and new values are equal");
}

#[test]
fn w11_w12_the_credential_says_source_and_workspace_and_the_body_neither() {
    let other = SourceFacts { workspace: "other".parse().unwrap(), ..facts() };
    let mut event = sample();
    event["workspace"] = json!("other");
    let body = event.to_string();
    let id = |facts: &SourceFacts| match read_delivery(facts, body.as_bytes(), NOW, None).unwrap().items.remove(0).event
    {
        Ok(Event::Start(request)) => request.workflow_id().to_string(),
        event => panic!("{event:?}"),
    };
    assert_eq!(id(&facts()), "buyer-group-refresh/demo/crm/evt_001");
    assert_eq!(id(&other), "buyer-group-refresh/other/crm/evt_001", "one event id in two workspaces is two events");
    let standard = |name: &str| SourceFacts { name: name.parse().unwrap(), intake: Intake::Standard, ..facts() };
    let payload =
        json!({"type": "person.role_change", "timestamp": "2025-10-10T12:00:00Z", "data": sample()}).to_string();
    let id = |facts: &SourceFacts| match read_delivery(facts, payload.as_bytes(), NOW, Some("msg_1"))
        .unwrap()
        .items
        .remove(0)
        .event
    {
        Ok(Event::Start(request)) => request.workflow_id(),
        event => panic!("{event:?}"),
    };
    assert_ne!(id(&standard("one")), id(&standard("two")), "one event id of two sources is two events");
}

#[test]
fn timestamps_are_rfc_3339_and_nothing_more() {
    let good =
        ["2025-10-10T12:00:00Z", "2025-10-10t12:00:00.123456789z", "2025-10-10T14:00:00+02:00", "2024-02-29T23:59:60Z"];
    let bad = [
        "",
        "now",
        "1760097600000",
        "2025-10-10",
        "2025-10-10T12:00:00",
        "2025-10-10 12:00:00Z",
        "2025-10-10T12:00Z",
        "2025-13-10T12:00:00Z",
        "2025-02-29T12:00:00Z",
        "2025-10-10T25:00:00Z",
        "2025-10-10T12:00:00.Z",
        "2025-W41-5T12:00:00Z",
        "2025-10-10T12:00:00Z[UTC]",
        "2025-10-10T12:00:00+0200",
        "+002025-10-10T12:00:00Z",
        " 2025-10-10T12:00:00Z",
    ];
    for text in good {
        assert!(fields::date_time(text).is_some(), "{text}");
    }
    for text in bad {
        assert_eq!(fields::date_time(text), None, "{text}");
    }
    assert_eq!(fields::date_time("2025-10-10T14:00:00+02:00"), Some(1_760_097_600_000));
}

#[test]
fn a_fault_names_field_shape_and_remedy_and_never_the_value() {
    let mut event = sample();
    event["person"]["oldTitle"] = json!(["Chief Secret Officer"]);
    let Err(EventFault::Field(fault)) = deliver(event.to_string().as_bytes()) else { panic!("accepted") };
    assert_eq!((fault.pointer.as_str(), fault.field), ("/person/oldTitle", "/person/*"));
    assert!(fault.detail.contains("an array of 1 elements") && fault.remedy.contains("a string"), "{fault:?}");
    assert!(!format!("{fault:?}").contains("Secret"), "{fault:?}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_in_any_place_is_taken_or_refused_cleanly(value in any_json(), place in 0..16_usize) {
        let pointers = ["", "/id", "/source", "/type", "/timestamp", "/person", "/person/id", "/person/name", "/person/email",
            "/person/oldTitle", "/company", "/company/id", "/company/name", "/company/domain", "/changes", "/changes/title"];
        let mut event = sample();
        *event.pointer_mut(pointers[place]).unwrap() = value;
        match deliver(event.to_string().as_bytes()) {
            Ok(_) => {}
            Err(EventFault::Field(fault)) => prop_assert!(fault.pointer.starts_with(pointers[place]), "{:?}", fault),
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn any_bytes_are_refused_cleanly(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(deliver(&body).is_err());
    }
}

#[test]
fn the_verdict_on_positions_travels_and_the_titles_do_not() {
    use engine::{Openings, SellerProfile};
    let openings = Some(std::sync::Arc::new(Openings::new(&SellerProfile::default())));
    let facts = SourceFacts { openings, ..facts() };
    let asked = |kind: &str, person: Value, changes: Value| {
        let mut body = sample();
        body["type"] = json!(kind);
        body["person"] = person;
        body["changes"] = changes;
        let delivery = read_delivery(&facts, body.to_string().as_bytes(), NOW, None).unwrap();
        let Ok(Event::Start(start)) = &delivery.items[0].event else { panic!("{delivery:?}") };
        let StartRequest::Refresh(request) = start.as_ref() else { panic!("{start:?}") };
        let text = serde_json::to_string(request).unwrap();
        assert!(!text.contains("Nurse") && !text.contains("Engineering"), "{text}");
        request.could_sit
    };
    let titled = |old: &str, new: &str| json!({"id": "p1", "oldTitle": old, "newTitle": new});
    let none = || json!({});
    for (kind, person, changes, could_sit) in [
        ("person.role_change", titled("Registered Nurse", "Truck Driver"), none(), Some(false)),
        ("person.role_change", titled("Registered Nurse", "VP Engineering"), none(), Some(true)),
        ("person.role_change", titled("VP Engineering", "Registered Nurse"), none(), Some(true)),
        // What they were is not told.
        ("person.role_change", json!({"id": "p1", "newTitle": "Registered Nurse"}), none(), None),
        ("person.joined", json!({"id": "p1", "newTitle": "Registered Nurse"}), none(), Some(false)),
        ("person.left", json!({"id": "p1", "newTitle": "Registered Nurse"}), none(), None),
        ("person.left", titled("Registered Nurse", "VP Engineering"), none(), Some(false)),
        (
            "person.role_change",
            json!({"id": "p1"}),
            json!({"title": {"old": "Registered Nurse", "new": "Manager"}, "department": {"new": "Engineering"}}),
            Some(true),
        ),
        ("person.joined", json!({"id": "p1"}), none(), None),
    ] {
        assert_eq!(asked(kind, person.clone(), changes), could_sit, "{kind} {person}");
    }
}
