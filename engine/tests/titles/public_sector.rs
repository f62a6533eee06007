//! Titles of cities, counties and civil services, as their systems print them.

use super::{F, L, M, Title, all_read};

#[test]
fn upper_case_and_abbreviated() {
    let ic = L::IndividualContributor;
    all_read(&[
        ("DIR OF HUMAN RESOURCES", L::Director, &[F::HumanResources]),
        ("ASST DIR", L::SeniorManager, &[]),
        ("EXEC DIR", L::SeniorDirector, &[]),
        ("DEP COMMISSIONER", L::SeniorVicePresident, &[]),
        ("ASST COMMISSIONER", L::VicePresident, &[]),
        ("DEPUTY DIR/PUBLIC WKS", L::Head, &[F::Operations]),
        ("MAINT SUPVSR", L::Lead, &[F::Facilities]),
        ("SUPERVSNG ENGINEER", L::Lead, &[F::Engineering]),
        ("PROG MGR", ic, &[]),
        ("OFFICE MGR", L::Manager, &[F::Operations]),
        ("ADMIN ASST II", ic, &[F::Operations]),
        ("ADMIN SERVICES OFFICER I", ic, &[F::Operations]),
        ("SR ACCT CLERK", L::SeniorIndividualContributor, &[F::Finance]),
        ("PRIN PERSONNEL ANLYST", L::SeniorIndividualContributor, &[F::HumanResources]),
        ("ENGRG TECHNICIAN IV", L::SeniorIndividualContributor, &[F::Engineering]),
        ("CIVIL ENGINEER IV", L::SeniorIndividualContributor, &[F::Engineering]),
        ("LAB TECH II", ic, &[F::Research]),
        ("COORD OF SPECIAL PROJECTS", ic, &[]),
        ("COMM SPEC", ic, &[F::Marketing]),
        ("ASST CITY ATTY", L::SeniorIndividualContributor, &[F::Legal]),
        ("NETWORK ADMIN", ic, &[F::It]),
        ("IT SPEC III", L::SeniorIndividualContributor, &[F::It]),
        ("CHIEF INFORMATION OFCR", L::CLevel, &[F::It]),
        ("CHF BUILDING INSP", L::Lead, &[F::Facilities]),
        ("EQUIP OPER II", ic, &[F::Facilities]),
        ("MAINT WKR I", ic, &[F::Facilities]),
        ("PUB WORKS FOREMAN", L::Lead, &[F::Operations]),
        ("FOREMAN OF MACHINISTS", L::Lead, &[F::Operations]),
        ("ASST CHIEF OPERATING ENGINEER", L::SeniorIndividualContributor, &[F::Operations]),
        ("POOL MOTOR TRUCK DRIVER", ic, &[F::SupplyChain]),
        ("SUPVSG CIVIL ENGINEER", L::Lead, &[F::Engineering]),
        ("STATIONARY FIREMAN", ic, &[F::Facilities]),
        ("ELECTRICAL MECHANIC", ic, &[F::Facilities]),
        ("ALDERMANIC AIDE", ic, &[F::Executive, F::Operations]),
        ("PROGRAM DEVELOPMENT COORD", ic, &[F::Operations]),
        ("COORD OF ECONOMIC DEVELOPMENT", ic, &[F::Other]),
        ("LIBRARY ASSOCIATE - HOURLY", ic, &[F::Education]),
    ]);
}

#[test]
fn assistants_of_officials() {
    for title in ["STAFF ASST TO THE ALDERMAN", "SPECIAL ASST TO THE MAYOR", "EXEC SECY", "SECY TO THE COMMISSIONER"] {
        let parsed = Title::parse(title);
        assert_eq!(parsed.level, Some(L::IndividualContributor), "{title:?}");
        assert!(parsed.is(M::AssistantOf), "{title:?}: {parsed:?}");
    }
}

#[test]
fn elected_and_appointed() {
    all_read(&[
        ("MAYOR", L::President, &[F::Executive]),
        ("ALDERMAN", L::CLevel, &[F::Executive]),
        ("City Council Member", L::CLevel, &[F::Executive]),
        ("COMMISSIONER OF HEALTH", L::CLevel, &[F::Medical]),
        ("Secretary of State", L::President, &[F::Executive]),
        ("Under Secretary", L::CLevel, &[F::Executive]),
        ("District Attorney", L::CLevel, &[F::Legal]),
    ]);
    assert!(Title::parse("FIRST DEPUTY COMMISSIONER").is(M::Deputy));
}

#[test]
fn civil_service_grades() {
    all_read(&[
        ("Permanent Secretary", L::President, &[F::Executive]),
        ("Director General", L::President, &[F::Executive]),
        ("Deputy Director", L::Head, &[]),
        ("Grade 6", L::Head, &[]),
        ("Grade 7", L::SeniorManager, &[]),
        ("Senior Executive Officer", L::Manager, &[F::Operations]),
        ("Head of Unit", L::Head, &[]),
        ("Desk Officer", L::IndividualContributor, &[F::Executive]),
        ("Referatsleiter", L::Manager, &[]),
        ("Ministerialdirigentin", L::Director, &[]),
        ("Sachbearbeiter", L::IndividualContributor, &[F::Operations]),
    ]);
}
