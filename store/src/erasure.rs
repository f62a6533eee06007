//! Erasing, page by page, what stands on the list of what must not be used.

use crate::documents::{Mender, is_person_ref};
use crate::events::RUNNING;
use crate::people::{COLUMNS, Form, PAGE, renamed, rewrite};
use crate::row::{json, maybe_json, text, to_json};
use crate::suppressions::{Barred, hash};
use crate::{Store, StoreError};
use contracts::{DataPoint, DataPointKind, SuppressRequest, UnixMillis, WorkspaceId, person_ref};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Any, Row as _, Transaction};

/// Refreshes whose documents are looked at in one transaction; each has a diff and a few dozen candidates at most.
const REFRESHES: i64 = 100;

/// How far an erasure has come. Holds references and nothing about anybody, so that it may stand in a heartbeat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Erasing {
    stage: Stage,
    /// Last of the stage that is done: a person's reference and a company, or a refresh.
    after: (String, String),
    /// Places from which something was erased.
    pub erased: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    #[default]
    People,
    Documents,
    Done,
}

impl Erasing {
    /// Whether nothing is left to be looked at.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    fn counting(self, erased: u32) -> Self {
        Self { erased: self.erased.saturating_add(erased), ..self }
    }
}

/// Who is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom<'a> {
    /// The one with this id.
    Person(&'a str),
    /// Whoever has this e-mail address.
    Email(&'a str),
}

impl Store {
    /// Erases the request's data points from the next page of what the workspace has, and says how far that is. To be called
    /// until it is done, after [`Store::list_suppressed`]; a page may be done twice. What it looks at is brought to today's
    /// form as well: no address is left as anybody's id.
    ///
    /// A write that began before the list was committed and ends after its page was done can still leave something behind;
    /// erasing again once such writes are over erases it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when something stored cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn erase_page(
        &self,
        request: &SuppressRequest,
        at: &Erasing,
        now: UnixMillis,
    ) -> Result<Erasing, StoreError> {
        let (workspace, barred) = (&request.workspace, Barred::of(request));
        let mut tx = self.write().await?;
        let next = match at.stage {
            Stage::People => people_page(&mut tx, workspace, &barred, at, now).await?,
            Stage::Documents => documents_page(&mut tx, workspace, &barred, at).await?,
            Stage::Done => return Ok(at.clone()),
        };
        tx.commit().await?;
        Ok(next)
    }

    /// The data points whose erasure erases this person: they themselves, at whatever company, and their e-mail addresses.
    /// A telephone number may be everybody's and is erased with the person, but not listed. None for an id that nobody
    /// has; an address is listed whether or not anybody is known by it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn erasure_of(&self, workspace: &WorkspaceId, whom: &Whom<'_>) -> Result<Vec<DataPoint>, StoreError> {
        let point = |kind, hash| DataPoint { kind, hash };
        let mut points = Vec::new();
        let (sql, wanted) = match whom {
            Whom::Person(id) => (
                "SELECT person_ref, email_hash FROM people WHERE workspace = $1 AND person_ref = $2",
                Some(person_ref(workspace, id)),
            ),
            Whom::Email(address) => (
                "SELECT person_ref, email_hash FROM people WHERE workspace = $1 AND email_hash = $2",
                hash(workspace, DataPointKind::Email, Some(address)),
            ),
        };
        if let Whom::Email(address) = whom {
            points.extend(DataPoint::of(workspace, DataPointKind::Email, address));
            let id = contracts::opaque_identity(workspace, address);
            points.extend(id.and_then(|id| DataPoint::of(workspace, DataPointKind::Person, &id)));
        }
        let mut tx = self.read().await?;
        for row in sqlx::query(sql).bind(workspace.as_str()).bind(wanted).fetch_all(&mut *tx).await? {
            let column = |name| row.try_get::<Option<String>, _>(name);
            points.extend(column("person_ref")?.map(|hash| point(DataPointKind::Person, hash)));
            points.extend(column("email_hash")?.map(|hash| point(DataPointKind::Email, hash)));
        }
        points.sort();
        points.dedup();
        Ok(points)
    }
}

/// Rows without a reference come first: with one they are in the order of the others.
async fn people_page(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    barred: &Barred,
    at: &Erasing,
    now: UnixMillis,
) -> Result<Erasing, StoreError> {
    let unordered = format!("SELECT {COLUMNS} FROM people WHERE workspace = $1 AND person_ref IS NULL LIMIT {PAGE}");
    let ordered = format!(
        "SELECT {COLUMNS} FROM people WHERE workspace = $1 AND person_ref IS NOT NULL
             AND (person_ref > $2 OR (person_ref = $2 AND company_id > $3))
         ORDER BY person_ref, company_id LIMIT {PAGE}"
    );
    let mut rows = sqlx::query(sqlx::AssertSqlSafe(unordered)).bind(workspace.as_str()).fetch_all(&mut **tx).await?;
    let in_order = rows.is_empty();
    if in_order {
        rows = sqlx::query(sqlx::AssertSqlSafe(ordered))
            .bind(workspace.as_str())
            .bind(&at.after.0)
            .bind(&at.after.1)
            .fetch_all(&mut **tx)
            .await?;
    }
    let mut erased = 0;
    for row in &rows {
        let person_id = text(row, "person_id")?;
        if !Form::read(row)?.is_fine(workspace, barred) {
            let key = (&*text(row, "company_id")?, &*person_id);
            erased += u32::from(rewrite(tx, workspace, barred, key, now).await?);
        }
    }
    let next = match rows.last() {
        _ if !in_order => at.clone(),
        Some(last) => Erasing { after: (text(last, "person_ref")?, text(last, "company_id")?), ..at.clone() },
        None => Erasing { stage: Stage::Documents, after: Default::default(), erased: at.erased },
    };
    Ok(next.counting(erased))
}

async fn documents_page(
    tx: &mut Transaction<'static, Any>,
    workspace: &WorkspaceId,
    barred: &Barred,
    at: &Erasing,
) -> Result<Erasing, StoreError> {
    let sql = format!(
        "SELECT refresh_id FROM refreshes WHERE workspace = $1 AND refresh_id > $2 ORDER BY refresh_id LIMIT {REFRESHES}"
    );
    let rows =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(workspace.as_str()).bind(&at.after.0).fetch_all(&mut **tx).await?;
    let Some(last) = rows.last() else {
        return Ok(Erasing { stage: Stage::Done, after: Default::default(), erased: at.erased });
    };
    let last = text(last, "refresh_id")?;
    let page = Page { workspace, barred, after: &at.after.0, last: &last };
    let erased = page.candidates(tx).await? + page.diffs(tx).await?;
    page.operations(tx).await?;
    Ok(Erasing { after: (last, String::new()), ..at.clone() }.counting(erased))
}

/// Some refreshes of a workspace, by the order of their ids.
struct Page<'a> {
    workspace: &'a WorkspaceId,
    barred: &'a Barred,
    after: &'a str,
    last: &'a str,
}

impl Page<'_> {
    /// The refresh with what belongs to it.
    async fn rows(
        &self,
        tx: &mut Transaction<'static, Any>,
        sql: &'static str,
    ) -> Result<Vec<sqlx::any::AnyRow>, StoreError> {
        let query = sqlx::query(sql).bind(self.workspace.as_str()).bind(self.after).bind(self.last);
        Ok(query.fetch_all(&mut **tx).await?)
    }

    /// Whoever was erased is no candidate any more. While a refresh is running it finds its candidates by their ids, and
    /// those stay as they are: what it saves has the new ones.
    async fn candidates(&self, tx: &mut Transaction<'static, Any>) -> Result<u32, StoreError> {
        let sql = "SELECT c.refresh_id, c.person_id, c.person, c.member, c.enrichment, r.status
                   FROM candidates c JOIN refreshes r ON r.refresh_id = c.refresh_id
                   WHERE r.workspace = $1 AND c.refresh_id > $2 AND c.refresh_id <= $3";
        let mut erased = 0;
        for row in self.rows(tx, sql).await? {
            let (refresh_id, person_id) = (text(&row, "refresh_id")?, text(&row, "person_id")?);
            if self.barred.person(self.workspace, &person_id) {
                let sql = "DELETE FROM candidates WHERE refresh_id = $1 AND person_id = $2";
                sqlx::query(sql).bind(&refresh_id).bind(&person_id).execute(&mut **tx).await?;
                erased += 1;
                continue;
            }
            let closed = text(&row, "status")? != RUNNING;
            let mut mender = Mender::new(self.workspace, self.barred, closed);
            for (column, update) in [
                (
                    "person",
                    "UPDATE candidates SET person = $3 WHERE refresh_id = $1 AND person_id = $2 AND person = $4",
                ),
                (
                    "member",
                    "UPDATE candidates SET member = $3 WHERE refresh_id = $1 AND person_id = $2 AND member = $4",
                ),
                (
                    "enrichment",
                    "UPDATE candidates SET enrichment = $3 WHERE refresh_id = $1 AND person_id = $2 AND enrichment = $4",
                ),
            ] {
                let Some(mut document) = maybe_json::<Value>(&row, column)? else { continue };
                if mender.mend(&mut document) {
                    // Whatever was written meanwhile was written without what is listed.
                    sqlx::query(update)
                        .bind(&refresh_id)
                        .bind(&person_id)
                        .bind(to_json(&document)?)
                        .bind(text(&row, column)?)
                        .execute(&mut **tx)
                        .await?;
                }
            }
            if closed && let Some(id) = renamed(self.workspace, self.barred, &person_id) {
                let sql = "UPDATE candidates SET person_id = $3 WHERE refresh_id = $1 AND person_id = $2";
                sqlx::query(sql).bind(&refresh_id).bind(&person_id).bind(id).execute(&mut **tx).await?;
            }
            erased += mender.erased();
        }
        Ok(erased)
    }

    async fn diffs(&self, tx: &mut Transaction<'static, Any>) -> Result<u32, StoreError> {
        let sql = "SELECT d.refresh_id, d.diff FROM diffs d JOIN refreshes r ON r.refresh_id = d.refresh_id
                   WHERE r.workspace = $1 AND d.refresh_id > $2 AND d.refresh_id <= $3";
        let mut erased = 0;
        for row in self.rows(tx, sql).await? {
            let mut diff: Value = json(&row, "diff")?;
            let mut mender = Mender::new(self.workspace, self.barred, true);
            if mender.mend(&mut diff) {
                let sql = "UPDATE diffs SET diff = $2 WHERE refresh_id = $1";
                sqlx::query(sql).bind(text(&row, "refresh_id")?).bind(to_json(&diff)?).execute(&mut **tx).await?;
            }
            erased += mender.erased();
        }
        Ok(erased)
    }

    /// The log of operations names members by reference; earlier releases wrote their ids.
    async fn operations(&self, tx: &mut Transaction<'static, Any>) -> Result<(), StoreError> {
        let sql = "SELECT DISTINCT o.refresh_id, o.subject FROM pipeline_operations o
                   JOIN refreshes r ON r.refresh_id = o.refresh_id
                   WHERE r.workspace = $1 AND o.refresh_id > $2 AND o.refresh_id <= $3 AND o.subject <> ''";
        for row in self.rows(tx, sql).await? {
            let (refresh_id, subject) = (text(&row, "refresh_id")?, text(&row, "subject")?);
            if is_person_ref(&subject) {
                continue;
            }
            let sql = "UPDATE pipeline_operations SET subject = $3 WHERE refresh_id = $1 AND subject = $2
                           AND NOT EXISTS (SELECT 1 FROM pipeline_operations o WHERE o.refresh_id = $1 AND o.subject = $3)";
            let reference = person_ref(self.workspace, &subject);
            sqlx::query(sql).bind(&refresh_id).bind(&subject).bind(reference).execute(&mut **tx).await?;
            let sql = "DELETE FROM pipeline_operations WHERE refresh_id = $1 AND subject = $2";
            sqlx::query(sql).bind(&refresh_id).bind(&subject).execute(&mut **tx).await?;
        }
        Ok(())
    }
}
