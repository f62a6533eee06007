//! Which events are worth a refresh.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

use engine::significance::{
    Event, EventKind, IgnoredReason, Known, Moved, Priority, RunReason, Stored, Verdict, companies_to_refresh, judge,
};
use engine::{Company, Employer};
use proptest::prelude::*;

fn moved(old: &str, new: &str) -> Moved<String> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| text != "?");
    Moved { old: given(old), new: given(new) }
}

fn employer(name: &str) -> Employer {
    Employer { name: Some(name.to_owned()), domain: None }
}

fn employers(old: &str, new: &str) -> Moved<Employer> {
    let Moved { old, new } = moved(old, new);
    Moved { old: old.as_deref().map(employer), new: new.as_deref().map(employer) }
}

fn event(kind: &str) -> Event {
    let (title, department, employer) = (Moved::default(), Moved::default(), Moved::default());
    Event { kind: kind.to_owned(), occurred_at: 1_000, title, department, employer }
}

fn role_change(old: &str, new: &str) -> Event {
    Event { title: moved(old, new), ..event("person.role_change") }
}

fn known() -> Known {
    Known { company: Company { name: "Acme".to_owned(), ..Company::default() }, ..Known::default() }
}

fn present(title: &str) -> Stored {
    Stored::Present { title: Some(title.to_owned()), departments: vec!["Sales".to_owned()] }
}

fn runs(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Run { reasons, .. } if !reasons.is_empty())
}

#[test]
fn w13_other_events_are_acknowledged_with_the_reason() {
    for kind in ["person.birthday", "company.funding", "", "PERSON.LEFT"] {
        assert_eq!(judge(&event(kind), &known()), Verdict::Ignored { reason: IgnoredReason::UnknownType }, "{kind}");
    }
    for kind in EventKind::ALL {
        assert!(runs(&judge(&event(kind.as_str()), &known())), "{kind}: nothing is known that speaks against it");
    }
}

#[test]
fn w17_equal_values_are_a_no_op() {
    for (old, new) in [
        ("VP Sales", "VP Sales"),
        ("VP  Sales ", "vp sales"),
        ("Directeur Général", "DIRECTEUR GENERAL"),
        ("ＣＥＯ", "CEO"),
    ] {
        assert_eq!(judge(&role_change(old, new), &known()), Verdict::NoOp, "{old:?} {new:?}");
    }
    for (old, new) in
        [("VP Sales", "VP, Sales Operations"), ("?", "VP Sales"), ("VP Sales", "?"), ("?", "?"), ("部長", "課長")]
    {
        assert!(runs(&judge(&role_change(old, new), &known())), "{old:?} {new:?}");
    }
    let also_moved = Event { department: moved("Sales", "Marketing"), ..role_change("Director", "Director") };
    assert!(runs(&judge(&also_moved, &known())));
    let half_told = Event { department: moved("?", "Marketing"), ..role_change("Director", "Director") };
    assert!(runs(&judge(&half_told, &known())));
    let company = |old, new| Event { employer: employers(old, new), ..event("person.company_change") };
    assert_eq!(judge(&company("Acme Inc.", "ACME"), &known()), Verdict::NoOp);
    assert!(runs(&judge(&company("Acme", "Globex"), &known())));
    let rejoined = Event { employer: employers("Acme", "Acme"), ..event("person.joined") };
    assert!(runs(&judge(&rejoined, &known())), "coming is a change");
}

#[test]
fn w17_an_old_event_that_the_last_refresh_shows_is_stale() {
    let at = |last_refresh, stored| Known { last_refresh: Some(last_refresh), stored, member: Some(true), ..known() };
    let promoted = role_change("Director", "VP Sales");
    assert_eq!(judge(&promoted, &at(2_000, present("vp sales"))), Verdict::Stale);
    assert!(runs(&judge(&promoted, &at(2_000, present("Director")))), "the source had not seen it yet");
    assert!(runs(&judge(&promoted, &at(2_000, Stored::Unknown))));
    assert!(runs(&judge(&promoted, &at(2_000, Stored::Absent))));
    assert!(runs(&judge(&promoted, &at(1_000, present("VP Sales")))), "not later than the event");
    assert_eq!(judge(&event("person.left"), &at(2_000, Stored::Absent)), Verdict::Stale);
    assert!(runs(&judge(&event("person.left"), &at(2_000, present("VP")))));
    assert_eq!(judge(&event("person.joined"), &at(2_000, present("VP"))), Verdict::Stale);
    assert!(runs(&judge(&event("person.joined"), &at(2_000, Stored::Absent))));
    let departed = Event { employer: employers("Acme", "Globex"), ..event("person.company_change") };
    assert_eq!(judge(&departed, &at(2_000, Stored::Absent)), Verdict::Stale);
    assert!(runs(&judge(&departed, &at(2_000, present("VP")))));
    let arrived = Event { employer: employers("Globex", "Acme"), ..event("person.company_change") };
    assert_eq!(judge(&arrived, &at(2_000, present("VP"))), Verdict::Stale);
    let unclear = Event { employer: employers("?", "Acme Widgets"), ..event("person.company_change") };
    assert!(runs(&judge(&unclear, &at(2_000, present("VP")))));
    let department = Event { department: moved("IT", "sales"), ..event("person.department_change") };
    assert_eq!(judge(&department, &at(2_000, present("VP"))), Verdict::Stale);
}

#[test]
fn a_person_is_irrelevant_only_when_all_is_known() {
    let sits = |member, old, new| Known { member, could_sit: Moved { old, new }, ..known() };
    let (yes, no) = (Some(true), Some(false));
    let change = role_change("Barista", "Senior Barista");
    assert_eq!(judge(&change, &sits(no, no, no)), Verdict::IrrelevantPerson);
    for known in [
        sits(no, no, None),
        sits(no, None, no),
        sits(no, yes, no),
        sits(no, no, yes),
        sits(None, no, no),
        sits(yes, no, no),
    ] {
        assert!(runs(&judge(&change, &known)), "{known:?}");
    }
    assert_eq!(judge(&event("person.left"), &sits(no, no, yes)), Verdict::IrrelevantPerson, "the new job is elsewhere");
    assert_eq!(judge(&event("person.joined"), &sits(no, None, no)), Verdict::IrrelevantPerson);
    assert!(runs(&judge(&event("person.left"), &sits(yes, no, no))));
    assert!(runs(&judge(&event("person.joined"), &sits(no, no, None))));
    let elsewhere = Event { employer: employers("Globex", "Initech"), ..event("person.company_change") };
    assert_eq!(judge(&elsewhere, &sits(None, None, None)), Verdict::Ignored { reason: IgnoredReason::OtherCompany });
}

#[test]
fn a_members_change_goes_first() {
    let member = Known { member: Some(true), last_refresh: Some(1), ..known() };
    assert_eq!(
        judge(&role_change("VP", "CRO"), &member),
        Verdict::Run { priority: Priority::MemberChange, reasons: vec![RunReason::MemberChanged] }
    );
    let stranger = judge(&role_change("VP", "CRO"), &known());
    assert_eq!(
        stranger.to_string(),
        "refresh: the person may be a member of the group; the company was never refreshed"
    );
    assert!(matches!(stranger, Verdict::Run { priority: Priority::Webhook, .. }));
    let order = [Priority::MemberChange, Priority::Manual, Priority::Webhook, Priority::Scheduled, Priority::Bulk];
    assert_eq!(order.map(Priority::number), [1, 2, 3, 4, 5]);
    assert!(order.is_sorted());
}

#[test]
fn w16_a_move_refreshes_both_companies() {
    let names = |kind, company: &str, old: &str, new: &str| -> Vec<String> {
        let companies = companies_to_refresh(kind, &employer(company), &employers(old, new));
        companies.into_iter().filter_map(|company| company.name).collect()
    };
    let change = EventKind::CompanyChange;
    assert_eq!(names(change, "B", "A", "B Inc."), ["B", "A"]);
    assert_eq!(names(change, "A", "A", "B"), ["A", "B"]);
    assert_eq!(names(change, "A", "?", "B"), ["A", "B"]);
    assert_eq!(names(change, "A", "a", "A Ltd"), ["A"]);
    assert_eq!(names(change, " ", "A", "B"), ["A", "B"]);
    assert_eq!(names(EventKind::Joined, "B", "A", "B"), ["B", "A"]);
    assert_eq!(names(EventKind::RoleChange, "A", "?", "A"), ["A"]);
    assert_eq!(names(EventKind::RoleChange, "Acme", "Acme UK", "Acme"), ["Acme"], "may be one company");
}

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("VP|Director|vp|Acme|Globex".prop_map(String::from))
}

prop_compose! {
    fn anything()(
        kind in proptest::sample::select(EventKind::ALL.to_vec()), title in (text(), text()), department in (text(), text()),
        employer in (text(), text()), refreshed in proptest::option::of(0..2_000_i64), member in any::<Option<bool>>(),
        old in any::<Option<bool>>(), new in any::<Option<bool>>(), stored in 0..3,
    ) -> (Event, Known) {
        let name = |name: Option<String>| name.map(|name| Employer { name: Some(name), domain: None });
        let event = Event {
            kind: kind.as_str().to_owned(), occurred_at: 1_000,
            title: Moved { old: title.0, new: title.1 }, department: Moved { old: department.0, new: department.1 },
            employer: Moved { old: name(employer.0), new: name(employer.1) },
        };
        let stored = match stored { 0 => Stored::Unknown, 1 => Stored::Absent, _ => present("VP") };
        (event, Known { last_refresh: refreshed, stored, member, could_sit: Moved { old, new }, ..known() })
    }
}

proptest! {
    #[test]
    fn a_change_of_a_member_is_never_called_irrelevant((event, known) in anything()) {
        let verdict = judge(&event, &known);
        prop_assert!(!verdict.to_string().is_empty());
        if known.member != Some(false) {
            prop_assert_ne!(&verdict, &Verdict::IrrelevantPerson);
        }
        if known.last_refresh.is_none_or(|at| at <= event.occurred_at) || known.stored == Stored::Unknown {
            prop_assert_ne!(&verdict, &Verdict::Stale);
        }
        if let Verdict::Run { priority, .. } = verdict {
            prop_assert_eq!(priority == Priority::MemberChange, known.member == Some(true));
        }
    }

    #[test]
    fn knowing_less_never_stops_a_refresh((event, known) in anything()) {
        let less = Known { last_refresh: None, stored: Stored::Unknown, member: None, could_sit: Moved::default(), ..known.clone() };
        if runs(&judge(&event, &known)) {
            prop_assert!(runs(&judge(&event, &less)));
        }
    }
}
