//! Companies: what is known of them, and finding one again.

use crate::events::lock_row;
use crate::row::{count, maybe_number, maybe_plain, maybe_text, plain, text};
use crate::{Store, StoreError};
use contracts::{UnixMillis, WorkspaceId};
use engine::Company;
use engine::company::{domain_key, name_key};
use sqlx::any::AnyRow;

const COLUMNS: &str = "SELECT company_id, name, domain, staff, revenue FROM companies";

impl Store {
    /// Keeps what a source says of a company and notes it as the company of this refresh. What the source leaves open
    /// stays as it was known before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh in this workspace, [`StoreError::Invalid`] for an id that
    /// cannot be stored, [`StoreError::Unavailable`] when the database is away.
    pub async fn put_company(
        &self,
        refresh_id: &str,
        workspace: &WorkspaceId,
        company_id: &str,
        company: &Company,
        source_id: Option<&str>,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        if company_id.is_empty() || company_id.contains('\0') {
            return Err(StoreError::Invalid { what: "a company id that is empty or holds NUL" });
        }
        let name = plain(&company.name).into_owned();
        let domain = maybe_plain(company.domain.as_deref());
        let mut tx = self.write().await?;
        lock_row(&mut tx, refresh_id).await?;
        let sql = "UPDATE refreshes SET company_id = $3 WHERE refresh_id = $1 AND workspace = $2";
        let linked =
            sqlx::query(sql).bind(refresh_id).bind(workspace.as_str()).bind(company_id).execute(&mut *tx).await?;
        if linked.rows_affected() == 0 {
            return Err(StoreError::NotFound { what: "refresh" });
        }
        let sql = "INSERT INTO companies
                       (workspace, company_id, name, name_key, domain, domain_key, source_id, staff, revenue, created_at,
                        updated_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
                   ON CONFLICT (workspace, company_id) DO UPDATE SET
                       name = excluded.name,
                       name_key = excluded.name_key,
                       domain = COALESCE(excluded.domain, companies.domain),
                       domain_key = COALESCE(excluded.domain_key, companies.domain_key),
                       source_id = COALESCE(excluded.source_id, companies.source_id),
                       staff = COALESCE(excluded.staff, companies.staff),
                       revenue = COALESCE(excluded.revenue, companies.revenue),
                       updated_at = excluded.updated_at";
        sqlx::query(sql)
            .bind(workspace.as_str())
            .bind(company_id)
            .bind(&name)
            .bind(name_key(&name))
            .bind(&domain)
            .bind(domain.as_deref().and_then(domain_key))
            .bind(maybe_plain(source_id))
            .bind(company.staff.map(i64::from))
            .bind(company.revenue.map(count))
            .bind(now)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The company with this id.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn company(&self, workspace: &WorkspaceId, company_id: &str) -> Result<Option<Company>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE workspace = $1 AND company_id = $2"));
        let mut tx = self.read().await?;
        let row = sqlx::query(sql).bind(workspace.as_str()).bind(company_id).fetch_optional(&mut *tx).await?;
        row.as_ref().map(company).transpose()
    }

    /// The company at which this person is known: where they are a member, else were last; of several the one about which
    /// there is the latest news. `None` for somebody who was never a member of a group.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn employer_of(
        &self,
        workspace: &WorkspaceId,
        person_ref: &str,
    ) -> Result<Option<(String, Company)>, StoreError> {
        let sql = "SELECT c.company_id, c.name, c.domain, c.staff, c.revenue
                   FROM people p
                   JOIN companies c ON c.workspace = p.workspace AND c.company_id = p.company_id
                   LEFT JOIN members m ON m.workspace = p.workspace AND m.company_id = p.company_id
                       AND m.person_id = p.person_id AND m.left_at IS NULL
                   WHERE p.workspace = $1 AND p.person_ref = $2
                   ORDER BY CASE WHEN m.person_id IS NULL THEN 1 ELSE 0 END, p.updated_at DESC, c.company_id
                   LIMIT 1";
        let mut tx = self.read().await?;
        let row = sqlx::query(sql).bind(workspace.as_str()).bind(person_ref).fetch_optional(&mut *tx).await?;
        row.as_ref().map(|row| Ok((text(row, "company_id")?, company(row)?))).transpose()
    }

    /// The companies that this text may mean: an id, a domain or web address, or a name, however its legal form is
    /// written. Sorted by id; none when nothing fits.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn find_company(
        &self,
        workspace: &WorkspaceId,
        text_or_id: &str,
    ) -> Result<Vec<(String, Company)>, StoreError> {
        let wanted = plain(text_or_id);
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE workspace = $1 AND (company_id = $2 OR domain_key = $3 OR name_key = $4)"
        ));
        let name = Some(name_key(&wanted)).filter(|key| !key.is_empty());
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql)
            .bind(workspace.as_str())
            .bind(wanted.as_ref())
            .bind(domain_key(&wanted))
            .bind(name)
            .fetch_all(&mut *tx)
            .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            found.push((text(row, "company_id")?, company(row)?));
        }
        // Here, because the two databases sort text differently.
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }
}

/// The company in a row that has its columns.
pub(crate) fn company(row: &AnyRow) -> Result<Company, StoreError> {
    Ok(Company {
        name: text(row, "name")?,
        domain: maybe_text(row, "domain")?,
        staff: maybe_number(row, "staff")?,
        revenue: maybe_number(row, "revenue")?,
    })
}
