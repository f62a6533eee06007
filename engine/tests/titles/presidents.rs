//! Who runs the whole, and who only a part of it or a body beside it.

use super::{F, L, M, Title, all_read};

#[test]
fn a_president_of_a_part_is_at_most_its_chief() {
    all_read(&[
        ("President", L::President, &[F::Executive]),
        ("President & COO", L::President, &[F::Executive, F::Operations]),
        ("Hospital President", L::President, &[F::Executive, F::Medical]),
        ("President, Sales", L::CLevel, &[F::Sales]),
        ("President Sales", L::CLevel, &[F::Sales]),
        ("President, Consumer Division", L::CLevel, &[F::Executive]),
        ("President, North America", L::CLevel, &[F::Executive]),
        ("Director General", L::President, &[F::Executive]),
        ("Director General, Rail", L::CLevel, &[F::SupplyChain]),
        ("Managing Director", L::President, &[F::Executive]),
        ("Managing Director, Sales", L::CLevel, &[F::Sales]),
        ("Geschäftsführer", L::President, &[F::Executive]),
        ("Geschäftsführer Technik", L::CLevel, &[F::Engineering]),
        ("Kaufmännischer Geschäftsführer", L::CLevel, &[F::Finance]),
        ("Geschäftsführender Gesellschafter", L::Owner, &[F::Executive]),
        ("Gerente General", L::President, &[F::Executive]),
    ]);
    assert!(Title::parse("President, Sales").confidence < Title::parse("Chief Sales Officer").confidence);
}

#[test]
fn a_president_of_a_body_beside_the_organisation_runs_that() {
    all_read(&[
        ("President, Alumni Association", L::Head, &[]),
        ("President, Local 33", L::Head, &[]),
        ("Union President", L::Head, &[]),
        ("President of the Faculty Senate", L::Head, &[F::Education]),
    ]);
}

#[test]
fn partners_own_only_where_the_words_say_so() {
    all_read(&[
        ("Managing Partner", L::Owner, &[F::Executive]),
        ("Senior Partner", L::Owner, &[F::Executive]),
        ("Founding Partner", L::Owner, &[F::Executive]),
        ("Partner", L::VicePresident, &[]),
        ("Partner, Audit", L::VicePresident, &[F::Compliance]),
        ("Tax Partner", L::VicePresident, &[F::Finance]),
    ]);
}

#[test]
fn ministers_and_officials() {
    all_read(&[
        ("Permanent Secretary", L::President, &[F::Executive]),
        ("Second Permanent Secretary", L::CLevel, &[F::Executive]),
        ("Minister of State", L::President, &[F::Executive]),
        ("Landrat", L::President, &[F::Executive]),
        ("Kämmerer", L::CLevel, &[F::Finance]),
        ("CITY COMPTROLLER", L::CLevel, &[F::Finance]),
        ("CITY TREASURER", L::CLevel, &[F::Finance]),
        ("State Treasurer", L::CLevel, &[F::Finance]),
        ("Mayor-elect", L::President, &[F::Executive]),
        ("Secretário Municipal de Finanças", L::CLevel, &[F::Finance]),
        ("Chief Deputy Clerk", L::SeniorManager, &[F::Operations]),
    ]);
    for title in ["Minister of State", "ALDERMAN", "City Council Member", "City Council President"] {
        assert!(Title::parse(title).is(M::Board), "{title:?} stands above the officials");
    }
    assert!(!Title::parse("Permanent Secretary").is(M::Board));
    assert!(!Title::parse("ASST TO THE ALDERMAN").is(M::Board), "the seat is the alderman's");
    assert_eq!(Title::parse("Non-Executive Board Member").level, None);
    assert!(!Title::parse("Director of Policy, Private Office").is(M::AssistantOf));
    let office = Title::parse("Private Office, Minister");
    assert_eq!((office.level, office.is(M::AssistantOf), office.is(M::Board)), (None, true, false));
}
