//! Published vectors: what others have computed must verify here, and what they refuse must not.
//!
//! A handful stands here, so that a clone alone proves it. The larger sets are read from the shared data folder
//! (`BGR_SHARED_DATA`, else `../shared/data` beside the clone). Where it is missing these tests fail and say so;
//! `BGR_ALLOW_MISSING_DATA=1` lets them pass unchecked.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may panic, and says aloud what it skips"
)]

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use secrecy::SecretString;
use serde_json::Value;
use starter::auth::{Denied, Preset, Scheme, Signer, SourceConfig, Sources, SourcesError, ToSign};
use starter::{Unverified, Verified};
use std::path::PathBuf;
use std::time::Duration;

/// Exactly 72 bytes, SHA-256 1365fd8f…8a1555.
const BODY: &[u8] = br#"{"id":"evt_1","type":"promotion","entityType":"contact","entityId":"42"}"#;
const AT: i64 = 1_767_225_600;
const HUBSPOT: &str = "/v1/webhooks/hubspot";

fn source(scheme: Scheme, secrets: &[&str]) -> Result<Sources, SourcesError> {
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
    let config = SourceConfig::new("demo".parse().unwrap(), "crm".parse().unwrap(), scheme, "".into());
    let public_url = Some("https://hooks.example.com".to_owned());
    Sources::new(vec![SourceConfig { secrets, allow_short_secret: true, public_url, ..config }])
}

fn verify(sources: &Sources, headers: &[(&str, &str)], body: &[u8], now_s: i64) -> Result<Verified, Denied> {
    let pair =
        |(name, value): &(&str, &str)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    let headers: HeaderMap = headers.iter().map(pair).collect();
    Unverified::new(Method::POST, Uri::from_static(HUBSPOT), headers, Bytes::copy_from_slice(body))
        .verify(sources.named("demo", "crm"), now_s * 1000)
}

struct Vector {
    preset: Preset,
    secret: &'static str,
    id: &'static str,
    at_s: i64,
    body: &'static [u8],
    /// The whole value of the signature header.
    signature: &'static str,
}

const fn ours(preset: Preset, secret: &'static str, signature: &'static str) -> Vector {
    Vector { preset, secret, id: "msg_test_1", at_s: AT, body: BODY, signature }
}

const VECTORS: [Vector; 15] = [
    ours(Preset::PersonChange, "test-secret-1", "94874bcf091caec130ae9d766475a31ace4744bd72c639c9f8c6d45fb09249b1"),
    ours(Preset::Lusha, "whsec_dGVzdC1zZWNyZXQtMQ", "bd419e89fd22d34dbfb5d5457bb4eae48847fd2f5c6f59ef1800b2e8e4e69c98"),
    ours(Preset::Stripe, "whsec_test_1", "t=1767225600,v1=61bceb4593ba6b58b08952361030910ecfd4f350c31716355fd312b46595771a"),
    ours(Preset::Stripe, "whsec_test_0", "t=1767225600,v1=ef10c3ab2e8e77e9241a3b24b5f1876b837e55b01f2aceb9f2de9cf599ba6b45"),
    ours(Preset::Github, "test-secret-1", "sha256=640a6915d61f65f51db37bfb955b10cba353a3e1403444f21e26e1e5cf5aa350"),
    ours(Preset::Slack, "test-secret-1", "v0=e65a76097e2a90a8cd8140f27f77e7b64e880d23198afd09f03bc5d8cf31414d"),
    ours(Preset::Shopify, "test-secret-1", "ZAppFdYfZfUds3v7lVsQy6NTo+FANETyHibh5c9ao1A="),
    ours(Preset::HubspotV3, "test-secret-1", "q5lZWJZWR8zmePtbP5j6CeheJnvHrI6W7kmK5kpsc2E="),
    ours(Preset::Fullenrich, "test-secret-1", "9837b958fd5a81ff5dcb8bc5e672703596f9542a"),
    ours(Preset::StandardWebhooks, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "v1,iiIuKfr/zRSlC61R+dwyeEZy4Y+TLqvazT68GTRp3RU="),
    ours(Preset::StandardWebhooks, "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=", "v1,sFKlj9Q87Oi7ZBNEK/iCV4y1Eb5cZVp8ctFvNc0YP2w="),
    // The reference libraries' own.
    Vector {
        preset: Preset::StandardWebhooks,
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        at_s: 1_614_265_330,
        body: br#"{"test": 2432232314}"#,
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    Vector {
        preset: Preset::Svix,
        secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        at_s: 1_649_367_553,
        body: br#"{"email":"test@example.com","username":"test_user"}"#,
        signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    },
    // GitHub's documentation.
    Vector {
        preset: Preset::Github,
        secret: "It's a Secret to Everybody",
        id: "-",
        at_s: AT,
        body: b"Hello, World!",
        signature: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    },
    // Slack's documentation.
    Vector {
        preset: Preset::Slack,
        secret: "8f742231b10e8888abcd99yyyzzz85a5",
        id: "-",
        at_s: 1_531_420_618,
        body: b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
                &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
                &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
                &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
        signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    },
];

#[test]
fn every_published_signature_is_made_and_verified_here() {
    for (index, vector) in VECTORS.iter().enumerate() {
        let Vector { preset, secret, id, at_s, body, signature } = *vector;
        // The vector of the earlier system signs seconds; it is the text that is signed, and here its unit is milliseconds.
        let (at, now_s) = if preset == Preset::PersonChange { (at_s, at_s / 1000) } else { (at_s * 1000, at_s) };
        let url = format!("https://hooks.example.com{HUBSPOT}");
        let signer = Signer::of(preset, &SecretString::from(secret)).unwrap();
        let signed = signer.sign(&ToSign { method: &Method::POST, url: &url, id, at, body }).unwrap();
        assert_eq!(signed.headers.last().unwrap().1, signature, "{index} {preset}");
        let headers: Vec<_> =
            signed.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let sources = source(preset.scheme().unwrap(), &[secret]).unwrap();
        let verified = verify(&sources, &headers, body, now_s);
        assert!(verified.is_ok(), "{index} {preset}: {:?}", verified.unwrap_err());
        let other = [body, b" "].concat();
        assert_eq!(verify(&sources, &headers, &other, now_s).unwrap_err(), Denied::WrongSignature, "{index} {preset}");
    }
}

/// RFC 8032, section 7.1, TEST 2 and TEST 3, and RFC 4231, test case 1: the bare algorithms, through a bare scheme.
#[test]
fn the_algorithms_are_those_of_their_standards() {
    let bare = |algorithm: &str, secret: &str| {
        Scheme::from_toml(&format!(
            "mode = 'signature'\nalgorithm = '{algorithm}'\nsecret = '{secret}'\ncontent = '{{body}}'\n\
             signature = {{ header = 'x-sig', format = 'raw', encoding = 'hex' }}"
        ))
        .unwrap()
    };
    let cases: [(Scheme, &str, &[u8], &str); 3] = [
        (
            bare("ed25519", "hex"),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            b"\x72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            bare("ed25519", "hex"),
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            b"\xaf\x82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
        (
            bare("hmac-sha256", "hex"),
            "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
    ];
    for (scheme, key, message, signature) in &cases {
        let sources = source(scheme.clone(), &[key]).unwrap();
        assert!(verify(&sources, &[("x-sig", signature)], message, AT).is_ok());
        assert_eq!(verify(&sources, &[("x-sig", signature)], b"", AT).unwrap_err(), Denied::WrongSignature);
    }
}

/// The folder of published vectors, or nothing where that is allowed.
fn vectors(file: &str) -> Option<Vec<Value>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let file = std::env::var_os("BGR_SHARED_DATA").map_or_else(beside, PathBuf::from).join("webhooks").join(file);
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()),
        Err(error) if std::env::var_os("BGR_ALLOW_MISSING_DATA").is_some() => {
            eprintln!("NOT CHECKED: {}: {error}", file.display());
            None
        }
        Err(error) => panic!(
            "published vectors are missing: {}: {error}; set BGR_SHARED_DATA to the folder of shared data, or \
             BGR_ALLOW_MISSING_DATA=1 to go without",
            file.display()
        ),
    }
}

#[test]
fn wycheproof_hmac_sha256() {
    let Some(vectors) = vectors("wycheproof_hmac_sha256.jsonl") else { return };
    assert_eq!(vectors.len(), 174);
    let scheme = Scheme::from_toml(
        "mode = 'signature'\nalgorithm = 'hmac-sha256'\nsecret = 'hex'\ncontent = '{body}'\n\
         signature = { header = 'x-sig', format = 'raw', encoding = 'hex' }",
    );
    let scheme = scheme.unwrap();
    let mut accepted = 0;
    for vector in &vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let sources = source(scheme.clone(), &[text("key_hex")]).unwrap();
        let message = hex::decode(text("msg_hex")).unwrap();
        let verified = verify(&sources, &[("x-sig", text("tag_hex"))], &message, AT);
        // A truncated signature is none.
        let good = text("result") == "valid" && vector["tag_bits"] == 256;
        assert_eq!(verified.is_ok(), good, "vector {}: {}", vector["id"], vector["comment"]);
        accepted += usize::from(good);
    }
    assert_eq!(accepted, 33);
}

#[test]
fn standard_webhooks_cases() {
    let Some(cases) = vectors("standard_webhooks_cases.jsonl") else { return };
    assert_eq!(cases.len(), 19);
    for case in &cases {
        let (name, expect) = (case["name"].as_str().unwrap(), case["expect"].as_str().unwrap());
        // The window cannot be turned off here; a day stands for that.
        let tolerance = if case["enforce_timestamp"] == true { case["tolerance_s"].as_u64().unwrap() } else { 86_400 };
        let scheme = Preset::StandardWebhooks.scheme().unwrap().with_tolerance(Duration::from_secs(tolerance)).unwrap();
        let sources = source(scheme, &[case["secret"].as_str().unwrap()]);
        let Ok(sources) = sources else {
            assert_eq!(expect, "secret_error", "{name}: {}", sources.unwrap_err());
            continue;
        };
        let headers = case["headers"].as_object().unwrap();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        let body = case["body"].as_str().unwrap().as_bytes();
        let verified = verify(&sources, &headers, body, case["now"].as_i64().unwrap());
        assert_eq!(verified.is_ok(), expect == "accept", "{name}: {verified:?}");
        if let Ok(verified) = verified {
            assert_eq!(verified.delivery_id(), case["headers"]["webhook-id"].as_str());
        }
    }
}
