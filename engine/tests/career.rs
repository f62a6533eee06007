//! Careers, the risk that somebody leaves, and when to look again.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

use engine::career::{Career, CareerDate, Position, PositionEnd, Trajectory, analyse};
use engine::churn::{ASSUMED_ROLE_MONTHS, Churn, Colour, churn};
use engine::schedule::{RealRefresh, Schedule, pause_after};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const TODAY: Date = date(2025, 6, 15);

fn position(title: &str, employer: &str, start: &str, end: &str) -> Position {
    let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Position {
        title: known(title),
        employer: known(employer),
        start: CareerDate::parse(start),
        end: PositionEnd::parse(end),
    }
}

#[test]
fn dates_are_read_as_far_as_they_say() {
    let month = CareerDate::month(2019, 3);
    for text in [
        "2019-03",
        "2019/03",
        "2019-3",
        "03/2019",
        "3.2019",
        "201903",
        "20190315",
        "2019-03-15",
        "2019-03-15T08:00:00Z",
        "2019-03-15 08:00:00",
        "15.03.2019",
        "15/03/2019",
        "03/15/2019",
        "03/03/2019",
        "Mar 2019",
        "March, 2019",
        "MÄRZ 2019",
        "mars 2019",
        "marzo de 2019",
        "15 March 2019",
        "March 15, 2019",
        "Março 2019",
        "2019 mrt",
    ] {
        assert_eq!(CareerDate::parse(text), month, "{text:?}");
    }
    for text in ["2019", "ca. 2019", "Q1 2019", "04/03/2019", "summer 2019"] {
        assert_eq!(CareerDate::parse(text), CareerDate::year(2019), "{text:?}");
    }
    for text in
        ["", "present", "19", "2019-13", "2019-02-30", "1219", "9999", "2015 2019", "March", "1 2 3", "99999999999"]
    {
        assert_eq!(CareerDate::parse(text), None, "{text:?}");
    }
    for text in ["Present", "heute", "aujourd’hui", "Actualidad", "à ce jour", "ATUAL"] {
        assert_eq!(PositionEnd::parse(text), PositionEnd::Ongoing, "{text:?}");
    }
    assert_eq!(PositionEnd::parse("03/2019"), PositionEnd::On(month.unwrap()));
    for text in ["", "unknown", "-"] {
        assert_eq!(PositionEnd::parse(text), PositionEnd::Unknown, "{text:?}");
    }
}

#[test]
fn a_career_is_told_in_figures() {
    let career = analyse(
        &[
            position("VP Engineering", "Acme Inc.", "2024-06", "present"),
            position("Software Engineer", "Globex", "2015-01", "2018-01"),
            position("Engineering Manager", "Acme", "2020-06", "2022-06"),
            position("Director of Engineering", "ACME", "2022-06", "2024-06"),
        ],
        TODAY,
    );
    let expected = Career {
        trajectory: Some(Trajectory::Rising),
        months_in_role: Some(12),
        completed: 3,
        completed_measured: 3,
        completed_months: 36 + 24 + 24,
        promotions: 2,
        rises_by_move: 1,
        falls: 0,
        tenure_months: Some(60),
        experience_months: Some(36 + 60),
        gaps: vec![28],
        exact: true,
    };
    assert_eq!(career, expected);
    assert_eq!(career.mean_role_months(), Some(28));
}

#[test]
fn overlaps_side_seats_and_odd_dates_do_not_mislead() {
    let career = analyse(
        &[
            position("Director of Sales", "Acme", "2020-01", "present"),
            position("Board Member", "Charity", "2024-12", "present"),
            position("Sales Manager", "Globex", "2017-01", "2020-02"),
            position("Sales Manager", "Globex Ltd", "2017-01", "2020-02"),
            position("Consultant", "Own", "2018-01", "2019-01"),
            position("Time Traveller", "Nowhere", "2019-05", "2018-01"),
            position("CEO", "Future", "2026-01", "present"),
            position("Advisor", "Vague", "2016-01", ""),
        ],
        TODAY,
    );
    assert_eq!((career.months_in_role, career.tenure_months), (Some(65), Some(65)));
    assert_eq!((career.completed, career.completed_months), (2, 37 + 12));
    assert_eq!(career.experience_months, Some(101));
    assert_eq!((career.gaps, career.promotions), (vec![], 0));
    let returned = analyse(
        &[position("Manager", "Acme", "2010-01", "2012-01"), position("Director", "Acme", "2020-01", "Present")],
        TODAY,
    );
    assert_eq!((returned.tenure_months, returned.promotions, returned.gaps), (Some(65), 1, vec![95]));
}

#[test]
fn years_alone_are_counted_but_not_as_exact() {
    let career = analyse(
        &[
            position("", "Acme", "2022", "present"),
            position("", "Globex", "2019", "2022"),
            position("", "Initech", "2018", "2018"),
            position("", "Hooli", "", "2017"),
        ],
        TODAY,
    );
    assert_eq!((career.completed, career.completed_measured, career.completed_months), (3, 1, 36));
    assert_eq!((career.months_in_role, career.exact, career.gaps, career.trajectory), (Some(35), false, vec![], None));
    assert_eq!(analyse(&[position("", "Acme", "2025", "present")], TODAY).months_in_role, Some(0));
}

#[test]
fn nothing_known_is_nothing_said() {
    let empty = analyse(&[], TODAY);
    assert_eq!(
        (empty.months_in_role, empty.mean_role_months(), empty.tenure_months, empty.experience_months),
        (None, None, None, None)
    );
    assert_eq!(
        churn(&empty, ASSUMED_ROLE_MONTHS),
        Churn { risk: None, expected_months_left: None, colour: Colour::Orange, confidence: 20 }
    );
}

fn with(current: u32, completed: u32, months: u32) -> Career {
    Career {
        months_in_role: Some(current),
        completed,
        completed_measured: completed,
        completed_months: months,
        exact: true,
        ..Career::default()
    }
}

#[test]
fn risk_follows_the_formula() {
    let of = |career: Career| {
        let churn = churn(&career, ASSUMED_ROLE_MONTHS);
        (churn.risk.unwrap(), churn.expected_months_left.unwrap(), churn.colour, churn.confidence)
    };
    assert_eq!(ASSUMED_ROLE_MONTHS.get(), 24);
    assert_eq!(of(with(0, 0, 0)), (30, 24, Colour::Green, 40));
    assert_eq!(of(with(12, 0, 0)), (50, 12, Colour::Orange, 40));
    assert_eq!(of(with(24, 0, 0)), (70, 0, Colour::Red, 40));
    assert_eq!(of(with(8, 2, 80)), (38, 32, Colour::Green, 60));
    assert_eq!(of(with(10, 2, 80)), (40, 30, Colour::Orange, 60));
    assert_eq!(of(with(29, 2, 80)), (59, 11, Colour::Orange, 60));
    assert_eq!(of(with(30, 2, 80)), (60, 10, Colour::Red, 60));
    assert_eq!(of(with(0, 3, 120)), (35, 40, Colour::Green, 80));
    assert_eq!(of(with(0, 5, 200)), (40, 40, Colour::Orange, 80));
    assert_eq!(of(with(1_200, 5, 60)), (99, 0, Colour::Red, 80));
    assert_eq!(of(with(0, 2, 7)), (30, 4, Colour::Orange, 60), "three and a half months are more than three");
    assert_eq!(of(with(0, 2, 6)).2, Colour::Red);
    assert_eq!(of(with(0, 2, 12)).2, Colour::Orange);
    assert_eq!(of(with(0, 2, 14)).2, Colour::Green);
    assert_eq!(of(Career { exact: false, ..with(0, 0, 0) }).3, 20);
}

#[test]
fn s1_a_recalculation_never_moves_the_due_date() {
    let day = 86_400_000;
    let refresh = |at| RealRefresh::of(Ok::<i64, ()>(at)).unwrap();
    let schedule = Schedule::first(refresh(1_000), Colour::Green);
    assert_eq!(schedule.due(), 1_000 + 30 * day);
    let week_by_week = (0..4).fold(schedule, |schedule, _| schedule.recalculated(Colour::Orange));
    assert_eq!((week_by_week.due(), week_by_week.colour()), (schedule.due(), Colour::Orange));
    assert!(week_by_week.is_due(1_000 + 30 * day) && !week_by_week.is_due(1_000 + 30 * day - 1));
    assert_eq!(week_by_week.refreshed(refresh(5_000), Colour::Red).due(), 5_000 + day);
    assert_eq!(Schedule::first(refresh(i64::MAX), Colour::Red).due(), i64::MAX);
}

#[test]
fn s2_a_failed_fetch_is_no_refresh() {
    assert_eq!(RealRefresh::of(Err::<i64, _>("timed out")), Err("timed out"));
}

#[test]
fn a_company_is_as_urgent_as_its_most_urgent_person() {
    assert_eq!(Colour::most_urgent([Colour::Green, Colour::Red, Colour::Orange]), Some(Colour::Red));
    assert_eq!(Colour::most_urgent([]), None);
    assert!([Colour::Red, Colour::Orange, Colour::Green].map(Colour::interval).is_sorted());
}

#[test]
fn a_company_without_a_history_is_orange_with_low_confidence() {
    let at = 1_760_000_000_000;
    let nobody = engine::urgency([], at);
    assert_eq!((nobody.colour, nobody.confidence), (Colour::Orange, 20));
    for start in [None, Some(""), Some("some time ago"), Some("2031-01")] {
        assert_eq!(engine::urgency([start], at), nobody, "{start:?}");
    }
    // A moment that no calendar has.
    assert_eq!(engine::urgency([Some("2025-09")], i64::MAX), nobody);
}

#[test]
fn a_company_s_colour_is_that_of_whoever_is_most_likely_to_leave() {
    let at = 1_760_000_000_000;
    let of = |starts: &[&str]| {
        let urgency = engine::urgency(starts.iter().copied().map(Some), at);
        (urgency.colour, urgency.confidence)
    };
    assert_eq!(of(&["2025-09-01", "2025-06"]), (Colour::Green, 40));
    assert_eq!(of(&["2025-09-01", "2024-12"]), (Colour::Orange, 40));
    // Of two who are red the one whose month is known makes it surer.
    assert_eq!(of(&["2025-09-01", "2020"]), (Colour::Red, 20));
    assert_eq!(of(&["2020", "2024-01", "2025-09-01"]), (Colour::Red, 40));
}

#[test]
fn a_company_that_could_not_be_refreshed_is_tried_again_less_and_less_often() {
    let hours: Vec<i64> = (0..8).map(|tries| pause_after(tries) / 3_600_000).collect();
    assert_eq!(hours, [1, 2, 4, 8, 16, 24, 24, 24]);
    assert_eq!(pause_after(u32::MAX), pause_after(5));
}

fn positions() -> impl Strategy<Value = Vec<Position>> {
    let when = || {
        proptest::option::of(
            (1995..2027_i16, 0..13_i8)
                .prop_map(|(year, month)| CareerDate::month(year, month).or(CareerDate::year(year)).unwrap()),
        )
    };
    let end = proptest::option::of(when()).prop_map(|end| match end {
        None => PositionEnd::Ongoing,
        Some(Some(date)) => PositionEnd::On(date),
        Some(None) => PositionEnd::Unknown,
    });
    let title = proptest::option::of("(Director|Manager|VP|Engineer|Board Member)".prop_map(String::from));
    let employer = proptest::option::of("(Acme|Globex|Initech)".prop_map(String::from));
    let position = (title, employer, when(), end).prop_map(|(title, employer, start, end)| Position {
        title,
        employer,
        start,
        end,
    });
    proptest::collection::vec(position, 0..8)
}

proptest! {
    #[test]
    fn any_text_is_a_date_or_none(text in any::<String>()) {
        let _ = (CareerDate::parse(&text), PositionEnd::parse(&text));
    }

    #[test]
    fn every_month_is_read_back(year in 1900..=2100_i16, month in 1..=12_i8, day in 1..=28) {
        let date = CareerDate::month(year, month);
        prop_assert_eq!(CareerDate::parse(&format!("{year}-{month:02}-{day:02}")), date);
        prop_assert_eq!(CareerDate::parse(&format!("{day}.{month}.{year}")), date);
    }

    #[test]
    fn order_and_repetition_of_positions_tell_nothing(positions in positions(), turn in 0..8_usize) {
        let straight = analyse(&positions, TODAY);
        let mut turned = positions.clone();
        turned.rotate_left(if positions.is_empty() { 0 } else { turn % positions.len() });
        turned.extend(positions.first().cloned());
        prop_assert_eq!(&straight, &analyse(&turned, TODAY));
        if let (Some(tenure), Some(all)) = (straight.tenure_months, straight.experience_months) {
            prop_assert!(tenure <= all + 12 && straight.months_in_role <= Some(tenure));
        }
        prop_assert!(straight.completed_measured <= straight.completed);
        let churn = churn(&straight, ASSUMED_ROLE_MONTHS);
        prop_assert_eq!(churn.risk.is_some(), straight.months_in_role.is_some());
    }

    #[test]
    fn time_in_a_role_never_lowers_risk_nor_urgency(current in 0..600_u32, completed in 0..9_u32, mean in 1..200_u32) {
        let at = |current| churn(&with(current, completed, completed * mean), ASSUMED_ROLE_MONTHS);
        let (now, later) = (at(current), at(current + 1));
        prop_assert!(now.risk <= later.risk && now.risk.is_some_and(|risk| (30..=100).contains(&risk)));
        prop_assert!(now.expected_months_left >= later.expected_months_left);
        prop_assert!(later.colour <= now.colour, "red comes first");
        if completed == 0 { prop_assert_eq!(now, churn(&with(current, 0, 0), ASSUMED_ROLE_MONTHS)); }
    }

    #[test]
    fn only_a_refresh_makes_a_due_date_and_never_an_earlier_one(at in 0..1_i64 << 50, later in 0..1_i64 << 40, colours in proptest::collection::vec(0..3_usize, 1..6)) {
        let colours: Vec<_> = colours.into_iter().map(|place| [Colour::Red, Colour::Orange, Colour::Green][place]).collect();
        let refresh = |at| RealRefresh::of(Ok::<i64, ()>(at)).unwrap();
        let first = Schedule::first(refresh(at), colours[0]);
        let again = colours.iter().fold(first, |schedule, colour| schedule.recalculated(*colour));
        prop_assert_eq!(again.due(), first.due());
        let next = again.refreshed(refresh(at + later), colours[0]);
        prop_assert!(next.due() >= first.due() && next.due() > at + later);
    }
}
