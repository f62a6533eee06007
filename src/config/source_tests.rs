//! Sources: their schemes, and secrets as long as the scheme decodes them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::tests::{OTHER, Place, SECRET, SECRET_NEW, entry};
use super::*;
use starter::auth::Proof;

#[test]
fn a_source_has_a_scheme_by_name_or_written_out() {
    let text = format!(
        "[[sources]]\nname = 'pay'\nscheme = 'stripe'\ntolerance_seconds = 60\nsecret = '{SECRET}'\nintake = 'standard'\n\
         previous_secret = '{OTHER}'\nlimits = {{ per_second = 5 }}\n\
         [[sources]]\nname = 'own'\nsecret = '{SECRET_NEW}'\n[sources.scheme]\nmode = 'static_header'\nheader = 'X-Key'\n\
         [[sources]]\nname = 'open'\nscheme = 'unsigned'\ni_accept_unsigned_events = true\n"
    );
    let loaded = Place::new().file("bgr.toml", &text).load();
    let [pay, own, open] = &loaded.settings.sources[..] else { panic!("{:?}", loaded.settings.sources) };
    assert_eq!((pay.scheme.name(), pay.secrets.len(), pay.intake.as_str()), ("stripe", 2, "standard"));
    assert_eq!(pay.limits.per_second.map(u32::from), Some(5));
    assert!(matches!(own.scheme.proof(), Proof::StaticHeader(header) if header == "x-key"));
    assert!(open.secrets.is_empty() && open.i_accept_unsigned_events);
    assert_eq!(entry(&loaded, "sources.pay.scheme").value, "stripe");
    assert_eq!(entry(&loaded, "sources.own.scheme").value, "custom");
}

#[test]
fn a_secret_is_as_long_as_the_scheme_decodes_it() {
    let source = |scheme: &str, rest: &str| format!("[[sources]]\nname = 'crm'\nscheme = '{scheme}'\n{rest}\n");
    let whsec = |body: &str| format!("secret = 'whsec_{}'", body);
    let load =
        |text: String| Settings::load_in(&Overrides::default(), &Place::new().file("bgr.toml", &text).around).err();
    assert!(load(source("svix", &whsec(&"A".repeat(32)))).is_none());
    assert!(load(source("svix", &whsec(&"A".repeat(30)))).unwrap().to_string().contains("22 bytes long"));
    assert!(load(source("svix", &whsec("hunter2!"))).unwrap().to_string().contains("not base64"));
    // Lusha's secret looks the same, and is used as it stands.
    assert!(load(source("lusha", &whsec(&"A".repeat(18)))).is_none());
    assert!(load(source("slack", "secret = '0123456789'")).unwrap().to_string().contains("allow_short_secret = true"));
    assert!(load(source("slack", "secret = '0123456789'\nallow_short_secret = true")).is_none());
}

#[test]
fn faults_of_schemes_name_the_field_and_the_remedy() {
    let secret = format!("secret = '{SECRET}'");
    let cases = [
        ("scheme = 'strpe'", "use one of person_change, standard_webhooks"),
        ("scheme = 5", "the name of a scheme, or a table"),
        ("scheme = { mode = 'static_header' }", "`header` is missing"),
        ("scheme = { mode = 'static_header', hedder = 'x' }", "sources.0.scheme.hedder"),
        ("scheme = { mode = 'signature' }", "`algorithm` is missing"),
        ("scheme = 'github'\ntolerance_seconds = 5", "no time is signed"),
        ("tolerance_seconds = 0", "1 to 86400"),
        ("scheme = 'unsigned'", "asks for no proof"),
        ("limits = { per_second = 0 }", "sources.0.limits.per_second"),
        ("allow_short_secret = 'yes'", "true or false"),
    ];
    for (text, says) in cases {
        let fault = Place::new().file("bgr.toml", &format!("[[sources]]\nname = 'crm'\n{secret}\n{text}\n")).fault();
        assert!(fault.contains(says) && fault.contains("sources."), "{text}\n=> {fault}");
        assert!(!fault.contains(SECRET), "{fault}");
    }
    for url in [
        "hooks.example.com",
        "ftp://x.example",
        "https://x.example/hooks",
        "https://u:p@x.example",
        "https://x.example/?a",
    ] {
        let fault = Place::new().file("bgr.toml", &format!("[starter]\npublic_url = '{url}'\n")).fault();
        assert!(fault.contains("`starter.public_url`") && fault.contains("without a path"), "{url}: {fault}");
    }
    let place = Place::new().file("bgr.toml", "[starter]\npublic_url = 'https://x.example:8443/'\n");
    assert_eq!(place.load().settings.starter.public_url.as_deref(), Some("https://x.example:8443"));
}
