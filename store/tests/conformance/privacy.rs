//! People: rows of earlier releases, addresses that were ids, erasing somebody, and what is kept for how long.

use crate::fixture::*;
use crate::on_both;
use contracts::{DataPoint, DataPointKind, SuppressRequest, WorkspaceId, opaque_identity, person_ref};
use engine::{Contact, PersonId, Role};
use store::{Cutoffs, Erasing, Retaining, Whom};

const ADDRESS: &str = "ana@test-company.example";
const DAY: i64 = 24 * 60 * 60 * 1000;

on_both!(
    people_of_the_release_before_are_found_by_reference_and_hash,
    an_objection_finds_rows_that_an_old_worker_wrote,
    an_objection_goes_through_pages_and_on_after_an_interruption,
    an_address_that_was_an_id_becomes_a_hash_and_nobody_leaves,
    an_objection_leaves_no_address_anywhere,
    whoever_is_erased_is_gone_and_stays_away,
    an_erasure_names_everything_by_which_somebody_is_known,
    w20_nothing_personal_is_kept_for_ever,
);

fn email_id() -> String {
    opaque_identity(&workspace(), ADDRESS).unwrap()
}

fn erasing(points: Vec<DataPoint>) -> SuppressRequest {
    SuppressRequest { workspace: workspace(), event: request("erase-1").event, data_points: points }
}

fn of(kind: DataPointKind, value: &str) -> DataPoint {
    DataPoint::of(&workspace(), kind, value).unwrap()
}

fn with_contact(id: &str, contact: Contact) -> engine::Member {
    let mut member = member(id, Role::Champion);
    member.person.contact = contact;
    member
}

async fn people_of_the_release_before_are_found_by_reference_and_hash(db: Fixture) {
    db.refreshed("r1", &[with_contact("ana", email(ADDRESS)), member("ben", Role::Blocker)], 0).await;
    db.sql("UPDATE people SET person_ref = NULL, email_hash = NULL, phone_hash = NULL").await;
    let reference = person_ref(&workspace(), "ana");
    assert_eq!(db.employer_of(&workspace(), &reference).await.unwrap(), None);
    db.migrate().await.unwrap();
    assert_eq!(db.employer_of(&workspace(), &reference).await.unwrap().unwrap().0, COMPANY);
    assert_eq!(db.number("SELECT COUNT(*) FROM people WHERE email_hash IS NOT NULL").await, 1);
    // Nothing else has changed, nor does it the next time.
    assert_eq!(db.number("SELECT COUNT(*) FROM people WHERE updated_at = 1760000000000").await, 2);
    db.migrate().await.unwrap();
    assert_eq!(db.number("SELECT COUNT(*) FROM people").await, 2);
}

async fn an_objection_finds_rows_that_an_old_worker_wrote(db: Fixture) {
    let told = with_contact("ana", email("old@test-company.example"));
    db.refreshed("r1", &[told, with_contact("ben", email(ADDRESS))], 0).await;
    // The release before wrote addresses and left the hashes as they were, and rows without any.
    db.sql("UPDATE people SET email = 'ana@test-company.example' WHERE person_id = 'ana'").await;
    db.sql("UPDATE people SET person_ref = NULL, email_hash = NULL WHERE person_id = 'ben'").await;
    let suppressed = db.suppress(&erasing(vec![of(DataPointKind::Email, ADDRESS)]), NOW).await.unwrap();
    assert!(suppressed.erased >= 2, "{suppressed:?}");
    assert_eq!(db.number("SELECT COUNT(*) FROM people WHERE email IS NOT NULL").await, 0);
    assert_eq!(db.number("SELECT COUNT(*) FROM people WHERE person_ref IS NULL OR email_hash IS NOT NULL").await, 0);
}

async fn an_objection_goes_through_pages_and_on_after_an_interruption(db: Fixture) {
    // More people than a page has, and more refreshes.
    db.refreshed("r1", &[with_contact("ana", email(ADDRESS))], 0).await;
    db.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
         INSERT INTO people (workspace, company_id, person_id, name, departments, email, updated_at)
         SELECT 'acme', 'co_test', 'p' || i, 'n', '[]', 'ana@test-company.example', 5 FROM n",
    )
    .await;
    for run in 2..=130 {
        db.open(&format!("r{run}")).await;
        let told = with_contact("ana", email(ADDRESS)).person;
        db.replace_candidates(&format!("r{run}"), &[told]).await.unwrap();
    }
    let request = erasing(vec![of(DataPointKind::Email, ADDRESS)]);
    db.list_suppressed(&request, NOW).await.unwrap();
    let (mut at, mut pages) = (Erasing::default(), 0);
    while !at.is_done() {
        // What a heartbeat carries; the page before it is done twice.
        let text = serde_json::to_string(&at).unwrap();
        assert!(!text.contains("ana") && !text.contains('@'), "{text}");
        db.erase_page(&request, &at, NOW).await.unwrap();
        at = db.erase_page(&request, &serde_json::from_str(&text).unwrap(), NOW).await.unwrap();
        pages += 1;
    }
    assert!(pages > 5, "{pages} pages");
    let left = "SELECT (SELECT COUNT(*) FROM people WHERE email IS NOT NULL OR email_hash IS NOT NULL)
                     + (SELECT COUNT(*) FROM candidates WHERE person LIKE '%ana@%')
                     + (SELECT COUNT(*) FROM diffs WHERE diff LIKE '%ana@%')";
    assert_eq!(db.number(left).await, 0);
}

async fn an_address_that_was_an_id_becomes_a_hash_and_nobody_leaves(db: Fixture) {
    // As the release before left it: past the checks of today's.
    let mut boss = member("boss", Role::DecisionMaker);
    boss.person.manager = None;
    db.refreshed("r1", &[boss.clone(), with_contact("ana", email(ADDRESS))], 0).await;
    db.sql("UPDATE people SET manager = 'ana@test-company.example' WHERE person_id = 'boss'").await;
    db.sql(
        "INSERT INTO people (workspace, company_id, person_id, name, departments, email, updated_at)
         SELECT workspace, company_id, 'ana@test-company.example', name, departments, email, updated_at
         FROM people WHERE person_id = 'ana'",
    )
    .await;
    db.sql("UPDATE members SET person_id = 'ana@test-company.example' WHERE person_id = 'ana'").await;
    db.sql("DELETE FROM people WHERE person_id = 'ana'").await;

    db.migrate().await.unwrap();
    assert_eq!(db.number("SELECT COUNT(*) FROM people WHERE person_id LIKE '%@%' OR manager LIKE '%@%'").await, 0);
    assert_eq!(db.number("SELECT COUNT(*) FROM members WHERE person_id LIKE '%@%'").await, 0);
    let saved = db.saved().await.unwrap();
    assert!(ids(&saved).contains(&&*email_id()), "{:?}", ids(&saved));
    // The next refresh finds her under the new id; one that began before, under the old one.
    let by_hash = with_contact(&email_id(), email(ADDRESS));
    let diff = db.refreshed("r2", &[boss.clone(), by_hash], 1).await.diff;
    assert_eq!((diff.joined, diff.left), (0, 0));
    let by_address = with_contact(ADDRESS, email(ADDRESS));
    let diff = db.refreshed("r3", &[boss, by_address], 2).await.diff;
    assert_eq!((diff.joined, diff.left), (0, 0));
    assert_eq!(db.number("SELECT COUNT(*) FROM members WHERE left_at IS NULL").await, 2);
}

async fn an_objection_leaves_no_address_anywhere(db: Fixture) {
    let mut boss = member("boss", Role::DecisionMaker);
    boss.person.manager = PersonId::new(ADDRESS);
    let mut ana = with_contact(ADDRESS, email(ADDRESS));
    (ana.person.name, ana.person.profile_url) = ("Ana".to_owned(), None);
    db.open("r1").await;
    db.choose("r1", &group(&[boss, ana]), NOW).await.unwrap();
    db.operation_started("r1", "enrich", ADDRESS, 1, NOW).await.unwrap();
    db.save(&saving("r1"), NOW).await.unwrap();
    // As the release before wrote it.
    db.sql(
        "UPDATE diffs SET diff = '{\"joined\":[{\"person_id\":\"ana@test-company.example\",\"name\":\"N\",
             \"role\":\"champion\",\"score\":1,\"contact\":{\"email\":\"ana@test-company.example\"}}]}'",
    )
    .await;
    db.suppress(&erasing(vec![of(DataPointKind::Email, ADDRESS)]), NOW).await.unwrap();
    for sql in [
        "SELECT COUNT(*) FROM people WHERE person_id LIKE '%ana@%' OR manager LIKE '%ana@%' OR email LIKE '%ana@%'",
        "SELECT COUNT(*) FROM members WHERE person_id LIKE '%ana@%'",
        "SELECT COUNT(*) FROM candidates WHERE person_id LIKE '%ana@%' OR person LIKE '%ana@%' OR member LIKE '%ana@%'",
        "SELECT COUNT(*) FROM diffs WHERE diff LIKE '%ana@%'",
        "SELECT COUNT(*) FROM pipeline_operations WHERE subject LIKE '%ana@%'",
    ] {
        assert_eq!(db.number(sql).await, 0, "{sql}");
    }
    assert_eq!(db.operations("r1").await.unwrap()[0].subject, person_ref(&workspace(), ADDRESS));
}

async fn whoever_is_erased_is_gone_and_stays_away(db: Fixture) {
    let number = Contact { email: Some(ADDRESS.to_owned()), phone: Some("+1 555 010 0123".to_owned()) };
    let ana = with_contact("ana", number);
    let mut ben = member("ben", Role::Blocker);
    ben.person.manager = PersonId::new("ana");
    db.refreshed("r1", &[ana.clone(), ben.clone()], 0).await;
    let mut promoted = ana.clone();
    promoted.person.title = Some("Chief Sales Officer".to_owned());
    db.refreshed("r2", &[promoted, ben.clone()], 1).await;
    db.open("r3").await;
    db.choose("r3", &group(&[ana.clone(), ben.clone()]), NOW + 2).await.unwrap();

    let points = db.erasure_of(&workspace(), &Whom::Person("ana")).await.unwrap();
    let erased = db.suppress(&erasing(points.clone()), NOW + 3).await.unwrap();
    assert!(erased.erased >= 3, "{erased:?}");
    let traces = [
        "SELECT COUNT(*) FROM people WHERE name LIKE '%ana%' OR email IS NOT NULL OR phone IS NOT NULL OR manager = 'ana'
             OR profile_url LIKE '%/ana' OR person_id = 'ana'",
        "SELECT COUNT(*) FROM members WHERE person_id = 'ana'",
        "SELECT COUNT(*) FROM candidates WHERE person_id = 'ana' OR person LIKE '%of ana%' OR member LIKE '%\"ana\"%'",
        "SELECT COUNT(*) FROM diffs WHERE diff LIKE '%of ana%' OR diff LIKE '%\"ana\"%' OR diff LIKE '%Chief Sales%'",
    ];
    for sql in traces {
        assert_eq!(db.number(sql).await, 0, "{sql}");
    }
    // That somebody was there, in which role and from when to when, is left.
    assert_eq!(db.number("SELECT COUNT(*) FROM members WHERE left_at = 1760000000003 AND title IS NULL").await, 1);
    assert_eq!(ids(&db.saved().await.unwrap()), ["ben"]);
    for run in ["r1", "r2"] {
        let diff = db.diff(run).await.unwrap().unwrap();
        assert!(diff.joined.iter().chain(&diff.left).any(|one| one.name == "(erased)") || run == "r2", "{diff:?}");
    }
    assert_eq!(db.employer_of(&workspace(), &person_ref(&workspace(), "ana")).await.unwrap(), None);
    // The refresh on its way, and the next one, whose source has them still.
    db.save(&saving("r3"), NOW + 4).await.unwrap();
    assert_eq!(ids(&db.saved().await.unwrap()), ["ben"]);
    db.open("r4").await;
    let people = vec![ana.person.clone(), ben.person.clone()];
    assert_eq!(db.without_erased(&workspace(), people.clone()).await.unwrap(), [ben.person.clone()]);
    db.replace_candidates("r4", &people).await.unwrap();
    assert_eq!(db.candidates("r4").await.unwrap().len(), 1);
    db.choose("r4", &group(&[ana, ben]), NOW + 5).await.unwrap();
    db.save(&saving("r4"), NOW + 5).await.unwrap();
    assert_eq!(ids(&db.saved().await.unwrap()), ["ben"]);
    for sql in traces {
        assert_eq!(db.number(sql).await, 0, "{sql}");
    }
    // Again, as the second pass does.
    let again = db.suppress(&erasing(points), NOW + 6).await.unwrap();
    assert_eq!(again.erased, 0);
}

async fn an_erasure_names_everything_by_which_somebody_is_known(db: Fixture) {
    db.refreshed("r1", &[with_contact("ana", email(ADDRESS))], 0).await;
    let (person, address) = (of(DataPointKind::Person, "ana"), of(DataPointKind::Email, ADDRESS));
    let by_id = db.erasure_of(&workspace(), &Whom::Person("ana")).await.unwrap();
    assert_eq!(by_id.len(), 2);
    assert!(by_id.contains(&person) && by_id.contains(&address), "{by_id:?}");
    let by_address = db.erasure_of(&workspace(), &Whom::Email(" Ana@Test-Company.example")).await.unwrap();
    let id = of(DataPointKind::Person, &email_id());
    assert!([person, address.clone(), id].iter().all(|point| by_address.contains(point)), "{by_address:?}");
    assert_eq!(db.erasure_of(&workspace(), &Whom::Person("nobody")).await.unwrap(), []);
    let other: WorkspaceId = "other".parse().unwrap();
    assert_eq!(db.erasure_of(&other, &Whom::Person("ana")).await.unwrap(), []);
    let unknown = db.erasure_of(&workspace(), &Whom::Email("eve@test-company.example")).await.unwrap();
    assert!(unknown.contains(&of(DataPointKind::Email, "eve@test-company.example")));
}

/// Predecessor's failure W20: payloads kept without retention or erasure.
async fn w20_nothing_personal_is_kept_for_ever(db: Fixture) {
    let both = [with_contact("ana", email(ADDRESS)), with_contact("ben", email("ben@test-company.example"))];
    db.open("r1").await;
    db.choose("r1", &group(&both), NOW).await.unwrap();
    db.operation_started("r1", "save", "", 1, NOW).await.unwrap();
    db.save(&saving("r1"), NOW).await.unwrap();
    db.refreshed("r2", &both[1..], DAY).await;
    let kept = async |contacts: i64, logs: i64| {
        let (mut at, cutoffs) = (Retaining::default(), Cutoffs { contacts, logs });
        while !at.is_done() {
            db.retain_page(cutoffs, &at).await.unwrap();
            at = db.retain_page(cutoffs, &at).await.unwrap();
        }
    };
    // Not old enough: Ana left at that very moment.
    kept(NOW, NOW).await;
    assert_eq!(db.number("SELECT COUNT(*) FROM people WHERE email IS NOT NULL").await, 2);
    assert_eq!(db.number("SELECT COUNT(*) FROM diffs WHERE diff LIKE '%ana@%'").await, 2);
    // Contact data goes first: hers, and whatever refreshes that are over wrote down beside the group.
    kept(NOW + DAY + 1, NOW).await;
    assert_eq!(
        db.number("SELECT COUNT(*) FROM people WHERE person_id = 'ana' AND email IS NULL AND email_hash IS NULL").await,
        1
    );
    assert_eq!(db.number("SELECT COUNT(*) FROM candidates").await, 0);
    assert_eq!(db.number("SELECT COUNT(*) FROM diffs WHERE diff LIKE '%@%'").await, 0);
    let diff = db.diff("r1").await.unwrap().unwrap();
    assert_eq!(diff.joined.len(), 2, "what changed is known still");
    // Then what changed, and the log.
    kept(NOW + DAY + 1, NOW + 1).await;
    assert_eq!((db.diff("r1").await.unwrap(), db.operations("r1").await.unwrap().len()), (None, 0));
    assert!(db.diff("r2").await.unwrap().is_some());
    // The group, whoever is in it, and the identity of events are kept.
    let saved = db.saved().await.unwrap();
    assert_eq!(
        (ids(&saved), saved.members[0].member.person.contact.clone()),
        (vec!["ben"], email("ben@test-company.example"))
    );
    assert_eq!(db.number("SELECT COUNT(*) FROM webhook_events").await, 2);
    // Who comes back is reached again.
    db.refreshed("r3", &both, 3 * DAY).await;
    assert_eq!(db.number("SELECT COUNT(*) FROM people WHERE email IS NOT NULL").await, 2);
}
