//! What changes from one saved group to the next.

use crate::fixture::{Fixture, NOW, email, found, group, ids, member, saving};
use contracts::{DiffCounts, Enrichment, OutcomeKind, Unavailable};
use engine::{Change, Contact, Member, PersonId, Role};

crate::on_both! {
    q7_joined_left_role_title_score_and_contact_are_told_with_old_and_new,
    the_same_group_again_changes_nothing,
    d2_whoever_leaves_is_dated_and_whoever_returns_joins_anew,
    a_withheld_answer_keeps_the_address_that_is_known,
    what_the_law_or_the_person_forbids_is_used_no_more,
    whoever_gave_the_contact_data_is_named,
    the_source_of_people_is_second_to_the_source_of_contacts,
    a_returning_member_is_reachable_as_before,
    names_in_any_script_stay_as_they_are,
    d4_nobody_is_dropped_for_want_of_an_address,
}

fn change<T>(who: &str, old: T, new: T) -> Change<T> {
    Change { person_id: PersonId::new(who).unwrap(), name: format!("Name of {who}"), old, new }
}

async fn q7_joined_left_role_title_score_and_contact_are_told_with_old_and_new(db: Fixture) {
    let before = ["role", "title", "score", "contact", "leaves"].map(|id| member(id, Role::Stakeholder));
    db.refreshed("run-1", &before, 0).await;

    let mut after = ["role", "title", "score", "contact", "joins"].map(|id| member(id, Role::Stakeholder));
    after[0].role = Role::DecisionMaker;
    after[1].person.title = Some("CRO".to_owned());
    after[2].scores.overall = 95;
    db.open("run-2").await;
    db.choose("run-2", &group(&after), NOW).await.unwrap();
    db.enrich("run-2", "contact", found(), email("new@test-company.example")).await;
    let saved = db.save(&saving("run-2"), NOW + 1).await.unwrap();
    let one_each =
        DiffCounts { joined: 1, left: 1, role_changed: 1, title_changed: 1, contact_changed: 1, score_moved: 1 };
    assert_eq!(saved.diff, one_each);

    let diff = db.diff("run-2").await.unwrap().unwrap();
    assert_eq!(diff.joined, [after[4].snapshot()]);
    assert_eq!(diff.left, [before[4].snapshot()]);
    assert_eq!(diff.role_changed, [change("role", Role::Stakeholder, Role::DecisionMaker)]);
    assert_eq!(diff.title_changed, [change("title", Some("VP Sales".to_owned()), Some("CRO".to_owned()))]);
    assert_eq!(diff.contact_changed, [change("contact", Contact::default(), email("new@test-company.example"))]);
    assert_eq!(diff.score_moved, [change("score", 70, 95)]);
    // What the first refresh changed is still told as it was.
    assert_eq!(db.diff("run-1").await.unwrap().unwrap().joined.len(), 5);
}

async fn the_same_group_again_changes_nothing(db: Fixture) {
    let members = [member("a", Role::DecisionMaker), member("b", Role::Champion)];
    db.refreshed("run-1", &members, 0).await;
    let saved = db.refreshed("run-2", &members, 1).await;
    assert_eq!(saved.diff, DiffCounts::default());
    let group = db.saved().await.unwrap();
    assert_eq!((group.version, group.refreshed_at), (2, NOW + 1));
    assert!(group.members.iter().all(|saved| saved.joined_at == NOW));
    assert!(db.diff("run-2").await.unwrap().unwrap().is_empty());
}

async fn d2_whoever_leaves_is_dated_and_whoever_returns_joins_anew(db: Fixture) {
    let (a, b) = (member("a", Role::Champion), member("b", Role::Blocker));
    db.refreshed("run-1", &[a.clone(), b.clone()], 0).await;
    db.refreshed("run-2", std::slice::from_ref(&a), 10).await;
    assert_eq!(ids(&db.saved().await.unwrap()), ["a"]);
    let left = "SELECT left_at FROM members WHERE person_id = 'b'";
    assert_eq!(db.number(left).await, NOW + 10);

    let saved = db.refreshed("run-3", &[a, b], 20).await;
    assert_eq!(saved.diff, DiffCounts { joined: 1, ..DiffCounts::default() });
    let group = db.saved().await.unwrap();
    assert_eq!(group.members.iter().map(|saved| saved.joined_at).collect::<Vec<_>>(), [NOW, NOW + 20]);
    assert_eq!(db.number("SELECT COUNT(*) FROM members WHERE person_id = 'b'").await, 2);
    assert_eq!(db.number("SELECT COUNT(*) FROM members WHERE person_id = 'b' AND left_at IS NULL").await, 1);
}

async fn a_withheld_answer_keeps_the_address_that_is_known(db: Fixture) {
    let members = [member("a", Role::Champion)];
    db.open("run-1").await;
    db.choose("run-1", &group(&members), NOW).await.unwrap();
    let known =
        Contact { email: Some("a@test-company.example".to_owned()), phone: Some("+41 44 000 00 00".to_owned()) };
    db.enrich("run-1", "a", Enrichment::Found { email: true, phone: true }, known.clone()).await;
    db.save(&saving("run-1"), NOW).await.unwrap();

    let withheld = Enrichment::Withheld { reason: Unavailable::OutOfCredits };
    for (run, result) in [("run-2", withheld), ("run-3", Enrichment::NoMatch)] {
        db.open(run).await;
        db.choose(run, &group(&members), NOW).await.unwrap();
        db.enrich(run, "a", result, Contact::default()).await;
        assert_eq!(db.save(&saving(run), NOW).await.unwrap().diff, DiffCounts::default());
        let saved = db.saved().await.unwrap().members.remove(0);
        assert_eq!((saved.member.person.contact, saved.contact_source.as_deref()), (known.clone(), Some("contacts")));
    }

    // A new address replaces the old one; the telephone number that nobody mentions stays.
    db.open("run-4").await;
    db.choose("run-4", &group(&members), NOW).await.unwrap();
    db.enrich("run-4", "a", found(), email("new@test-company.example")).await;
    db.save(&saving("run-4"), NOW).await.unwrap();
    let expected = Contact { email: Some("new@test-company.example".to_owned()), phone: known.phone };
    assert_eq!(db.saved().await.unwrap().members[0].member.person.contact, expected);
}

/// Opens a refresh of one member, of whom the people's source tells `told` and the contacts' source `answer`; saves it.
async fn reached(
    db: &Fixture,
    run: &str,
    told: &Contact,
    answer: Option<(Enrichment, Contact)>,
) -> (DiffCounts, Contact, Option<String>) {
    let mut a = member("a", Role::Champion);
    a.person.contact = told.clone();
    db.open(run).await;
    db.choose(run, &group(&[a]), NOW).await.unwrap();
    if let Some((result, contact)) = answer {
        db.enrich(run, "a", result, contact).await;
    }
    let diff = db.save(&saving(run), NOW).await.unwrap().diff;
    let saved = db.saved().await.unwrap().members.remove(0);
    (diff, saved.member.person.contact, saved.contact_source)
}

fn withheld(reason: Unavailable) -> Option<(Enrichment, Contact)> {
    Some((Enrichment::Withheld { reason }, Contact::default()))
}

async fn what_the_law_or_the_person_forbids_is_used_no_more(db: Fixture) {
    let (nothing, contacts) = (Contact::default(), Some("contacts".to_owned()));
    let (known, told) = (email("a@found.example"), email("a@staff-list.example"));
    let none = DiffCounts::default();
    let joined = DiffCounts { joined: 1, ..none };
    let changed = DiffCounts { contact_changed: 1, ..none };
    let give = |address: &Contact| Some((found(), address.clone()));

    assert_eq!(reached(&db, "run-1", &nothing, give(&known)).await, (joined, known.clone(), contacts.clone()));
    for (run, reason) in [("run-2", Unavailable::OutOfCredits), ("run-3", Unavailable::PlanForbidden)] {
        assert_eq!(reached(&db, run, &nothing, withheld(reason)).await, (none, known.clone(), contacts.clone()));
    }
    // Neither what was known, nor what the people's source goes on to tell; the member stays a member.
    let barred = reached(&db, "run-4", &told, withheld(Unavailable::Legal)).await;
    assert_eq!(barred, (changed, nothing.clone(), contacts.clone()));
    // It is still forbidden when nobody is asked, or nobody answers.
    let silent = [None, withheld(Unavailable::OutOfCredits), Some((Enrichment::NoMatch, nothing.clone()))];
    for (number, answer) in silent.into_iter().enumerate() {
        let still = reached(&db, &format!("run-5-{number}"), &told, answer).await;
        assert_eq!(still, (none, nothing.clone(), contacts.clone()));
    }
    // Until the source gives it again.
    assert_eq!(reached(&db, "run-6", &told, give(&known)).await, (changed, known.clone(), contacts));
    assert_eq!(reached(&db, "run-7", &told, None).await, (changed, told, None));
}

async fn whoever_gave_the_contact_data_is_named(db: Fixture) {
    let (nothing, contacts) = (Contact::default(), Some("contacts".to_owned()));
    let (given, told) = (email("a@found.example"), email("a@staff-list.example"));
    let credits = || withheld(Unavailable::OutOfCredits);
    let run = async |run: &str, told: &Contact, answer| {
        let (_, contact, source) = reached(&db, run, told, answer).await;
        (contact, source)
    };
    // Nobody gave anything; then the people's source did, which has no name here, and is kept without one.
    assert_eq!(run("run-1", &nothing, credits()).await, (nothing.clone(), None));
    assert_eq!(run("run-2", &told, credits()).await, (told.clone(), None));
    assert_eq!(run("run-3", &nothing, credits()).await, (told.clone(), None));
    // The contacts' source did, and stays named as long as what it gave is kept.
    assert_eq!(run("run-4", &told, Some((found(), given.clone()))).await, (given.clone(), contacts.clone()));
    assert_eq!(run("run-5", &nothing, credits()).await, (given, contacts));
    // And no longer.
    assert_eq!(run("run-6", &told, credits()).await, (told, None));
}

async fn the_source_of_people_is_second_to_the_source_of_contacts(db: Fixture) {
    let mut told = [member("a", Role::Champion), member("b", Role::Blocker)];
    told[0].person.contact = email("a@staff-list.example");
    told[1].person.contact = email("b@staff-list.example");
    db.open("run-1").await;
    db.choose("run-1", &group(&told), NOW).await.unwrap();
    db.enrich("run-1", "a", found(), email("a@found.example")).await;
    db.save(&saving("run-1"), NOW).await.unwrap();
    let group = db.saved().await.unwrap();
    let contacts: Vec<_> = group.members.iter().map(|saved| &saved.member.person.contact).collect();
    assert_eq!(contacts, [&email("a@found.example"), &email("b@staff-list.example")]);
}

async fn a_returning_member_is_reachable_as_before(db: Fixture) {
    let mut reachable = member("a", Role::Champion);
    reachable.person.contact = email("a@test-company.example");
    db.refreshed("run-1", &[reachable], 0).await;
    db.refreshed("run-2", &[member("b", Role::Champion)], 1).await;
    db.refreshed("run-3", &[member("a", Role::Champion)], 2).await;
    assert_eq!(db.saved().await.unwrap().members[0].member.person.contact, email("a@test-company.example"));
}

async fn names_in_any_script_stay_as_they_are(db: Fixture) {
    let named = |id: &str, name: &str| {
        let mut member: Member = member(id, Role::Champion);
        member.person.name = name.to_owned();
        member.person.title = Some("営業本部長".to_owned());
        member
    };
    let members =
        [named("山田", "山田 太郎"), named("ё", "Фёдор Ёлкин"), named("m-3", "مريم"), named("m-4", "O'Brien 🦀 \"x\"")];
    db.refreshed("run-1", &members, 0).await;
    let group = db.saved().await.unwrap();
    assert_eq!(group.members.iter().map(|saved| saved.member.clone()).collect::<Vec<_>>(), members);
    assert_eq!(db.refresh("run-1").await.unwrap().unwrap().outcome, Some(OutcomeKind::Refreshed));
}

async fn d4_nobody_is_dropped_for_want_of_an_address(db: Fixture) {
    let phone = Contact { email: None, phone: Some("+1 555 010 0123".to_owned()) };
    let withheld = Enrichment::Withheld { reason: Unavailable::Legal };
    db.open("run-1").await;
    db.choose("run-1", &group(&["a", "b", "c", "d", "e"].map(|who| member(who, Role::Champion))), NOW).await.unwrap();
    db.enrich("run-1", "a", found(), email("a@test-company.example")).await;
    db.enrich("run-1", "b", Enrichment::Found { email: false, phone: true }, phone.clone()).await;
    db.enrich("run-1", "c", Enrichment::NoMatch, Contact::default()).await;
    db.enrich("run-1", "d", withheld, Contact::default()).await;
    // Nobody was asked about the last.
    assert_eq!(db.save(&saving("run-1"), NOW).await.unwrap().members, 5);
    let group = db.saved().await.unwrap();
    assert_eq!(ids(&group), ["a", "b", "c", "d", "e"]);
    let contacts: Vec<_> = group.members.into_iter().map(|saved| saved.member.person.contact).collect();
    let nothing = Contact::default;
    assert_eq!(contacts, [email("a@test-company.example"), phone, nothing(), nothing(), nothing()]);
}
