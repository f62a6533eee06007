//! Nothing that others wrote is taken for markup, and the page fetches nothing.

use crate::parsed::Page;
use crate::samples::{HOSTILE, hostile, nobody, small, with_texts};
use base64::Engine as _;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use starter::report::content_security_policy;
use std::sync::LazyLock;

/// All elements that a page has.
const ELEMENTS: [&str; 41] = [
    "html", "head", "meta", "title", "style", "body", "a", "header", "main", "footer", "section", "article", "div",
    "p", "h1", "h2", "h3", "ul", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "span", "b",
    "bdi", "time", "details", "summary", "svg", "rect", "circle", "caption", "abbr", "small", "strong",
];

/// All attributes that they have.
const ATTRIBUTES: [&str; 30] = [
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "href",
    "id",
    "dir",
    "datetime",
    "aria-label",
    "aria-labelledby",
    "aria-hidden",
    "focusable",
    "viewBox",
    "preserveAspectRatio",
    "x",
    "y",
    "width",
    "height",
    "cx",
    "cy",
    "r",
    "scope",
    "rel",
    "role",
    "title",
    "colspan",
    "headers",
    "hidden",
];

fn assert_harmless(page: &Page) {
    for (name, attributes) in &page.elements {
        assert!(ELEMENTS.contains(&name.as_str()), "an element {name}");
        for (attribute, _) in attributes {
            assert!(ATTRIBUTES.contains(&attribute.as_str()), "an attribute {attribute} of {name}");
        }
    }
    for href in page.values("href") {
        let known = ["#", "https://", "http://", "mailto:", "tel:"]
            .iter()
            .any(|start| href.to_ascii_lowercase().starts_with(start));
        assert!(known, "a link to {href}");
    }
    let [style] = &page.styles[..] else { panic!("{} sheets of styles", page.styles.len()) };
    for fetched in ["url(", "@import", "image(", "src(", "expression("] {
        assert!(!style.contains(fetched), "the style has {fetched}");
    }
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style.as_bytes()));
    assert!(
        content_security_policy().contains(&format!("style-src 'sha256-{hash}';")),
        "the style is not the one allowed"
    );
    assert!(page.values("content").iter().any(|policy| policy.starts_with("default-src 'none';")));
}

#[test]
fn hostile_people_are_people() {
    let page = Page::of(&hostile());
    assert_harmless(&page);
    for text in HOSTILE {
        assert!(page.says(text), "{text}");
    }
    assert!(page.says("javascript:alert(1)"));
}

#[test]
fn nothing_is_fetched() {
    for report in [small(), nobody()] {
        let page = Page::of(&report);
        assert_harmless(&page);
        for reference in ["http:", "https:", "url(", "src=", "<script", "<link", "@import", "style="] {
            assert!(!page.html.contains(reference), "{reference}");
        }
    }
}

#[test]
fn only_what_is_an_address_is_a_link() {
    let mut report = small();
    let links = |report: &starter::report::Report| -> Vec<String> {
        Page::of(report).values("href").iter().filter(|href| !href.starts_with('#')).map(ToString::to_string).collect()
    };
    let person = &mut report.group.members[0].member.person;
    person.profile_url = Some("HTTPS://profiles.example/ada".to_owned());
    assert_eq!(
        links(&report),
        ["HTTPS://profiles.example/ada", "mailto:ada.marsh@northwind.example", "tel:+1555-0100"]
    );
    for (profile, email, phone) in [
        ("javascript:alert(1)", "a@b.example?subject=x&bcc=c@d.example", "0100;ext=1"),
        ("https://a.example/ b", "not an address", "by post"),
        ("data:text/html,x", "a@b@c.example", ""),
        (" https://a.example", "@b.example", "+"),
    ] {
        let person = &mut report.group.members[0].member.person;
        person.profile_url = Some(profile.to_owned());
        (person.contact.email, person.contact.phone) = (Some(email.to_owned()), Some(phone.to_owned()));
        assert_eq!(links(&report), Vec::<String>::new(), "{profile} {email} {phone}");
        assert!(Page::of(&report).says(email));
    }
}

/// What a page with the most harmless texts is made of.
static PLAIN: LazyLock<Vec<String>> = LazyLock::new(|| made_of(&Page::of(&with_texts(small(), &|_| "x".to_owned()))));

/// Its elements but for links, in order.
fn made_of(page: &Page) -> Vec<String> {
    page.elements.iter().map(|(name, _)| name.clone()).filter(|name| name != "a").collect()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[<>&\"'`/=!a-z;: -]{1,40}",
        proptest::sample::select(HOSTILE.as_slice()).prop_map(str::to_owned),
        (proptest::sample::select(HOSTILE.as_slice()), "\\PC{0,10}")
            .prop_map(|(text, more)| format!("{more}{text}{more}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_text_is_found_again_as_text(texts in proptest::collection::vec(text(), 13)) {
        let page = Page::of(&with_texts(small(), &|at| texts[at].clone()));
        assert_harmless(&page);
        let shown = |at: usize| match at {
            // An address of a page, without the beginning and the end that all of them have.
            7 => texts[at].trim_start_matches("www.").trim_end_matches('/').to_owned(),
            // With a capital at the beginning.
            10 | 11 => texts[at].chars().skip(1).collect(),
            // As words.
            12 => texts[at].replace(['_', '.'], " "),
            at => texts[at].clone(),
        };
        for (at, text) in texts.iter().enumerate() {
            prop_assert!(page.says(&shown(at)), "text {}: {:?}", at, text);
        }
        // The text changes nothing about what the page is made of: links apart, which only addresses are.
        prop_assert_eq!(made_of(&page), PLAIN.clone());
    }
}
