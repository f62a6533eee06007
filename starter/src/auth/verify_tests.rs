//! Verification: what is signed is verified, and everything that is nearly so is not.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::super::presets::Preset;
use super::super::secret::SecretEncoding;
use super::super::sign::{Signed, Signer, ToSign};
use super::super::source::SourceConfig;
use super::super::sources::Sources;
use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::collections::HashMap;
use std::sync::LazyLock;

const NOW: UnixMillis = 1_767_225_600_000;
const PUBLIC: &str = "https://hooks.example.com";
const SEED: [u8; 32] = *b"a seed of exactly 32 bytes......";

/// Secrets of a source of this scheme: the one that signs and the one that verifies.
fn secrets(preset: Preset) -> (SecretString, SecretString) {
    let scheme = preset.scheme().unwrap();
    let is_ed25519 = preset == Preset::StandardWebhooksEd25519;
    let encoded = |prefix: &str, bytes: &[u8]| SecretString::from(format!("{prefix}{}", STANDARD.encode(bytes)));
    if is_ed25519 {
        let pair = Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap();
        return (encoded("whsk_", &SEED), encoded("whpk_", pair.public_key().as_ref()));
    }
    let secret = match scheme.proof() {
        Proof::Signature(scheme) if scheme.secret == SecretEncoding::Whsec => encoded("whsec_", &SEED),
        _ => SecretString::from("demo-secret-0123456789abcdef"),
    };
    (secret.clone(), secret)
}

/// Made once: reading a scheme takes longer than using it.
static PARTIES: LazyLock<HashMap<Preset, (Sources, Signer)>> = LazyLock::new(|| {
    let parties = |preset: Preset| {
        let (signing, verifying) = secrets(preset);
        let scheme = preset.scheme().unwrap();
        let config = SourceConfig {
            public_url: Some(PUBLIC.into()),
            i_accept_unsigned_events: preset == Preset::Unsigned,
            ..SourceConfig::new("demo".parse().unwrap(), "crm".parse().unwrap(), scheme, verifying)
        };
        (preset, (Sources::new(vec![config]).unwrap(), Signer::of(preset, &signing).unwrap()))
    };
    Preset::ALL.iter().copied().map(parties).collect()
});

fn sources(preset: Preset) -> &'static Sources {
    &PARTIES[&preset].0
}

fn signed(preset: Preset, at: UnixMillis, body: &[u8]) -> Signed {
    let url = format!("{PUBLIC}/api/webhooks/demo/crm?x=1%3A2");
    PARTIES[&preset].1.sign(&ToSign { method: &Method::POST, url: &url, id: "msg_1", at, body }).unwrap()
}

fn delivery(signed: Signed, body: &[u8]) -> Unverified {
    let uri = Uri::from_static("/api/webhooks/demo/crm?x=1%3A2");
    let body = Bytes::copy_from_slice(body);
    let delivery = Unverified::new(Method::POST, uri, signed.headers.into_iter().collect(), body);
    match signed.path_token {
        Some(token) => delivery.with_token(token.expose_secret()),
        None => delivery,
    }
}

fn proven() -> impl Iterator<Item = Preset> {
    Preset::ALL.iter().copied().filter(|preset| *preset != Preset::Unsigned)
}

#[test]
fn every_preset_can_be_read_and_is_found_by_its_name() {
    for preset in Preset::ALL {
        assert_eq!(preset.as_str().parse::<Preset>().unwrap(), *preset);
        assert_eq!(preset.scheme().unwrap().preset(), Some(*preset), "{preset}");
    }
    assert!("strip".parse::<Preset>().unwrap_err().to_string().contains("stripe"));
}

#[test]
fn every_scheme_verifies_what_it_signs_and_says_what_it_knows() {
    for preset in Preset::ALL.iter().copied() {
        let verified =
            delivery(signed(preset, NOW, b"{}"), b"{}").verify(sources(preset).named("demo", "crm"), NOW + 5);
        let verified = verified.unwrap_or_else(|denied| panic!("{preset}: {denied:?}"));
        assert_eq!((verified.body(), verified.received_at()), (&b"{}"[..], NOW + 5));
        let scheme = preset.scheme().unwrap();
        assert_eq!(verified.signed_at(), scheme.is_timed().then_some(NOW), "{preset}");
        let has_id = matches!(scheme.proof(), Proof::Signature(scheme) if scheme.id.is_some());
        assert_eq!(verified.delivery_id(), has_id.then_some("msg_1"), "{preset}");
        let generation = if preset == Preset::Unsigned { Generation::Unsigned } else { Generation::Current };
        assert_eq!(verified.generation(), generation, "{preset}");
    }
}

#[test]
fn an_unknown_source_is_refused_even_with_a_good_signature() {
    for preset in proven() {
        let sources = sources(preset);
        for (workspace, source) in [("demo", "other"), ("other", "crm"), ("unknown", "unknown"), ("", "")] {
            let denied = delivery(signed(preset, NOW, b"{}"), b"{}").verify(sources.named(workspace, source), NOW);
            assert_eq!(denied.unwrap_err(), Denied::UnknownSource, "{preset}");
        }
    }
}

#[test]
fn the_window_counts_both_ways_and_includes_its_edges() {
    for preset in proven().filter(|preset| preset.scheme().unwrap().is_timed()) {
        for (offset, good) in [(0, true), (300_000, true), (-300_000, true), (301_000, false), (-301_000, false)] {
            let signed = signed(preset, NOW + offset, b"x");
            let result = delivery(signed, b"x").verify(sources(preset).named("demo", "crm"), NOW);
            assert_eq!(result.map(|_| ()), if good { Ok(()) } else { Err(Denied::OutsideWindow) }, "{preset} {offset}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_signed_is_verified_byte_for_byte(body in proptest::collection::vec(any::<u8>(), 0..300), offset in -300_i64..=300) {
        for preset in Preset::ALL.iter().copied() {
            let signed = signed(preset, NOW + offset * 1000, &body);
            let verified = delivery(signed, &body).verify(sources(preset).named("demo", "crm"), NOW);
            prop_assert_eq!(verified.map(|verified| verified.body().to_vec()), Ok(body.clone()), "{}", preset);
        }
    }

    #[test]
    fn one_flipped_bit_anywhere_is_refused(
        body in proptest::collection::vec(any::<u8>(), 1..100), place in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        for preset in proven() {
            let is_bound = matches!(preset.scheme().unwrap().proof(), Proof::Signature(_));
            let mut signed = signed(preset, NOW, &body);
            let mut body = body.clone();
            let flipped = |bytes: &[u8], index: usize| {
                let mut bytes = bytes.to_vec();
                bytes[index] ^= 1 << bit;
                bytes
            };
            let lengths: Vec<usize> = signed.headers.iter().map(|(_, value)| value.len()).collect();
            let in_body = if is_bound { body.len() } else { 0 };
            let total = lengths.iter().sum::<usize>() + in_body;
            if total == 0 {
                continue;
            }
            let mut index = place.index(total);
            let at = lengths.iter().position(|length| index < *length || { index -= length; false });
            match at {
                None => body = flipped(&body, index),
                Some(header) => {
                    // Some flips make bytes that cannot stand in a header at all.
                    let Ok(value) = HeaderValue::from_bytes(&flipped(signed.headers[header].1.as_bytes(), index)) else { continue };
                    signed.headers[header].1 = value;
                }
            }
            let result = delivery(signed, &body).verify(sources(preset).named("demo", "crm"), NOW);
            prop_assert!(result.is_err(), "{}", preset);
        }
    }

    #[test]
    fn w8_no_header_makes_the_verifier_panic(value in proptest::collection::vec(any::<u8>(), 0..200), other in "[ -~]{0,80}", token in ".{0,40}") {
        for preset in proven() {
            let mut signed = signed(preset, NOW, b"{}");
            let count = signed.headers.len();
            for (index, (_, header)) in signed.headers.iter_mut().enumerate() {
                let bytes = if index + 1 == count { &value } else { other.as_bytes() };
                *header = HeaderValue::from_bytes(bytes).unwrap_or(HeaderValue::from_static("-"));
            }
            signed.path_token = Some(SecretString::from(token.as_str()));
            let result = delivery(signed, b"{}").verify(sources(preset).named("demo", "crm"), NOW);
            prop_assert!(result.is_err(), "{}", preset);
        }
    }
}
