//! Opening the database and bringing its schema up to date.

use crate::StoreError;
use crate::dialect::Dialect;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyPool, Executor, Row, Transaction};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!();
    // A database that is ahead of this build is in order: migrations/README.md.
    migrator.set_ignore_missing(true);
    migrator
});

/// How long a call waits for a connection. Short, so that an outage is told as what it is; whoever calls tries again.
/// With the longest wait for a lock (see `Dialect::prepare_writer`) it stays below the 10 s that a step of the workflow
/// has for one attempt.
const ACQUIRE: Duration = Duration::from_secs(4);

/// Connections of one process to a PostgreSQL server.
const POSTGRES_CONNECTIONS: u32 = 16;

/// Readers of one process in an SQLite file; the writer is one, whatever anybody sets.
const SQLITE_READERS: u32 = 4;

/// The database. Cheap to clone; every clone shares the same connections.
///
/// Every method is one transaction, and none asks for a second connection while it holds one. Methods that write may be
/// repeated: twice leaves the same state as once.
#[derive(Clone)]
pub struct Store {
    dialect: Dialect,
    writer: AnyPool,
    reader: AnyPool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database at `sqlite:path`, `sqlite://path` or `postgres://user:password@host/database`. An SQLite file is
    /// created when it is absent, with the folders above it. The schema is left as it is: see [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Address`] when the address is not one of these, [`StoreError::Unavailable`] when nobody answers
    /// there, [`StoreError::Database`] when the server refuses us.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::connect_sqlite(&sqlite_path(path)?).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::connect_postgres(AnyConnectOptions::from_str(url)?).await
        } else {
            Err(unknown_scheme())
        }
    }

    /// The same without asking anybody yet: the database may be away, and each call tries to reach it. For a process that
    /// has work without it. An SQLite file that is absent counts as away and is not created.
    ///
    /// # Errors
    /// [`StoreError::Address`] when the address is not one of those.
    pub fn connect_lazily(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let (dialect, options, [writers, readers]) = match url.strip_prefix("sqlite:") {
            Some(path) => (Dialect::Sqlite, sqlite_options(&sqlite_path(path)?, "rw")?, [1, SQLITE_READERS]),
            None if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                (Dialect::Postgres, AnyConnectOptions::from_str(url)?, [POSTGRES_CONNECTIONS; 2])
            }
            None => return Err(unknown_scheme()),
        };
        let writer = pool(writers, dialect.prepare_writer()).connect_lazy_with(options.clone());
        let reader = match dialect {
            Dialect::Sqlite => pool(readers, dialect.prepare_reader()).connect_lazy_with(options),
            Dialect::Postgres => writer.clone(),
        };
        Ok(Self { dialect, writer, reader })
    }

    async fn connect_sqlite(file: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::Address {
                reason: format!("the folder of the file cannot be created: {}", error.kind()),
            })?;
        }
        let options = sqlite_options(file, "rwc")?;
        let dialect = Dialect::Sqlite;
        // One writer: those who want to write queue in the order they came, instead of polling for the file's lock.
        let writer = pool(1, dialect.prepare_writer()).connect_with(options.clone()).await?;
        let reader = pool(SQLITE_READERS, dialect.prepare_reader()).connect_with(options).await?;
        Ok(Self { dialect, writer, reader })
    }

    async fn connect_postgres(options: AnyConnectOptions) -> Result<Self, StoreError> {
        let dialect = Dialect::Postgres;
        let pool = pool(POSTGRES_CONNECTIONS, dialect.prepare_writer()).connect_with(options).await?;
        Ok(Self { dialect, writer: pool.clone(), reader: pool })
    }

    /// Brings the schema up to date, and rows that an earlier release wrote to today's form. Safe from several processes at once, and safe to repeat.
    ///
    /// # Errors
    /// [`StoreError::Database`] when a released migration was changed or one fails, [`StoreError::Unavailable`] when the
    /// database is away.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.writer.acquire().await?;
        connection.execute(self.dialect.prepare_migration()).await?;
        let migrated = match self.dialect {
            // SQLite has no advisory locks, so that one transaction around all of it is the lock.
            Dialect::Sqlite => {
                let mut transaction =
                    sqlx::Connection::begin_with(&mut *connection, self.dialect.begin_write()).await?;
                MIGRATIONS.run_direct(None, &mut *transaction, false).await?;
                transaction.commit().await.map_err(StoreError::from)
            }
            Dialect::Postgres => MIGRATIONS.run_direct(None, &mut *connection, false).await.map_err(StoreError::from),
        };
        // Not back into the pool: its settings are those of a migration.
        connection.close().await?;
        migrated?;
        // What SQL cannot do: there is no common hash.
        self.mend_people().await
    }

    /// Whether the schema has every migration that this build knows, unchanged. It may have more.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn is_current(&self) -> Result<bool, StoreError> {
        let mut tx = self.read().await?;
        let tables: i64 =
            sqlx::query_scalar(self.dialect.table_exists()).bind("_sqlx_migrations").fetch_one(&mut *tx).await?;
        if tables == 0 {
            return Ok(false);
        }
        let sql = "SELECT version, checksum FROM _sqlx_migrations WHERE success";
        let mut applied = Vec::new();
        for row in sqlx::query(sql).fetch_all(&mut *tx).await? {
            applied.push((row.try_get::<i64, _>("version")?, row.try_get::<Vec<u8>, _>("checksum")?));
        }
        Ok(MIGRATIONS.iter().all(|known| {
            applied.iter().any(|(version, checksum)| *version == known.version && *checksum == *known.checksum)
        }))
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.reader).await?;
        Ok(())
    }

    /// Closes every connection, after the calls that are under way. Later calls are told [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn writers(&self) -> &AnyPool {
        &self.writer
    }

    pub(crate) fn readers(&self) -> &AnyPool {
        &self.reader
    }

    /// A transaction that writes; rolled back when dropped.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(self.writer.begin_with(self.dialect.begin_write()).await?)
    }

    /// A transaction whose reads all see one moment.
    pub(crate) async fn read(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(self.reader.begin_with(self.dialect.begin_read()).await?)
    }
}

fn pool(connections: u32, prepare: &'static str) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE).after_connect(move |connection, _| {
        Box::pin(async move {
            connection.execute(prepare).await?;
            Ok(())
        })
    })
}

fn unknown_scheme() -> StoreError {
    StoreError::Address { reason: "it begins with neither sqlite: nor postgres://".to_owned() }
}

/// The file meant by what stands behind `sqlite:`.
fn sqlite_path(text: &str) -> Result<PathBuf, StoreError> {
    let address = |reason: &str| StoreError::Address { reason: reason.to_owned() };
    let text = text.strip_prefix("//").unwrap_or(text);
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    if !matches!(query, "" | "mode=rwc" | "mode=rw") {
        return Err(address("a file address takes no parameters"));
    }
    if path.is_empty() || path == ":memory:" {
        return Err(address("a file is needed: what is only in memory does not survive the process"));
    }
    let path = percent_decode_str(path).decode_utf8().map_err(|_| address("the path is not UTF-8"))?;
    std::path::absolute(&*path).map_err(|_| address("the path is not valid here"))
}

/// Characters that mean themselves in the path of an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

fn sqlite_options(file: &Path, mode: &str) -> Result<AnyConnectOptions, StoreError> {
    let Some(path) = file.to_str() else {
        return Err(StoreError::Address { reason: "the path is not UTF-8".to_owned() });
    };
    Ok(AnyConnectOptions::from_str(&format!("sqlite://{}?mode={mode}", utf8_percent_encode(path, PLAIN)))?)
}

#[cfg(test)]
mod tests {
    use super::sqlite_path;
    use std::path::Path;

    #[test]
    fn both_forms_of_a_file_address_mean_the_same_file() {
        for text in ["/tmp/a b.db", "///tmp/a b.db", "///tmp/a%20b.db", "//tmp/../tmp/x.db?mode=rwc"] {
            assert!(sqlite_path(text).is_ok(), "{text}");
        }
        assert_eq!(sqlite_path("/tmp/a b.db"), sqlite_path("///tmp/a%20b.db"));
        assert_eq!(sqlite_path("///tmp/a b.db").as_deref(), Ok(Path::new("/tmp/a b.db")));
        let here = std::env::current_dir().unwrap_or_default();
        assert_eq!(sqlite_path("data/x.db"), Ok(here.join("data/x.db")));
        assert_eq!(sqlite_path("//data/x.db"), Ok(here.join("data/x.db")));
    }

    #[test]
    fn an_address_that_would_lose_the_data_is_refused() {
        for text in ["", "//", ":memory:", "//:memory:", "x.db?mode=memory", "x.db?mode=ro"] {
            assert!(sqlite_path(text).is_err(), "{text}");
        }
    }
}
