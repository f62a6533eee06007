//! Company keys, tiers and the seller profile.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

use engine::company::{UNLIMITED, domain_key, name_key};
use engine::{Company, Level, Tier};

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
