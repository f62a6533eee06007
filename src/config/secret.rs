//! Secrets: read from a value or a file, shown as their size.

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::path::{Path, PathBuf};

/// A database URL. It may hold a password, so showing it hides that.
#[derive(Clone)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// Takes a URL.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self(SecretString::from(url))
    }

    /// The URL with its password, for opening the database.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The file of an SQLite database that is not in memory.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let rest = self.expose().strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next()?;
        let path = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
        (!path.is_empty() && !path.starts_with(':')).then(|| PathBuf::from(path.as_ref()))
    }

    /// Whether this is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.expose().starts_with("sqlite:")
    }
}

impl fmt::Display for DatabaseUrl {
    /// The URL without password and without query, either of which may hold a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.expose();
        if self.is_sqlite() {
            return f.write_str(text);
        }
        match url::Url::parse(text) {
            Ok(mut url) => {
                if url.password().is_some() && url.set_password(Some("***")).is_err() {
                    return f.write_str("(a URL that cannot be shown)");
                }
                let had_query = url.query().is_some();
                url.set_query(None);
                write!(f, "{url}{}", if had_query { "?…" } else { "" })
            }
            Err(_) => write!(f, "(not a URL, {} bytes)", text.len()),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl PartialEq for DatabaseUrl {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for DatabaseUrl {}

/// Reads a secret from a file, without the line end that editors add.
pub(super) fn read_file(key: &str, path: &Path) -> anyhow::Result<SecretString> {
    read_if_any(key, path)?.with_context(|| format!("{key}: {} is empty; write the secret into it", path.display()))
}

/// The same for a file that may be empty.
pub(super) fn read_if_any(key: &str, path: &Path) -> anyhow::Result<Option<SecretString>> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("{key}: cannot read {}; create the file, readable by this user, or correct the path", path.display())
    })?;
    let secret = text.trim_end_matches(['\r', '\n']);
    Ok((!secret.is_empty()).then(|| SecretString::from(secret)))
}

/// A secret as it may be shown.
pub(super) fn describe(secret: &SecretString) -> String {
    format!("set ({} bytes)", secret.expose_secret().len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_shown_url_has_no_password_and_no_query() {
        let url = DatabaseUrl::new("postgres://app:hunter2@db.example:5432/bgr?sslpassword=hunter3");
        assert_eq!(url.to_string(), "postgres://app:***@db.example:5432/bgr?…");
        assert_eq!(format!("{url:?}"), "DatabaseUrl(postgres://app:***@db.example:5432/bgr?…)");
        assert_eq!(DatabaseUrl::new("sqlite:x.db").to_string(), "sqlite:x.db");
        assert_eq!(DatabaseUrl::new("hunter2").to_string(), "(not a URL, 7 bytes)");
    }
}
