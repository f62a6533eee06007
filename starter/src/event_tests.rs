//! Events: what is read, what is ignored, and that nothing makes the reader panic or leak.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::signature::{SIGNATURE_HEADER, TIMESTAMP_HEADER, Unverified, sign};
use crate::{Source, Sources};
use contracts::EnrichmentLevel;
use proptest::prelude::*;
use serde_json::json;

const NOW: i64 = 1_760_097_600_000;

fn verified(body: &[u8]) -> Verified {
    let secret = secrecy::SecretString::from("0123456789abcdef0123456789abcdef");
    let mut headers = http::HeaderMap::new();
    headers.insert(TIMESTAMP_HEADER, http::HeaderValue::from(NOW));
    headers.insert(SIGNATURE_HEADER, sign(&secret, NOW, body).parse().unwrap());
    let source = Source {
        name: "crm".parse().unwrap(),
        workspace: "demo".parse().unwrap(),
        secret,
        level: EnrichmentLevel::DeepResearch,
    };
    let sources = Sources::new(vec![source]).unwrap();
    Unverified::new(&headers, bytes::Bytes::copy_from_slice(body)).verify(&sources, NOW).unwrap()
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
    let Ok(Event::Refresh(request)) = read(&verified(&body)) else { panic!("not a refresh") };
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
        let Ok(Event::Refresh(request)) = read(&verified(event.to_string().as_bytes())) else {
            panic!("not a refresh")
        };
        request.person_ref.unwrap()
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
        assert!(matches!(read(&verified(event.to_string().as_bytes())), Ok(Event::Refresh(_))), "{reason}");
    }
    let event = json!({"id": "evt_1", "source": "crm", "type": "person.birthday", "person": 5});
    let Ok(Event::Ignored { event_id, reason }) = read(&verified(event.to_string().as_bytes())) else {
        panic!("taken")
    };
    assert_eq!((event_id.as_str(), reason), ("evt_1", Ignored::UnknownType));
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
        ("person.role_change", json!({}), false),
    ];
    for (kind, changes, ignored) in cases {
        let mut event = sample();
        event["type"] = json!(kind);
        event["changes"] = changes.clone();
        let read = read(&verified(event.to_string().as_bytes())).unwrap();
        assert_eq!(matches!(read, Event::Ignored { reason: Ignored::NothingChanged, .. }), ignored, "{kind} {changes}");
    }
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
    let Err(EventFault::Field(fault)) = read(&verified(event.to_string().as_bytes())) else { panic!("accepted") };
    assert_eq!((fault.pointer.as_str(), fault.field), ("/person/oldTitle", "/person/"));
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
        match read(&verified(event.to_string().as_bytes())) {
            Ok(_) => {}
            Err(EventFault::Field(fault)) => prop_assert!(fault.pointer.starts_with(pointers[place]), "{:?}", fault),
            Err(EventFault::NotJson(text)) => prop_assert!(false, "{}", text),
        }
    }

    #[test]
    fn any_bytes_are_refused_cleanly(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&verified(&body)).is_err());
    }
}
