//! What can go wrong, sorted by what the caller does about it.

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::migrate::MigrateError;

/// Why the store did not do what it was asked. No message holds a person's data or a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database is away, starting, full or busy. Passes by itself; whether a commit under way took place is unknown,
    /// and every method may be called again.
    #[error("the database is not available: {reason}")]
    Unavailable {
        /// What was seen.
        reason: String,
    },
    /// The address cannot be that of a database.
    #[error("not a database address: {reason}")]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// The event's identity was used before, for another body.
    #[error("the event was recorded before, with another body, by refresh {refresh_id}")]
    EventConflict {
        /// The refresh that answers for the event as first recorded.
        refresh_id: String,
    },
    /// There is no such thing, or it belongs to another workspace.
    #[error("there is no such {what}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
    },
    /// A group is to be saved that was never chosen.
    #[error("no group was chosen in this refresh, so none can be saved")]
    NotChosen,
    /// A later run has taken over the event of this refresh.
    #[error("refresh {refresh_id} has taken over the event of this one")]
    Superseded {
        /// The refresh that answers for the event now.
        refresh_id: String,
    },
    /// The refresh has saved its group: what it chose can no longer change.
    #[error("the refresh has been saved and cannot change any more")]
    Closed,
    /// The caller gave something that cannot be stored.
    #[error("cannot be stored: {what}")]
    Invalid {
        /// What, and what is wrong with it.
        what: &'static str,
    },
    /// Stored data cannot be read.
    #[error("stored data cannot be read: {what}")]
    Corrupt {
        /// Where.
        what: String,
    },
    /// Anything else: trying again repeats it.
    #[error("the database refused: {reason}")]
    Database {
        /// What it said, as far as it names nobody.
        reason: String,
    },
}

impl StoreError {
    /// Whether the same call may succeed later, with nothing changed.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, StoreError::Unavailable { .. })
    }

    fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }

    fn database(reason: impl Into<String>) -> Self {
        Self::Database { reason: reason.into() }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(error) => of_database(error.as_ref()),
            // Kinds of I/O errors, such as "connection refused", and no text of ours or of the server's.
            sqlx::Error::Io(error) => Self::unavailable(error.kind().to_string()),
            sqlx::Error::PoolTimedOut => Self::unavailable("no connection in time"),
            sqlx::Error::PoolClosed => Self::unavailable("the store is closed"),
            sqlx::Error::WorkerCrashed => Self::unavailable("the database's own thread has ended"),
            sqlx::Error::Tls(_) => Self::unavailable("no secure connection"),
            // The driver's words about an address do not repeat it.
            sqlx::Error::Configuration(error) => Self::Address { reason: error.to_string() },
            sqlx::Error::ColumnDecode { index, .. } => Self::corrupt(format!("column {index}")),
            sqlx::Error::Decode(_) => Self::corrupt("a column"),
            sqlx::Error::RowNotFound => Self::NotFound { what: "row" },
            sqlx::Error::ColumnNotFound(name) => Self::database(format!("no column {name}")),
            sqlx::Error::BeginFailed => Self::unavailable("no transaction could be begun"),
            // Seen when a server dies in the middle of an answer.
            sqlx::Error::Protocol(_) => Self::unavailable("the conversation with the server broke off"),
            sqlx::Error::Migrate(error) => of_migration(error),
            _ => Self::database("the driver failed"),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => of_migration(&other),
        }
    }
}

/// Migration errors name versions, never data.
fn of_migration(error: &MigrateError) -> StoreError {
    StoreError::database(error.to_string())
}

fn of_database(error: &(dyn DatabaseError + 'static)) -> StoreError {
    let code = error.code().unwrap_or_default();
    let sqlite = error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some();
    let passes = if sqlite { sqlite_passes(&code) } else { postgres_passes(&code) };
    let name = if sqlite { "SQLite" } else { "SQLSTATE" };
    if passes {
        return StoreError::unavailable(format!("{name} {code}"));
    }
    if error.kind() == ErrorKind::ForeignKeyViolation {
        return StoreError::NotFound { what: foreign(error.constraint()) };
    }
    // Messages about statements, logins and databases name objects; messages about values repeat the values.
    let safe = if sqlite { code == "1" } else { ["42", "28", "3D"].iter().any(|class| code.starts_with(class)) };
    let reason = match (error.constraint(), safe) {
        (Some(constraint), _) => format!("{name} {code}, constraint {constraint}"),
        (None, true) => format!("{name} {code}: {}", error.message()),
        (None, false) => format!("{name} {code}"),
    };
    StoreError::database(reason)
}

/// What a missing parent is called. SQLite does not say which constraint was violated.
fn foreign(constraint: Option<&str>) -> &'static str {
    match constraint {
        Some("pipeline_operations_of_refresh" | "candidates_of_refresh" | "choices_of_refresh") => "refresh",
        Some("people_of_company" | "buyer_groups_of_company") => "company",
        _ => "parent row",
    }
}

/// Busy, locked, I/O error, full, cannot open. Extended codes carry the primary one in their low byte.
fn sqlite_passes(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13 | 14))
}

/// Connection failures, a transaction that lost against another, exhausted resources, time-outs and cancelled
/// statements, a server that starts, stops or is a stand-by just now, and errors of the machine below.
fn postgres_passes(code: &str) -> bool {
    let class = code.get(..2).unwrap_or_default();
    matches!(class, "08" | "40" | "53" | "57" | "58") || matches!(code, "55P03" | "25006" | "25P03")
}

#[cfg(test)]
mod tests {
    use super::{StoreError, postgres_passes, sqlite_passes};

    #[test]
    fn what_passes_by_itself_is_retryable_and_nothing_else() {
        for code in ["57P01", "57P02", "57P03", "57014", "08006", "40001", "40P01", "53300", "55P03", "25006", "58030"]
        {
            assert!(postgres_passes(code), "{code}");
        }
        for code in ["23505", "23503", "42P01", "42601", "22P02", "28P01", "3D000", "XX001", ""] {
            assert!(!postgres_passes(code), "{code}");
        }
        // SQLITE_BUSY, its snapshot form, SQLITE_LOCKED, a short read, SQLITE_FULL, SQLITE_CANTOPEN.
        for code in ["5", "517", "6", "522", "13", "14"] {
            assert!(sqlite_passes(code), "{code}");
        }
        // A missing table, a unique violation, a corrupt file, not a database.
        for code in ["1", "2067", "11", "26", ""] {
            assert!(!sqlite_passes(code), "{code}");
        }
        assert!(StoreError::from(sqlx::Error::PoolTimedOut).is_retryable());
        assert!(!StoreError::NotChosen.is_retryable());
    }
}
