//! The shortlist, the choice and the answers, each of which may be written twice.

use crate::fixture::{Fixture, NOW, email, found, group, member, person};
use contracts::{Enrichment, Unavailable};
use engine::{Contact, Person, PersonId, Role};
use store::{StoreError, StoredEnrichment};

crate::on_both! {
    a_shortlist_is_found_again_as_it_was_left,
    a_shortlist_may_be_large,
    nobody_is_listed_without_a_refresh,
    a_choice_is_replaced_by_the_next,
    the_first_answer_stands,
    an_answer_outlives_a_new_shortlist,
    text_that_no_database_holds_is_stored_without_it,
}

fn names(people: &[Person]) -> Vec<&str> {
    people.iter().map(|person| person.id.as_str()).collect()
}

async fn a_shortlist_is_found_again_as_it_was_left(db: Fixture) {
    db.open("run-1").await;
    assert_eq!(db.candidates("run-1").await.unwrap(), []);
    db.replace_candidates("run-1", &[person("b"), person("a")]).await.unwrap();
    assert_eq!(db.candidates("run-1").await.unwrap(), [person("a"), person("b")]);
    let promoted = Person { title: Some("CRO".to_owned()), ..person("b") };
    for _ in 0..2 {
        db.replace_candidates("run-1", &[promoted.clone(), person("c")]).await.unwrap();
        assert_eq!(db.candidates("run-1").await.unwrap(), [promoted.clone(), person("c")]);
    }
    assert_eq!(db.number("SELECT COUNT(*) FROM candidates").await, 2);
    db.replace_candidates("run-1", &[]).await.unwrap();
    assert_eq!(db.candidates("run-1").await.unwrap(), []);
}

async fn a_shortlist_may_be_large(db: Fixture) {
    db.open("run-1").await;
    let people: Vec<Person> = (0..1_050).map(|number| person(&format!("p{number:05}"))).collect();
    db.replace_candidates("run-1", &people).await.unwrap();
    assert_eq!(db.candidates("run-1").await.unwrap(), people);
    db.replace_candidates("run-1", &people[1_000..]).await.unwrap();
    assert_eq!(db.candidates("run-1").await.unwrap(), people[1_000..]);
}

async fn nobody_is_listed_without_a_refresh(db: Fixture) {
    let missing = Err(StoreError::NotFound { what: "refresh" });
    assert_eq!(db.replace_candidates("nowhere", &[person("a")]).await, missing);
    assert_eq!(db.choose("nowhere", &group(&[member("a", Role::Champion)]), NOW).await, missing);
    assert_eq!(db.candidates("nowhere").await.unwrap(), []);
    assert_eq!(db.chosen("nowhere").await.unwrap(), []);
    assert_eq!(db.enrichment("nowhere", "a").await.unwrap(), None);
}

async fn a_choice_is_replaced_by_the_next(db: Fixture) {
    db.open("run-1").await;
    db.replace_candidates("run-1", &[person("a"), person("b"), person("c")]).await.unwrap();
    let first = [member("b", Role::DecisionMaker), member("a", Role::Champion)];
    for _ in 0..2 {
        db.choose("run-1", &group(&first), NOW).await.unwrap();
        assert_eq!(db.chosen("run-1").await.unwrap(), first);
    }
    let second = [member("c", Role::Blocker)];
    db.choose("run-1", &group(&second), NOW).await.unwrap();
    assert_eq!(db.chosen("run-1").await.unwrap(), second);
    assert_eq!(names(&db.candidates("run-1").await.unwrap()), ["a", "b", "c"]);
}

async fn the_first_answer_stands(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion)]), NOW).await.unwrap();
    assert_eq!(db.enrichment("run-1", "a").await.unwrap(), None);
    let first = db.enrich("run-1", "a", found(), email("a@test-company.example")).await;
    let withheld = Enrichment::Withheld { reason: Unavailable::OutOfCredits };
    assert_eq!(db.enrich("run-1", "a", withheld, Contact::default()).await, first);
    assert_eq!(db.enrichment("run-1", "a").await.unwrap(), Some(first.clone()));
    assert_eq!(first.cost_micros, 40_000);
    let nobody = db.put_enrichment("run-1", "z", &first, NOW).await;
    assert_eq!(nobody, Err(StoreError::NotFound { what: "candidate" }));
}

async fn an_answer_outlives_a_new_shortlist(db: Fixture) {
    db.open("run-1").await;
    db.choose("run-1", &group(&[member("a", Role::Champion), member("b", Role::Blocker)]), NOW).await.unwrap();
    let answer = db.enrich("run-1", "a", found(), email("a@test-company.example")).await;
    db.replace_candidates("run-1", &[person("b")]).await.unwrap();
    assert_eq!(names(&db.candidates("run-1").await.unwrap()), ["b"]);
    assert_eq!(db.chosen("run-1").await.unwrap(), [member("b", Role::Blocker)]);
    db.replace_candidates("run-1", &[person("a"), person("b")]).await.unwrap();
    assert_eq!(db.enrichment("run-1", "a").await.unwrap(), Some(answer));
}

async fn text_that_no_database_holds_is_stored_without_it(db: Fixture) {
    db.open("run-1").await;
    let odd = Person { name: "Na\0me".to_owned(), location: Some("\0".to_owned()), ..person("a") };
    db.choose("run-1", &group(&[engine::Member { person: odd, ..member("a", Role::Champion) }]), NOW).await.unwrap();
    let contact = Contact { email: Some("a\0@test-company.example".to_owned()), phone: None };
    let answer = StoredEnrichment { result: found(), contact, source: "s".to_owned(), listed: false, cost_micros: 0 };
    db.put_enrichment("run-1", "a", &answer, NOW).await.unwrap();
    db.save(&crate::fixture::saving("run-1"), NOW).await.unwrap();
    let person = db.saved().await.unwrap().members[0].member.person.clone();
    assert_eq!((person.name.as_str(), person.location.as_deref()), ("Name", Some("")));
    assert_eq!(person.contact, email("a@test-company.example"));

    // An id is never mended: two could become one.
    db.open("run-2").await;
    let odd = Person { id: PersonId::new("a\0").unwrap(), ..person };
    assert!(matches!(db.replace_candidates("run-2", &[odd]).await, Err(StoreError::Invalid { .. })));
}
