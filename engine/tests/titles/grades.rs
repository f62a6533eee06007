//! Grades of banks, where a vice president leads nobody and a line of business is no department.

use super::{F, L, Title, all_read};

const SENIOR: L = L::SeniorIndividualContributor;

#[test]
fn beside_a_specialists_job_the_job_governs() {
    all_read(&[
        ("Vice President, Software Engineer", SENIOR, &[F::Engineering]),
        ("Software Engineer, Vice President", SENIOR, &[F::Engineering]),
        ("Vice President Software Engineer", SENIOR, &[F::Engineering]),
        ("AVP - Application Developer", SENIOR, &[F::Engineering]),
        ("Director, Software Engineer", SENIOR, &[F::Engineering]),
        ("Executive Director, Product Manager", SENIOR, &[F::Product]),
        ("Vice President, Engineering", L::VicePresident, &[F::Engineering]),
        ("Director, Software Engineering", L::Director, &[F::Engineering]),
        ("Medical Director, Physician", L::Director, &[F::Medical]),
        ("Vice President, Executive Assistant", SENIOR, &[F::Operations]),
        ("Lead Software Engineer - Vice President", L::Lead, &[F::Engineering]),
        ("Director, Attorney Recruitment", L::Director, &[F::Legal]),
        ("Director, Nurse", L::Director, &[F::Medical]),
        ("Program Director, Social Worker", L::Director, &[F::Other]),
        ("VP of Engineers", L::VicePresident, &[F::Engineering]),
    ]);
}

#[test]
fn an_assistant_vice_president_is_no_director() {
    let title = Title::parse("Assistant Vice President");
    assert_eq!(title.level, Some(L::SeniorManager));
    assert!(title.confidence < Title::parse("Senior Manager").confidence);
}

#[test]
fn banking_is_a_line_of_business() {
    for title in ["EVP Retail Banking", "Head of Banking", "Bank Teller"] {
        assert!(!Title::parse(title).functions.contains(F::Finance), "{title:?}");
    }
    all_read(&[("Director, Revenue Cycle", L::Director, &[F::Finance])]);
}
