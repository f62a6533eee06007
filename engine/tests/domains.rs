//! Whose a domain is, and whose employer somebody has.

use engine::company::{identity_domain, is_consumer_domain, registrable_domain};
use engine::{Company, Employer, same_employer};
use proptest::prelude::*;

#[test]
fn e8_all_of_co_uk_is_not_one_company() {
    for (text, domain) in [
        ("a.b.co.uk", Some("b.co.uk")),
        ("https://www.b.co.uk:8443/x?y#z", Some("b.co.uk")),
        ("b.co.uk.", Some("b.co.uk")),
        ("co.uk", None),
        ("www.co.uk", None),
        ("com", None),
        ("com.au", None),
        ("shop.acme.com.au", Some("acme.com.au")),
        ("careers.acme.k12.ca.us", Some("acme.k12.ca.us")),
        ("x.acme.example", Some("acme.example")),
        // Wildcard and exception rules of the list.
        ("a.b.ck", Some("a.b.ck")),
        ("b.ck", None),
        ("www.ck", Some("www.ck")),
        ("me@b.co.uk", None),
        ("10.0.0.1", None),
        ("[::1]", None),
        ("", None),
    ] {
        assert_eq!(registrable_domain(text).as_deref(), domain, "{text:?}");
    }
}

#[test]
fn one_domain_in_unicode_and_in_punycode_is_one_domain() {
    for (a, b) in [
        ("www.münchen.de", "xn--mnchen-3ya.de"),
        ("MÜNCHEN.de", "XN--MNCHEN-3YA.de"),
        ("a.пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("みどり。日本", "みどり.日本"),
    ] {
        assert!(registrable_domain(a).is_some(), "{a:?}");
        assert_eq!(registrable_domain(a), registrable_domain(b), "{a:?} and {b:?}");
    }
    assert_eq!(registrable_domain("食狮.公司.cn").as_deref(), Some("食狮.公司.cn"), "公司.cn is a suffix");
    assert_eq!(registrable_domain("公司.cn"), None);
    assert_eq!(registrable_domain("xn--zzzzzzzzzz--.com"), None, "not punycode");
}

#[test]
fn two_pages_with_one_host_are_two_owners() {
    assert_eq!(registrable_domain("one.blogspot.com").as_deref(), Some("one.blogspot.com"));
    assert_ne!(registrable_domain("one.github.io"), registrable_domain("two.github.io"));
    assert_eq!(registrable_domain("github.io"), None);
}

#[test]
fn a_shared_host_is_nobodys_identity() {
    for shared in [
        "gmail.com",
        "https://www.linkedin.com/company/acme",
        "facebook.com/acme",
        "m.facebook.com",
        "sites.google.com/view/acme",
        "acme.wordpress.com",
        "yahoo.co.uk",
        "mail.web.de",
    ] {
        assert_eq!(identity_domain(shared), None, "{shared:?}");
    }
    for own in ["google.com", "about.google.com", "notfacebook.com", "facebook.com.acme.example", "mygmail.com"] {
        assert_eq!(identity_domain(own), registrable_domain(own), "{own:?}");
    }
    assert!(is_consumer_domain("GMAIL.com.") && is_consumer_domain("qq.com") && !is_consumer_domain("linkedin.com"));
}

#[test]
fn every_shared_host_is_written_as_it_is_looked_up() {
    for file in [include_str!("../vocabulary/shared_hosts.txt"), include_str!("../vocabulary/consumer_domains.txt")] {
        let hosts: Vec<_> = file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        let mut once = hosts.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), hosts.len(), "a host stands twice");
        for host in hosts {
            assert_eq!(identity_domain(host), None, "{host:?}");
            assert_eq!(engine::company::domain_key(host).as_deref(), Some(host));
        }
    }
}

fn employer(name: &str, domain: &str) -> Employer {
    let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Employer { name: known(name), domain: known(domain) }
}

fn company(name: &str, domain: &str) -> Company {
    let Employer { name, domain } = employer(name, domain);
    Company { name: name.unwrap_or_default(), domain, ..Company::default() }
}

#[test]
fn e1_people_of_other_companies_are_told_apart() {
    let yes = Some(true);
    let no = Some(false);
    for (theirs, ours, expected) in [
        (("", ""), ("Acme", "acme.com"), None),
        (("Acme, Inc.", ""), ("ACME", "acme.com"), yes),
        (("", "https://careers.acme.com/jobs"), ("Acme", "acme.com"), yes),
        (("Acme Holdings", "acme.com"), ("Acme", "www.acme.com"), yes),
        (("Globex", ""), ("Acme", "acme.com"), no),
        (("Globex", "globex.com"), ("Acme", "acme.com"), no),
        // Namesakes with their own domains are two companies; one name under a sister domain may be either.
        (("Acme", "acme-plumbing.com"), ("Acme", "acme.com"), no),
        (("Acme", "acme.de"), ("Acme", "acme.com"), None),
        (("", "acme.de"), ("Acme", "acme.com"), None),
        (("Globex", "acme.de"), ("Acme", "acme.com"), no),
        // A shared host says nothing.
        (("Acme", "linkedin.com"), ("Acme", "acme.com"), yes),
        (("", "gmail.com"), ("Acme", "acme.com"), None),
        (("Acme.com", ""), ("Acme", "acme.com"), yes),
        (("Acme Widgets", "acme.com"), ("Acme", ""), None),
        (("Acmewidgets", ""), ("Holding of Acme", "acme-widgets.com"), None),
        // A part is not the whole, and a longer name may be either.
        (("Harvard Business School", ""), ("Harvard", ""), no),
        (("Siemens Healthineers", ""), ("Siemens", "siemens.com"), None),
        (("IBM", ""), ("International Business Machines", ""), None),
        (("Midori", ""), ("株式会社みどり", ""), None),
        (("みどり", ""), ("株式会社みどり", ""), yes),
        (("Acme", ""), ("", "acme.com"), None),
    ] {
        let (theirs, ours) = (employer(theirs.0, theirs.1), company(ours.0, ours.1));
        assert_eq!(same_employer(&theirs, &ours), expected, "{theirs:?} and {ours:?}");
    }
}

proptest! {
    #[test]
    fn a_registrable_domain_is_its_own(text in any::<String>()) {
        if let Some(domain) = registrable_domain(&text) {
            prop_assert_eq!(registrable_domain(&domain), Some(domain));
        }
    }

    #[test]
    fn what_stands_before_a_domain_never_matters(below in "[a-z]{1,8}", own in "[a-z]{1,8}", suffix in "com|co\\.uk|de|com\\.br|github\\.io") {
        let domain = format!("{own}.{suffix}");
        prop_assume!(registrable_domain(&domain).as_deref() == Some(domain.as_str()));
        prop_assert_eq!(registrable_domain(&format!("{below}.{domain}")), Some(domain));
    }

    #[test]
    fn nobody_works_elsewhere_when_all_is_equal(name in "[A-Za-zäß ]{1,16}", domain in proptest::option::of("[a-z]{3,9}\\.(com|de|co\\.uk)")) {
        prop_assume!(!name.trim().is_empty());
        let theirs = Employer { name: Some(name.clone()), domain: domain.clone() };
        prop_assert_eq!(same_employer(&theirs, &Company { name, domain, ..Company::default() }), Some(true));
    }
}
