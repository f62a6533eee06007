//! What the checks of an e-mail address say together.

use engine::email::{Check, EmailEvidence, EmailReason, EmailStatus, Mailbox, judge_email};
use engine::enrichment::levels_to_pay;
use proptest::prelude::*;

const GOOD: EmailEvidence = EmailEvidence {
    syntax: Check::Passed,
    mail_server: Check::Passed,
    mailbox: Mailbox::Accepted,
    disposable: Some(false),
    consumer: Some(false),
    role: Some(false),
};

#[test]
fn e13_an_address_rejected_by_its_server_is_invalid() {
    let verdict = judge_email(&EmailEvidence { mailbox: Mailbox::Rejected, ..GOOD });
    assert_eq!((verdict.status, verdict.confidence), (EmailStatus::Invalid, Some(0)));
    assert_eq!(verdict.reasons, [EmailReason::RejectedByServer]);
    for failed in [
        EmailEvidence { syntax: Check::Failed, ..GOOD },
        EmailEvidence { mail_server: Check::Failed, ..GOOD },
        EmailEvidence { disposable: Some(true), ..GOOD },
    ] {
        assert_eq!(judge_email(&failed).status, EmailStatus::Invalid, "{failed:?}");
    }
}

#[test]
fn a_verdict_says_how_sure_and_why() {
    let status = |evidence| {
        let verdict = judge_email(&evidence);
        (verdict.status, verdict.confidence, verdict.reasons.len())
    };
    assert_eq!(status(GOOD), (EmailStatus::Valid, Some(95), 1));
    assert_eq!(status(EmailEvidence { mailbox: Mailbox::CatchAll, ..GOOD }), (EmailStatus::Risky, Some(50), 1));
    assert_eq!(status(EmailEvidence { mailbox: Mailbox::Unknown, ..GOOD }), (EmailStatus::Unknown, Some(40), 1));
    assert_eq!(status(EmailEvidence { consumer: Some(true), ..GOOD }), (EmailStatus::Risky, Some(40), 2));
    assert_eq!(status(EmailEvidence { role: Some(true), ..GOOD }), (EmailStatus::Risky, Some(60), 2));
    assert_eq!(status(EmailEvidence::default()), (EmailStatus::Unknown, None, 1));
    assert!(judge_email(&GOOD).is_verified_work_address());
    assert!(!judge_email(&EmailEvidence { consumer: Some(true), ..GOOD }).is_verified_work_address());
}

#[test]
fn an_address_tells_of_itself() {
    let of = |address| {
        let evidence = EmailEvidence::of_address(address);
        (evidence.syntax, evidence.consumer, evidence.role)
    };
    let (passed, failed, unknown) = (Check::Passed, Check::Failed, Check::Unknown);
    assert_eq!(of("jane.roe@acme.example"), (passed, Some(false), Some(false)));
    assert_eq!(of(" Info+news@Acme.co.uk "), (passed, Some(false), Some(true)));
    assert_eq!(of("jane@GMAIL.com"), (passed, Some(true), Some(false)));
    assert_eq!(of("jane@yahoo.co.uk").1, Some(true));
    for bad in [
        "jane",
        "@acme.example",
        "jane@",
        "jane..roe@acme.example",
        "jane@acme",
        "ja ne@acme.example",
        "jane@acme.example:25",
        "jane@https://acme.example",
        ".j@acme.example",
        "a@b@acme.example",
        "jane@co.uk",
    ] {
        assert_eq!(of(bad).0, failed, "{bad:?}");
    }
    for rare in ["\"jane roe\"@acme.example", "jane@[192.0.2.1]", "jürgen@acme.example"] {
        assert_eq!(of(rare).0, unknown, "{rare:?}");
    }
    assert_eq!(of(&format!("{}@acme.example", "a".repeat(65))).0, failed);
}

fn check() -> impl Strategy<Value = Check> {
    proptest::sample::select(vec![Check::Passed, Check::Unknown, Check::Failed])
}

fn mailbox() -> impl Strategy<Value = Mailbox> {
    proptest::sample::select(vec![Mailbox::Accepted, Mailbox::CatchAll, Mailbox::Unknown, Mailbox::Rejected])
}

prop_compose! {
    fn evidence()(syntax in check(), mail_server in check(), mailbox in mailbox(), disposable in any::<Option<bool>>(), consumer in any::<Option<bool>>(), role in any::<Option<bool>>()) -> EmailEvidence {
        EmailEvidence { syntax, mail_server, mailbox, disposable, consumer, role }
    }
}

proptest! {
    #[test]
    fn nothing_mends_a_failed_check(evidence in evidence()) {
        let verdict = judge_email(&evidence);
        let failed = evidence.syntax == Check::Failed || evidence.mail_server == Check::Failed
            || evidence.mailbox == Mailbox::Rejected || evidence.disposable == Some(true);
        prop_assert_eq!(failed, verdict.status == EmailStatus::Invalid);
        prop_assert!(verdict.confidence.is_none_or(|confidence| confidence <= 100) && !verdict.reasons.is_empty());
        let accepted = evidence.mailbox == Mailbox::Accepted;
        prop_assert!(verdict.status != EmailStatus::Valid || accepted && evidence.consumer != Some(true));
    }

    #[test]
    fn worse_evidence_never_raises_confidence(evidence in evidence(), worse in 0..4) {
        let mut less = evidence;
        match worse {
            0 => less.syntax = Check::Failed,
            1 => less.mailbox = Mailbox::Rejected,
            2 => less.consumer = Some(true),
            _ => less.role = Some(true),
        }
        if let (Some(before), Some(after)) = (judge_email(&evidence).confidence, judge_email(&less).confidence) {
            prop_assert!(after <= before);
        }
    }

    #[test]
    fn any_text_is_judged(text in any::<String>()) {
        let verdict = judge_email(&EmailEvidence::of_address(&text));
        prop_assert!(matches!(verdict.status, EmailStatus::Unknown | EmailStatus::Invalid));
    }

    #[test]
    fn e10_upgrading_step_by_step_pays_each_level_once(have in proptest::option::of(0..4_u8), middle in 0..4_u8, want in 0..4_u8) {
        let levels = [2, 0, 1];
        let straight = levels_to_pay(&levels, have, want);
        prop_assume!(middle <= want && have.is_none_or(|have| have <= middle));
        let mut stepwise = levels_to_pay(&levels, have, middle);
        stepwise.extend(levels_to_pay(&levels, Some(middle), want));
        prop_assert_eq!(&straight, &stepwise);
        prop_assert!(straight.iter().all(|level| have.is_none_or(|have| *level > have)));
        prop_assert_eq!(levels_to_pay(&levels, Some(want), want), Vec::<u8>::new());
    }
}

#[test]
fn e10_each_level_is_paid_once() {
    let levels = [0, 1, 2];
    assert_eq!(levels_to_pay(&levels, None, 2), [0, 1, 2]);
    assert_eq!(levels_to_pay(&levels, Some(0), 1), [1]);
    assert_eq!(levels_to_pay(&levels, Some(1), 2), [2]);
    assert_eq!(levels_to_pay(&levels, Some(2), 0), [] as [i32; 0]);
    assert_eq!(levels_to_pay(&levels, None, 3), [0, 1, 2], "a level this build does not know");
}
