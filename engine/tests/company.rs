//! Company keys, tiers and the seller profile.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

use engine::company::{UNLIMITED, domain_key, name_key};
use engine::{Company, Level, ProfileError, SellerProfile, Tier};

#[test]
fn names_compare_without_legal_forms_in_any_script() {
    for (a, b) in [
        ("ACME Widgets, Inc.", "acme widgets"),
        ("Müller Maschinenbau GmbH & Co. KG", "MÜLLER MASCHINENBAU"),
        ("Lumière S.A.", "Lumière"),
        ("Lumière S. A.", "lumière SAS"),
        ("Officine Rossa S.p.A.", "Officine Rossa"),
        ("Grachtenhuis B.V.", "Grachtenhuis"),
        ("株式会社みどり", "みどり"),
        ("みどり 株式会社", "みどり"),
        ("The Sample Company, LLC", "Sample"),
        ("ＡＣＭＥ", "acme"),
        ("ООО Ромашка", "ромашка"),
    ] {
        assert_eq!(name_key(a), name_key(b), "{a:?} and {b:?}");
    }
    for (a, b) in [("Sample Norway", "Sample Sweden"), ("Ромашка", "みどり"), ("Nova", "Novo"), ("がき", "かき")]
    {
        assert_ne!(name_key(a), name_key(b), "{a:?} and {b:?}");
    }
}

#[test]
fn d8_no_name_becomes_nothing() {
    for name in ["株式会社", "みどり", "شركة النور", "हिन्दी", "Inc.", "SE", "!!!", "ООО", "The Company", "한국"]
    {
        assert_ne!(name_key(name), "", "{name:?}");
    }
    assert_eq!(name_key("  "), "");
}

#[test]
fn domains_are_hosts() {
    for (text, key) in [
        ("Example.com", "example.com"),
        ("https://www.example.co.uk/about?x=1#y", "example.co.uk"),
        ("http://example.com:8080", "example.com"),
        ("www.example.com.", "example.com"),
        ("https://münchen.example", "münchen.example"),
        ("www.com", "www.com"),
    ] {
        assert_eq!(domain_key(text).as_deref(), Some(key), "{text:?}");
    }
    for text in
        ["", "example", "a b.com", "me@example.com", "10.0.0.1", "ftp://example.com", "-a.com", "a..com", "x.c", "."]
    {
        assert_eq!(domain_key(text), None, "{text:?}");
    }
}

#[test]
fn tiers_follow_revenue_then_staff_then_say_unknown() {
    let of = |revenue, staff| Tier::of(&Company { revenue, staff, ..Company::default() });
    assert_eq!(of(Some(10_000_000), Some(3)), (Tier::S7, true));
    assert_eq!(of(Some(10_000_001), None), (Tier::M1, true));
    assert_eq!(of(None, Some(5)), (Tier::S1, true));
    assert_eq!(of(None, Some(282)), (Tier::S7, true));
    assert_eq!(of(None, Some(u32::MAX)), (Tier::L7, true));
    assert_eq!(of(Some(u64::MAX), None), (Tier::L7, true));
    assert_eq!(of(None, None), (Tier::S3, false), "E9: unknown is not a hundred employees");
}

#[test]
fn the_table_is_sound() {
    for tier in Tier::ALL {
        let (least, ideal, most) = tier.sizes();
        assert!(least <= ideal && ideal < most && most <= 19, "{tier}");
        assert_eq!(tier.targets().total(), ideal, "{tier}");
        for pair in Level::ALL.windows(2) {
            assert!(tier.approval_limit(pair[0]) <= tier.approval_limit(pair[1]), "{tier} {pair:?}");
        }
    }
    assert_eq!(Tier::S7.approval_limit(Level::VicePresident), 200_000);
    assert_eq!(Tier::S7.approval_limit(Level::CLevel), UNLIMITED);
}

#[test]
fn a_profile_is_read_and_defaults_fill_it() {
    let profile = SellerProfile::from_toml("deal_size = 5000\nprimary_functions = [\"finance\"]").unwrap();
    assert_eq!(profile.deal_size, 5_000);
    assert_eq!(profile.weights, SellerProfile::default().weights);
    SellerProfile::default().check().unwrap();
    let sample = include_str!("../../sample/profile.toml");
    SellerProfile::from_toml(sample).unwrap();
}

#[test]
fn a_bad_profile_is_refused_by_field_and_remedy() {
    let refusal = |text: &str| SellerProfile::from_toml(text).unwrap_err().to_string();
    for (text, field, hint) in [
        ("deal_size = 0", "deal_size", "whole US dollars"),
        ("currency = \"EUR\"", "currency", "USD"),
        ("primary_functions = []", "primary_functions", "at least one"),
        ("adjacent_functions = [\"engineering\"]", "adjacent_functions", "one of the two"),
        ("title_keywords = [\"ok\", \" \"]", "title_keywords", "position 2"),
        ("product = \"\"", "product", "what is sold"),
        ("deal_sise = 1", "deal_sise", "unknown field"),
        ("deal_size = \"much\"", "deal_size", "invalid type: string"),
        ("primary_functions = [\"enginering\"]", "enginering", "engineering"),
        ("[weights]\nrelevance=0\nauthority=0\ninfluence=0\nchampion=0\nreachability=0", "weights", "above 0"),
    ] {
        let message = refusal(text);
        assert!(message.contains(field) && message.contains(hint), "{text:?}: {message}");
    }
    assert!(matches!(SellerProfile::from_toml("deal_size = -1"), Err(ProfileError::Syntax(_))));
}
