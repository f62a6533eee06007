//! What every payload means, pinned: `tests/golden/NAME.vN/CASE.json` holds a body and what is read from it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A Wednesday.
const NOW: UnixMillis = 1_795_608_000_000;

fn facts(intake: Intake) -> SourceFacts {
    SourceFacts {
        name: "feed".parse().unwrap(),
        workspace: "demo".parse().unwrap(),
        level: EnrichmentLevel::Enrich,
        intake,
        window: DeliveryWindow::Week,
        openings: None,
    }
}

fn folder(intake: Intake) -> PathBuf {
    let name = format!("{}.v{}", intake.as_str(), intake.version());
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn cases(intake: Intake) -> Vec<(PathBuf, Value)> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder(intake)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 3, "{intake:?} has too few cases");
    let read = |file: PathBuf| {
        let case = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        (file, case)
    };
    files.into_iter().map(read).collect()
}

fn normalised(intake: Intake, case: &Value) -> Value {
    let body = serde_json::to_vec(&case["body"]).unwrap();
    match read(&facts(intake), &body, NOW, case["delivery_id"].as_str()) {
        Ok(delivery) => {
            let items: Vec<Value> = delivery.items.into_iter().map(item).collect();
            let ack = match delivery.ack {
                Ack::Single => json!("single"),
                Ack::Batch => json!("batch"),
                Ack::Lusha { webhook_id, .. } => json!({"webhook_id": webhook_id}),
            };
            let mut means = json!({"items": items, "ack": ack});
            if !delivery.unread.is_empty() {
                means["unread"] = json!(delivery.unread);
            }
            means
        }
        Err(EventFault::Field(fault)) => json!({"fault": fault.pointer, "detail": fault.detail}),
        Err(fault) => json!({"fault": format!("{fault:?}")}),
    }
}

fn item(item: Item) -> Value {
    match item.event {
        Ok(Event::Start(request)) => {
            let id = request.workflow_id();
            json!({"start": serde_json::to_value(request).unwrap(), "workflow_id": id.as_str()})
        }
        Ok(Event::Ignored { event_id, reason }) => json!({"ignored": reason.as_str(), "event_id": event_id}),
        Err(fault) => json!({"fault": fault.pointer, "detail": fault.detail}),
    }
}

/// With `BGR_RECORD_GOLDEN=1` a case without a meaning gets the one it has now, to be read before it is kept.
#[test]
fn every_payload_means_what_it_has_always_meant() {
    for intake in Intake::ALL {
        for (file, mut case) in cases(intake) {
            let means = normalised(intake, &case);
            if case.get("means").is_none() && std::env::var_os("BGR_RECORD_GOLDEN").is_some() {
                case["means"] = means.clone();
                std::fs::write(&file, serde_json::to_string_pretty(&case).unwrap() + "\n").unwrap();
            }
            assert_eq!(case.get("means"), Some(&means), "{}", file.display());
        }
    }
}

/// What is refused, or read in part, does not fit the schema, and what is taken as it is does.
#[test]
fn every_body_fits_the_schema_or_is_refused() {
    for intake in Intake::ALL {
        let schema = described(intake);
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        for (file, case) in cases(intake) {
            let errors: Vec<String> = validator.iter_errors(&case["body"]).map(|error| error.to_string()).collect();
            let means = case["means"].to_string();
            let faults = means.contains("\"fault\"") || means.contains("\"unread\"");
            assert_eq!(!errors.is_empty(), faults, "{}: {errors:?}", file.display());
        }
    }
}

/// Nothing that says who somebody is or how to reach them gets into a request.
#[test]
fn no_request_holds_what_a_person_is_called_or_reached_by() {
    for intake in Intake::ALL {
        for (file, case) in cases(intake) {
            let means = case["means"]["items"].to_string();
            for private in ["Jane", "jane", "Roe", "555", "CRO", "VP Sales", "linkedin"] {
                assert!(!means.contains(private), "{private} in {}", file.display());
            }
        }
    }
}

fn coresignal(body: Value, at: UnixMillis, window: DeliveryWindow) -> Vec<(String, Digest)> {
    let facts = SourceFacts { window, ..facts(Intake::CoresignalEmployee) };
    let delivery = read(&facts, body.to_string().as_bytes(), at, None).unwrap();
    let start = |item: Item| match item.event.unwrap() {
        Event::Start(request) => (request.event_id().to_string(), request.digest().clone()),
        ignored @ Event::Ignored { .. } => panic!("{ignored:?}"),
    };
    delivery.items.into_iter().map(start).collect()
}

#[test]
fn a_notification_is_the_same_event_again_however_and_among_whichever_it_comes() {
    let day = 86_400_000;
    let one = json!({"member_id": 90003, "status": "changed", "changed_fields": ["headline", "experience"]});
    let same =
        json!({"changed_fields": ["experience", "headline", "headline"], "status": "changed", "member_id": "90003"});
    let other = json!({"member_id": 90004, "status": "changed"});
    let week = DeliveryWindow::Week;
    let first = coresignal(json!([one]), NOW, week);
    assert_eq!(coresignal(json!([other, same]), NOW + day, week)[1], first[0]);
    assert_eq!(coresignal(same.clone(), NOW, week), first);
    assert_ne!(coresignal(json!([one]), NOW + 7 * day, week), first, "next week's change is another");
    assert_ne!(
        coresignal(json!([one]), NOW + day, DeliveryWindow::Day),
        coresignal(json!([one]), NOW, DeliveryWindow::Day)
    );
    assert_ne!(coresignal(json!([other]), NOW, week), first);
}

#[test]
fn a_number_is_read_exactly_whatever_its_size() {
    let large =
        coresignal(json!({"member_id": 9_007_199_254_740_993_u64, "change_type": "changed"}), NOW, DeliveryWindow::Day);
    let text = coresignal(json!({"member_id": "9007199254740993", "status": "changed"}), NOW, DeliveryWindow::Day);
    assert_eq!(large, text);
    assert_ne!(
        large,
        coresignal(json!({"member_id": 9_007_199_254_740_992_u64, "status": "changed"}), NOW, DeliveryWindow::Day)
    );
}

#[test]
fn further_data_points_of_an_opt_out_are_a_suppression_of_their_own() {
    let opt_out = |address: &str| {
        let body = json!({"contactId": "987", "contactOptOutDate": "2026-05-02 08:00:00.000",
            "datapoints": [{"datapointId": address, "datapointType": "email"}]});
        let delivery = read(&facts(Intake::LushaSignal), body.to_string().as_bytes(), NOW, None).unwrap();
        match delivery.items.into_iter().next().unwrap().event.unwrap() {
            Event::Start(request) => request.workflow_id(),
            ignored @ Event::Ignored { .. } => panic!("{ignored:?}"),
        }
    };
    assert_eq!(opt_out("jane@acme.example"), opt_out("Jane@acme.example"));
    assert_ne!(opt_out("jane@acme.example"), opt_out("jane@home.example"));
}

proptest! {
    #[test]
    fn no_body_makes_a_reader_panic(body in "[\\[\\]{}\",:0-9a-z_.\\\\ ]{0,120}", intake in 0..4_usize) {
        let _ = read(&facts(Intake::ALL[intake]), body.as_bytes(), NOW, Some("msg_1"));
    }

    #[test]
    fn no_object_of_lusha_is_refused(members in proptest::collection::btree_map(member(), value(), 0..8), data in proptest::collection::btree_map(member(), value(), 0..6), nested in any::<bool>()) {
        let mut body = json!(members);
        if nested {
            body["data"] = json!(data);
        }
        let delivery = read(&facts(Intake::LushaSignal), body.to_string().as_bytes(), NOW, None);
        prop_assert!(matches!(delivery, Ok(Delivery { ack: Ack::Lusha { .. }, .. })), "{}", body);
    }
}

fn member() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "id",
        "type",
        "entityId",
        "data",
        "personId",
        "currentCompanyName",
        "currentDomain",
        "previousCompanyName",
        "previousDomain",
        "timestamp",
        "contactId",
        "contactOptOutDate",
        "datapoints",
        "other",
    ])
}

fn value() -> impl Strategy<Value = Value> {
    let texts = ["", " ", "x", "companyChange", "promotion", "a.example", "a b", "x@y.example", "+1 555 0100", "\u{0}"];
    let long = "x".repeat(600);
    proptest::sample::select(
        texts
            .iter()
            .map(|text| json!(text))
            .chain([
                json!(long),
                json!(null),
                json!(true),
                json!(-1),
                json!(1.5),
                json!(u64::MAX),
                json!([]),
                json!({}),
                json!([{}, 1]),
                json!([{"datapointId": "x@y.example"}]),
                json!({"personId": 1}),
            ])
            .collect::<Vec<_>>(),
    )
}
