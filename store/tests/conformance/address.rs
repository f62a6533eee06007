//! Opening, migrating, losing and closing a database.

use crate::fixture::{Fixture, NOW, request, workspace};
use store::{Store, StoreError};
use test_support::{Cluster, TestDb};

crate::on_both! {
    migrations_are_idempotent_and_may_meet,
    a_schema_that_is_ahead_is_current_and_one_that_differs_is_not,
    a_closed_store_is_unavailable,
}

async fn migrations_are_idempotent_and_may_meet(db: Fixture) {
    db.migrate().await.unwrap();
    assert!(db.is_current().await.unwrap());
    db.ping().await.unwrap();

    let fresh = if db.db.url().starts_with("sqlite") { TestDb::sqlite() } else { TestDb::postgres().await }.unwrap();
    let starting = (0..4).map(|_| async {
        let store = Store::connect(fresh.url()).await?;
        store.migrate().await?;
        store.is_current().await
    });
    for started in futures::future::join_all(starting).await {
        assert_eq!(started, Ok(true));
    }
}

async fn a_schema_that_is_ahead_is_current_and_one_that_differs_is_not(db: Fixture) {
    db.sql("UPDATE _sqlx_migrations SET version = version").await;
    db.sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT version + 1000, description, success, checksum, execution_time FROM _sqlx_migrations",
    )
    .await;
    assert_eq!(db.is_current().await, Ok(true));
    db.migrate().await.unwrap();
    db.sql("DELETE FROM _sqlx_migrations WHERE version < 1000").await;
    assert_eq!(db.is_current().await, Ok(false));
}

async fn a_closed_store_is_unavailable(db: Fixture) {
    db.close().await;
    assert!(db.ping().await.unwrap_err().is_retryable());
    assert!(db.begin(&request("e1"), "w", "run-1", NOW).await.unwrap_err().is_retryable());
}

#[tokio::test]
async fn an_empty_database_is_not_current() {
    for db in [TestDb::sqlite().unwrap(), TestDb::postgres().await.unwrap()] {
        let store = Store::connect(db.url()).await.unwrap();
        assert_eq!(store.is_current().await, Ok(false));
        let error = store.refreshes(&workspace(), 1).await.unwrap_err();
        assert!(matches!(&error, StoreError::Database { reason } if reason.contains("refreshes")), "{error}");
    }
}

#[tokio::test]
async fn an_sqlite_file_is_created_with_the_folders_above_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not yet/ünter?#%/the file.db");
    let escaped = file.display().to_string().replace('%', "%25").replace('?', "%3F");
    let store = Store::connect(&format!("sqlite:{escaped}")).await.unwrap();
    store.migrate().await.unwrap();
    assert!(file.is_file(), "{}", file.display());
}

#[tokio::test]
async fn two_processes_share_one_sqlite_file() {
    let db = TestDb::sqlite().unwrap();
    let (here, there) = (Store::connect(db.url()).await.unwrap(), Store::connect(db.url()).await.unwrap());
    here.migrate().await.unwrap();
    let begins = (0..32).map(|number| {
        let (store, run) = (if number % 2 == 0 { &here } else { &there }, format!("run-{number}"));
        async move { store.begin(&request("e1"), "w", &run, NOW).await }
    });
    for begun in futures::future::join_all(begins).await {
        begun.unwrap();
    }
    assert_eq!(there.refreshes(&workspace(), 100).await.unwrap().len(), 32);
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_repeating_it() {
    for url in ["mysql://u:hunter2@h/d", "nonsense", "", "sqlite::memory:", "postgres://u:hunter2@h:port/d"] {
        let error = Store::connect(url).await.unwrap_err();
        assert!(matches!(error, StoreError::Address { .. }), "{url}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_told_quickly_and_found_again_when_it_is_back() {
    let mut cluster = Cluster::create().await.unwrap();
    let db = cluster.fresh_database().await.unwrap();
    let store = Store::connect(db.url()).await.unwrap();
    store.migrate().await.unwrap();
    store.begin(&request("e1"), "w", "run-1", NOW).await.unwrap();

    cluster.stop_immediate().await.unwrap();
    let asked = std::time::Instant::now();
    let again = request("e2");
    let (ping, begin, connect) =
        futures::join!(store.ping(), store.begin(&again, "w", "run-2", NOW), Store::connect(db.url()));
    for error in [ping.unwrap_err(), begin.unwrap_err(), connect.unwrap_err()] {
        assert!(error.is_retryable(), "{error:?}");
    }
    assert!(asked.elapsed().as_secs() < 10, "{:?}", asked.elapsed());

    cluster.start().await.unwrap();
    // The same store, with no word from anybody; what was committed is there, what was refused is not.
    let runs: Vec<_> =
        store.refreshes(&workspace(), 10).await.unwrap().into_iter().map(|refresh| refresh.refresh_id).collect();
    assert_eq!(runs, ["run-1"]);
    store.begin(&request("e2"), "w", "run-2", NOW).await.unwrap();
}

#[tokio::test]
async fn a_server_that_refuses_us_is_an_error_that_stays() {
    let db = TestDb::postgres().await.unwrap();
    let error = Store::connect(&format!("{}_missing", db.url())).await.unwrap_err();
    assert!(matches!(&error, StoreError::Database { reason } if reason.contains("3D000")), "{error:?}");
}
