//! Long lists, a page at a time, and single events.

use crate::fixture::{COMPANY, Fixture, NOW, company, failing, member, request, workflow, workspace};
use contracts::OutcomeKind;
use engine::{Company, Role};
use store::{GroupSummary, RefreshFilter, RefreshMark, RefreshState};

crate::on_both! {
    refreshes_are_paged_without_gap_or_repetition,
    refreshes_are_filtered_by_state_company_and_time,
    companies_are_paged_with_their_groups,
    an_event_says_what_became_of_it,
}

async fn ids(db: &Fixture, filter: &RefreshFilter, after: Option<&RefreshMark>, limit: u32) -> Vec<RefreshMark> {
    let page = db.refreshes_page(&workspace(), filter, after, limit).await.unwrap();
    page.into_iter().map(|one| RefreshMark { started_at: one.started_at, refresh_id: one.refresh_id }).collect()
}

async fn refreshes_are_paged_without_gap_or_repetition(db: Fixture) {
    for number in 0..9_i64 {
        let run = format!("run-{number}");
        db.begin(&request(&run), &workflow(&run), &run, NOW + number / 4).await.unwrap();
    }
    let all = RefreshFilter::default();
    let expected: Vec<String> = (0..9).rev().map(|number| format!("run-{number}")).collect();
    for limit in 1..=10 {
        let (mut after, mut found) = (None, Vec::new());
        loop {
            let page = ids(&db, &all, after.as_ref(), limit).await;
            found.extend(page.iter().map(|mark| mark.refresh_id.clone()));
            match page.last() {
                Some(last) => after = Some(last.clone()),
                None => break,
            }
        }
        assert_eq!(found, expected, "{limit} a page");
    }
    let other = db.refreshes_page(&"globex".parse().unwrap(), &all, None, 10).await.unwrap();
    assert!(other.is_empty());
}

async fn refreshes_are_filtered_by_state_company_and_time(db: Fixture) {
    db.refreshed("done", &[member("a", Role::Champion)], 0).await;
    for (run, outcome) in
        [("bad", OutcomeKind::Failed), ("off", OutcomeKind::Cancelled), ("none", OutcomeKind::NoMatch)]
    {
        db.begin(&request(run), &workflow(run), run, NOW + 5).await.unwrap();
        db.record_failure(&failing(run, outcome), NOW + 6).await.unwrap();
    }
    db.begin(&request("on"), &workflow("on"), "on", NOW + 7).await.unwrap();
    let found = async |filter: RefreshFilter| {
        let mut found: Vec<String> =
            ids(&db, &filter, None, 10).await.into_iter().map(|mark| mark.refresh_id).collect();
        found.sort();
        found
    };
    let state = |state| RefreshFilter { state: Some(state), ..RefreshFilter::default() };
    assert_eq!(found(state(RefreshState::Running)).await, ["on"]);
    assert_eq!(found(state(RefreshState::Completed)).await, ["done", "none"]);
    assert_eq!(found(state(RefreshState::Failed)).await, ["bad"]);
    assert_eq!(found(state(RefreshState::Cancelled)).await, ["off"]);
    let of_company = RefreshFilter { company_id: Some(COMPANY.to_owned()), ..RefreshFilter::default() };
    assert_eq!(found(of_company).await, ["done"]);
    assert_eq!(found(RefreshFilter { since: Some(NOW + 7), ..RefreshFilter::default() }).await, ["on"]);
}

async fn companies_are_paged_with_their_groups(db: Fixture) {
    db.refreshed("run-1", &[member("a", Role::Champion), member("b", Role::Blocker)], 10).await;
    let bare = Company { name: "Bare".to_owned(), domain: None, staff: None, revenue: None };
    for id in ["co_a", "co_z"] {
        db.put_company("run-1", &workspace(), id, &bare, None, NOW).await.unwrap();
    }
    let page = db.companies_page(&workspace(), "", 2).await.unwrap();
    assert_eq!(page.iter().map(|one| one.company_id.as_str()).collect::<Vec<_>>(), ["co_a", COMPANY]);
    assert_eq!((&page[0].company, &page[0].group), (&bare, &None));
    assert_eq!((&page[1].company, page[1].source_id.as_deref()), (&company(), Some("src-1")));
    let group = page[1].group.clone().unwrap();
    let GroupSummary { version, members, cohesion, confidence, refreshed_at, .. } = group;
    assert_eq!((version, members, cohesion, confidence, refreshed_at), (1, 2, Some(55), 66, NOW + 10));
    let rest = db.companies_page(&workspace(), COMPANY, 2).await.unwrap();
    assert_eq!(rest.iter().map(|one| one.company_id.as_str()).collect::<Vec<_>>(), ["co_z"]);
    assert_eq!(db.company_record(&workspace(), COMPANY).await.unwrap().as_ref(), Some(&page[1]));
    let globex = "globex".parse().unwrap();
    assert!(db.companies_page(&globex, "", 9).await.unwrap().is_empty());
    assert_eq!(db.company_record(&globex, COMPANY).await.unwrap(), None);
}

async fn an_event_says_what_became_of_it(db: Fixture) {
    let crm = "crm".parse().unwrap();
    db.open("run-1").await;
    let event = db.event(&workspace(), &crm, "run-1").await.unwrap().unwrap();
    assert_eq!((event.outcome, event.refresh_id.as_str()), (None, "run-1"));
    assert_eq!((event.occurred_at, event.received_at), (NOW - 60_000, NOW - 1_000));
    db.record_failure(&failing("run-1", OutcomeKind::NoMatch), NOW).await.unwrap();
    let event = db.event(&workspace(), &crm, "run-1").await.unwrap().unwrap();
    assert_eq!((event.outcome, event.workflow_id), (Some(OutcomeKind::NoMatch), workflow("run-1")));
    assert_eq!(db.event(&workspace(), &crm, "run-2").await.unwrap(), None);
    assert_eq!(db.event(&workspace(), &"erp".parse().unwrap(), "run-1").await.unwrap(), None);
    assert_eq!(db.event(&"globex".parse().unwrap(), &crm, "run-1").await.unwrap(), None);
}
