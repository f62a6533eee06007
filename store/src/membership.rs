//! Single people within a save: what was known of them, and their memberships.

use crate::StoreError;
use crate::row::{count, maybe_text, number, text, to_json, wire};
use crate::suppressions::hash;
use contracts::{DataPointKind, SaveInput, UnixMillis, person_ref};
use engine::{Contact, Member, MemberSnapshot, Person, PersonId};
use sqlx::{Any, Transaction};
use std::collections::BTreeMap;

/// The company's people before a save.
pub(crate) struct Known {
    /// The group that was.
    pub(crate) open: Vec<MemberSnapshot>,
    /// How to reach whoever was ever a member.
    reach: BTreeMap<String, Reach>,
}

/// How to reach a person.
#[derive(Clone, Default)]
pub(crate) struct Reach {
    pub(crate) contact: Contact,
    /// Who told the contact data, when a refresh asked for it; beside empty contact data, who says that it must not be
    /// used.
    pub(crate) source: Option<String>,
}

impl Reach {
    /// Whether a source said that this person's contact data must not be used, and none gave any since.
    pub(crate) fn is_barred(&self) -> bool {
        self.contact.is_empty() && self.source.is_some()
    }
}

impl Known {
    /// Reads them. The company must be locked.
    pub(crate) async fn read(tx: &mut Transaction<'static, Any>, input: &SaveInput) -> Result<Self, StoreError> {
        let sql = "SELECT person_id, email, phone, contact_source FROM people WHERE workspace = $1 AND company_id = $2";
        let rows = sqlx::query(sql).bind(input.workspace.as_str()).bind(&input.company_id).fetch_all(&mut **tx).await?;
        let mut reach = BTreeMap::new();
        for row in &rows {
            let contact = Contact { email: maybe_text(row, "email")?, phone: maybe_text(row, "phone")? };
            let source = maybe_text(row, "contact_source")?;
            reach.insert(text(row, "person_id")?, Reach { contact, source });
        }
        let sql = "SELECT m.person_id, p.name, m.title, m.role, m.score
                   FROM members m JOIN people p
                       ON p.workspace = m.workspace AND p.company_id = m.company_id AND p.person_id = m.person_id
                   WHERE m.workspace = $1 AND m.company_id = $2 AND m.left_at IS NULL";
        let rows = sqlx::query(sql).bind(input.workspace.as_str()).bind(&input.company_id).fetch_all(&mut **tx).await?;
        let mut open = Vec::with_capacity(rows.len());
        for row in &rows {
            let person_id = person_id(text(row, "person_id")?)?;
            open.push(MemberSnapshot {
                contact: reach.get(person_id.as_str()).map(|reach| reach.contact.clone()).unwrap_or_default(),
                name: text(row, "name")?,
                title: maybe_text(row, "title")?,
                role: wire(row, "role")?,
                score: number(row, "score")?,
                person_id,
            });
        }
        Ok(Self { open, reach })
    }

    /// What is known about reaching this person.
    pub(crate) fn reach(&self, person_id: &str) -> Reach {
        self.reach.get(person_id).cloned().unwrap_or_default()
    }
}

/// A stored id of a person.
pub(crate) fn person_id(id: String) -> Result<PersonId, StoreError> {
    PersonId::new(id).ok_or_else(|| StoreError::corrupt("column person_id: blank"))
}

/// Writes what is known of a person now. Nobody is left out for want of an e-mail address.
pub(crate) async fn put_person(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    person: &Person,
    contact_source: Option<&str>,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO people
                   (workspace, company_id, person_id, name, title, departments, manager, email, phone, contact_source,
                    profile_url, location, start_date, updated_at, person_ref, email_hash, phone_hash)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
               ON CONFLICT (workspace, company_id, person_id) DO UPDATE SET
                   name = excluded.name, title = excluded.title, departments = excluded.departments,
                   manager = excluded.manager, email = excluded.email, phone = excluded.phone,
                   contact_source = excluded.contact_source,
                   profile_url = excluded.profile_url, location = excluded.location, start_date = excluded.start_date,
                   updated_at = excluded.updated_at, person_ref = excluded.person_ref,
                   email_hash = excluded.email_hash, phone_hash = excluded.phone_hash";
    sqlx::query(sql)
        .bind(input.workspace.as_str())
        .bind(&input.company_id)
        .bind(person.id.as_str())
        .bind(&person.name)
        .bind(&person.title)
        .bind(to_json(&person.departments)?)
        .bind(person.manager.as_ref().map(PersonId::as_str))
        .bind(&person.contact.email)
        .bind(&person.contact.phone)
        .bind(contact_source)
        .bind(&person.profile_url)
        .bind(&person.location)
        .bind(&person.start_date)
        .bind(now)
        .bind(person_ref(&input.workspace, person.id.as_str()))
        .bind(hash(&input.workspace, DataPointKind::Email, person.contact.email.as_deref()))
        .bind(hash(&input.workspace, DataPointKind::Phone, person.contact.phone.as_deref()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A member's place in the group that is being saved.
pub(crate) struct Seat<'a> {
    pub(crate) input: &'a SaveInput,
    pub(crate) member: &'a Member,
    pub(crate) seat: usize,
    pub(crate) now: UnixMillis,
}

/// Opens a membership: a first one, or a further one for somebody who comes back.
pub(crate) async fn open(tx: &mut Transaction<'static, Any>, seat: &Seat<'_>) -> Result<(), StoreError> {
    let sql = "INSERT INTO members
                   (workspace, company_id, person_id, seat, role, title, level, functions, scores, score, confidence,
                    reasons, joined_in, joined_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    write(tx, seat, sql, true).await
}

/// Brings an open membership up to date.
pub(crate) async fn keep(tx: &mut Transaction<'static, Any>, seat: &Seat<'_>) -> Result<(), StoreError> {
    let sql =
        "UPDATE members SET seat = $4, role = $5, title = $6, level = $7, functions = $8, scores = $9, score = $10,
                   confidence = $11, reasons = $12
               WHERE workspace = $1 AND company_id = $2 AND person_id = $3 AND left_at IS NULL";
    write(tx, seat, sql, false).await
}

async fn write(
    tx: &mut Transaction<'static, Any>,
    seat: &Seat<'_>,
    sql: &'static str,
    joins: bool,
) -> Result<(), StoreError> {
    let Seat { input, member, seat, now } = seat;
    let mut query = sqlx::query(sql)
        .bind(input.workspace.as_str())
        .bind(&input.company_id)
        .bind(member.person.id.as_str())
        .bind(count(*seat))
        .bind(member.role.as_str())
        .bind(&member.person.title)
        .bind(member.level.map(engine::Level::as_str))
        .bind(to_json(&member.functions)?)
        .bind(to_json(&member.scores)?)
        .bind(i64::from(member.scores.overall))
        .bind(i64::from(member.confidence))
        .bind(to_json(&member.reasons)?);
    if joins {
        query = query.bind(&input.refresh_id).bind(*now);
    }
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Dates the end of a membership.
pub(crate) async fn close(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    person_id: &str,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "UPDATE members SET left_at = $4
               WHERE workspace = $1 AND company_id = $2 AND person_id = $3 AND left_at IS NULL";
    sqlx::query(sql)
        .bind(input.workspace.as_str())
        .bind(&input.company_id)
        .bind(person_id)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
