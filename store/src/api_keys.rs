//! Credentials of the intelligence API. The store never sees a secret, only its hash.

use crate::row::{json, maybe_number, maybe_plain, maybe_text, number, plain, text, to_json};
use crate::{Store, StoreError};
use contracts::{UnixMillis, WorkspaceId};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

/// How exactly it is known when a key was last used: one write an hour and key, not one for every request.
const USE_NOTED_EVERY: UnixMillis = 60 * 60 * 1000;

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The public part of the key.
    pub key_id: String,
    /// The tenant whose data it opens.
    pub workspace: WorkspaceId,
    /// What it is for, in its maker's words.
    pub label: String,
    /// Names of what it may do. A name that a build does not know allows nothing there.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// From when on it is no longer valid.
    pub expires_at: Option<UnixMillis>,
    /// Since when it is no longer valid because somebody said so.
    pub revoked_at: Option<UnixMillis>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<UnixMillis>,
    /// The key that this one was made to follow.
    pub follows: Option<String>,
}

impl ApiKey {
    /// Whether it opens anything at this moment.
    #[must_use]
    pub fn is_valid_at(&self, now: UnixMillis) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

const COLUMNS: &str =
    "SELECT key_id, workspace, label, scopes, secret_hash, created_at, expires_at, revoked_at, last_used_at,
    follows FROM api_keys";

impl Store {
    /// Keeps a new key with the hash of its secret. Whether it was new: a key of that id stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn put_api_key(&self, key: &ApiKey, secret_hash: &str) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let new = put(&mut tx, key, secret_hash).await?;
        tx.commit().await?;
        Ok(new)
    }

    /// Keeps a new key, and ends the one that it follows at `old_ends`, unless that ends sooner. Until then both are valid.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the key that it follows does not exist in its workspace or was revoked,
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn rotate_api_key(
        &self,
        key: &ApiKey,
        secret_hash: &str,
        old_ends: UnixMillis,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let sql = "UPDATE api_keys SET expires_at = CASE WHEN expires_at IS NULL OR expires_at > $3 THEN $3 ELSE expires_at END
                   WHERE key_id = $1 AND workspace = $2 AND revoked_at IS NULL";
        let ended = sqlx::query(sql)
            .bind(key.follows.as_deref())
            .bind(key.workspace.as_str())
            .bind(old_ends)
            .execute(&mut *tx)
            .await?;
        if ended.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "API key" });
        }
        put(&mut tx, key, secret_hash).await?;
        Ok(tx.commit().await?)
    }

    /// The key with this id and the hash of its secret, valid or not.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn api_key(&self, key_id: &str) -> Result<Option<(ApiKey, String)>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE key_id = $1"));
        let mut tx = self.read().await?;
        let row = sqlx::query(sql).bind(key_id).fetch_optional(&mut *tx).await?;
        row.as_ref().map(|row| Ok((key(row)?, text(row, "secret_hash")?))).transpose()
    }

    /// The keys of a workspace, or of all, the oldest first, valid or not.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn api_keys(&self, workspace: Option<&WorkspaceId>) -> Result<Vec<ApiKey>, StoreError> {
        let sql =
            sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE ($1 IS NULL OR workspace = $1) ORDER BY created_at, key_id"));
        let mut tx = self.read().await?;
        let workspace = workspace.map(|name| name.as_str().to_owned());
        let rows = sqlx::query(sql).bind(workspace).fetch_all(&mut *tx).await?;
        rows.iter().map(key).collect()
    }

    /// Ends a key at once. Doing it again changes nothing. Whether there is such a key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn revoke_api_key(&self, key_id: &str, now: UnixMillis) -> Result<bool, StoreError> {
        let sql = "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $2) WHERE key_id = $1";
        let mut tx = self.write().await?;
        let revoked = sqlx::query(sql).bind(key_id).bind(now).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(revoked.rows_affected() > 0)
    }

    /// Notes that a key was used, unless that was noted within the hour.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn note_api_key_use(&self, key: &ApiKey, now: UnixMillis) -> Result<(), StoreError> {
        if key.last_used_at.is_some_and(|noted| now - noted < USE_NOTED_EVERY) {
            return Ok(());
        }
        let sql = "UPDATE api_keys SET last_used_at = $2
                   WHERE key_id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        let mut tx = self.write().await?;
        sqlx::query(sql).bind(&key.key_id).bind(now - now.rem_euclid(USE_NOTED_EVERY)).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}

async fn put(tx: &mut Transaction<'static, Any>, key: &ApiKey, secret_hash: &str) -> Result<bool, StoreError> {
    let sql = "INSERT INTO api_keys
                   (key_id, workspace, label, scopes, secret_hash, created_at, expires_at, revoked_at, last_used_at, follows)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               ON CONFLICT (key_id) DO NOTHING";
    let inserted = sqlx::query(sql)
        .bind(&key.key_id)
        .bind(key.workspace.as_str())
        .bind(plain(&key.label).into_owned())
        .bind(to_json(&key.scopes)?)
        .bind(secret_hash)
        .bind(key.created_at)
        .bind(key.expires_at)
        .bind(key.revoked_at)
        .bind(key.last_used_at)
        .bind(maybe_plain(key.follows.as_deref()))
        .execute(&mut **tx)
        .await?;
    Ok(inserted.rows_affected() == 1)
}

fn key(row: &AnyRow) -> Result<ApiKey, StoreError> {
    let workspace = text(row, "workspace")?;
    Ok(ApiKey {
        key_id: text(row, "key_id")?,
        workspace: workspace.parse().map_err(|_| StoreError::corrupt("column workspace: not a workspace"))?,
        label: text(row, "label")?,
        scopes: json(row, "scopes")?,
        created_at: number(row, "created_at")?,
        expires_at: maybe_number(row, "expires_at")?,
        revoked_at: maybe_number(row, "revoked_at")?,
        last_used_at: maybe_number(row, "last_used_at")?,
        follows: maybe_text(row, "follows")?,
    })
}
