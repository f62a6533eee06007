//! The differences between the two databases, all of them.

/// Which database this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// One file, embedded.
    Sqlite,
    /// A server.
    Postgres,
}

impl Dialect {
    /// Begins a transaction that writes. SQLite takes the write lock at once: a transaction that reads first and wants to
    /// write later may find that it has read something old, and would fail instead of waiting.
    pub(crate) const fn begin_write(self) -> &'static str {
        match self {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        }
    }

    /// Begins a transaction whose reads all see one moment.
    pub(crate) const fn begin_read(self) -> &'static str {
        match self {
            Dialect::Sqlite => "BEGIN",
            Dialect::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    /// Whether there is a table of this name in the current schema.
    pub(crate) const fn table_exists(self) -> &'static str {
        match self {
            Dialect::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
            Dialect::Postgres => {
                "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1"
            }
        }
    }

    /// Prepares a connection that writes.
    ///
    /// SQLite: the write-ahead log lets readers go on while one writes. A commit survives the death of the process at once
    /// and a power failure from the next checkpoint on, so the file is never damaged.
    ///
    /// A step of the workflow has 10 s for one attempt. No statement takes that long in PostgreSQL (8 s), nor does the wait
    /// for a connection (4 s) together with the wait for a lock (4 s in SQLite, 5 s in PostgreSQL): whoever waits is told
    /// why, and no statement of an attempt outlives it. PostgreSQL also ends a transaction whose process has gone silent.
    pub(crate) const fn prepare_writer(self) -> &'static str {
        match self {
            Dialect::Sqlite => {
                "PRAGMA busy_timeout = 4000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON"
            }
            Dialect::Postgres => {
                "SET statement_timeout = '8s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '30s'"
            }
        }
    }

    /// Prepares a connection that only reads.
    pub(crate) const fn prepare_reader(self) -> &'static str {
        match self {
            Dialect::Sqlite => "PRAGMA busy_timeout = 4000; PRAGMA query_only = ON",
            Dialect::Postgres => self.prepare_writer(),
        }
    }

    /// Prepares a connection for migrations: another process may be migrating, and building an index takes its time.
    pub(crate) const fn prepare_migration(self) -> &'static str {
        match self {
            Dialect::Sqlite => "PRAGMA busy_timeout = 60000",
            Dialect::Postgres => "SET statement_timeout = 0; SET lock_timeout = '60s'",
        }
    }

    /// The elements of the JSON array $1, as rows with a column `value`.
    pub(crate) const fn json_elements(self) -> &'static str {
        match self {
            Dialect::Sqlite => "json_each($1)",
            Dialect::Postgres => "json_array_elements(CAST($1 AS json))",
        }
    }

    /// The elements of the JSON array $1 of texts, as rows with a column `value` of text.
    pub(crate) const fn json_texts(self) -> &'static str {
        match self {
            Dialect::Sqlite => "json_each($1)",
            Dialect::Postgres => "json_array_elements_text(CAST($1 AS json))",
        }
    }

    /// Ends a query for rows to be changed: those that somebody else is changing are left out. SQLite has one writer.
    pub(crate) const fn skip_locked(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
        }
    }

    /// Makes the commits of a connection survive a power failure, and back to what they are usually, where that is not
    /// what they do in any case.
    pub(crate) const fn commit_to_disk(self) -> Option<(&'static str, &'static str)> {
        match self {
            Dialect::Sqlite => Some(("PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL")),
            Dialect::Postgres => None,
        }
    }
}
