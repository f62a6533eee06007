//! The door under bytes that nobody thought of. As a test, each target goes through its kept corpus and a second of random
//! inputs; `docs/fuzzing.md` says how to let a coverage-guided fuzzer run for longer.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod door;
mod edits;

use bolero::{TypeGenerator, check};
use door::{Door, NOW, SAMPLE};
use edits::Edit;
use serde_json::Value;

thread_local! {
    static DOOR: Door = Door::new();
}

/// Anything at all as what a connection carries. No panic, no 5xx, and nothing starts but the one event that is signed in the
/// corpus, unchanged.
#[test]
fn wire() {
    check!().for_each(|bytes: &[u8]| {
        DOOR.with(|door| {
            let answers = door.connection(bytes);
            for status in door::statuses(&answers) {
                assert!((100..500).contains(&status), "{status}");
            }
            for started in door.starts() {
                assert_eq!(started, contracts::Digest::of(SAMPLE.as_bytes()), "something started that nobody signed");
            }
        });
    });
}

/// Any headers before any body, without a secret: refused, and never in a way that tells one refusal from another.
#[test]
fn headers() {
    #[derive(Debug, TypeGenerator)]
    struct Sent {
        headers: Vec<(u8, Vec<u8>)>,
        body: Vec<u8>,
    }
    const NAMES: [&str; 8] = [
        "x-signature",
        "x-timestamp",
        "content-type",
        "content-encoding",
        "content-length",
        "x-signature",
        "x-timestamp",
        "host",
    ];
    check!().with_type::<Sent>().for_each(|sent| {
        DOOR.with(|door| {
            let mut request = http::Request::post(starter::PERSON_CHANGE_PATH).header("host", "t");
            if sent.headers.len() % 2 == 0 {
                request = request.header("content-type", "application/json").header("x-timestamp", NOW.to_string());
            }
            for (name, value) in &sent.headers {
                if let Ok(value) = http::HeaderValue::from_bytes(value) {
                    request = request.header(NAMES[usize::from(*name) % NAMES.len()], value);
                }
            }
            let (status, _) = door.ask(request.body(sent.body.clone().into()).unwrap());
            assert!([400, 401, 413, 415].contains(&status), "{status}");
            assert_eq!(door.starts(), []);
        });
    });
}

/// Any bytes, well signed.
#[test]
fn event() {
    check!().for_each(|body: &[u8]| DOOR.with(|door| judge(door, body)));
}

/// An event with a few changes, well signed: deeper than random bytes get.
#[test]
fn edited_event() {
    check!().with_type::<Vec<Edit>>().for_each(|edits| {
        let mut body = SAMPLE.as_bytes().to_vec();
        for edit in edits.iter().take(8) {
            edit.apply(&mut body);
        }
        DOOR.with(|door| judge(door, &body));
    });
}

/// What is signed is understood or refused, and what starts is what was sent.
fn judge(door: &Door, body: &[u8]) {
    let (status, answer) = door.deliver(body);
    assert!([200, 202, 400, 413, 422].contains(&status), "{status}");
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    let starts = door.starts();
    if status == 202 {
        assert_eq!(starts, [contracts::Digest::of(body)]);
        let event: Value = serde_json::from_slice(body).expect("accepted, and not JSON");
        assert_eq!(event["source"], "crm");
        assert_eq!(event["id"], answer["eventId"]);
    } else {
        assert_eq!(starts, []);
    }
    if status == 422 {
        // The pointer leads to something, or to where something is missing: its parent is there.
        let pointer = answer["pointer"].as_str().expect("no pointer");
        assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer}");
    }
}

/// The strict reader takes nothing that `serde_json` refuses, and reads it as it does.
#[test]
fn json() {
    check!().for_each(|body: &[u8]| {
        if let Ok(value) = starter::json::read(body) {
            let lenient: Value = serde_json::from_slice(body).expect("the strict reader is not strict");
            assert_eq!(value, lenient);
        }
    });
}

/// Every row of the bad-input corpus, as what it is on the wire, goes through `wire`'s check as well.
#[test]
fn rows_of_the_corpus_on_the_wire() {
    for row in starter::tamper::rows().unwrap() {
        let sender = starter::tamper::Sender {
            source: "crm".to_owned(),
            secret: secrecy::SecretString::from(door::SECRET),
            previous: None,
            now: NOW,
            event_id: "evt_001".to_owned(),
        };
        let sent = row.build(&sender);
        let bytes = [sent.head.as_slice(), &sent.body].concat();
        DOOR.with(|door| {
            for status in door::statuses(&door.connection(&bytes)) {
                assert!((100..500).contains(&status), "{}: {status}", row.name);
            }
            door.starts();
        });
    }
}
