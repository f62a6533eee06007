//! Which country a location text names.

use engine::place::Country;
use proptest::prelude::*;

fn country(text: &str) -> Option<&'static str> {
    Country::of_location(text).map(Country::as_str)
}

#[test]
fn e7_us_is_not_in_australia_or_russia() {
    assert_eq!(country("Sydney, Australia"), Some("AU"));
    assert_eq!(country("Moscow, Russia"), Some("RU"));
    for place in
        ["Austin", "Brussels", "Houston", "Columbus", "Contact us", "Cyprus Avenue", "Belarusian Street", "us-east-1"]
    {
        assert_eq!(country(place), None, "{place:?}");
    }
    assert_eq!(country("Brussels, Belgium"), Some("BE"));
    assert_eq!(country("Houston, TX"), Some("US"));
}

#[test]
fn countries_are_read_in_many_languages() {
    for (text, code) in [
        ("Austin, TX, US", "US"),
        ("austin, tx, us", "US"),
        ("München, Deutschland", "DE"),
        ("Köln, NRW, Germany", "DE"),
        ("Genève, Suisse", "CH"),
        ("Wien, Österreich", "AT"),
        ("WIEN, OESTERREICH, AUSTRIA", "AT"),
        ("Ciudad de México, México", "MX"),
        ("São Paulo, Brasil", "BR"),
        ("Milano, Italia", "IT"),
        ("Amsterdam, Nederland", "NL"),
        ("Amsterdam, The Netherlands", "NL"),
        ("Abidjan, Côte d'Ivoire", "CI"),
        ("Abidjan, Côte d’Ivoire", "CI"),
        ("東京、日本", "JP"),
        ("Москва, Россия", "RU"),
        ("서울, 대한민국", "KR"),
        ("London, England, United Kingdom", "GB"),
        ("Edinburgh, Scotland", "GB"),
        ("London UK", "GB"),
        ("Remote - US", "US"),
        ("Remote (USA)", "US"),
        ("United States (Remote)", "US"),
        ("Greater Cairo Egypt", "EG"),
        ("Dubai, U.A.E.", "AE"),
        ("DEU", "DE"),
        ("Singapore", "SG"),
        ("Singapore, Singapore", "SG"),
        ("Hong Kong, China", "HK"),
        ("China, Hong Kong SAR", "HK"),
        ("San Juan, Puerto Rico, United States", "PR"),
        ("Port Moresby, Papua New Guinea", "PG"),
        ("Conakry, Guinea", "GN"),
        ("Lagos, Nigeria", "NG"),
        ("Niamey, Niger", "NE"),
        ("Beijing, China", "CN"),
        ("China, Beijing", "CN"),
        ("Toronto, Ontario", "CA"),
        ("Toronto, ON", "CA"),
    ] {
        assert_eq!(country(text), Some(code), "{text:?}");
    }
}

#[test]
fn a_state_is_not_the_country_it_sounds_like() {
    for (text, code) in [
        ("Albuquerque, New Mexico", Some("US")),
        ("Jersey City, New Jersey", Some("US")),
        ("Lebanon, NH", Some("US")),
        ("Peru, Indiana", Some("US")),
        ("Mexico, MO, US", Some("US")),
        ("Paris, Texas", Some("US")),
        ("West Lebanon", None),
        ("New Jersey", Some("US")),
        ("TX", None),
        ("Lebanon, PA", Some("US")),
        ("San Ramon, CA", Some("US")),
        ("Tel Aviv, IL", Some("IL")),
        ("Downers Grove, IL", Some("US")),
    ] {
        assert_eq!(country(text), code, "{text:?}");
    }
}

#[test]
fn what_may_be_two_is_settled_by_its_city_or_left_open() {
    for (text, code) in [
        ("Berlin, DE", Some("DE")),
        ("Wilmington, DE", Some("US")),
        ("San Francisco, CA", Some("US")),
        ("Toronto, CA", Some("CA")),
        ("Bengaluru, IN", Some("IN")),
        ("Indianapolis, IN", Some("US")),
        ("Tbilisi, Georgia", Some("GE")),
        ("Atlanta, Georgia", Some("US")),
        ("Atlanta, Georgia, United States", Some("US")),
        ("Georgia", None),
        ("Somewhere, DE", None),
        ("DE", Some("DE")),
        ("US / Canada", None),
        ("Germany, France", None),
        ("Remote", None),
        ("London", None),
        ("", None),
        (",,,", None),
        ("Earth", None),
    ] {
        assert_eq!(country(text), code, "{text:?}");
    }
}

#[test]
fn a_country_is_its_code_on_the_wire() {
    let wire = serde_json::to_value(Country::from_code("de"));
    assert!(wire.is_ok_and(|wire| wire == "DE"));
    assert!(serde_json::from_str::<Country>("\"fr\"").is_ok_and(|country| country.as_str() == "FR"));
    for text in ["\"Germany\"", "\"XX\"", "\"DEU\"", "\"\"", "\"ß\""] {
        assert!(serde_json::from_str::<Country>(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        let _ = country(&text);
    }

    #[test]
    fn a_name_inside_a_longer_word_never_counts(before in "[a-z]{1,3}", after in "[a-z]{1,3}", name in "us|iran|oman|mali|cuba|chad|peru|india|niger") {
        let word = format!("{before}{name}{after}");
        // By chance the letters may make another name whole; then it is that whole word that counts.
        prop_assume!(Country::of_location(&word).is_none());
        prop_assert_eq!(country(&format!("{word} city")), None);
        prop_assert_eq!(country(&format!("Old town of {word}")), None);
    }

    #[test]
    fn the_case_of_a_name_does_not_matter(text in "(Berlin|Lyon), (Germany|France|Deutschland|Vereinigtes Königreich)") {
        prop_assert_eq!(country(&text), country(&text.to_uppercase()));
        prop_assert_eq!(country(&text), country(&text.to_lowercase()));
    }
}
