//! Companies and the refresh log, as others read them.

use crate::fixture::{COMPANY, Fixture, NOW, company, request, workflow, workspace};
use engine::Company;
use store::StoreError;

crate::on_both! {
    a_company_is_found_by_id_domain_and_name,
    companies_in_any_script_are_told_apart,
    what_a_source_leaves_open_stays_known,
    a_company_belongs_to_one_workspace,
    refreshes_are_listed_newest_first,
    nothing_is_read_where_nothing_is,
}

async fn a_company_is_found_by_id_domain_and_name(db: Fixture) {
    db.open("run-1").await;
    let expected = vec![(COMPANY.to_owned(), company())];
    for text in
        [COMPANY, "test-company.example", "https://www.Test-Company.example/about", "test company", "TEST COMPANY Ltd."]
    {
        assert_eq!(db.find_company(&workspace(), text).await.unwrap(), expected, "{text}");
    }
    for text in ["", "tes", "test companies", "example", "no\0body"] {
        assert_eq!(db.find_company(&workspace(), text).await.unwrap(), [], "{text}");
    }
    assert_eq!(db.company(&workspace(), COMPANY).await.unwrap(), Some(company()));
    assert_eq!(db.refresh("run-1").await.unwrap().unwrap().company_id.as_deref(), Some(COMPANY));
}

async fn companies_in_any_script_are_told_apart(db: Fixture) {
    db.open("run-1").await;
    let named = |name: &str| Company { name: name.to_owned(), domain: None, staff: None, revenue: None };
    let names = ["株式会社みどり", "株式会社あおい", "ООО Ромашка", "شركة النور"];
    for (number, name) in names.iter().enumerate() {
        let id = format!("co_{number}");
        db.put_company("run-1", &workspace(), &id, &named(name), None, NOW).await.unwrap();
    }
    for (number, name) in names.iter().enumerate() {
        let found = db.find_company(&workspace(), name).await.unwrap();
        assert_eq!(found, [(format!("co_{number}"), named(name))]);
    }
}

async fn what_a_source_leaves_open_stays_known(db: Fixture) {
    db.open("run-1").await;
    let later = Company { name: "Test Company AG".to_owned(), domain: None, staff: None, revenue: Some(u64::MAX) };
    for _ in 0..2 {
        db.put_company("run-1", &workspace(), COMPANY, &later, None, NOW + 1).await.unwrap();
    }
    let now = db.company(&workspace(), COMPANY).await.unwrap().unwrap();
    assert_eq!((now.name.as_str(), now.domain, now.staff), ("Test Company AG", company().domain, Some(420)));
    // More than a column holds is kept as the most that it holds.
    assert_eq!(now.revenue, Some(i64::MAX as u64));
    assert_eq!(db.number("SELECT COUNT(*) FROM companies WHERE source_id = 'src-1'").await, 1);
}

async fn a_company_belongs_to_one_workspace(db: Fixture) {
    db.open("run-1").await;
    let globex = "globex".parse().unwrap();
    assert_eq!(db.company(&globex, COMPANY).await.unwrap(), None);
    assert_eq!(db.find_company(&globex, COMPANY).await.unwrap(), []);
    let missing = Err(StoreError::NotFound { what: "refresh" });
    assert_eq!(db.put_company("run-1", &globex, COMPANY, &company(), None, NOW).await, missing);
    assert_eq!(db.put_company("nowhere", &workspace(), COMPANY, &company(), None, NOW).await, missing);
}

async fn refreshes_are_listed_newest_first(db: Fixture) {
    for number in 0..4_i64 {
        let run = format!("run-{number}");
        db.begin(&request(&run), &workflow(&run), &run, NOW + number).await.unwrap();
    }
    let listed = db.refreshes(&workspace(), 3).await.unwrap();
    assert_eq!(
        listed.iter().map(|refresh| refresh.refresh_id.as_str()).collect::<Vec<_>>(),
        ["run-3", "run-2", "run-1"]
    );
    assert_eq!(db.refresh_by_workflow(&workflow("run-2")).await.unwrap().unwrap().refresh_id, "run-2");
}

async fn nothing_is_read_where_nothing_is(db: Fixture) {
    assert_eq!(db.refresh("nowhere").await.unwrap(), None);
    assert_eq!(db.refresh_by_workflow("nowhere").await.unwrap(), None);
    assert_eq!(db.refreshes(&workspace(), 10).await.unwrap(), []);
    assert_eq!(db.diff("nowhere").await.unwrap(), None);
    assert_eq!(db.saved().await, None);
    assert_eq!(db.company(&workspace(), "nowhere").await.unwrap(), None);
}
