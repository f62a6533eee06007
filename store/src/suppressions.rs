//! Contact data that must not be used: the list of it, by hash, and keeping whatever stands on it out of every table.

use crate::row::{json, maybe_text, text, to_json};
use crate::{Store, StoreError};
use contracts::{DataPoint, DataPointKind, SuppressRequest, Suppressed, UnixMillis, WorkspaceId};
use engine::Contact;
use serde_json::Value;
use sqlx::{Any, Transaction};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Hashes looked up by one statement.
const BATCH: usize = 100;

/// Tables and columns of JSON in which contact data may stand, and what beside the refresh tells their rows apart.
const DOCUMENTS: [(&str, &str, &str); 4] = [
    ("candidates", "person", "person_id"),
    ("candidates", "member", "person_id"),
    ("candidates", "enrichment", "person_id"),
    ("diffs", "diff", "refresh_id"),
];

impl Store {
    /// Puts the data points on the workspace's list and erases them wherever the workspace has them. From then on nothing
    /// that is written brings them back.
    ///
    /// The list is committed first. A write that began before that commit and ends after the erasure can still leave one
    /// behind; calling this again once such writes are over erases it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when something stored cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn suppress(&self, request: &SuppressRequest, now: UnixMillis) -> Result<Suppressed, StoreError> {
        let points: BTreeSet<&DataPoint> = request.data_points.iter().collect();
        let mut tx = self.write().await?;
        for point in &points {
            list(&mut tx, request, point, now).await?;
        }
        tx.commit().await?;
        let barred = Barred(points.iter().map(|point| point.hash.clone()).collect());
        let mut tx = self.write().await?;
        let mut erased = erase_people(&mut tx, request, &barred, now).await?;
        for (table, column, key) in DOCUMENTS {
            erased += erase_documents(&mut tx, &request.workspace, &barred, table, column, key).await?;
        }
        tx.commit().await?;
        Ok(Suppressed { listed: u32::try_from(points.len()).unwrap_or(u32::MAX), erased })
    }

    /// Whether this value stands on the workspace's list.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn is_suppressed(&self, workspace: &WorkspaceId, point: &DataPoint) -> Result<bool, StoreError> {
        let mut tx = self.read().await?;
        let sql = "SELECT COUNT(*) FROM suppressions WHERE workspace = $1 AND kind = $2 AND hash = $3";
        let listed: i64 = sqlx::query_scalar(sql)
            .bind(workspace.as_str())
            .bind(point.kind.as_str())
            .bind(&point.hash)
            .fetch_one(&mut *tx)
            .await?;
        Ok(listed > 0)
    }
}

/// Hashes that must not be used. Workspace and kind are hashed in, so that the hash alone is enough.
pub(crate) struct Barred(BTreeSet<String>);

impl Barred {
    /// Those of the workspace's list that these contacts have.
    pub(crate) async fn among<'a>(
        tx: &mut Transaction<'static, Any>,
        workspace: &WorkspaceId,
        contacts: impl IntoIterator<Item = &'a Contact>,
    ) -> Result<Self, StoreError> {
        let hashes: BTreeSet<String> = contacts.into_iter().flat_map(|contact| hashes(workspace, contact)).collect();
        let hashes: Vec<String> = hashes.into_iter().collect();
        let mut barred = BTreeSet::new();
        for batch in hashes.chunks(BATCH) {
            let mut sql = "SELECT hash FROM suppressions WHERE workspace = $1 AND hash IN (".to_owned();
            for at in 0..batch.len() {
                let comma = if at == 0 { "" } else { ", " };
                // Writing into a string cannot fail.
                let _ = write!(sql, "{comma}${}", at + 2);
            }
            sql.push(')');
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(workspace.as_str());
            for hash in batch {
                query = query.bind(hash);
            }
            for row in query.fetch_all(&mut **tx).await? {
                barred.insert(text(&row, "hash")?);
            }
        }
        Ok(Self(barred))
    }

    /// Takes out of a contact what must not be used. Whether there was something.
    pub(crate) fn strip(&self, workspace: &WorkspaceId, contact: &mut Contact) -> bool {
        let strip = |value: &mut Option<String>, kind| {
            let barred = value.as_deref().is_some_and(|value| self.bars(workspace, kind, value));
            if barred {
                *value = None;
            }
            barred
        };
        let email = strip(&mut contact.email, DataPointKind::Email);
        strip(&mut contact.phone, DataPointKind::Phone) || email
    }

    fn bars(&self, workspace: &WorkspaceId, kind: DataPointKind, value: &str) -> bool {
        !self.0.is_empty() && hash(workspace, kind, Some(value)).is_some_and(|hash| self.0.contains(&hash))
    }

    /// The same for every contact in a document, wherever it stands there.
    fn strip_document(&self, workspace: &WorkspaceId, document: &mut Value) -> bool {
        match document {
            Value::Array(items) => items.iter_mut().fold(false, |any, item| any | self.strip_document(workspace, item)),
            Value::Object(members) => {
                let mut any = false;
                for (name, kind) in [("email", DataPointKind::Email), ("phone", DataPointKind::Phone)] {
                    let value = members.get(name).and_then(Value::as_str);
                    if value.is_some_and(|value| self.bars(workspace, kind, value)) {
                        members.remove(name);
                        any = true;
                    }
                }
                members.values_mut().fold(any, |any, value| any | self.strip_document(workspace, value))
            }
            _ => false,
        }
    }
}

/// The hash by which a value is found on the list.
pub(crate) fn hash(workspace: &WorkspaceId, kind: DataPointKind, value: Option<&str>) -> Option<String> {
    DataPoint::of(workspace, kind, value?).map(|point| point.hash)
}

fn hashes(workspace: &WorkspaceId, contact: &Contact) -> impl Iterator<Item = String> {
    let email = hash(workspace, DataPointKind::Email, contact.email.as_deref());
    email.into_iter().chain(hash(workspace, DataPointKind::Phone, contact.phone.as_deref()))
}

async fn list(
    tx: &mut Transaction<'static, Any>,
    request: &SuppressRequest,
    point: &DataPoint,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO suppressions (workspace, kind, hash, source, event_id, received_at, listed_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (workspace, kind, hash) DO NOTHING";
    sqlx::query(sql)
        .bind(request.workspace.as_str())
        .bind(point.kind.as_str())
        .bind(&point.hash)
        .bind(request.event.source.as_str())
        .bind(request.event.id.as_str())
        .bind(request.event.received_at)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Erases from everybody who is or was a member. Rows of the release before have no hashes and are looked at one by one.
async fn erase_people(
    tx: &mut Transaction<'static, Any>,
    request: &SuppressRequest,
    barred: &Barred,
    now: UnixMillis,
) -> Result<u32, StoreError> {
    let mut found = BTreeSet::new();
    let unhashed = "SELECT company_id, person_id FROM people WHERE workspace = $1
                    AND ((email IS NOT NULL AND email_hash IS NULL) OR (phone IS NOT NULL AND phone_hash IS NULL))";
    for row in sqlx::query(unhashed).bind(request.workspace.as_str()).fetch_all(&mut **tx).await? {
        found.insert((text(&row, "company_id")?, text(&row, "person_id")?));
    }
    for hash in &barred.0 {
        for sql in [
            "SELECT company_id, person_id FROM people WHERE workspace = $1 AND email_hash = $2",
            "SELECT company_id, person_id FROM people WHERE workspace = $1 AND phone_hash = $2",
        ] {
            for row in sqlx::query(sql).bind(request.workspace.as_str()).bind(hash).fetch_all(&mut **tx).await? {
                found.insert((text(&row, "company_id")?, text(&row, "person_id")?));
            }
        }
    }
    let mut erased = 0;
    for (company_id, person_id) in found {
        erased += u32::from(erase_person(tx, request, barred, &company_id, &person_id, now).await?);
    }
    Ok(erased)
}

async fn erase_person(
    tx: &mut Transaction<'static, Any>,
    request: &SuppressRequest,
    barred: &Barred,
    company_id: &str,
    person_id: &str,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let workspace = &request.workspace;
    // An update that changes nothing is a row lock in both databases.
    let sql = "UPDATE people SET name = name WHERE workspace = $1 AND company_id = $2 AND person_id = $3
               RETURNING email, phone, contact_source";
    let row = sqlx::query(sql).bind(workspace.as_str()).bind(company_id).bind(person_id).fetch_one(&mut **tx).await?;
    let mut contact = Contact { email: maybe_text(&row, "email")?, phone: maybe_text(&row, "phone")? };
    if !barred.strip(workspace, &mut contact) {
        return Ok(false);
    }
    // Nothing left: whoever said that it may not be used is named, as everywhere.
    let source = match contact.is_empty() {
        true => Some(request.event.source.as_str().to_owned()),
        false => maybe_text(&row, "contact_source")?,
    };
    let sql = "UPDATE people SET email = $4, phone = $5, email_hash = $6, phone_hash = $7, contact_source = $8,
                   updated_at = $9
               WHERE workspace = $1 AND company_id = $2 AND person_id = $3";
    sqlx::query(sql)
        .bind(workspace.as_str())
        .bind(company_id)
        .bind(person_id)
        .bind(&contact.email)
        .bind(&contact.phone)
        .bind(hash(workspace, DataPointKind::Email, contact.email.as_deref()))
        .bind(hash(workspace, DataPointKind::Phone, contact.phone.as_deref()))
        .bind(source)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(true)
}

/// Erases from every document of a column, a page of rows at a time: diffs are kept, so there may be many.
async fn erase_documents(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    barred: &Barred,
    table: &str,
    column: &str,
    key: &str,
) -> Result<u32, StoreError> {
    // Names of tables and columns from the list above, and nothing else, get into the text.
    let select = format!(
        "SELECT refresh_id, {key} AS item, {column} AS document FROM {table}
         WHERE {column} IS NOT NULL AND ({column} LIKE '%\"email\":%' OR {column} LIKE '%\"phone\":%')
             AND (refresh_id > $2 OR (refresh_id = $2 AND {key} > $3))
             AND refresh_id IN (SELECT refresh_id FROM refreshes WHERE workspace = $1)
         ORDER BY refresh_id, {key} LIMIT 500"
    );
    let update = format!("UPDATE {table} SET {column} = $3 WHERE refresh_id = $1 AND {key} = $2");
    let (mut refresh_id, mut item, mut erased) = (String::new(), String::new(), 0);
    loop {
        let rows = sqlx::query(sqlx::AssertSqlSafe(select.clone()))
            .bind(workspace.as_str())
            .bind(&refresh_id)
            .bind(&item)
            .fetch_all(&mut **tx)
            .await?;
        let Some(last) = rows.last() else { return Ok(erased) };
        (refresh_id, item) = (text(last, "refresh_id")?, text(last, "item")?);
        for row in &rows {
            let mut document: Value = json(row, "document")?;
            if barred.strip_document(workspace, &mut document) {
                sqlx::query(sqlx::AssertSqlSafe(update.clone()))
                    .bind(text(row, "refresh_id")?)
                    .bind(text(row, "item")?)
                    .bind(to_json(&document)?)
                    .execute(&mut **tx)
                    .await?;
                erased += 1;
            }
        }
    }
}
