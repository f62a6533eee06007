//! Empty databases, one per test.

use crate::Cluster;
use anyhow::{Context as _, Result};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::OnceCell;
use url::Url;

/// Environment variable with the address of a PostgreSQL server in which tests may create databases.
pub const URL_VARIABLE: &str = "BGR_TEST_POSTGRES_URL";

/// The PostgreSQL server of this test process: the one at `BGR_TEST_POSTGRES_URL` (or a `DATABASE_URL` of PostgreSQL),
/// else a private one, started once per process.
#[derive(Debug)]
pub struct TestPostgres {
    url: String,
    /// Whether the server goes with the process, and so do its databases.
    private: Option<Cluster>,
}

static SHARED: OnceCell<TestPostgres> = OnceCell::const_new();

impl TestPostgres {
    /// The server of this process, started when this is the first call.
    ///
    /// # Errors
    /// When no address is given and a server cannot be started here; the message says what to install.
    pub async fn start() -> Result<&'static Self> {
        SHARED.get_or_try_init(Self::find).await
    }

    async fn find() -> Result<Self> {
        let given = [URL_VARIABLE, "DATABASE_URL"].iter().filter_map(|name| std::env::var(name).ok());
        if let Some(url) = given.into_iter().find(|url| url.starts_with("postgres")) {
            return Ok(Self { url, private: None });
        }
        let cluster = Cluster::create().await?;
        Ok(Self { url: cluster.url(), private: Some(cluster) })
    }

    /// Address of its maintenance database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Creates an empty database, which is dropped together with what this returns.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn fresh_database(&self) -> Result<TestDb> {
        let url = create_database(&self.url).await?;
        let dropped_in = self.private.is_none().then(|| self.url.clone());
        Ok(TestDb { url, keeps: Keeps::Database { dropped_in } })
    }
}

/// An empty database of one test, gone when this is dropped.
#[derive(Debug)]
pub struct TestDb {
    url: String,
    keeps: Keeps,
}

#[derive(Debug)]
enum Keeps {
    Folder { _folder: tempfile::TempDir },
    Database { dropped_in: Option<String> },
}

impl TestDb {
    /// An SQLite file, not created yet, in a folder of its own.
    ///
    /// # Errors
    /// When there is no room for temporary folders.
    pub fn sqlite() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("bgr-sqlite-").tempdir()?;
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Ok(Self { url, keeps: Keeps::Folder { _folder: folder } })
    }

    /// A database in the PostgreSQL server of this process.
    ///
    /// # Errors
    /// As [`TestPostgres::start`].
    pub async fn postgres() -> Result<Self> {
        TestPostgres::start().await?.fresh_database().await
    }

    /// A database that goes with its server.
    pub(crate) fn borrowed(url: String) -> Self {
        Self { url, keeps: Keeps::Database { dropped_in: None } }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Keeps::Database { dropped_in: Some(server) } = &self.keeps {
            let (server, name) = (server.clone(), database_name(&self.url).unwrap_or_default());
            // A thread of its own, because a test's runtime may be the one that is being dropped.
            let dropping = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(execute(&server, format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")))
            });
            if !matches!(dropping.join(), Ok(Ok(()))) {
                eprintln!("a test database could not be dropped");
            }
        }
    }
}

/// Creates a database with a name of its own in this server and returns its address.
pub(crate) async fn create_database(server: &str) -> Result<String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let moment = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
    let name = format!("bgr_test_{}_{}_{moment}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    // From template0, because others may be looking at template1, and then it cannot be copied.
    execute(server, format!("CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")).await?;
    let mut url: Url = server.parse().context("not an address")?;
    url.set_path(&name);
    Ok(url.into())
}

fn database_name(url: &str) -> Option<String> {
    Some(url.parse::<Url>().ok()?.path().trim_start_matches('/').to_owned())
}

async fn execute(server: &str, sql: String) -> Result<()> {
    let mut connection = PgConnection::connect(server).await?;
    connection.execute(AssertSqlSafe(sql)).await?;
    Ok(connection.close().await?)
}
