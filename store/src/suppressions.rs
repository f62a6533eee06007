//! What must not be used: the list of it, by hash, and keeping whatever stands on it out of what is written.

use crate::row::text;
use crate::{Store, StoreError};
use contracts::{DataPoint, DataPointKind, SuppressRequest, UnixMillis, WorkspaceId, person_ref};
use engine::{Contact, Person};
use sqlx::{Any, Transaction};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Hashes looked up by one statement.
const BATCH: usize = 100;

impl Store {
    /// Puts the data points on the workspace's list, and says how many of the request's stand there now. From then on
    /// nothing that is written brings them back; [`Store::erase_page`] erases what is there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn list_suppressed(&self, request: &SuppressRequest, now: UnixMillis) -> Result<u32, StoreError> {
        let points: BTreeSet<&DataPoint> = request.data_points.iter().collect();
        let mut tx = self.write().await?;
        for point in &points {
            list(&mut tx, request, point, now).await?;
        }
        tx.commit().await?;
        Ok(u32::try_from(points.len()).unwrap_or(u32::MAX))
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

    /// Those of these people of whom something may be kept: all but those who were erased.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn without_erased(
        &self,
        workspace: &WorkspaceId,
        mut people: Vec<Person>,
    ) -> Result<Vec<Person>, StoreError> {
        let mut tx = self.read().await?;
        let refs = people.iter().map(|person| person_ref(workspace, person.id.as_str())).collect();
        let barred = Barred::listed(&mut tx, workspace, refs).await?;
        people.retain(|person| !barred.person(workspace, person.id.as_str()));
        Ok(people)
    }
}

/// Hashes that must not be used. Workspace and kind are hashed in, so that the hash alone is enough.
#[derive(Default)]
pub(crate) struct Barred(BTreeSet<String>);

impl Barred {
    /// Those of a request.
    pub(crate) fn of(request: &SuppressRequest) -> Self {
        Self(request.data_points.iter().map(|point| point.hash.clone()).collect())
    }

    /// Those of the workspace's list that are about these people or their managers.
    pub(crate) async fn among<'a>(
        tx: &mut Transaction<'static, Any>,
        workspace: &WorkspaceId,
        people: impl IntoIterator<Item = &'a Person>,
    ) -> Result<Self, StoreError> {
        let hashes = |person: &Person| {
            let ids = [Some(&person.id), person.manager.as_ref()].into_iter().flatten();
            let refs: Vec<_> = ids.map(|id| person_ref(workspace, id.as_str())).collect();
            hashes(workspace, &person.contact).chain(refs)
        };
        let hashes = people.into_iter().flat_map(hashes).collect();
        Self::listed(tx, workspace, hashes).await
    }

    /// Those of the workspace's list that this contact has.
    pub(crate) async fn in_contact(
        tx: &mut Transaction<'static, Any>,
        workspace: &WorkspaceId,
        contact: &Contact,
    ) -> Result<Self, StoreError> {
        Self::listed(tx, workspace, hashes(workspace, contact).collect()).await
    }

    /// Those of these that stand on the workspace's list.
    async fn listed(
        tx: &mut Transaction<'static, Any>,
        workspace: &WorkspaceId,
        hashes: BTreeSet<String>,
    ) -> Result<Self, StoreError> {
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

    /// Takes out of what is known of a person what must not be used. Whether contact data was among it.
    pub(crate) fn clean(&self, workspace: &WorkspaceId, person: &mut Person) -> bool {
        person.manager = person.manager.take().filter(|manager| !self.person(workspace, manager.as_str()));
        self.strip(workspace, &mut person.contact)
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

    /// Whether nothing of this person may be kept.
    pub(crate) fn person(&self, workspace: &WorkspaceId, id: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&person_ref(workspace, id))
    }

    /// Whether this datum must not be used.
    pub(crate) fn bars(&self, workspace: &WorkspaceId, kind: DataPointKind, value: &str) -> bool {
        !self.0.is_empty() && hash(workspace, kind, Some(value)).is_some_and(|hash| self.0.contains(&hash))
    }
}

/// The hash by which a value is found on the list.
pub(crate) fn hash(workspace: &WorkspaceId, kind: DataPointKind, value: Option<&str>) -> Option<String> {
    DataPoint::of(workspace, kind, value?).map(|point| point.hash)
}

fn hashes(workspace: &WorkspaceId, contact: &Contact) -> impl Iterator<Item = String> + use<> {
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
