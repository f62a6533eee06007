//! Groups to show.

use contracts::{DiffCounts, Enrichment, EnrichmentLevel, OutcomeKind, RefreshReason, Unavailable};
use engine::{
    Change, Company, Contact, Diff, Function, Gap, GapCode, Level, Member, MemberSnapshot, Person, PersonId, Reason,
    ReasonCode, Role, Scores, Tier,
};
use starter::report::{Contacts, Report};
use std::collections::BTreeMap;
use store::{PastChange, RefreshRecord, SavedGroup, SavedMember};

/// 3 March 2026, 14:05 UTC.
pub(crate) const NOW: i64 = 1_772_546_700_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// A member of whom a middling amount is known.
pub(crate) fn member(id: &str, name: &str, title: &str, role: Role) -> SavedMember {
    let reason = |code, text: &str| Reason { code, text: text.to_owned() };
    SavedMember {
        member: Member {
            person: Person { title: Some(title.to_owned()), ..Person::new(PersonId::new(id).unwrap(), name) },
            role,
            level: Some(Level::Director),
            functions: vec![Function::Finance],
            scores: Scores {
                relevance: Some(90),
                authority: Some(62),
                influence: Some(55),
                champion: None,
                reachability: Some(40),
                overall: 71,
            },
            confidence: 64,
            reasons: vec![
                reason(ReasonCode::WithinApprovalLimit, "director: the deal is within the approval limit of $150k"),
                reason(ReasonCode::PrimaryFunction, "works in finance: buys and uses the product"),
            ],
        },
        joined_at: NOW - 40 * DAY,
        contact_source: None,
    }
}

/// A line of the refresh log.
pub(crate) fn refresh(id: &str, at: i64, diff: &Diff) -> RefreshRecord {
    let counts = diff.summary();
    let small = |count: usize| u32::try_from(count).unwrap();
    RefreshRecord {
        refresh_id: id.to_owned(),
        workflow_id: format!("buyer-group-refresh/acme/crm/{id}"),
        workspace: "acme".to_owned(),
        event_source: "crm".to_owned(),
        event_id: id.to_owned(),
        company_id: Some("co_northwind".to_owned()),
        company_name: None,
        company_domain: None,
        reason: RefreshReason::CompanyChange,
        level_requested: EnrichmentLevel::Enrich,
        level_reached: Some(EnrichmentLevel::Enrich),
        outcome: Some(OutcomeKind::Refreshed),
        step: "done".to_owned(),
        error_class: None,
        retry_of: None,
        duplicate_of: None,
        started_at: at - 12_400,
        completed_at: Some(at),
        members: 3,
        diff: DiffCounts {
            joined: small(counts.joined),
            left: small(counts.left),
            role_changed: small(counts.role_changed),
            title_changed: small(counts.title_changed),
            contact_changed: small(counts.contact_changed),
            score_moved: small(counts.score_moved),
        },
        cost_micros: 1_870_000,
        waiting_until: None,
        end_reason: None,
    }
}

fn change<T>(id: &str, name: &str, old: T, new: T) -> Change<T> {
    Change { person_id: PersonId::new(id).unwrap(), name: name.to_owned(), old, new }
}

/// Three people, one new, one with another role, one seat open, somebody who must not be contacted.
pub(crate) fn small() -> Report {
    let mut boss = member("p1", "Ada Marsh", "Chief Financial Officer", Role::DecisionMaker);
    boss.member.level = Some(Level::CLevel);
    boss.member.person.contact =
        Contact { email: Some("ada.marsh@northwind.example".to_owned()), phone: Some("+1 555-0100".to_owned()) };
    boss.member.person.location = Some("Rotterdam".to_owned());
    boss.member.person.start_date = Some("2021-09".to_owned());
    boss.contact_source = Some("contacts".to_owned());
    let mut champion = member("p2", "Björn O’Neill", "Director, Finance Operations", Role::Champion);
    champion.member.person.departments = vec!["Finance".to_owned(), "Operations".to_owned()];
    champion.member.person.manager = PersonId::new("p1");
    champion.contact_source = Some("contacts".to_owned());
    champion.member.reasons.extend([
        Reason { code: ReasonCode::Span, text: "leads 6 direct reports".to_owned() },
        Reason { code: ReasonCode::NoContact, text: "no contact data is known".to_owned() },
        Reason { code: ReasonCode::Lead, text: "12 of 100 ahead of the next candidate".to_owned() },
    ]);
    let mut user = member("p3", "李 小龍", "Payroll Lead", Role::Stakeholder);
    (user.member.level, user.member.functions) = (None, Vec::new());
    user.joined_at = NOW;
    let diff = Diff {
        joined: vec![user.member.snapshot()],
        left: vec![member("p9", "Gone & Away", "Payroll Manager", Role::Stakeholder).member.snapshot()],
        role_changed: vec![change("p2", "Björn O’Neill", Role::Stakeholder, Role::Champion)],
        title_changed: vec![change("p2", "Björn O’Neill", None, Some("Director, Finance Operations".to_owned()))],
        contact_changed: vec![change(
            "p1",
            "Ada Marsh",
            Contact { email: Some("old@northwind.example".to_owned()), phone: None },
            boss.member.person.contact.clone(),
        )],
        score_moved: vec![change("p1", "Ada Marsh", 58, 71)],
    };
    let before = refresh("run-1", NOW - 40 * DAY, &Diff { joined: diff.left.clone(), ..Diff::default() });
    Report {
        group: SavedGroup {
            company_id: "co_northwind".to_owned(),
            company: Company {
                name: "Northwind Harbour Instruments".to_owned(),
                domain: Some("northwind.example".to_owned()),
                staff: Some(2_140),
                revenue: Some(48_250_000),
            },
            version: 2,
            refresh_id: "run-2".to_owned(),
            refreshed_at: NOW,
            level: EnrichmentLevel::Enrich,
            tier: Tier::S5,
            tier_known: true,
            targets: Some(Tier::S5.targets()),
            cohesion: Some(58),
            confidence: 66,
            gaps: vec![Gap {
                role: Role::Introducer,
                wanted: 1,
                seated: 0,
                reason: "0 of 1: nobody else known works in a function and rank that suit the role".to_owned(),
                code: Some(GapCode::NobodyInFunction),
            }],
            considered: 412,
            members: vec![boss, champion, user],
        },
        erased: 0,
        changes: vec![
            PastChange { refresh: refresh("run-2", NOW, &diff), diff: Some(diff) },
            PastChange { refresh: before, diff: None },
        ],
        answers: BTreeMap::from([("p3".to_owned(), Enrichment::Withheld { reason: Unavailable::OutOfCredits })]),
        contacts: Contacts::Shown,
    }
}

/// A company without a group to speak of.
pub(crate) fn nobody() -> Report {
    let mut report = small();
    report.group.members.clear();
    report.group.gaps.clear();
    report.group.targets = None;
    report.group.cohesion = None;
    report.group.company = Company { name: "Unlit GmbH".to_owned(), domain: None, staff: None, revenue: None };
    (report.group.tier, report.group.tier_known) = (Tier::S3, false);
    report.group.confidence = 0;
    report.changes.clear();
    report.answers.clear();
    report
}

/// What a page should take for text.
pub(crate) static HOSTILE: [&str; 10] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'; background: url(javascript:alert(1)); x='",
    "</style><style>*{display:none}</style>",
    "</title></svg><svg onload=alert(1)>",
    "<!-- & &amp; &lt; &#60; -->",
    "مها عبد الرحمن <b>المدير</b> (2)",
    "\u{202e}desrever\u{202c} \u{2066}isolated\u{2069}",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsvorsitzender",
    "👩🏽‍💼 Zoë ｆｕｌｌｗｉｄｔｈ 株式会社 İstanbul",
];

/// Nineteen people whose every text is hostile, and everything about them changed.
pub(crate) fn hostile() -> Report {
    let mut report = small();
    let text = |at: usize| HOSTILE[at % HOSTILE.len()].to_owned();
    let seats = [
        (Role::DecisionMaker, 3),
        (Role::Champion, 5),
        (Role::Stakeholder, 7),
        (Role::Blocker, 2),
        (Role::Introducer, 2),
    ];
    let mut members = Vec::new();
    for (role, count) in seats {
        for _ in 0..count {
            let at = members.len();
            let mut saved = member(&format!("p{at}"), &text(at), &text(at + 3), role);
            let person = &mut saved.member.person;
            person.departments = vec![text(at + 1), text(at + 2)];
            person.location = Some(text(at + 4));
            person.start_date = Some(text(at + 5));
            person.profile_url = Some(match at % 3 {
                0 => "javascript:alert(1)".to_owned(),
                1 => format!("https://profiles.example/{at}?\"><script>"),
                _ => text(at),
            });
            person.contact = match at % 4 {
                0 => Contact::default(),
                1 => Contact { email: Some(text(at)), phone: Some(text(at + 1)) },
                _ => Contact { email: Some(format!("p{at}@very-long-subdomain.of-a-company.example")), phone: None },
            };
            saved.member.scores.overall = u8::try_from(100 - at * 5).unwrap();
            saved
                .member
                .reasons
                .extend((0..5).map(|more| Reason { code: ReasonCode::WouldChange, text: text(at + more) }));
            members.push(saved);
        }
    }
    let diff = Diff {
        joined: members[..4].iter().map(|saved| saved.member.snapshot()).collect(),
        left: (0..6).map(|at| member("gone", &text(at), &text(at + 1), Role::Champion).member.snapshot()).collect(),
        role_changed: members[4..].iter().map(|saved| moved(saved, Role::Introducer, saved.member.role)).collect(),
        title_changed: members[4..]
            .iter()
            .map(|saved| moved(saved, Some(text(7)), saved.member.person.title.clone()))
            .collect(),
        contact_changed: members[4..]
            .iter()
            .map(|saved| moved(saved, Contact::default(), saved.member.person.contact.clone()))
            .collect(),
        score_moved: members[4..].iter().map(|saved| moved(saved, 99, saved.member.scores.overall)).collect(),
    };
    report.group.company.name = format!("{} {} {}", HOSTILE[8], HOSTILE[0], HOSTILE[6]);
    report.group.company.domain = Some(text(1));
    report.group.tier = Tier::L7;
    report.group.targets = Some(Tier::L7.targets());
    report.group.members = members;
    report.group.gaps.push(Gap { role: Role::Blocker, wanted: 2, seated: 2, reason: text(0), code: None });
    report.changes[0].refresh = refresh("run-2", NOW, &diff);
    report.changes[0].diff = Some(diff);
    report.changes[1].refresh.reason = RefreshReason::Other(text(0));
    report.erased = 2;
    report
}

fn moved<T>(saved: &SavedMember, old: T, new: T) -> Change<T> {
    change(saved.member.person.id.as_str(), &saved.member.person.name, old, new)
}

/// Every text that others wrote, replaced.
pub(crate) fn with_texts(mut report: Report, text: &dyn Fn(usize) -> String) -> Report {
    report.group.company.name = text(0);
    report.group.company.domain = Some(text(1));
    for saved in &mut report.group.members {
        let person = &mut saved.member.person;
        (person.name, person.title) = (text(2), Some(text(3)));
        person.departments = vec![text(4)];
        (person.location, person.start_date) = (Some(text(5)), Some(text(6)));
        person.profile_url = Some(format!("https://{}", text(7)));
        person.contact = Contact { email: Some(text(8)), phone: Some(text(9)) };
        for reason in &mut saved.member.reasons {
            reason.text = text(10);
        }
    }
    for gap in &mut report.group.gaps {
        gap.reason = text(11);
    }
    let snapshot = |one: &mut MemberSnapshot| (one.name, one.title) = (text(2), Some(text(3)));
    for diff in report.changes.iter_mut().filter_map(|change| change.diff.as_mut()) {
        diff.joined.iter_mut().chain(&mut diff.left).for_each(snapshot);
        diff.title_changed.iter_mut().for_each(|change| change.old = Some(text(4)));
    }
    report.changes[1].refresh.reason = RefreshReason::Other(text(12));
    report
}
