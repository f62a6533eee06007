//! High ranks that only say whose: the last noun governs.

use super::{F, L, M, Title, all_read};

const IC: L = L::IndividualContributor;

#[test]
fn the_last_noun_governs() {
    all_read(&[
        ("CEO Office Manager", L::Manager, &[F::Operations]),
        ("CEO Advisor", IC, &[]),
        ("CEO Coach", IC, &[]),
        ("Founder Success Manager", L::Manager, &[]),
        ("Owner Relations Specialist", IC, &[]),
        ("Business Owner Relations Manager", L::Manager, &[]),
        ("Home Owner Association Manager", L::Manager, &[]),
        ("CFO Services Manager", L::Manager, &[F::Finance]),
        ("CIO Advisory Director", L::Director, &[F::It]),
        ("CISO Advisor", IC, &[F::Security]),
        ("President Club Winner, Account Executive", IC, &[F::Sales]),
        ("Partner Marketing Manager", L::Manager, &[F::Marketing]),
        ("Board Liaison", IC, &[]),
        ("Field CTO", L::SeniorIndividualContributor, &[F::Sales]),
        ("Field CISO", L::SeniorIndividualContributor, &[F::Sales]),
    ]);
    for title in ["CTO Office", "Founder Relations", "CEO Office"] {
        assert_eq!(Title::parse(title).level, None, "{title:?}");
    }
    for title in ["Mayor Aide", "CEO Assistant", "CEO Secretary"] {
        let parsed = Title::parse(title);
        assert_eq!((parsed.level, parsed.is(M::AssistantOf)), (Some(IC), true), "{title:?}: {parsed:?}");
    }
}

#[test]
fn ranks_side_by_side_and_fields_behind_them_stay() {
    all_read(&[
        ("Founder CEO", L::Owner, &[F::Executive]),
        ("CEO Chairman", L::Owner, &[F::Executive]),
        ("Owner Manager", L::Owner, &[F::Executive]),
        ("CFO Europe", L::CLevel, &[F::Finance]),
        ("Vorstand Finanzen", L::CLevel, &[F::Executive, F::Finance]),
        ("CEO, Office Manager", L::Owner, &[F::Executive, F::Operations]),
        ("Chief Security Officer", L::CLevel, &[F::Security, F::PublicSafety]),
    ]);
}
