//! Which positions could take a seat.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

use engine::{Openings, SellerProfile};

fn could_sit(title: &str, department: Option<&str>) -> Option<bool> {
    let profile = SellerProfile { exclude_titles: vec!["assistant".to_owned()], ..SellerProfile::default() };
    Openings::new(&profile).could_sit(Some(title), department)
}

/// The default profile sells to engineering.
#[test]
fn only_a_position_that_is_understood_and_fits_nothing_could_not_sit() {
    for (title, department, could) in [
        ("VP Engineering", None, Some(true)),
        ("Software Engineer", None, Some(true)),
        ("General Counsel", None, Some(true)),
        ("Account Executive", None, Some(true)),
        ("CEO", None, Some(true)),
        ("Event Marketing Coordinator", None, Some(false)),
        ("Registered Nurse", None, Some(false)),
        ("Truck Driver", None, Some(false)),
        ("Marketing Assistant", None, Some(false)),
        // Too little is said: a roster may know the rest.
        ("Manager", None, None),
        ("Manager", Some("Engineering"), Some(true)),
        ("Coordinator", Some("Events"), Some(false)),
        ("Wizard", None, None),
        ("", None, None),
        ("Former VP Engineering", None, None),
    ] {
        assert_eq!(could_sit(title, department), could, "{title} {department:?}");
    }
    assert_eq!(Openings::new(&SellerProfile::default()).could_sit(None, Some("Events")), None);
}
