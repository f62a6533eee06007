//! Signatures: against published vectors, and against everything that is nearly one.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says aloud what it skips")]

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::EnrichmentLevel;
use proptest::prelude::*;
use serde_json::Value;
use std::path::PathBuf;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER: &str = "another secret of some length....";
const NOW: i64 = 1_760_097_600_000;

fn sources() -> Sources {
    let source = |workspace: &str, secret: &str| Source {
        name: "crm".parse().unwrap(),
        workspace: workspace.parse().unwrap(),
        secret: SecretString::from(secret),
        level: EnrichmentLevel::Enrich,
    };
    Sources::new(vec![source("demo", SECRET), source("two", OTHER)]).unwrap()
}

fn delivery(timestamp: &[u8], signature: &[u8], body: &[u8]) -> Unverified {
    let mut headers = HeaderMap::new();
    headers.insert(TIMESTAMP_HEADER, http::HeaderValue::from_bytes(timestamp).unwrap());
    headers.insert(SIGNATURE_HEADER, http::HeaderValue::from_bytes(signature).unwrap());
    Unverified::new(&headers, Bytes::copy_from_slice(body))
}

fn signed(secret: &str, at: i64, body: &[u8]) -> String {
    sign(&SecretString::from(secret), at, body)
}

#[test]
fn the_secret_alone_says_whose_it_is() {
    for (secret, workspace) in [(SECRET, "demo"), (OTHER, "two")] {
        let signature = signed(secret, NOW, b"{}");
        let verified =
            delivery(NOW.to_string().as_bytes(), signature.as_bytes(), b"{}").verify(&sources(), NOW + 5).unwrap();
        assert_eq!(verified.source().workspace.as_str(), workspace);
        assert_eq!((verified.body(), verified.received_at()), (&b"{}"[..], NOW + 5));
    }
    let stranger = signed("a third secret that nobody configured", NOW, b"{}");
    let denied = delivery(NOW.to_string().as_bytes(), stranger.as_bytes(), b"{}").verify(&sources(), NOW).unwrap_err();
    assert_eq!(denied, Denied::WrongSignature);
}

#[test]
fn the_window_is_five_minutes_both_ways_and_includes_its_edges() {
    for (offset, good) in [(0, true), (300_000, true), (-300_000, true), (300_001, false), (-300_001, false)] {
        let at = NOW + offset;
        let result =
            delivery(at.to_string().as_bytes(), signed(SECRET, at, b"x").as_bytes(), b"x").verify(&sources(), NOW);
        assert_eq!(result.map(|_| ()), if good { Ok(()) } else { Err(Denied::OutsideWindow) }, "{offset}");
    }
}

#[test]
fn only_plain_decimal_timestamps_are_read_even_when_they_are_signed() {
    let long = "1".repeat(20);
    let forms = [
        "",
        "NaN",
        "1e3",
        "0x10",
        "-1",
        "+1760097600000",
        "01760097600000",
        &long,
        "1760097600000.0",
        "1760097600000 ",
        "17600976 00000",
        "1_760",
        "１７６００９７６０００００",
        "٣",
    ];
    for form in forms {
        let signature = hex::encode(mac(SECRET.as_bytes(), &[form.as_bytes(), b".", b"x"]));
        let denied = delivery(form.as_bytes(), signature.as_bytes(), b"x").verify(&sources(), NOW).unwrap_err();
        assert_eq!(denied, Denied::MalformedTimestamp, "{form:?}");
    }
}

#[test]
fn a_dot_cannot_move_between_timestamp_and_body() {
    // `<NOW>.5.{}` could be the timestamp NOW and the body `5.{}`, or the timestamp `NOW.5` and the body `{}`.
    let signature = signed(SECRET, NOW, b"5.{}");
    let denied =
        delivery(format!("{NOW}.5").as_bytes(), signature.as_bytes(), b"{}").verify(&sources(), NOW).unwrap_err();
    assert_eq!(denied, Denied::MalformedTimestamp);
    let shorter = delivery(&NOW.to_string().as_bytes()[..12], signature.as_bytes(), b"0.5.{}");
    assert_eq!(shorter.verify(&sources(), NOW).unwrap_err(), Denied::WrongSignature);
}

proptest! {
    #[test]
    fn what_is_signed_is_verified(body in proptest::collection::vec(any::<u8>(), 0..300), offset in -300_000_i64..=300_000) {
        let at = NOW + offset;
        let signature = signed(SECRET, at, &body);
        prop_assert!(delivery(at.to_string().as_bytes(), signature.as_bytes(), &body).verify(&sources(), NOW).is_ok());
    }

    #[test]
    fn one_flipped_bit_anywhere_is_refused(
        body in proptest::collection::vec(any::<u8>(), 1..100), place in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let timestamp = NOW.to_string().into_bytes();
        let signature = signed(SECRET, NOW, &body).into_bytes();
        let mut parts = [timestamp, signature, body];
        let mut index = place.index(parts.iter().map(Vec::len).sum());
        for part in &mut parts {
            if index < part.len() {
                part[index] ^= 1 << bit;
                break;
            }
            index -= part.len();
        }
        let [timestamp, signature, body] = parts;
        // Some flips make bytes that cannot stand in a header at all.
        prop_assume!(http::HeaderValue::from_bytes(&timestamp).is_ok() && http::HeaderValue::from_bytes(&signature).is_ok());
        prop_assert!(delivery(&timestamp, &signature, &body).verify(&sources(), NOW).is_err());
    }

    #[test]
    fn no_header_makes_the_verifier_panic(timestamp in "[ -~]{0,80}", signature in "[ -~]{0,200}") {
        let result = delivery(timestamp.as_bytes(), signature.as_bytes(), b"{}").verify(&sources(), NOW);
        prop_assert!(result.is_err());
    }
}

/// Lines of a file of published vectors, or `None`, said aloud, when the folder of vectors is not there.
fn vectors(file: &str) -> Option<Vec<Value>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/webhooks");
    if !folder.is_dir() {
        eprintln!("SKIPPED: {file} is not checked, the folder of published vectors is absent");
        return None;
    }
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn wycheproof_hmac_sha256() {
    let Some(vectors) = vectors("wycheproof_hmac_sha256.jsonl") else { return };
    assert!(vectors.len() > 100, "only {} vectors", vectors.len());
    for vector in vectors {
        let bytes = |name: &str| hex::decode(vector[name].as_str().unwrap()).unwrap();
        let length = usize::try_from(vector["tag_bits"].as_u64().unwrap() / 8).unwrap();
        let computed = mac(&bytes("key_hex"), &[&bytes("msg_hex")]);
        let equal = computed[..length] == bytes("tag_hex")[..];
        assert_eq!(equal, vector["result"] == "valid", "vector {}: {}", vector["id"], vector["comment"]);
    }
}

/// Another scheme with the same core, `<id>.<timestamp>.<body>`: what its libraries accept, our MAC must confirm.
#[test]
fn standard_webhooks_core() {
    let Some(cases) = vectors("standard_webhooks_cases.jsonl") else { return };
    let mut confirmed = 0;
    for case in cases.iter().filter(|case| case["expect"] == "accept") {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let secret = text(&case["secret"]);
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(&secret)).unwrap();
        let (id, at) = (text(&case["headers"]["webhook-id"]), text(&case["headers"]["webhook-timestamp"]));
        let parts = [id.as_bytes(), b".", at.as_bytes(), b".", case["body"].as_str().unwrap().as_bytes()];
        let expected = format!("v1,{}", STANDARD.encode(mac(&key, &parts)));
        let given = text(&case["headers"]["webhook-signature"]);
        assert!(given.split(' ').any(|signature| signature == expected), "{}", case["name"]);
        confirmed += 1;
    }
    assert!(confirmed >= 5, "only {confirmed} cases");
}
