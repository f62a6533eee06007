//! Which refreshes may be tried again, and with what.

use crate::fixture::{Fixture, NOW, email, failing, group, member, request, workflow, workspace};
use contracts::{CompanyRef, CompanyWanted, Enrichment, OutcomeKind, RefreshRequest, Unavailable};
use engine::{Contact, Role};
use store::{Kept, RetryFilter, RetryStatus, StoredEnrichment};

crate::on_both! {
    those_that_fit_come_in_the_order_in_which_they_ended,
    q2_one_whose_event_another_run_answers_for_is_not_tried_again,
    a_retry_says_what_it_is_a_retry_of,
    what_was_asked_is_put_together_from_what_is_kept,
    what_ended_with_an_answer_is_known_to_have,
    what_is_not_known_is_not_made_up,
    q5_a_retry_has_the_answers_that_were_paid_for,
    an_answer_is_not_taken_along_to_another_company,
}

fn filter() -> RetryFilter {
    RetryFilter {
        workspace: workspace(),
        status: RetryStatus::Failed,
        since: None,
        company: None,
        error_class: None,
        source: None,
    }
}

async fn end(db: &Fixture, run: &str, outcome: OutcomeKind, class: &str, at: i64) {
    db.open(run).await;
    let input = contracts::FailureInput { class: Some(class.to_owned()), ..failing(run, outcome) };
    db.record_failure(&input, NOW + at).await.unwrap();
}

async fn found(db: &Fixture, filter: RetryFilter) -> Vec<String> {
    let found = db.refreshes_to_retry(&filter, 10).await.unwrap();
    found.into_iter().map(|refresh| refresh.refresh_id).collect()
}

async fn those_that_fit_come_in_the_order_in_which_they_ended(db: Fixture) {
    end(&db, "late", OutcomeKind::Failed, "AuthFailed", 9).await;
    end(&db, "early", OutcomeKind::Failed, "OutOfCredits", 5).await;
    end(&db, "stopped", OutcomeKind::Cancelled, "", 6).await;
    end(&db, "no-match", OutcomeKind::NoMatch, "", 6).await;
    db.open("running").await;
    db.refreshed("fine", &[member("a", Role::Champion)], 7).await;
    assert_eq!(found(&db, filter()).await, ["early", "late"]);
    assert_eq!(found(&db, RetryFilter { since: Some(NOW + 6), ..filter() }).await, ["late"]);
    assert_eq!(found(&db, RetryFilter { error_class: Some("OutOfCredits".into()), ..filter() }).await, ["early"]);
    assert_eq!(found(&db, RetryFilter { status: RetryStatus::Cancelled, ..filter() }).await, ["stopped"]);
    assert_eq!(found(&db, RetryFilter { source: Some("hr".parse().unwrap()), ..filter() }).await, [""; 0]);
    assert_eq!(found(&db, RetryFilter { source: Some("crm".parse().unwrap()), ..filter() }).await.len(), 2);
    assert_eq!(found(&db, RetryFilter { workspace: "other".parse().unwrap(), ..filter() }).await, [""; 0]);
    for company in ["Test Company", crate::fixture::COMPANY] {
        assert_eq!(found(&db, RetryFilter { company: Some(company.into()), ..filter() }).await.len(), 2, "{company}");
    }
    assert_eq!(found(&db, RetryFilter { company: Some("Other".into()), ..filter() }).await, [""; 0]);
    assert_eq!(db.refreshes_to_retry(&filter(), 1).await.unwrap().len(), 1);
}

async fn q2_one_whose_event_another_run_answers_for_is_not_tried_again(db: Fixture) {
    end(&db, "run-1", OutcomeKind::Failed, "AuthFailed", 1).await;
    db.begin(&request("run-1"), &workflow("run-1"), "run-2", NOW + 2).await.unwrap();
    assert_eq!(found(&db, filter()).await, [""; 0]);
    db.record_failure(&failing("run-2", OutcomeKind::Failed), NOW + 3).await.unwrap();
    assert_eq!(found(&db, filter()).await, ["run-2"]);
}

async fn a_retry_says_what_it_is_a_retry_of(db: Fixture) {
    end(&db, "run-1", OutcomeKind::Failed, "AuthFailed", 1).await;
    for _ in 0..2 {
        db.begin(&request("run-1"), &workflow("run-1"), "run-2", NOW + 2).await.unwrap();
    }
    let lineage = async |run: &str| db.refresh(run).await.unwrap().unwrap().retry_of;
    assert_eq!((lineage("run-1").await, lineage("run-2").await), (None, Some("run-1".to_owned())));
}

async fn kept(db: &Fixture) -> RefreshRequest {
    match db.kept_of(&workflow("run-1")).await.unwrap() {
        Some(Kept::Asked(request)) => *request,
        other => panic!("{other:?}"),
    }
}

async fn what_ended_with_an_answer_is_known_to_have(db: Fixture) {
    end(&db, "run-1", OutcomeKind::Ignored, "", 1).await;
    assert_eq!(db.kept_of(&workflow("run-1")).await, Ok(Some(Kept::Answered)));
}

async fn what_was_asked_is_put_together_from_what_is_kept(db: Fixture) {
    end(&db, "run-1", OutcomeKind::Failed, "AuthFailed", 1).await;
    let again = kept(&db).await;
    // The id that the source has for the company is kept; of the person there is nothing.
    let company = CompanyRef { id: Some("src-1".into()), name: "Test Company".into(), domain: None }.into();
    assert_eq!(again, RefreshRequest { company, person_ref: None, ..request("run-1") });
    // It is taken for the same event.
    db.begin(&again, &workflow("run-1"), "run-2", NOW + 2).await.unwrap();
}

async fn what_is_not_known_is_not_made_up(db: Fixture) {
    assert_eq!(db.kept_of("nothing").await, Ok(None));
    let employer = CompanyWanted::EmployerOf { employer_of: "pe_1".into() };
    let asked = RefreshRequest { company: employer, ..request("run-1") };
    db.begin(&asked, &workflow("run-1"), "run-1", NOW).await.unwrap();
    db.record_failure(&failing("run-1", OutcomeKind::Failed), NOW).await.unwrap();
    assert_eq!(db.kept_of(&workflow("run-1")).await, Ok(None));
    // Once it is known at which company the person was, that is what is refreshed.
    let company = crate::fixture::company();
    db.put_company("run-1", &workspace(), crate::fixture::COMPANY, &company, None, NOW).await.unwrap();
    let again = kept(&db).await;
    assert_eq!(again.company.named().unwrap().name, "Test Company, Inc.");
    assert_eq!(again.company.named().unwrap().domain.as_deref(), Some("test-company.example"));
}

/// Another run takes the event of `run-1` over.
async fn again(db: &Fixture, run: &str) {
    db.begin(&request("run-1"), &workflow("run-1"), run, NOW + 2).await.unwrap();
    db.put_company(run, &workspace(), crate::fixture::COMPANY, &crate::fixture::company(), None, NOW).await.unwrap();
}

async fn q5_a_retry_has_the_answers_that_were_paid_for(db: Fixture) {
    let nothing = Contact::default;
    let everybody = group(&["a", "b", "c", "d", "e", "f"].map(|who| member(who, Role::Champion)));
    db.open("run-1").await;
    db.choose("run-1", &everybody, NOW).await.unwrap();
    let paid = db.enrich("run-1", "a", crate::fixture::found(), email("a@x.example")).await;
    let nobody = db.enrich("run-1", "b", Enrichment::NoMatch, nothing()).await;
    let legal = db.enrich("run-1", "c", Enrichment::Withheld { reason: Unavailable::Legal }, nothing()).await;
    db.enrich("run-1", "d", Enrichment::Withheld { reason: Unavailable::OutOfCredits }, nothing()).await;
    db.enrich("run-1", "e", Enrichment::Withheld { reason: Unavailable::PlanForbidden }, nothing()).await;
    db.record_failure(&failing("run-1", OutcomeKind::Failed), NOW).await.unwrap();
    // One that does not come as far as choosing loses nothing.
    again(&db, "run-2").await;
    db.record_failure(&failing("run-2", OutcomeKind::Failed), NOW + 3).await.unwrap();
    again(&db, "run-3").await;
    for _ in 0..2 {
        db.choose("run-3", &everybody, NOW + 4).await.unwrap();
        let free = |answer: &StoredEnrichment| Some(StoredEnrichment { cost_micros: 0, ..answer.clone() });
        for (who, answer) in [("a", free(&paid)), ("b", free(&nobody)), ("c", free(&legal))] {
            assert_eq!(db.enrichment("run-3", who).await.unwrap(), answer, "{who}");
        }
        // That may have changed since; and one was never asked about.
        for who in ["d", "e", "f"] {
            assert_eq!(db.enrichment("run-3", who).await.unwrap(), None, "{who}");
        }
    }
    // What it finds out itself goes before what was found out earlier.
    let own = db.enrich("run-3", "d", crate::fixture::found(), email("d@x.example")).await;
    db.record_failure(&failing("run-3", OutcomeKind::Failed), NOW + 5).await.unwrap();
    again(&db, "run-4").await;
    db.choose("run-4", &everybody, NOW + 6).await.unwrap();
    assert_eq!(db.enrichment("run-4", "d").await.unwrap().unwrap().contact, own.contact);
    assert_eq!(db.enrichment("run-4", "a").await.unwrap().unwrap().contact, paid.contact);
    // Another event is another refresh: it asks afresh.
    db.open("other").await;
    db.choose("other", &everybody, NOW + 7).await.unwrap();
    assert_eq!(db.enrichment("other", "a").await.unwrap(), None);
}

async fn an_answer_is_not_taken_along_to_another_company(db: Fixture) {
    let chosen = group(&[member("a", Role::Champion)]);
    db.open("run-1").await;
    db.choose("run-1", &chosen, NOW).await.unwrap();
    db.enrich("run-1", "a", crate::fixture::found(), email("a@x.example")).await;
    db.record_failure(&failing("run-1", OutcomeKind::Failed), NOW).await.unwrap();
    db.begin(&request("run-1"), &workflow("run-1"), "run-2", NOW + 2).await.unwrap();
    db.put_company("run-2", &workspace(), "co_other", &crate::fixture::company(), None, NOW).await.unwrap();
    db.choose("run-2", &chosen, NOW + 3).await.unwrap();
    assert_eq!(db.enrichment("run-2", "a").await.unwrap(), None);
}
