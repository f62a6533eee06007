//! Requests for the refresh of many companies at once: what was asked for. What became of it is read from the refresh log.

use crate::events::RUNNING;
use crate::refreshes::{COLUMNS as REFRESH, record};
use crate::row::{count, maybe_number, maybe_plain, maybe_text, number, plain, text, to_json, wire};
use crate::{RefreshRecord, Store, StoreError};
use contracts::{
    BulkEnd, BulkItem, BulkPage, BulkPageInput, BulkRequest, CompanyRef, EnrichmentLevel, OutcomeKind, SourceName,
    UnixMillis, WorkspaceId,
};
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Transaction};
use std::collections::BTreeMap;

/// A company of a bulk, as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBulkItem {
    /// Its name.
    pub name: String,
    /// Its web domain, when given.
    pub domain: Option<String>,
    /// Number, from 1, of the item before this one that names the same company; its refresh is this one's too.
    pub same_as: Option<u32>,
}

/// What became of a bulk that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkPut {
    /// It is kept since now.
    Stored,
    /// The same request was kept before.
    Duplicate,
    /// Another request has its id. Nothing was changed.
    Conflict,
}

/// A bulk, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRecord {
    /// Its id.
    pub bulk_id: String,
    /// How much is to be found out.
    pub level: EnrichmentLevel,
    /// Companies named.
    pub items: u32,
    /// Refreshes among them.
    pub refreshes: u32,
    /// When it was asked for.
    pub received_at: UnixMillis,
    /// When the last refresh was started, or it was cancelled.
    pub closed_at: Option<UnixMillis>,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// Items whose refresh has not begun.
    pub not_begun: u32,
    /// Items whose refresh is on its way.
    pub running: u32,
    /// Items whose refresh is over, by how it ended.
    pub over: BTreeMap<String, u32>,
}

/// An item, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkItemRecord {
    /// Place in the request, from 1.
    pub number: u32,
    /// The company's name as given.
    pub name: String,
    /// Its web domain as given.
    pub domain: Option<String>,
    /// The item that named the same company before.
    pub same_as: Option<u32>,
    /// The refresh that answers for it, once it has begun.
    pub refresh: Option<RefreshRecord>,
}

/// An item as it travels into the one statement that inserts them all.
#[derive(Serialize)]
struct Line<'a> {
    number: usize,
    name: &'a str,
    domain: Option<String>,
    same_as: Option<u32>,
}

impl Store {
    /// Keeps a bulk with its items, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away; then it is not known whether it is kept.
    pub async fn put_bulk(&self, request: &BulkRequest, items: &[NewBulkItem]) -> Result<BulkPut, StoreError> {
        let (workspace, event) = (request.workspace.as_str(), &request.event);
        let mut tx = self.write().await?;
        let sql = "INSERT INTO bulks (workspace, bulk_id, digest, level, items, refreshes, received_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace, bulk_id) DO NOTHING";
        let inserted = sqlx::query(sql)
            .bind(workspace)
            .bind(event.id.as_str())
            .bind(event.digest.as_str())
            .bind(request.level.as_str())
            .bind(count(items.len()))
            .bind(i64::from(request.refreshes))
            .bind(event.received_at)
            .execute(&mut *tx)
            .await?;
        if inserted.rows_affected() == 0 {
            let sql = "SELECT digest FROM bulks WHERE workspace = $1 AND bulk_id = $2";
            let row = sqlx::query(sql).bind(workspace).bind(event.id.as_str()).fetch_one(&mut *tx).await?;
            let same = text(&row, "digest")? == event.digest.as_str();
            return Ok(if same { BulkPut::Duplicate } else { BulkPut::Conflict });
        }
        let names: Vec<_> = items.iter().map(|item| plain(&item.name)).collect();
        let lines: Vec<Line<'_>> = items
            .iter()
            .zip(&names)
            .enumerate()
            .map(|(index, (item, name))| Line {
                number: index + 1,
                name,
                domain: maybe_plain(item.domain.as_deref()),
                same_as: item.same_as,
            })
            .collect();
        let sql = AssertSqlSafe(format!(
            "INSERT INTO bulk_items (workspace, bulk_id, number, name, domain, same_as)
             SELECT $2, $3, CAST(value ->> 'number' AS BIGINT), value ->> 'name', value ->> 'domain',
                    CAST(value ->> 'same_as' AS BIGINT)
             FROM {}",
            self.dialect().json_elements()
        ));
        sqlx::query(sql).bind(to_json(&lines)?).bind(workspace).bind(event.id.as_str()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(BulkPut::Stored)
    }

    /// The next items of a bulk, without those that name a company again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such bulk, [`StoreError::Unavailable`] when the database is away.
    pub async fn bulk_items(&self, input: &BulkPageInput) -> Result<BulkPage, StoreError> {
        let mut tx = self.read().await?;
        if bulk_row(&mut tx, &input.workspace, &input.bulk_id).await?.is_none() {
            return Err(StoreError::NotFound { what: "bulk" });
        }
        let sql = "SELECT number, name, domain FROM bulk_items
                   WHERE workspace = $1 AND bulk_id = $2 AND number > $3 AND same_as IS NULL ORDER BY number LIMIT $4";
        let rows = sqlx::query(sql)
            .bind(input.workspace.as_str())
            .bind(&input.bulk_id)
            .bind(i64::from(input.after))
            .bind(i64::from(input.limit) + 1)
            .fetch_all(&mut *tx)
            .await?;
        let limit = usize::try_from(input.limit).unwrap_or(usize::MAX);
        let item = |row| {
            let company = CompanyRef { id: None, name: text(row, "name")?, domain: maybe_text(row, "domain")? };
            Ok(BulkItem { number: number(row, "number")?, company })
        };
        let items: Result<Vec<_>, StoreError> = rows.iter().take(limit).map(item).collect();
        Ok(BulkPage { items: items?, more: rows.len() > limit })
    }

    /// Notes that no more refreshes of this bulk will be started. The first such note stands.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn close_bulk(&self, end: &BulkEnd, now: UnixMillis) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let sql = "UPDATE bulks SET closed_at = $3, cancelled = $4
                   WHERE workspace = $1 AND bulk_id = $2 AND closed_at IS NULL";
        sqlx::query(sql)
            .bind(end.workspace.as_str())
            .bind(&end.bulk_id)
            .bind(now)
            .bind(i64::from(end.cancelled))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// A bulk, and how far it has come.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn bulk(&self, workspace: &WorkspaceId, bulk_id: &str) -> Result<Option<BulkRecord>, StoreError> {
        let mut tx = self.read().await?;
        let Some(row) = bulk_row(&mut tx, workspace, bulk_id).await? else { return Ok(None) };
        let mut bulk = BulkRecord {
            bulk_id: bulk_id.to_owned(),
            level: wire(&row, "level")?,
            items: number(&row, "items")?,
            refreshes: number(&row, "refreshes")?,
            received_at: number(&row, "received_at")?,
            closed_at: maybe_number(&row, "closed_at")?,
            cancelled: number::<i64>(&row, "cancelled")? != 0,
            not_begun: 0,
            running: 0,
            over: BTreeMap::new(),
        };
        let sql = "SELECT e.outcome, COUNT(*) AS items FROM bulk_items i
                   LEFT JOIN webhook_events e ON e.workspace = i.workspace AND e.source = $3
                       AND e.event_id = i.bulk_id || '-' || CAST(COALESCE(i.same_as, i.number) AS TEXT)
                   WHERE i.workspace = $1 AND i.bulk_id = $2 GROUP BY e.outcome";
        let rows = sqlx::query(sql).bind(workspace.as_str()).bind(bulk_id).bind(SourceName::BULK);
        for row in rows.fetch_all(&mut *tx).await? {
            let items = number(&row, "items")?;
            match maybe_text(&row, "outcome")? {
                None => bulk.not_begun = items,
                Some(outcome) if outcome == RUNNING => bulk.running = items,
                Some(outcome) => drop(bulk.over.insert(outcome, items)),
            }
        }
        Ok(Some(bulk))
    }

    /// Up to `limit` items of a bulk, in order, from behind the number `after`. Empty also when there is no such bulk.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn bulk_page(
        &self,
        workspace: &WorkspaceId,
        bulk_id: &str,
        after: u32,
        limit: u32,
    ) -> Result<Vec<BulkItemRecord>, StoreError> {
        let mut tx = self.read().await?;
        let sql = "SELECT number, name, domain, same_as FROM bulk_items
                   WHERE workspace = $1 AND bulk_id = $2 AND number > $3 ORDER BY number LIMIT $4";
        let rows = sqlx::query(sql)
            .bind(workspace.as_str())
            .bind(bulk_id)
            .bind(i64::from(after))
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        let mut items = rows.iter().map(item).collect::<Result<Vec<_>, _>>()?;
        let event = |item: &BulkItemRecord| format!("{bulk_id}-{}", item.same_as.unwrap_or(item.number));
        let events: Vec<String> = items.iter().map(event).collect();
        let sql = AssertSqlSafe(format!(
            "{REFRESH} WHERE refresh_id IN (SELECT refresh_id FROM webhook_events
                WHERE workspace = $2 AND source = $3 AND event_id IN (SELECT value FROM {}))",
            self.dialect().json_texts()
        ));
        let rows = sqlx::query(sql).bind(to_json(&events)?).bind(workspace.as_str()).bind(SourceName::BULK);
        let mut refreshes = BTreeMap::new();
        for row in rows.fetch_all(&mut *tx).await? {
            let refresh = record(&row)?;
            refreshes.insert(refresh.event_id.clone(), refresh);
        }
        for (item, event) in items.iter_mut().zip(&events) {
            item.refresh = refreshes.get(event).cloned();
        }
        Ok(items)
    }
}

impl BulkRecord {
    /// Items whose refresh ended in this way.
    #[must_use]
    pub fn ended_as(&self, outcome: OutcomeKind) -> u32 {
        self.over.get(outcome.as_str()).copied().unwrap_or_default()
    }
}

async fn bulk_row(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    bulk_id: &str,
) -> Result<Option<AnyRow>, StoreError> {
    let sql = "SELECT level, items, refreshes, received_at, closed_at, cancelled FROM bulks
               WHERE workspace = $1 AND bulk_id = $2";
    Ok(sqlx::query(sql).bind(workspace.as_str()).bind(bulk_id).fetch_optional(&mut **tx).await?)
}

fn item(row: &AnyRow) -> Result<BulkItemRecord, StoreError> {
    Ok(BulkItemRecord {
        number: number(row, "number")?,
        name: text(row, "name")?,
        domain: maybe_text(row, "domain")?,
        same_as: maybe_number(row, "same_as")?,
        refresh: None,
    })
}
