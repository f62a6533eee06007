//! Rewriting rows of people: erasing what must not be used, and bringing what an earlier release wrote to today's form.

use crate::group_versions::{blank_seats, refer_seats};
use crate::row::{maybe_text, text, wire};
use crate::suppressions::{Barred, hash};
use crate::{Store, StoreError};
use contracts::{DataPointKind, UnixMillis, WorkspaceId, opaque_identity, person_ref};
use engine::Contact;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

/// Rows looked at in one transaction.
pub(crate) const PAGE: i64 = 500;

/// What stands in the place of an erased person's name.
pub(crate) const ERASED: &str = "(erased)";

/// Columns that [`Form`] is read from, beside `person_id`.
pub(crate) const COLUMNS: &str = "company_id, person_id, manager, email, phone, person_ref, email_hash, phone_hash";

/// Everything in a row that may have to be rewritten.
#[derive(PartialEq, Eq)]
pub(crate) struct Form {
    id: String,
    manager: Option<String>,
    contact: Contact,
    person_ref: Option<String>,
    email_hash: Option<String>,
    phone_hash: Option<String>,
}

impl Form {
    pub(crate) fn read(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: text(row, "person_id")?,
            manager: maybe_text(row, "manager")?,
            contact: Contact { email: maybe_text(row, "email")?, phone: maybe_text(row, "phone")? },
            person_ref: maybe_text(row, "person_ref")?,
            email_hash: maybe_text(row, "email_hash")?,
            phone_hash: maybe_text(row, "phone_hash")?,
        })
    }

    /// As it should be, and whether something has to be erased for that.
    fn mended(&self, workspace: &WorkspaceId, barred: &Barred) -> (Self, bool) {
        let mut contact = self.contact.clone();
        let gone = barred.person(workspace, &self.id);
        let stripped = barred.strip(workspace, &mut contact);
        if gone {
            contact = Contact::default();
        }
        let id = renamed(workspace, barred, &self.id).unwrap_or_else(|| self.id.clone());
        let manager = self.manager.clone().filter(|manager| !gone && !barred.person(workspace, manager));
        let manager = manager.map(|manager| opaque_identity(workspace, &manager).unwrap_or(manager));
        let mended = Self {
            person_ref: Some(person_ref(workspace, &id)),
            email_hash: hash(workspace, DataPointKind::Email, contact.email.as_deref()),
            phone_hash: hash(workspace, DataPointKind::Phone, contact.phone.as_deref()),
            id,
            manager,
            contact,
        };
        (mended, gone || stripped)
    }

    /// Whether the row is as it should be.
    pub(crate) fn is_fine(&self, workspace: &WorkspaceId, barred: &Barred) -> bool {
        self.mended(workspace, barred).0 == *self
    }
}

/// The id in the place of this one: an erased person's says nothing, and no address is an id. `None` when it stays.
pub(crate) fn renamed(workspace: &WorkspaceId, barred: &Barred, id: &str) -> Option<String> {
    if barred.person(workspace, id) {
        return Some(format!("erased:{}", person_ref(workspace, id)));
    }
    opaque_identity(workspace, id)
}

impl Store {
    /// Brings every row about a person to today's form: those of releases before have no references and hashes, or stale
    /// ones, and e-mail addresses for ids. A page at a time, each a transaction of its own; what is done is not done again.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a row cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn mend_people(&self) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT workspace, {COLUMNS} FROM people WHERE (workspace, company_id, person_id) > ($1, $2, $3)
             ORDER BY workspace, company_id, person_id LIMIT {PAGE}"
        );
        let nobody = Barred::default();
        let mut after = [String::new(), String::new(), String::new()];
        loop {
            let mut tx = self.write().await?;
            let [workspace, company_id, person_id] = &after;
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql.clone()))
                .bind(workspace)
                .bind(company_id)
                .bind(person_id)
                .fetch_all(&mut *tx)
                .await?;
            let Some(last) = rows.last() else { return Ok(()) };
            for row in &rows {
                let (workspace, form) = (wire(row, "workspace")?, Form::read(row)?);
                if !form.is_fine(&workspace, &nobody) {
                    rewrite(&mut tx, &workspace, &nobody, (&text(row, "company_id")?, &form.id), 0).await?;
                }
            }
            after = [text(last, "workspace")?, text(last, "company_id")?, text(last, "person_id")?];
            tx.commit().await?;
        }
    }
}

/// Rewrites one row, found by company and person, with all that hangs on it. Whether something was erased.
pub(crate) async fn rewrite(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    barred: &Barred,
    (company_id, person_id): (&str, &str),
    now: UnixMillis,
) -> Result<bool, StoreError> {
    // An update that changes nothing is a row lock in both databases.
    let sql = format!(
        "UPDATE people SET name = name WHERE workspace = $1 AND company_id = $2 AND person_id = $3 RETURNING {COLUMNS}"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(workspace.as_str())
        .bind(company_id)
        .bind(person_id)
        .fetch_optional(&mut **tx)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let before = Form::read(&row)?;
    let (after, erases) = before.mended(workspace, barred);
    if after == before {
        return Ok(false);
    }
    let references = [person_ref(workspace, &before.id), person_ref(workspace, &after.id)];
    refer_seats(tx, workspace, company_id, [&references[0], &references[1]]).await?;
    if barred.person(workspace, person_id) {
        blank_seats(tx, workspace, company_id, &references[1]).await?;
    }
    let key = (workspace, company_id, after.id.as_str());
    if after.id != before.id && !rename(tx, key, &before.id).await? {
        return Ok(erases);
    }
    put(tx, key, &after, erases.then_some(now)).await?;
    if barred.person(workspace, person_id) {
        blank(tx, key, now).await?;
    }
    Ok(erases)
}

async fn put(
    tx: &mut Transaction<'static, Any>,
    (workspace, company_id, person_id): (&WorkspaceId, &str, &str),
    form: &Form,
    erased_at: Option<UnixMillis>,
) -> Result<(), StoreError> {
    // Beside empty contact data, a source would say that none of any kind may be used.
    let sql = "UPDATE people SET manager = $4, email = $5, phone = $6, person_ref = $7, email_hash = $8, phone_hash = $9,
                   contact_source = CASE WHEN CAST($10 AS BIGINT) IS NOT NULL AND $11 = 1 THEN NULL ELSE contact_source END,
                   updated_at = COALESCE(CAST($10 AS BIGINT), updated_at)
               WHERE workspace = $1 AND company_id = $2 AND person_id = $3";
    sqlx::query(sql)
        .bind(workspace.as_str())
        .bind(company_id)
        .bind(person_id)
        .bind(&form.manager)
        .bind(&form.contact.email)
        .bind(&form.contact.phone)
        .bind(&form.person_ref)
        .bind(&form.email_hash)
        .bind(&form.phone_hash)
        .bind(erased_at)
        .bind(i64::from(form.contact.is_empty()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Gives a person and their memberships another id. False when somebody has it already, who then has the memberships, too.
async fn rename(
    tx: &mut Transaction<'static, Any>,
    (workspace, company_id, id): (&WorkspaceId, &str, &str),
    old: &str,
) -> Result<bool, StoreError> {
    let copy = "INSERT INTO people
                    (workspace, company_id, person_id, name, title, departments, manager, email, phone, contact_source,
                     profile_url, location, start_date, updated_at)
                SELECT workspace, company_id, CAST($4 AS TEXT), name, title, departments, manager, email, phone,
                    contact_source, profile_url, location, start_date, updated_at
                FROM people WHERE workspace = $1 AND company_id = $2 AND person_id = $3
                ON CONFLICT (workspace, company_id, person_id) DO NOTHING";
    let moved = "UPDATE members SET person_id = $4 WHERE workspace = $1 AND company_id = $2 AND person_id = $3
                     AND NOT (left_at IS NULL AND EXISTS (SELECT 1 FROM members m WHERE m.workspace = $1
                         AND m.company_id = $2 AND m.person_id = $4 AND m.left_at IS NULL))";
    let mut copied = 0;
    for (at, sql) in [copy, moved].into_iter().enumerate() {
        let query = sqlx::query(sql).bind(workspace.as_str()).bind(company_id).bind(old).bind(id);
        let done = query.execute(&mut **tx).await?.rows_affected();
        if at == 0 {
            copied = done;
        }
    }
    for sql in [
        "DELETE FROM members WHERE workspace = $1 AND company_id = $2 AND person_id = $3",
        "DELETE FROM people WHERE workspace = $1 AND company_id = $2 AND person_id = $3",
    ] {
        sqlx::query(sql).bind(workspace.as_str()).bind(company_id).bind(old).execute(&mut **tx).await?;
    }
    Ok(copied > 0)
}

/// Leaves of an erased person that there was somebody with a role from then until then.
async fn blank(
    tx: &mut Transaction<'static, Any>,
    (workspace, company_id, person_id): (&WorkspaceId, &str, &str),
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "UPDATE people SET name = $4, title = NULL, departments = '[]', profile_url = NULL, location = NULL,
                   start_date = NULL
               WHERE workspace = $1 AND company_id = $2 AND person_id = $3";
    sqlx::query(sql).bind(workspace.as_str()).bind(company_id).bind(person_id).bind(ERASED).execute(&mut **tx).await?;
    let sql = "UPDATE members SET title = NULL, functions = '[]', reasons = '[]', left_at = COALESCE(left_at, $4)
               WHERE workspace = $1 AND company_id = $2 AND person_id = $3";
    sqlx::query(sql).bind(workspace.as_str()).bind(company_id).bind(person_id).bind(now).execute(&mut **tx).await?;
    Ok(())
}
