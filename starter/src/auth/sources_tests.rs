//! Sources that cannot be told apart, or guessed, are not served.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use secrecy::SecretString;

const SECRET: &str = "0123456789abcdef01234567";
const OTHER: &str = "other-0123456789abcdef01234567";

fn source(workspace: &str, name: &str, secret: &str) -> SourceConfig {
    of(Preset::PersonChange, workspace, name, secret)
}

fn of(preset: Preset, workspace: &str, name: &str, secret: &str) -> SourceConfig {
    SourceConfig::new(workspace.parse().unwrap(), name.parse().unwrap(), preset.scheme().unwrap(), secret.into())
}

#[test]
fn w7_a_source_without_a_secret_is_refused() {
    let none = SourceConfig { secrets: vec![], ..source("demo", "crm", "") };
    for config in [none, source("demo", "crm", ""), of(Preset::Svix, "demo", "crm", "whsec_")] {
        let error = Sources::new(vec![config]).unwrap_err().to_string();
        assert!(error.contains("crm") && error.contains("forged"), "{error}");
    }
    assert_eq!(Sources::new(vec![]).unwrap_err(), SourcesError::None);
}

#[test]
fn w7_an_unsigned_source_needs_to_be_meant() {
    let unsigned = of(Preset::Unsigned, "demo", "crm", SECRET);
    let error = Sources::new(vec![unsigned.clone()]).unwrap_err().to_string();
    assert!(error.contains("i_accept_unsigned_events = true"), "{error}");
    assert!(Sources::new(vec![SourceConfig { i_accept_unsigned_events: true, ..unsigned }]).is_ok());
    let contradicts = SourceConfig { i_accept_unsigned_events: true, ..source("demo", "crm", SECRET) };
    let error = Sources::new(vec![contradicts]).unwrap_err().to_string();
    assert!(error.contains("`person_change`, which asks for proof"), "{error}");
}

#[test]
fn what_cannot_be_told_apart_or_guessed_is_refused() {
    let encoded = format!("whsec_{}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, SECRET));
    let cases = [
        (vec![source("demo", "crm", &SECRET[..23])], "openssl rand"),
        (vec![SourceConfig { allow_short_secret: true, ..source("demo", "crm", "1234567") }], "at least 8"),
        (vec![source("demo", "manual", SECRET)], "reserved"),
        (vec![source("demo", "crm", SECRET), source("demo", "crm", OTHER)], "configured twice"),
        (vec![of(Preset::HubspotV3, "demo", "crm", SECRET)], "starter.public_url"),
        (vec![of(Preset::PathToken, "demo", "crm", &format!("{SECRET}/?"))], "an address carries unchanged"),
        (vec![source("demo", "a", SECRET), of(Preset::Svix, "demo", "crm", &encoded)], "give each its own"),
    ];
    for (sources, says) in cases {
        let named = sources.last().map(|source| source.name.to_string()).unwrap();
        let error = Sources::new(sources).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains(&named), "{says}: {error}");
        assert!(!error.contains(&SECRET[..23]), "the message shows the secret: {error}");
    }
    let short = SourceConfig { allow_short_secret: true, ..source("demo", "crm", "test-secret-1") };
    assert!(Sources::new(vec![short]).is_ok());
    let many = (0..=Sources::MAX_PERSON_CHANGE).map(|n| source("demo", &format!("s{n}"), &format!("{SECRET}{n}")));
    assert_eq!(Sources::new(many.collect()).unwrap_err(), SourcesError::TooMany { count: 65 });
}

#[test]
fn w11_the_same_name_in_two_workspaces_is_two_sources() {
    let sources = Sources::new(vec![source("demo", "crm", SECRET), source("two", "crm", OTHER)]).unwrap();
    assert_eq!(sources.iter().count(), 2);
    for workspace in ["demo", "two"] {
        assert_eq!(sources.named(workspace, "crm").sources[0].workspace.as_str(), workspace);
    }
}

#[test]
fn w15_no_secret_serves_two_sources_not_even_as_a_previous_one() {
    let old = SourceConfig { secrets: vec![OTHER.into(), SECRET.into()], ..source("demo", "hr", OTHER) };
    for sources in [
        vec![source("demo", "crm", SECRET), source("two", "crm", SECRET)],
        vec![source("demo", "crm", SECRET), old.clone()],
        vec![old, source("demo", "crm", SECRET)],
    ] {
        assert!(matches!(Sources::new(sources).unwrap_err(), SourcesError::SharedSecret { .. }));
    }
}

#[test]
fn w15_secrets_are_rotated_while_serving_and_unfit_ones_change_nothing() {
    let sources = Sources::new(vec![source("demo", "crm", SECRET), source("two", "crm", OTHER)]).unwrap();
    let new = "a-new-secret-that-is-long-enough";
    let rotate = |workspace: &str, secrets: &[&str]| {
        let secrets: Vec<SecretString> = secrets.iter().map(|text| SecretString::from(*text)).collect();
        sources.rotate(&workspace.parse().unwrap(), &"crm".parse().unwrap(), &secrets)
    };
    let count = || sources.named("demo", "crm").sources[0].secrets();
    assert_eq!(rotate("demo", &[SECRET]), Ok(false));
    // In the middle of a rotation the old secret stands in both places.
    assert_eq!((rotate("demo", &[SECRET, SECRET]), count()), (Ok(false), 1));
    assert_eq!((rotate("demo", &[new, SECRET]), count()), (Ok(true), 2));
    for unfit in [&[][..], &[""], &["short"], &[OTHER], &[new, OTHER], &["0", "1", "2", "3", "4", "5"]] {
        let error = rotate("demo", unfit).unwrap_err().to_string();
        assert!(error.contains("'crm'") && !error.contains(OTHER), "{error}");
        assert_eq!(count(), 2, "{unfit:?} replaced what was good");
    }
    assert!(rotate("three", &[new]).unwrap_err().to_string().contains("restart"));
}

#[test]
fn debug_output_shows_no_secret() {
    let config = source("demo", "crm", SECRET);
    let sources = Sources::new(vec![config.clone()]).unwrap();
    let shown = format!("{config:?}{sources:?}");
    assert!(shown.contains("REDACTED") && !shown.contains(SECRET), "{shown}");
}
