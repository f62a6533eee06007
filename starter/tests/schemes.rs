//! Schemes: what may be written, and what a verifier makes of deliveries that are nearly right.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use secrecy::SecretString;
use starter::auth::{Denied, Generation, Preset, Proof, Scheme, Signed, Signer, SourceConfig, Sources, ToSign};
use starter::{Unverified, Verified};

const NOW: i64 = 1_767_225_600_000;
const ONE: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const TWO: &str = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";
const BODY: &[u8] = b"{\"a\":1}";

fn sources(scheme: Scheme, secrets: &[&str]) -> Sources {
    let config = SourceConfig::new("demo".parse().unwrap(), "crm".parse().unwrap(), scheme, "".into());
    let secrets = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
    Sources::new(vec![SourceConfig { secrets, ..config }]).unwrap()
}

fn signed(preset: Preset, secrets: &[&str], id: &str) -> Signed {
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
    let to_sign = ToSign { method: &Method::POST, url: "", id, at: NOW, body: BODY };
    Signer::new(preset.scheme().unwrap(), &secrets).unwrap().sign(&to_sign).unwrap()
}

fn verify(sources: &Sources, headers: &[(HeaderName, HeaderValue)]) -> Result<Verified, Denied> {
    // Kept apart rather than replaced, so that a header can stand twice.
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name, value.clone());
    }
    Unverified::new(Method::POST, Uri::from_static("/"), map, Bytes::from_static(BODY))
        .verify(sources.named("demo", "crm"), NOW)
}

fn text(value: impl AsRef<str>) -> HeaderValue {
    HeaderValue::from_str(value.as_ref()).unwrap()
}

#[test]
fn a_fault_names_the_field_and_the_remedy() {
    let whole = "mode = 'signature'\nalgorithm = 'hmac-sha256'\nsecret = 'utf8'\ncontent = '{id}.{timestamp}.{body}'\n\
                 tolerance_seconds = 300\nsignature = { header = 'x-s', format = 'raw', encoding = 'hex' }\n\
                 timestamp = { header = 'x-t', unit = 's' }\nid = { header = 'x-i' }\n";
    assert!(Scheme::from_toml(whole).is_ok());
    let cases = [
        ("algorithm = 'hmac-sha256'", "", "`algorithm` is missing"),
        ("'hmac-sha256'", "'hmac-sha1'", "allow_sha1 = true"),
        ("'hmac-sha256'", "'hmac-sha256'\nallow_sha1 = true", "`allow_sha1`"),
        ("'hmac-sha256'", "'md5'", "unknown variant"),
        ("secret = 'utf8'", "", "`secret` is missing"),
        ("{id}.", "", "`id` is not part of the signed content"),
        ("id = { header = 'x-i' }", "", "`id` is missing"),
        ("{timestamp}.", "", "`timestamp` is not part of the signed content"),
        ("timestamp = { header = 'x-t', unit = 's' }", "", "`timestamp` is missing"),
        ("tolerance_seconds = 300", "", "`tolerance_seconds` is missing"),
        ("tolerance_seconds = 300", "tolerance_seconds = 0", "1 to 86400"),
        ("tolerance_seconds = 300", "tolerance_seconds = 86401", "1 to 86400"),
        ("header = 'x-t'", "field = 't'", "`timestamp.field`"),
        ("header = 'x-t'", "header = 'x t'", "`timestamp.header` is not the name of a header"),
        ("header = 'x-t'", "header = ['x-t', 'y-t']", "as many alternatives as signature.header"),
        ("'raw'", "{ prefix = '' }", "`signature.format`"),
        ("'raw'", "{ field = 'v 1' }", "`signature.format`"),
        ("'signature'", "'path_token'", "mode = \"signature\""),
        ("'signature'", "'static_header'", "mode = \"signature\""),
        ("'signature'", "'signature'\nheader = 'x-s'", "`header`"),
        ("tolerance_seconds", "tolerance", "unknown field"),
    ];
    for (old, new, says) in cases {
        let fault = Scheme::from_toml(&whole.replacen(old, new, 1)).unwrap_err().to_string();
        assert!(fault.contains(says), "{old} -> {new}: {fault}");
    }
    assert!(Scheme::from_toml("mode = 'static_header'").unwrap_err().to_string().contains("`header` is missing"));
    assert!(Preset::Github.scheme().unwrap().with_tolerance(std::time::Duration::from_secs(1)).is_err());
}

#[test]
fn any_matching_signature_of_the_list_is_enough_and_other_versions_are_passed_over() {
    let sources = sources(Preset::StandardWebhooks.scheme().unwrap(), &[ONE]);
    let both = signed(Preset::StandardWebhooks, &[TWO, ONE], "msg_1");
    assert!(verify(&sources, &both.headers).is_ok(), "a sender in the middle of a rotation signs with both");
    let good = signed(Preset::StandardWebhooks, &[ONE], "msg_1");
    let signature = good.headers[2].1.to_str().unwrap().to_owned();
    let with = |value: String| {
        let mut headers = good.headers.clone();
        headers[2].1 = text(value);
        verify(&sources, &headers).map(|_| ())
    };
    let wrong = |n: usize| vec![format!("v1,{}", "A".repeat(43) + "="); n].join(" ");
    assert_eq!(with(format!("v1a,xyz v2,abc v1, v1 , {signature}")), Ok(()));
    assert_eq!(with(signature.replacen("v1,", "v1a,", 1)), Err(Denied::MalformedSignature));
    assert_eq!(with(signature.replacen("v1,", "V1,", 1)), Err(Denied::MalformedSignature));
    assert_eq!(with(signature.replacen(',', "=", 1)), Err(Denied::MalformedSignature));
    // At most sixteen are examined.
    assert_eq!(with(format!("{} {signature}", wrong(15))), Ok(()));
    assert_eq!(with(format!("{} {signature}", wrong(16))), Err(Denied::WrongSignature));
}

#[test]
fn a_header_that_stands_twice_proves_nothing() {
    for preset in [Preset::StandardWebhooks, Preset::Stripe, Preset::PersonChange] {
        let sources = sources(preset.scheme().unwrap(), &[ONE]);
        let good = signed(preset, &[ONE], "msg_1").headers;
        assert!(verify(&sources, &good).is_ok());
        for header in &good {
            let doubled: Vec<_> = good.iter().chain([header]).cloned().collect();
            assert!(verify(&sources, &doubled).is_err(), "{preset}: {} twice", header.0);
        }
    }
}

#[test]
fn the_first_family_of_headers_that_is_present_counts_as_a_whole() {
    let sources = sources(Preset::Svix.scheme().unwrap(), &[ONE]);
    let svix = signed(Preset::Svix, &[ONE], "msg_1").headers;
    let standard = signed(Preset::StandardWebhooks, &[ONE], "msg_2").headers;
    let id = |headers: &[_]| verify(&sources, headers).map(|verified| verified.delivery_id().unwrap().to_owned());
    assert_eq!(id(&svix), Ok("msg_1".into()));
    assert_eq!(id(&standard), Ok("msg_2".into()));
    assert_eq!(id(&[svix.clone(), standard.clone()].concat()), Ok("msg_1".into()));
    // Not the signature of the one with the id of the other.
    let mixed: Vec<_> = svix.iter().skip(1).chain(&standard[..1]).cloned().collect();
    assert_eq!(id(&mixed), Err(Denied::MalformedId));
}

#[test]
fn w15_each_generation_verifies_and_is_told() {
    let sources = sources(Preset::StandardWebhooks.scheme().unwrap(), &[ONE, TWO]);
    for (secret, generation) in [(ONE, Generation::Current), (TWO, Generation::Previous)] {
        let verified = verify(&sources, &signed(Preset::StandardWebhooks, &[secret], "msg_1").headers).unwrap();
        assert_eq!(verified.generation(), generation);
    }
}

#[test]
fn an_id_that_could_be_taken_for_more_is_refused_although_it_is_signed() {
    let sources = sources(Preset::StandardWebhooks.scheme().unwrap(), &[ONE]);
    for id in ["", "a.b", "a b", &"x".repeat(256)] {
        let headers = signed(Preset::StandardWebhooks, &[ONE], id).headers;
        assert_eq!(verify(&sources, &headers).unwrap_err(), Denied::MalformedId, "{id:?}");
    }
    let longest = signed(Preset::StandardWebhooks, &[ONE], &"x".repeat(255)).headers;
    assert!(verify(&sources, &longest).is_ok());
}

/// The predecessor's second intake signed the body alone, so that a delivery could be repeated for ever under a new id.
#[test]
fn w18_where_only_the_body_is_signed_no_header_gives_a_delivery_its_identity() {
    for preset in [Preset::Github, Preset::Shopify, Preset::Fullenrich] {
        let scheme = preset.scheme().unwrap();
        assert!(!scheme.is_timed());
        let sources = sources(scheme, &[ONE]);
        let mut headers = signed(preset, &[ONE], "msg_1").headers;
        for name in ["x-github-delivery", "x-shopify-webhook-id", "webhook-id", "x-timestamp"] {
            headers.push((HeaderName::from_static(name), text("renewed")));
        }
        let verified = verify(&sources, &headers).unwrap();
        assert_eq!((verified.delivery_id(), verified.signed_at()), (None, None), "{preset}");
    }
    // Nor can a scheme be written that trusts a time or an id without its being signed; and our own events have a window.
    for preset in Preset::ALL {
        if let Proof::Signature(scheme) = preset.scheme().unwrap().proof() {
            assert_eq!(scheme.id.is_some(), scheme.content.has(starter::auth::Token::Id), "{preset}");
            assert_eq!(scheme.time.is_some(), scheme.content.has(starter::auth::Token::Timestamp), "{preset}");
        }
    }
    assert!(Preset::PersonChange.scheme().unwrap().is_timed());
}

#[test]
fn the_asymmetric_scheme_verifies_with_what_is_public() {
    // RFC 8032, section 7.1, TEST 2.
    use base64::Engine as _;
    let encode = |hex: &str| base64::engine::general_purpose::STANDARD.encode(hex::decode(hex).unwrap());
    let seed = encode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let public = encode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let preset = Preset::StandardWebhooksEd25519;
    let sources = sources(preset.scheme().unwrap(), &[&format!("whpk_{public}")]);
    let good = signed(preset, &[&format!("whsk_{seed}")], "msg_1");
    let verified = verify(&sources, &good.headers).unwrap();
    assert_eq!(verified.delivery_id(), Some("msg_1"));
    let mut headers = good.headers.clone();
    headers[2].1 = text(good.headers[2].1.to_str().unwrap().replacen("v1a,", "v1,", 1));
    assert_eq!(verify(&sources, &headers).unwrap_err(), Denied::MalformedSignature);
    // A public key signs nothing, and a shared secret is no public key.
    let scheme = preset.scheme().unwrap();
    assert!(scheme.check_secret(&SecretString::from(ONE.replace("ZWY=", "")), false).is_err());
}
