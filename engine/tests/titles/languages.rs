//! Titles in the languages read beside English.

use super::{F, L, M, Title, all_read};

const IC: L = L::IndividualContributor;

#[test]
fn german() {
    all_read(&[
        ("Geschäftsführerin", L::President, &[F::Executive]),
        ("Stellvertretender Geschäftsführer", L::CLevel, &[F::Executive]),
        ("Vorstand Finanzen", L::CLevel, &[F::Executive, F::Finance]),
        ("Bereichsleiter Produktion und Logistik", L::Head, &[F::Operations, F::SupplyChain]),
        ("Leiter der IT-Abteilung", L::Head, &[F::It]),
        ("Teamleiter Vertrieb Innendienst", L::Lead, &[F::Sales]),
        ("Projektleiterin Digitalisierung", IC, &[F::It]),
        ("Assistenz der Geschäftsführung", IC, &[F::Operations]),
        ("Werkstudent Marketing", L::Intern, &[F::Marketing]),
        ("Personalreferentin", IC, &[F::HumanResources]),
        ("Prokurist", L::SeniorManager, &[]),
        ("Key Account Managerin", IC, &[F::Sales, F::CustomerSuccess]),
        ("Facharbeiterin", IC, &[]),
        ("Dachdeckerin", IC, &[F::Facilities]),
        ("Kaufmännische Leitung", L::Head, &[F::Finance]),
    ]);
    assert!(Title::parse("Stellv. Leiter Produktion").is(M::Deputy));
}

#[test]
fn compounds_of_known_parts_only() {
    all_read(&[
        ("Vertriebsleiterin", L::Head, &[F::Sales]),
        ("Produktionsleiter", L::Head, &[F::Operations]),
        ("Softwareentwicklungsleiter", L::Head, &[F::Engineering]),
        ("Entwicklungsingenieur", IC, &[F::Engineering]),
        ("Lagerarbeiter", IC, &[F::SupplyChain]),
        ("Rechtsanwältin", L::SeniorIndividualContributor, &[F::Legal]),
        ("Inkoopmedewerker", IC, &[F::Procurement]),
        ("Verkoopmanager", L::Manager, &[F::Sales]),
        ("Softwareontwikkelaar", IC, &[F::Engineering]),
    ]);
    for word in ["Begleiter", "Gleiter", "Autoritätschef", "Xyzleiter"] {
        assert_eq!(Title::parse(word).level, None, "{word:?}");
    }
}

#[test]
fn french() {
    all_read(&[
        ("Directrice des Ressources Humaines", L::Director, &[F::HumanResources]),
        ("Directeur général adjoint", L::VicePresident, &[F::Executive]),
        ("Directeur des systèmes d'information", L::Director, &[F::It]),
        ("Chef de service comptabilité", L::Head, &[F::Finance]),
        ("Responsable des achats", L::Manager, &[F::Procurement]),
        ("Chef d'équipe", L::Lead, &[]),
        ("DRH", L::Director, &[F::HumanResources]),
        ("Attaché commercial", IC, &[F::Sales]),
        ("Ingénieur commercial", IC, &[F::Sales]),
        ("Chargée de communication", IC, &[F::Marketing]),
        ("Assistante de direction", IC, &[F::Operations]),
    ]);
}

#[test]
fn spanish_and_portuguese() {
    all_read(&[
        ("Jefe de Ventas", L::Manager, &[F::Sales]),
        ("Subdirectora de Finanzas", L::SeniorManager, &[F::Finance]),
        ("Vicepresidente de Ventas", L::VicePresident, &[F::Sales]),
        ("Ingeniero de Software Senior", L::SeniorIndividualContributor, &[F::Engineering]),
        ("Analista de Datos", IC, &[F::Data]),
        ("Coordinador de Logística", IC, &[F::SupplyChain]),
        ("Diretor Financeiro", L::Director, &[F::Finance]),
        ("Coordenador de Operações", IC, &[F::Operations]),
        ("Estagiário de Marketing", L::Intern, &[F::Marketing]),
    ]);
}

#[test]
fn italian_and_dutch() {
    all_read(&[
        ("Amministratore Delegato", L::Owner, &[F::Executive]),
        ("Direttore Commerciale", L::Director, &[F::Sales]),
        ("Responsabile Risorse Umane", L::Manager, &[F::HumanResources]),
        ("Impiegato amministrativo", IC, &[F::Operations]),
        ("Algemeen Directeur", L::Owner, &[F::Executive]),
        ("Financieel Directeur", L::Director, &[F::Finance]),
        ("Hoofd Personeelszaken", L::Head, &[F::HumanResources]),
        ("Teamleider Klantenservice", L::Lead, &[F::Support]),
    ]);
}

#[test]
fn offices_and_fields_of_the_continent() {
    all_read(&[
        ("Director de TI", L::Director, &[F::It]),
        ("Gerente de TI", L::Manager, &[F::It]),
        ("Analista de TI", IC, &[F::It]),
        ("Coordenador de TI", IC, &[F::It]),
        ("Responsable SI", L::Manager, &[F::It]),
        ("Director Técnico", L::Director, &[F::Engineering]),
        ("Gestionnaire paie", IC, &[F::HumanResources]),
        ("Gestionnaire de flotte", IC, &[F::SupplyChain]),
        ("Gestor de Frota", L::Manager, &[F::SupplyChain]),
        ("Responsable parc automobile", L::Manager, &[F::SupplyChain]),
        ("Fuhrparkverantwortlicher", L::Manager, &[F::SupplyChain]),
        ("Wagenparkbeheerder", IC, &[F::SupplyChain]),
        ("Hoofd P&O", L::Head, &[F::HumanResources]),
        ("Leiter Rechnungswesen", L::Head, &[F::Finance]),
        ("Leiter Controlling", L::Head, &[F::Finance]),
        ("DSI", L::Director, &[F::It]),
        ("DAF", L::Director, &[F::Finance]),
        ("DGS", L::President, &[F::Executive]),
        ("Interventor", L::Director, &[F::Finance]),
        ("Justiziarin", L::SeniorIndividualContributor, &[F::Legal]),
        ("Konstrukteur", IC, &[F::Engineering]),
        ("Disponent", IC, &[F::SupplyChain]),
        ("Werkstattleiter", L::Manager, &[F::Operations]),
        ("Qualitätsmanagementbeauftragter", IC, &[F::Operations]),
        ("Salarisadministrateur", IC, &[F::HumanResources]),
        ("Gemeentesecretaris", L::CLevel, &[F::Executive]),
        ("Werkvoorbereider", IC, &[F::Operations]),
    ]);
    assert_eq!(Title::parse("Betriebsratsvorsitzender").functions, [F::HumanResources]);
}
