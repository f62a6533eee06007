//! Contact data that somebody objected to: gone everywhere, and not back with any write.

use crate::fixture::*;
use crate::on_both;
use contracts::{
    CompanyWanted, DataPoint, DataPointKind, Enrichment, SuppressRequest, Unavailable, WorkspaceId, person_ref,
};
use engine::{Contact, Role};
use store::StoredEnrichment;

const ADDRESS: &str = "ana@test-company.example";
const NUMBER: &str = "+1 555 010 0123";

fn both() -> Contact {
    Contact { email: Some(ADDRESS.to_owned()), phone: Some(NUMBER.to_owned()) }
}

fn objection(workspace: &WorkspaceId, id: &str, values: &[(DataPointKind, &str)]) -> SuppressRequest {
    let points = values.iter().map(|(kind, value)| DataPoint::of(workspace, *kind, value).unwrap());
    SuppressRequest { workspace: workspace.clone(), event: request(id).event, data_points: points.collect() }
}

fn all(id: &str) -> SuppressRequest {
    // Written in other ways than it is stored.
    let values = [(DataPointKind::Email, "Ana@Test-Company.example"), (DataPointKind::Phone, "+15550100123")];
    objection(&workspace(), id, &values)
}

/// Everything the database holds, as far as contact data could be in it.
async fn places(db: &Fixture) -> i64 {
    db.number(
        "SELECT (SELECT COUNT(*) FROM people WHERE email LIKE 'ana@%' OR phone LIKE '%0123')
              + (SELECT COUNT(*) FROM candidates WHERE person LIKE '%ana@%' OR member LIKE '%ana@%' OR enrichment LIKE '%ana@%'
                     OR person LIKE '%0123%' OR member LIKE '%0123%' OR enrichment LIKE '%0123%')
              + (SELECT COUNT(*) FROM diffs WHERE diff LIKE '%ana@%' OR diff LIKE '%0123%')",
    )
    .await
}

on_both!(
    an_objection_erases_what_is_there,
    no_later_write_brings_it_back,
    an_objection_against_one_datum_leaves_the_other,
    rows_of_the_release_before_are_found,
    one_workspace_s_objection_is_not_another_s,
    a_person_s_company_is_found_by_reference,
    an_objection_to_what_a_source_gave_leaves_what_others_told,
    whoever_loses_their_last_address_may_be_told_again,
    an_address_that_was_objected_to_is_not_taken_along_to_a_retry,
);

async fn an_objection_erases_what_is_there(db: Fixture) {
    let member = member("ana", Role::Champion);
    db.open("r1").await;
    let mut told = member.clone();
    told.person.contact = both();
    db.replace_candidates("r1", &[told.person.clone()]).await.unwrap();
    db.choose("r1", &group(&[told]), NOW).await.unwrap();
    db.enrich("r1", "ana", Enrichment::Found { email: true, phone: true }, both()).await;
    db.save(&saving("r1"), NOW).await.unwrap();
    // A second one on its way, which has it too.
    db.open("r2").await;
    let mut again = member.clone();
    again.person.contact = both();
    db.choose("r2", &group(&[again]), NOW + 1).await.unwrap();
    assert!(places(&db).await > 3);

    let suppressed = db.suppress(&all("o1"), NOW).await.unwrap();
    assert_eq!(suppressed.listed, 2);
    assert!(suppressed.erased >= 4, "{suppressed:?}");
    assert_eq!(places(&db).await, 0);
    let saved = db.saved().await.unwrap();
    assert_eq!((ids(&saved), saved.members[0].member.person.contact.clone()), (vec!["ana"], Contact::default()));
    // Again: the same state.
    let again = db.suppress(&all("o1"), NOW).await.unwrap();
    assert_eq!((again.listed, again.erased), (2, 0));
    for point in all("o1").data_points {
        assert!(db.is_suppressed(&workspace(), &point).await.unwrap());
    }
}

async fn no_later_write_brings_it_back(db: Fixture) {
    db.suppress(&all("o1"), NOW).await.unwrap();
    db.open("r1").await;
    let mut told = member("ana", Role::Champion);
    told.person.contact = both();
    db.replace_candidates("r1", &[told.person.clone()]).await.unwrap();
    assert_eq!(db.candidates("r1").await.unwrap()[0].contact, Contact::default());
    db.choose("r1", &group(&[told]), NOW).await.unwrap();
    assert_eq!(db.chosen("r1").await.unwrap()[0].person.contact, Contact::default());
    let stands = db.enrich("r1", "ana", Enrichment::Found { email: true, phone: true }, both()).await;
    let legal = Enrichment::Withheld { reason: Unavailable::Legal };
    assert!(matches!(stands, StoredEnrichment { ref result, listed: true, ref contact, cost_micros: 40_000, .. }
        if *result == legal && contact.is_empty()));
    // Past the checks of those writes, as a build of the release before would.
    db.sql(
        "UPDATE candidates SET enrichment = '{\"result\":{\"enrichment\":\"found\",\"email\":true,\"phone\":false},
         \"contact\":{\"email\":\"ana@test-company.example\"},\"source\":\"contacts\",\"cost_micros\":1}'",
    )
    .await;
    db.save(&saving("r1"), NOW).await.unwrap();
    assert_eq!(db.number("SELECT COUNT(*) FROM people WHERE email IS NOT NULL OR phone IS NOT NULL").await, 0);
    assert_eq!(db.number("SELECT COUNT(*) FROM diffs WHERE diff LIKE '%ana@%'").await, 0);
}

async fn an_objection_against_one_datum_leaves_the_other(db: Fixture) {
    let mut told = member("ana", Role::Champion);
    told.person.contact = both();
    db.refreshed("r1", &[told], 0).await;
    db.suppress(&objection(&workspace(), "o1", &[(DataPointKind::Phone, NUMBER)]), NOW).await.unwrap();
    assert_eq!(db.saved().await.unwrap().members[0].member.person.contact, email(ADDRESS));
    db.open("r2").await;
    db.choose("r2", &group(&[member("ana", Role::Champion)]), NOW + 1).await.unwrap();
    let stands = db.enrich("r2", "ana", Enrichment::Found { email: true, phone: true }, both()).await;
    assert_eq!((stands.result, stands.contact), (found(), email(ADDRESS)));
}

async fn rows_of_the_release_before_are_found(db: Fixture) {
    let mut told = member("ana", Role::Champion);
    told.person.contact = both();
    db.refreshed("r1", &[told], 0).await;
    db.sql("UPDATE people SET email_hash = NULL, phone_hash = NULL, person_ref = NULL").await;
    db.suppress(&all("o1"), NOW).await.unwrap();
    assert_eq!(db.saved().await.unwrap().members[0].member.person.contact, Contact::default());
}

async fn one_workspace_s_objection_is_not_another_s(db: Fixture) {
    let mut told = member("ana", Role::Champion);
    told.person.contact = both();
    db.refreshed("r1", &[told], 0).await;
    let other: WorkspaceId = "other".parse().unwrap();
    let values = [(DataPointKind::Email, ADDRESS), (DataPointKind::Phone, NUMBER)];
    let suppressed = db.suppress(&objection(&other, "o1", &values), NOW).await.unwrap();
    assert_eq!((suppressed.listed, suppressed.erased), (2, 0));
    assert_eq!(db.saved().await.unwrap().members[0].member.person.contact, both());
}

async fn a_person_s_company_is_found_by_reference(db: Fixture) {
    let reference = person_ref(&workspace(), "ana");
    assert_eq!(db.employer_of(&workspace(), &reference).await.unwrap(), None);
    db.refreshed("r1", &[member("ana", Role::Champion), member("ben", Role::Blocker)], 0).await;
    assert_eq!(db.employer_of(&workspace(), &reference).await.unwrap(), Some((COMPANY.to_owned(), company())));
    assert_eq!(db.employer_of(&"other".parse().unwrap(), &reference).await.unwrap(), None);
    // Who has left is still known there.
    db.refreshed("r2", &[member("ben", Role::Blocker)], 1).await;
    assert_eq!(db.employer_of(&workspace(), &reference).await.unwrap().unwrap().0, COMPANY);
    // A member elsewhere is there and no longer here, whatever is older.
    let mut moved = request("r3");
    moved.company = CompanyWanted::EmployerOf { employer_of: reference.clone() };
    db.begin(&moved, &workflow("r3"), "r3", NOW).await.unwrap();
    assert_eq!(db.refresh("r3").await.unwrap().unwrap().company_name, None);
    let next = engine::Company { name: "Next".to_owned(), domain: None, staff: None, revenue: None };
    db.put_company("r3", &workspace(), "co_next", &next, None, NOW).await.unwrap();
    db.choose("r3", &group(&[member("ana", Role::Champion)]), NOW).await.unwrap();
    let save = contracts::SaveInput { company_id: "co_next".to_owned(), ..saving("r3") };
    db.save(&save, NOW - 5).await.unwrap();
    assert_eq!(db.employer_of(&workspace(), &reference).await.unwrap().unwrap().0, "co_next");
}

async fn an_objection_to_what_a_source_gave_leaves_what_others_told(db: Fixture) {
    let number = Contact { email: None, phone: Some(NUMBER.to_owned()) };
    db.suppress(&objection(&workspace(), "o1", &[(DataPointKind::Email, ADDRESS)]), NOW).await.unwrap();
    db.open("r1").await;
    // The people's source has a number that nobody objected to; the contacts' source has the address and nothing else.
    let mut told = member("ana", Role::Champion);
    told.person.contact = number.clone();
    db.choose("r1", &group(&[told]), NOW).await.unwrap();
    db.enrich("r1", "ana", found(), email(ADDRESS)).await;
    db.save(&saving("r1"), NOW).await.unwrap();
    assert_eq!(db.saved().await.unwrap().members[0].member.person.contact, number);
    // Nor is what was known before dropped, when nobody tells it again.
    db.open("r2").await;
    db.choose("r2", &group(&[member("ana", Role::Champion)]), NOW + 1).await.unwrap();
    db.enrich("r2", "ana", found(), email(ADDRESS)).await;
    db.save(&saving("r2"), NOW + 1).await.unwrap();
    assert_eq!(db.saved().await.unwrap().members[0].member.person.contact, number);
    // A source that says that nobody may be contacted is another matter.
    db.open("r3").await;
    db.choose("r3", &group(&[member("ana", Role::Champion)]), NOW + 2).await.unwrap();
    db.enrich("r3", "ana", Enrichment::Withheld { reason: Unavailable::Legal }, Contact::default()).await;
    db.save(&saving("r3"), NOW + 2).await.unwrap();
    assert_eq!(db.saved().await.unwrap().members[0].member.person.contact, Contact::default());
}

async fn whoever_loses_their_last_address_may_be_told_again(db: Fixture) {
    db.open("r1").await;
    db.choose("r1", &group(&[member("ana", Role::Champion)]), NOW).await.unwrap();
    db.enrich("r1", "ana", found(), email(ADDRESS)).await;
    db.save(&saving("r1"), NOW).await.unwrap();
    db.suppress(&objection(&workspace(), "o1", &[(DataPointKind::Email, ADDRESS)]), NOW).await.unwrap();
    let number = Contact { email: None, phone: Some(NUMBER.to_owned()) };
    let mut told = member("ana", Role::Champion);
    told.person.contact = number.clone();
    db.refreshed("r2", &[told], 1).await;
    assert_eq!(db.saved().await.unwrap().members[0].member.person.contact, number);
}

async fn an_address_that_was_objected_to_is_not_taken_along_to_a_retry(db: Fixture) {
    let (ana, legal) = (group(&[member("ana", Role::Champion)]), Enrichment::Withheld { reason: Unavailable::Legal });
    let again = async |run: &str| {
        db.begin(&request("r1"), &workflow("r1"), run, NOW + 1).await.unwrap();
        db.put_company(run, &workspace(), COMPANY, &company(), None, NOW + 1).await.unwrap();
        db.choose(run, &ana, NOW + 2).await.unwrap();
        let answer = db.enrichment(run, "ana").await.unwrap().unwrap();
        db.record_failure(&failing(run, contracts::OutcomeKind::Failed), NOW + 3).await.unwrap();
        (answer.result, answer.contact, answer.listed)
    };
    db.open("r1").await;
    db.choose("r1", &ana, NOW).await.unwrap();
    db.enrich("r1", "ana", Enrichment::Found { email: true, phone: true }, both()).await;
    db.record_failure(&failing("r1", contracts::OutcomeKind::Failed), NOW).await.unwrap();
    // On the list, and not erased there yet.
    db.list_suppressed(&objection(&workspace(), "o1", &[(DataPointKind::Email, ADDRESS)]), NOW).await.unwrap();
    let number = Contact { email: None, phone: Some(NUMBER.to_owned()) };
    assert_eq!(again("r2").await, (Enrichment::Found { email: false, phone: true }, number, false));
    // Erased: only the answer still says that there was something.
    db.suppress(&all("o2"), NOW + 4).await.unwrap();
    assert_eq!(places(&db).await, 0);
    assert_eq!(again("r3").await, (legal, Contact::default(), true));
}
