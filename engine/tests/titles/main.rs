//! Titles that are easily misread, each with what it says.
#![allow(clippy::unwrap_used, reason = "a failing test should stop at once")]

mod abbreviations;
mod attributes;
mod evidence;
mod grades;
mod ladders;
mod languages;
mod presidents;
mod properties;
mod public_sector;

use engine::{Function as F, Level as L, Modifier as M, Title};

#[track_caller]
fn reads(title: &str, level: L, functions: &[F]) {
    let parsed = Title::parse(title);
    assert_eq!(parsed.level, Some(level), "level of {title:?}: {parsed:?}");
    assert_eq!(parsed.functions, functions, "functions of {title:?}");
    assert!((1..=100).contains(&parsed.confidence), "confidence of {title:?}");
}

/// Rows of title, level and functions, all of which must read so; every row that does not is named.
#[track_caller]
fn all_read(rows: &[(&str, L, &[F])]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|row| (row, Title::parse(row.0)))
        .filter(|((_, level, functions), title)| title.level != Some(*level) || title.functions != *functions)
        .map(|((text, level, functions), title)| format!("{text:?} is {level} {functions:?}, not {title:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn e2_words_inside_words_mean_nothing() {
    reads("Director", L::Director, &[]);
    reads("Contractor", L::IndividualContributor, &[]);
    reads("Coordinator", L::IndividualContributor, &[]);
    reads("Vice President", L::VicePresident, &[]);
    reads("Product Owner", L::IndividualContributor, &[F::Product]);
    reads("Account Executive", L::IndividualContributor, &[F::Sales]);
    reads("President's Office Coordinator", L::IndividualContributor, &[F::Operations]);
    assert_eq!(Title::parse("Victor Octopus Ceonic").level, None);
}

#[test]
fn titles_that_mean_something_else_than_their_words() {
    reads("Chief of Staff", L::Head, &[F::Executive]);
    reads("Managing Director", L::President, &[F::Executive]);
    reads("Managing Director, Investment Banking", L::SeniorIndividualContributor, &[F::Finance]);
    reads("Partner", L::VicePresident, &[]);
    reads("HR Business Partner", L::IndividualContributor, &[F::HumanResources]);
    reads("Principal", L::SeniorIndividualContributor, &[]);
    reads("Principal Engineer", L::SeniorIndividualContributor, &[F::Engineering]);
    reads("General Counsel", L::CLevel, &[F::Legal]);
    reads("Comptroller", L::Director, &[F::Finance]);
    reads("Police Chief", L::CLevel, &[F::PublicSafety]);
    reads("Director of Nursing", L::Director, &[F::Medical]);
    reads("Technical Recruiter", L::IndividualContributor, &[F::HumanResources]);
    reads("Director, Technical Recruiting", L::Director, &[F::HumanResources]);
    reads("Lead Generation Specialist", L::IndividualContributor, &[F::Marketing]);
    reads("Key Account Manager", L::IndividualContributor, &[F::Sales, F::CustomerSuccess]);
    assert!(Title::parse("Partner").confidence < Title::parse("CEO").confidence);
}

#[test]
fn ranks_and_what_moves_them() {
    reads("Associate Director", L::SeniorManager, &[]);
    reads("Head of Sales", L::Head, &[F::Sales]);
    reads("Head Nurse", L::Lead, &[F::Medical]);
    reads("Sr. Software Engineer", L::SeniorIndividualContributor, &[F::Engineering]);
    reads("Software Engineer, Senior", L::SeniorIndividualContributor, &[F::Engineering]);
    reads("Jr. Analyst", L::IndividualContributor, &[]);
    reads("Software Engineer I", L::IndividualContributor, &[F::Engineering]);
    reads("Software Engineer III", L::SeniorIndividualContributor, &[F::Engineering]);
    reads("Staff Engineer", L::SeniorIndividualContributor, &[F::Engineering]);
    reads("Staff Accountant", L::IndividualContributor, &[F::Finance]);
    reads("VP", L::VicePresident, &[]);
    reads("SVP Marketing", L::SeniorVicePresident, &[F::Marketing]);
    reads("EVP, Operations", L::SeniorVicePresident, &[F::Operations]);
    reads("AVP Risk", L::SeniorManager, &[F::Risk]);
    reads("Assistant Manager", L::Lead, &[]);
    reads("Manager Trainee", L::Intern, &[]);
    reads("C.E.O.", L::Owner, &[F::Executive]);
    reads("Chief Information Security Officer", L::CLevel, &[F::Security]);
    reads("Chief Operating Officer", L::CLevel, &[F::Operations]);
}

#[test]
fn signs_between_words() {
    reads("VP Finance & Operations", L::VicePresident, &[F::Finance, F::Operations]);
    reads("Sales/Marketing Manager", L::Manager, &[F::Sales, F::Marketing]);
    reads("Director, Sales Operations, EMEA", L::Director, &[F::Sales]);
    reads("Vice-President (Engineering)", L::VicePresident, &[F::Engineering]);
    reads("CHIEF FINANCIAL OFFICER", L::CLevel, &[F::Finance]);
    reads("Head of IT at Deutsche Bank", L::Head, &[F::It]);
    reads("President & CEO", L::Owner, &[F::Executive]);
    reads("Leiter/in IT (m/w/d)", L::Head, &[F::It]);
    reads("Manager, Financial Planning & Analysis", L::Manager, &[F::Finance]);
}

#[test]
fn other_languages() {
    reads("Geschäftsführer", L::President, &[F::Executive]);
    reads("Leiter Einkauf", L::Head, &[F::Procurement]);
    reads("Vertriebsleiterin", L::Head, &[F::Sales]);
    reads("Directeur des Opérations", L::Director, &[F::Operations]);
    reads("Responsable Marketing", L::Manager, &[F::Marketing]);
    reads("Gerente de Compras", L::Manager, &[F::Procurement]);
    reads("Diretor de Tecnologia", L::Director, &[F::Engineering]);
    reads("Jefe de Equipo", L::Lead, &[]);
    reads("Directora de Recursos Humanos", L::Director, &[F::HumanResources]);
    reads("Direttore Finanziario", L::Director, &[F::Finance]);
    reads("Hoofd Inkoop", L::Head, &[F::Procurement]);
    reads("Chef de projet", L::IndividualContributor, &[]);
}

#[test]
fn modifiers() {
    let is = |title: &str, modifier| assert!(Title::parse(title).is(modifier), "{title:?} is {modifier}");
    is("Interim CFO", M::Acting);
    is("CTO (Acting)", M::Acting);
    is("Deputy Director of Finance", M::Deputy);
    is("Stellv. Leiter Produktion", M::Deputy);
    is("Regional Sales Manager", M::Regional);
    is("Board Member", M::Board);
    for title in ["Executive Assistant to the CEO", "Assistant to the President and CEO", "CEO Assistant"] {
        reads(title, L::IndividualContributor, &[F::Operations]);
        is(title, M::AssistantOf);
    }
    for title in ["Former CEO", "CEO (retired)", "Ex-CTO"] {
        is(title, M::Former);
        assert_eq!(Title::parse(title).level, None, "{title:?} holds no rank");
    }
    assert!(Title::parse("Deputy Director").level < Title::parse("Director").level);
}

#[test]
fn homographs_are_told_apart_by_the_rest() {
    all_read(&[
        ("IT Manager", L::Manager, &[F::It]),
        ("Head of IT", L::Head, &[F::It]),
        ("MD", L::President, &[F::Executive]),
        ("MD, Cardiology", L::SeniorIndividualContributor, &[F::Medical]),
        ("PA to the CEO", L::IndividualContributor, &[F::Operations]),
        ("PA, Orthopedics", L::SeniorIndividualContributor, &[F::Medical]),
        ("RN", L::IndividualContributor, &[F::Medical]),
        ("QA Engineer", L::IndividualContributor, &[F::Engineering]),
        ("HR Manager", L::Manager, &[F::HumanResources]),
        ("Principal, Lincoln Elementary School", L::Head, &[F::Education]),
        ("Principal Consultant", L::SeniorIndividualContributor, &[]),
        ("Lab Tech", L::IndividualContributor, &[F::Research]),
        ("Head of Tech", L::Head, &[F::Engineering]),
        ("Tech Lead", L::Lead, &[F::Engineering]),
        ("Major", L::Head, &[F::PublicSafety]),
        ("Major Accounts Manager", L::Manager, &[F::Sales]),
        ("General Counsel", L::CLevel, &[F::Legal]),
        ("Staff Engineer II", L::SeniorIndividualContributor, &[F::Engineering]),
        ("Chief Engineer", L::Lead, &[F::Engineering]),
        ("Chief Digital, Data and Technology Officer", L::CLevel, &[F::Engineering, F::Data]),
        ("Data Owner", L::IndividualContributor, &[F::Data]),
        ("Talent Acquisition Partner", L::IndividualContributor, &[F::HumanResources]),
        ("Chief Revenue Officer", L::CLevel, &[F::Revenue]),
        ("Chief Executive", L::Owner, &[F::Executive]),
        ("Head Chef", L::Lead, &[F::Other]),
        ("Partner Marketing Manager", L::Manager, &[F::Marketing]),
        ("Executive Director", L::SeniorDirector, &[]),
    ]);
    assert_eq!(Title::parse("Making it happen").functions, []);
}

#[test]
fn plurals_and_possessives_are_somebody_else() {
    all_read(&[
        ("Manager of Software Engineers", L::Manager, &[F::Engineering]),
        ("Supervisor of Teachers", L::Lead, &[F::Education]),
        ("Director's Assistant", L::IndividualContributor, &[F::Operations]),
        ("Assistant to the Directors", L::IndividualContributor, &[F::Operations]),
        ("Sheriff's Deputy", L::IndividualContributor, &[F::PublicSafety]),
    ]);
    assert_eq!(Title::parse("Office of the CEO").level, None);
    assert_eq!(Title::parse("Engineers").level, None);
}

#[test]
fn graded_professions_and_their_grades() {
    let (ic, senior) = (L::IndividualContributor, L::SeniorIndividualContributor);
    all_read(&[
        ("Accountant I", ic, &[F::Finance]),
        ("Accountant III", senior, &[F::Finance]),
        ("Engineer 4", senior, &[F::Engineering]),
        ("Laborer III", ic, &[F::Operations]),
        ("Senior Product Manager", senior, &[F::Product]),
        ("Principal Product Manager", senior, &[F::Product]),
        ("Junior Architect", ic, &[F::Engineering]),
        ("Supervising Engineer", L::Lead, &[F::Engineering]),
    ]);
}

#[test]
fn two_ranks_in_one_title() {
    all_read(&[
        ("Director of Sales and Head of Marketing", L::Director, &[F::Sales, F::Marketing]),
        ("Co-Founder & CTO", L::Owner, &[F::Executive, F::Engineering]),
        ("Software Engineer, Engineering Education Lead", L::Lead, &[F::Engineering]),
        ("Former CTO, now Advisor", L::IndividualContributor, &[F::Engineering]),
        ("Executive Assistant, CEO and CFO", L::IndividualContributor, &[F::Operations]),
        ("Deputy to the Director", L::Head, &[]),
    ]);
}

#[test]
fn a_specialist_by_ending_only_beside_a_topic() {
    all_read(&[
        ("Growth Hacker", L::IndividualContributor, &[F::Marketing]),
        ("Data Wrangler", L::IndividualContributor, &[F::Data]),
    ]);
    assert_eq!(Title::parse("Wrangler").level, None);
    assert!(Title::parse("Data Wrangler").confidence < Title::parse("Data Engineer").confidence);
}

#[test]
fn personal_names_are_no_titles() {
    for name in
        ["Dean Wagner", "Frank Major", "Rick Page", "Peter Walker", "Maria Gonzalez", "Tom Bishop", "Hans Begleiter"]
    {
        let parsed = Title::parse(name);
        assert_eq!((parsed.level, parsed.functions.len()), (None, 0), "{name:?}: {parsed:?}");
    }
}

#[test]
fn doubt_shows_in_confidence() {
    for (plain, doubtful) in [
        ("CEO", "Partner"),
        ("Sales Director", "Executive Director, Sales"),
        ("Account Executive", "Executive"),
        ("Engineering Manager", "Product Manager"),
        ("Engineering Manager", "Engineering Manager Foo Bar"),
        ("Physician", "MD"),
    ] {
        let (plain, doubtful) = (Title::parse(plain), Title::parse(doubtful));
        assert!(plain.confidence > doubtful.confidence, "{plain:?} is plainer than {doubtful:?}");
    }
}

#[test]
fn unknown_stays_unknown() {
    for title in ["", "   ", "Wizard of Light Bulb Moments", "株式会社", "???", "Ninja", "\u{0}", "of the"] {
        let parsed = Title::parse(title);
        assert_eq!((parsed.level, parsed.functions.len()), (None, 0), "{title:?}");
        assert!(parsed.confidence < 20, "{title:?}");
    }
}

#[test]
fn wire_names_are_stable() {
    let title = Title::parse("Interim VP Finance");
    let json = serde_json::to_value(title).unwrap();
    let wanted = serde_json::json!({
        "level": "vice_president", "functions": ["finance"], "modifiers": ["acting"], "confidence": 100
    });
    assert_eq!(json, wanted);
    assert_eq!(serde_json::from_value::<Title>(json).unwrap(), title);
    for level in L::ALL {
        assert_eq!(L::from_wire(level.as_str()), Some(*level));
    }
}
