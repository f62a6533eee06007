//! The shortlist of a refresh on its way, and the chosen among it.

use crate::earlier_answers::take_along;
use crate::events::lock_row;
use crate::row::{count, json, maybe_json, maybe_plain, plain, text, to_json, wire};
use crate::suppressions::Barred;
use crate::{Store, StoreError};
use contracts::{OutcomeKind, UnixMillis, WorkspaceId};
use engine::{Contact, Group, Member, Person, PersonId};
use sqlx::{Any, Transaction};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Rows written by one statement.
const BATCH: usize = 100;

impl Store {
    /// Makes these people the shortlist of a refresh, in place of the one before. What was found out about somebody who
    /// stays, or comes back, is kept.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh, [`StoreError::Closed`] when it has been saved,
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn replace_candidates(&self, refresh_id: &str, people: &[Person]) -> Result<(), StoreError> {
        let mut people = people.iter().map(storable).collect::<Result<Vec<_>, _>>()?;
        let mut tx = self.write().await?;
        open_refresh(&mut tx, refresh_id).await?;
        let workspace = workspace_of(&mut tx, refresh_id).await?;
        let barred = Barred::among(&mut tx, &workspace, &people).await?;
        people.retain(|person| !barred.person(&workspace, person.id.as_str()));
        let mut wanted = BTreeMap::new();
        for person in &mut people {
            barred.clean(&workspace, person);
            wanted.insert(person.id.as_str().to_owned(), to_json(person)?);
        }
        let sql = "SELECT person_id, person FROM candidates WHERE refresh_id = $1 AND listed = 1";
        let mut gone = BTreeSet::new();
        for row in sqlx::query(sql).bind(refresh_id).fetch_all(&mut *tx).await? {
            let (person_id, person) = (text(&row, "person_id")?, text(&row, "person")?);
            // Page after page most of the shortlist stays as it is, and is not written again.
            match wanted.get(&person_id) {
                Some(same) if *same == person => drop(wanted.remove(&person_id)),
                Some(_) => {}
                None => drop(gone.insert(person_id)),
            }
        }
        let written: Vec<(String, String)> = wanted.into_iter().collect();
        for batch in written.chunks(BATCH) {
            upsert(&mut tx, refresh_id, batch).await?;
        }
        for person_id in gone {
            unlist(&mut tx, refresh_id, &person_id).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The shortlist of a refresh, sorted by person.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when somebody on it cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn candidates(&self, refresh_id: &str) -> Result<Vec<Person>, StoreError> {
        let sql = "SELECT person FROM candidates WHERE refresh_id = $1 AND listed = 1";
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql).bind(refresh_id).fetch_all(&mut *tx).await?;
        let mut people = rows.iter().map(|row| json::<Person>(row, "person")).collect::<Result<Vec<_>, _>>()?;
        people.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(people)
    }

    /// Writes down the group that a refresh chose now, in place of any choice before, for enrichment and saving to find.
    /// The moment counts: what was chosen earlier never replaces a saved group that was chosen later. What earlier runs of
    /// this refresh found out about the chosen is taken along.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh, [`StoreError::Closed`] when it has been saved,
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn choose(&self, refresh_id: &str, group: &Group, now: UnixMillis) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        open_refresh(&mut tx, refresh_id).await?;
        let sql = "UPDATE candidates SET seat = NULL, role = NULL, member = NULL
                   WHERE refresh_id = $1 AND seat IS NOT NULL";
        sqlx::query(sql).bind(refresh_id).execute(&mut *tx).await?;
        let workspace = workspace_of(&mut tx, refresh_id).await?;
        let people = group.members.iter().map(|member| &member.person);
        let barred = Barred::among(&mut tx, &workspace, people).await?;
        let allowed = |member: &&Member| !barred.person(&workspace, member.person.id.as_str());
        for (seat, member) in group.members.iter().filter(allowed).enumerate() {
            let mut member = Member { person: storable(&member.person)?, ..member.clone() };
            barred.clean(&workspace, &mut member.person);
            seat_member(&mut tx, refresh_id, seat, &member).await?;
        }
        take_along(&mut tx, &workspace, refresh_id).await?;
        let sql =
            "INSERT INTO choices
                       (refresh_id, tier, tier_known, targets, cohesion, confidence, gaps, considered, chosen_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                   ON CONFLICT (refresh_id) DO UPDATE SET
                       tier = excluded.tier, tier_known = excluded.tier_known, targets = excluded.targets,
                       cohesion = excluded.cohesion, confidence = excluded.confidence, gaps = excluded.gaps, considered = excluded.considered,
                       chosen_at = excluded.chosen_at";
        sqlx::query(sql)
            .bind(refresh_id)
            .bind(group.tier.as_str())
            .bind(i64::from(group.tier_known))
            .bind(to_json(&group.targets)?)
            .bind(group.cohesion.map(i64::from))
            .bind(i64::from(group.confidence))
            .bind(to_json(&group.gaps)?)
            .bind(count(group.considered))
            .bind(now)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The members that a refresh chose, in the order groups are shown; none when it has not chosen yet.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when one cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn chosen(&self, refresh_id: &str) -> Result<Vec<Member>, StoreError> {
        let mut tx = self.read().await?;
        let sql = "SELECT member FROM candidates WHERE refresh_id = $1 AND seat IS NOT NULL ORDER BY seat";
        let rows = sqlx::query(sql).bind(refresh_id).fetch_all(&mut *tx).await?;
        rows.iter().filter_map(|row| maybe_json(row, "member").transpose()).collect()
    }
}

/// Locks the refresh, which must not have been saved: its choice is history then.
async fn open_refresh(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<(), StoreError> {
    let status = lock_row(tx, refresh_id).await?;
    if status == OutcomeKind::Refreshed.as_str() { Err(StoreError::Closed) } else { Ok(()) }
}

/// The workspace of a refresh.
pub(crate) async fn workspace_of(
    tx: &mut Transaction<'static, Any>,
    refresh_id: &str,
) -> Result<WorkspaceId, StoreError> {
    let sql = "SELECT workspace FROM refreshes WHERE refresh_id = $1";
    let row = sqlx::query(sql).bind(refresh_id).fetch_optional(&mut **tx).await?;
    wire(&row.ok_or(StoreError::NotFound { what: "refresh" })?, "workspace")
}

/// Forgets whoever was on the shortlist of a refresh that ended without a group. The chosen, and whoever an answer was
/// paid for, stay until a group of the company is saved: the refresh may be reset, and go on.
pub(crate) async fn forget_shortlist(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM candidates WHERE refresh_id = $1 AND seat IS NULL AND enrichment IS NULL";
    sqlx::query(sql).bind(refresh_id).execute(&mut **tx).await?;
    Ok(())
}

async fn upsert(
    tx: &mut Transaction<'static, Any>,
    refresh_id: &str,
    people: &[(String, String)],
) -> Result<(), StoreError> {
    let mut sql = "INSERT INTO candidates (refresh_id, person_id, person, listed) VALUES ".to_owned();
    for at in 0..people.len() {
        let comma = if at == 0 { "" } else { ", " };
        // Writing into a string cannot fail.
        let _ = write!(sql, "{comma}($1, ${}, ${}, 1)", 2 * at + 2, 2 * at + 3);
    }
    sql.push_str(" ON CONFLICT (refresh_id, person_id) DO UPDATE SET person = excluded.person, listed = 1");
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(refresh_id);
    for (person_id, person) in people {
        query = query.bind(person_id).bind(person);
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Takes somebody off the shortlist. An answer that was paid for stays, should the person come back.
async fn unlist(tx: &mut Transaction<'static, Any>, refresh_id: &str, person_id: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM candidates WHERE refresh_id = $1 AND person_id = $2 AND enrichment IS NULL";
    if sqlx::query(sql).bind(refresh_id).bind(person_id).execute(&mut **tx).await?.rows_affected() == 0 {
        let sql = "UPDATE candidates SET listed = 0, seat = NULL, role = NULL, member = NULL
                   WHERE refresh_id = $1 AND person_id = $2";
        sqlx::query(sql).bind(refresh_id).bind(person_id).execute(&mut **tx).await?;
    }
    Ok(())
}

async fn seat_member(
    tx: &mut Transaction<'static, Any>,
    refresh_id: &str,
    seat: usize,
    member: &Member,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO candidates (refresh_id, person_id, person, listed, seat, role, member)
               VALUES ($1, $2, $3, 1, $4, $5, $6)
               ON CONFLICT (refresh_id, person_id) DO UPDATE SET
                   listed = 1, seat = excluded.seat, role = excluded.role, member = excluded.member";
    sqlx::query(sql)
        .bind(refresh_id)
        .bind(member.person.id.as_str())
        .bind(to_json(&member.person)?)
        .bind(count(seat))
        .bind(member.role.as_str())
        .bind(to_json(member)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A person as both databases can hold one. An id is never mended: two ids could become one.
fn storable(person: &Person) -> Result<Person, StoreError> {
    let whole = |id: &PersonId| !id.as_str().contains('\0');
    if !whole(&person.id) {
        return Err(StoreError::Invalid { what: "a person id that holds NUL" });
    }
    Ok(Person {
        title: maybe_plain(person.title.as_deref()),
        departments: person.departments.iter().map(|department| plain(department).into_owned()).collect(),
        manager: person.manager.clone().filter(whole),
        manager_title: maybe_plain(person.manager_title.as_deref()),
        direct_reports: person.direct_reports,
        network: person.network,
        contact: storable_contact(&person.contact),
        profile_url: maybe_plain(person.profile_url.as_deref()),
        location: maybe_plain(person.location.as_deref()),
        start_date: maybe_plain(person.start_date.as_deref()),
        ..Person::new(person.id.clone(), plain(&person.name))
    })
}

/// Contact data as both databases can hold it.
pub(crate) fn storable_contact(contact: &Contact) -> Contact {
    Contact { email: maybe_plain(contact.email.as_deref()), phone: maybe_plain(contact.phone.as_deref()) }
}
