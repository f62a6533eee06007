//! Abbreviations that mean one thing beside one word and another beside the next, and signs within words.

use super::{F, L, M, Title, all_read};

const IC: L = L::IndividualContributor;

#[test]
fn two_words_abbreviated_together() {
    all_read(&[
        ("HUMAN RES ASSOC II", IC, &[F::HumanResources]),
        ("Human Res Generalist", IC, &[F::HumanResources]),
        ("Pers Dir", L::Director, &[F::HumanResources]),
        ("Pers Analyst", IC, &[F::HumanResources]),
        ("Hoofd Pers", L::Head, &[F::Marketing]),
        ("Acct Exec", IC, &[F::Sales]),
        ("Acct Mgr", IC, &[F::Sales, F::CustomerSuccess]),
        ("Accounting Manager", L::Manager, &[F::Finance]),
        ("Acct Clerk", IC, &[F::Finance]),
        ("Gen Mgr", L::Director, &[F::Operations]),
        ("Gen. Counsel", L::CLevel, &[F::Legal]),
        ("Proc Mgr", L::Manager, &[F::Procurement]),
        ("Proj Mgr", IC, &[]),
        ("Res. Life Director", L::Director, &[F::Education]),
        ("Chief of Staff & VP Ops", L::VicePresident, &[F::Executive, F::Operations]),
    ]);
    assert_eq!(Title::parse("Proj Mgr"), Title::parse("Project Mgr"));
}

#[test]
fn signs_within_a_word() {
    all_read(&[
        ("Mgr., A/P", L::Manager, &[F::Finance]),
        ("A/R Specialist", IC, &[F::Finance]),
        ("PARAMEDIC I/C", L::Lead, &[F::PublicSafety]),
        ("CFO a.i.", L::CLevel, &[F::Finance]),
        ("A.I. Engineer", IC, &[F::Engineering, F::Data]),
        ("AR/VR Engineer", IC, &[F::Engineering]),
        ("Comptable H/F", IC, &[F::Finance]),
    ]);
    for title in ["a.i. CEO", "CFO a.i.", "A/Director", "Leiter (komm.)"] {
        assert!(Title::parse(title).is(M::Acting), "{title:?}");
    }
    assert!(Title::parse("Adjunct-directeur").is(M::Deputy));
    assert!(!Title::parse("Marketing Manager, A/B Testing").is(M::Acting));
}

#[test]
fn degrees_behind_a_name() {
    assert_eq!(Title::parse("John Smith, MD").level, None);
    assert_eq!(Title::parse("Ann Wexley, MD").level, None);
    all_read(&[
        ("MD/PhD", L::SeniorIndividualContributor, &[F::Medical]),
        ("MD, MBA", L::President, &[F::Executive]),
        ("MD", L::President, &[F::Executive]),
        ("MD, Cardiology", L::SeniorIndividualContributor, &[F::Medical]),
    ]);
}
