//! What the page says, in every state that a group can be in.

use crate::parsed::Page;
use crate::samples::{member, nobody, small};
use contracts::{Enrichment, EnrichmentLevel, RefreshReason, Unavailable};
use engine::{Contact, Diff, Reason, ReasonCode, Role};
use starter::report::{Contacts, Report};

fn assert_says(report: &Report, texts: &[&str]) {
    let page = Page::of(report);
    for text in texts {
        assert!(page.says(text), "{text:?} is missing in: {}", page.text);
    }
}

#[test]
fn a_group_with_everything() {
    assert_says(
        &small(),
        &[
            "Northwind Harbour Instruments",
            "2,140 people · $48.2M a year · size class S5 · as of 3 March 2026, 14:05 UTC",
            "3 people: 1 decision maker, 1 champion and 1 stakeholder. 4 seats are open.",
            "Cohesion 58 of 100, fair",
            "Confidence 66 of 100, good",
            "Seats 3 of 7 4 are open",
            "+1 −1",
            "1 joined, 1 left, 4 other changes",
            "Cost $1.87",
            "Introducers 0 of 1 Nobody else known works in a function and rank that suit the role",
            "Blockers none wanted",
            "Ada Marsh",
            "C-level finance Rotterdam in post since 2021-09",
            "department Finance › Operations",
            "reports to Ada Marsh",
            "Rank unknown",
            "ada.marsh@northwind.example",
            "Score 71 of 100 64 % sure",
            "Champion unknown",
            "Director: the deal is within the approval limit of $150k",
            "1 more reason 12 of 100 ahead of the next candidate",
            "412 people",
            "Somebody changed company",
            "12 s",
            "Version 2",
        ],
    );
}

#[test]
fn what_changed_with_old_and_new_values() {
    assert_says(
        &small(),
        &[
            "Since 22 January 2026:",
            "Joined 1 李 小龍, Payroll Lead as stakeholder",
            "Left 1 Gone & Away, Payroll Manager was stakeholder",
            "Björn O’Neill: stakeholder → champion",
            "Björn O’Neill: no known title → Director, Finance Operations",
            "Ada Marsh: 58 → 71 up 13",
            "Ada Marsh: other e-mail address and telephone number found",
            "Refreshes before 22 January 2026: 1 joined; cost $1.87, because somebody changed company",
            "李 小龍 new",
            "Björn O’Neill was stakeholder",
        ],
    );
    // The old address is nobody's business.
    assert!(!Page::of(&small()).html.contains("old@northwind.example"));
}

#[test]
fn no_change_a_first_group_and_a_change_no_longer_kept() {
    let mut report = small();
    report.changes[0].diff = Some(Diff::default());
    assert_says(&report, &["Nothing changed: the same people", "+0 −0 nothing changed"]);
    report.changes[0].diff = None;
    assert_says(&report, &["What the last refresh changed is no longer kept.", "Since last time unknown"]);
    let mut report = small();
    report.group.version = 1;
    report.changes.truncate(1);
    assert_says(&report, &["the first group of this company", "everybody in it is new"]);
    assert!(!Page::of(&report).says("Refreshes before"));
    assert!(!Page::of(&report).says("李 小龍 new"));
}

#[test]
fn nobody_and_nothing_known() {
    assert_says(
        &nobody(),
        &[
            "Nobody is in this group.",
            "Cohesion unknown too little is known",
            "size not known for certain, treated as class S3",
            "how many were wanted is not known",
            "Decision makers nobody",
            "What the last refresh changed is no longer kept.",
            "Why, cost No longer known",
            "approval limits are those of a small one",
            "Withheld Nothing that is known of",
        ],
    );
}

#[test]
fn why_there_is_no_contact_data() {
    let withheld = |reason| Some(Enrichment::Withheld { reason });
    for (answer, source, level, said) in [
        (None, Some("contacts"), EnrichmentLevel::Enrich, "Must not be contacted: the law or the person forbids it."),
        (withheld(Unavailable::Legal), None, EnrichmentLevel::Enrich, "Must not be contacted"),
        (withheld(Unavailable::OutOfCredits), None, EnrichmentLevel::Enrich, "the account had no credits."),
        (withheld(Unavailable::PlanForbidden), None, EnrichmentLevel::Enrich, "our plan does not include it."),
        (Some(Enrichment::NoMatch), None, EnrichmentLevel::Enrich, "No contact data was found."),
        (None, None, EnrichmentLevel::Identify, "Contact data was not asked for."),
        (None, None, EnrichmentLevel::Enrich, "No contact data is known."),
    ] {
        let mut report = small();
        report.group.level = level;
        report.group.members.truncate(1);
        let saved = &mut report.group.members[0];
        saved.member.person.contact = Contact::default();
        saved.contact_source = source.map(str::to_owned);
        report.answers = answer.into_iter().map(|answer| ("p1".to_owned(), answer)).collect();
        assert_says(&report, &[said]);
    }
}

#[test]
fn all_that_is_withheld_is_told_together() {
    let mut report = small();
    report.erased = 1;
    report.changes[0].refresh.level_requested = EnrichmentLevel::DeepResearch;
    report.contacts = Contacts::LeftOut;
    assert_says(
        &report,
        &[
            "E-mail addresses and telephone numbers are left out of this page.",
            "Contact data of 1 member: the law or the person forbids to contact them.",
            "Contact data of 1 member: the account had no credits.",
            "“deep research” was asked for; the refresh came as far as “enrich”.",
            "1 member of that time: nothing is kept about them any more.",
        ],
    );
}

#[test]
fn contact_data_is_left_out_when_it_is_not_allowed() {
    let report = Report { contacts: Contacts::LeftOut, ..small() };
    let html = report.html();
    for datum in ["ada.marsh@", "northwind.example\"", "555-0100", "mailto:", "tel:"] {
        assert!(!html.contains(datum), "{datum}");
    }
}

#[test]
fn what_holds_for_the_company_is_said_once() {
    let mut report = small();
    for saved in &mut report.group.members {
        let text = "the size of the company is unknown: approval limits are those of a small one".to_owned();
        saved.member.reasons.push(Reason { code: ReasonCode::TierUnknown, text });
    }
    let page = Page::of(&report);
    assert_eq!(page.text.matches("approval limits are those of a small one").count(), 1);
    // Of somebody whose address was found since, the page does not say that none is known.
    assert!(!page.says("no contact data is known"));
}

#[test]
fn a_role_that_is_fuller_than_wanted_and_a_reason_of_a_later_version() {
    let mut report = small();
    report.group.members.push(member("p4", "Second", "CEO", Role::DecisionMaker));
    report.group.members.push(member("p5", "Unwanted", "Counsel", Role::Blocker));
    report.changes[0].refresh.reason = RefreshReason::Other("weather.changed".to_owned());
    assert_says(&report, &["Decision makers 2, 1 wanted", "Blockers 1, none wanted", "Weather changed"]);
}
