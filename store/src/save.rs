//! Replacing a group, in one transaction: until it commits, everybody reads the group before.

use crate::events::{Locked, lock_refresh, settle_event};
use crate::group_versions::keep_version;
use crate::membership::{Known, Reach, Seat, close, keep, open, person_id, put_person};
use crate::refreshes::{counts, diff_counts};
use crate::reviews::{has_kept_later, keep_later, overtaken_by};
use crate::row::{count, maybe_json, maybe_text, number, text, to_json};
use crate::slots::{End, release};
use crate::suppressions::Barred;
use crate::{Store, StoreError, StoredEnrichment, due, outbox};
use contracts::{
    Enrichment, NotificationKind, OutcomeKind, SaveInput, Saved, Step, Unavailable, UnixMillis, WorkspaceId,
    opaque_identity,
};
use engine::{Contact, Diff, Member, MemberSnapshot, Person};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use std::collections::BTreeMap;

/// A chosen member with what was found out.
struct Chosen {
    member: Member,
    /// Who told the contact data, or forbids its use.
    contact_source: Option<String>,
}

impl Store {
    /// Replaces the company's group by the one this refresh chose, and closes the refresh.
    ///
    /// One transaction: the group and its version, members who join, stay and leave, what changed, the company's next due
    /// date, the refresh log, the event, the company's slot, and the outbox when something changed that is to be announced.
    /// Called again it changes nothing and answers the same. Two refreshes of one company that save at once do so one
    /// after the other.
    ///
    /// A refresh that chose before the one whose group stands changes nothing about the group: it was overtaken, is
    /// closed as refreshed with the members there are, and reports no change. One whose group somebody approved is closed
    /// as kept instead, because that group was not saved.
    ///
    /// A member's contact data is what the refresh found out, else what the people's source says, else what was known
    /// before: an answer that is withheld for want of credits or by the plan never erases an address. One that is withheld
    /// because the law or the person forbids it does: the member stays, with no contact data from whatever source, until a
    /// later refresh is given some. What stands on the workspace's list of suppressed data is left out, whoever told it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh or company in this workspace, [`StoreError::NotChosen`] when
    /// the refresh chose nothing, [`StoreError::Superseded`] when another run has taken the event over,
    /// [`StoreError::Corrupt`] when something it needs cannot be read, [`StoreError::Unavailable`] when the database is
    /// away. After an error nothing has changed.
    pub async fn save(&self, input: &SaveInput, now: UnixMillis) -> Result<Saved, StoreError> {
        let mut tx = self.write().await?;
        let Locked { status, workspace, event_owner } = lock_refresh(&mut tx, &input.refresh_id).await?;
        if workspace != input.workspace.as_str() {
            return Err(StoreError::NotFound { what: "refresh" });
        }
        if status == OutcomeKind::Refreshed.as_str() {
            return saved_before(&mut tx, &input.refresh_id).await;
        }
        if event_owner != input.refresh_id {
            return Err(StoreError::Superseded { refresh_id: event_owner });
        }
        if has_kept_later(&mut tx, &input.refresh_id).await? {
            return Ok(Saved { members: members(&mut tx, input).await?, overtaken: true, ..Saved::default() });
        }
        let header = header(&mut tx, &input.refresh_id).await?;
        lock_company(&mut tx, input).await?;
        let later = later_choice(&mut tx, input, &header).await?;
        if let (Some(later), true) = (&later, input.reviewed) {
            keep_later(&mut tx, input, now).await?;
            let saved = Saved { members: members(&mut tx, input).await?, overtaken: true, ..Saved::default() };
            clear_candidates(&mut tx, input, later).await?;
            tx.commit().await?;
            return Ok(saved);
        }
        let mut saved = if later.is_some() {
            leave_group(&mut tx, input, now).await?
        } else {
            replace_group(&mut tx, input, &header, now).await?
        };
        saved.overtakes = overtaken_by(&mut tx, &input.refresh_id).await?;
        close_refresh(&mut tx, input, &saved, now).await?;
        settle_event(&mut tx, &input.refresh_id, OutcomeKind::Refreshed).await?;
        release(&mut tx, &input.refresh_id, End::Done, now).await?;
        if input.announce && saved.diff.total() > 0 {
            outbox::put(&mut tx, &input.workspace, &input.refresh_id, NotificationKind::GroupRefreshed, now).await?;
        }
        clear_candidates(&mut tx, input, later.as_deref().unwrap_or(&input.refresh_id)).await?;
        tx.commit().await?;
        Ok(saved)
    }
}

async fn saved_before(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<Saved, StoreError> {
    let sql = "SELECT members, joined, departed, role_changed, title_changed, contact_changed, score_moved
               FROM refreshes WHERE refresh_id = $1";
    let row = sqlx::query(sql).bind(refresh_id).fetch_one(&mut **tx).await?;
    let overtakes = overtaken_by(tx, refresh_id).await?;
    Ok(Saved { members: number(&row, "members")?, diff: diff_counts(&row)?, overtaken: false, overtakes })
}

async fn header(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<AnyRow, StoreError> {
    let sql = "SELECT tier, tier_known, targets, cohesion, confidence, gaps, considered, chosen_at FROM choices
               WHERE refresh_id = $1";
    sqlx::query(sql).bind(refresh_id).fetch_optional(&mut **tx).await?.ok_or(StoreError::NotChosen)
}

/// Whoever saves another refresh of this company waits here.
async fn lock_company(tx: &mut Transaction<'static, Any>, input: &SaveInput) -> Result<(), StoreError> {
    let sql = "UPDATE companies SET name = name WHERE workspace = $1 AND company_id = $2";
    let locked = sqlx::query(sql).bind(input.workspace.as_str()).bind(&input.company_id).execute(&mut **tx).await?;
    if locked.rows_affected() == 0 { Err(StoreError::NotFound { what: "company" }) } else { Ok(()) }
}

/// The refresh whose group stands, when it chose later than this one. The company must be locked.
async fn later_choice(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    header: &AnyRow,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT refresh_id FROM buyer_groups WHERE workspace = $1 AND company_id = $2 AND chosen_at > $3";
    let row = sqlx::query(sql)
        .bind(input.workspace.as_str())
        .bind(&input.company_id)
        .bind(header.try_get::<i64, _>("chosen_at")?)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(|row| text(row, "refresh_id")).transpose()
}

/// Leaves the group that stands, and says that nothing changed.
async fn leave_group(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    now: UnixMillis,
) -> Result<Saved, StoreError> {
    put_diff(tx, input, &Diff::default(), now).await?;
    Ok(Saved { members: members(tx, input).await?, ..Saved::default() })
}

/// How many members the group has that stands.
async fn members(tx: &mut Transaction<'static, Any>, input: &SaveInput) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(*) AS members FROM members WHERE workspace = $1 AND company_id = $2 AND left_at IS NULL";
    let row = sqlx::query(sql).bind(input.workspace.as_str()).bind(&input.company_id).fetch_one(&mut **tx).await?;
    number(&row, "members")
}

/// Puts the chosen group in the place of the one before, and says what changed.
async fn replace_group(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    header: &AnyRow,
    now: UnixMillis,
) -> Result<Saved, StoreError> {
    let known = Known::read(tx, input).await?;
    let chosen = chosen(tx, input, &known).await?;
    put_group(tx, input, header, now).await?;
    let diff = replace_members(tx, input, &known, &chosen, now).await?;
    let people = chosen.iter().map(|chosen| &chosen.member.person);
    due::refreshed(tx, input, people, header.try_get("chosen_at")?).await?;
    keep_version(tx, input).await?;
    put_diff(tx, input, &diff, now).await?;
    Ok(Saved { members: u32::try_from(chosen.len()).unwrap_or(u32::MAX), diff: counts(&diff), ..Saved::default() })
}

/// The chosen, each with the best contact data there is.
async fn chosen(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    known: &Known,
) -> Result<Vec<Chosen>, StoreError> {
    let sql = "SELECT member, enrichment FROM candidates WHERE refresh_id = $1 AND seat IS NOT NULL ORDER BY seat";
    let rows = sqlx::query(sql).bind(&input.refresh_id).fetch_all(&mut **tx).await?;
    let mut chosen = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut member: Member = maybe_json(row, "member")?.ok_or_else(|| StoreError::corrupt("column member"))?;
        with_opaque_ids(&input.workspace, &mut member.person)?;
        let answer: Option<StoredEnrichment> = maybe_json(row, "enrichment")?;
        let told = std::mem::take(&mut member.person.contact);
        let Reach { contact, source } = reach(answer, told, known.reach(member.person.id.as_str()));
        member.person.contact = contact;
        chosen.push(Chosen { member, contact_source: source });
    }
    let people = chosen.iter().map(|chosen| &chosen.member.person);
    let barred = Barred::among(tx, &input.workspace, people).await?;
    chosen.retain(|one| !barred.person(&input.workspace, one.member.person.id.as_str()));
    for one in &mut chosen {
        let person = &mut one.member.person;
        // Beside no contact data at all, a source would say that none may be used, whoever tells it.
        if barred.clean(&input.workspace, person) && person.contact.is_empty() {
            one.contact_source = None;
        }
    }
    Ok(chosen)
}

/// Candidates of a refresh that began on the release before may have addresses for ids.
fn with_opaque_ids(workspace: &WorkspaceId, person: &mut Person) -> Result<(), StoreError> {
    if let Some(id) = opaque_identity(workspace, person.id.as_str()) {
        person.id = person_id(id)?;
    }
    let manager = person.manager.as_ref().and_then(|manager| opaque_identity(workspace, manager.as_str()));
    if let Some(manager) = manager {
        person.manager = Some(person_id(manager)?);
    }
    Ok(())
}

/// How to reach a member, from what was found out, what the people's source says, and what was known before.
fn reach(answer: Option<StoredEnrichment>, told: Contact, before: Reach) -> Reach {
    let forbidden = answer
        .as_ref()
        .is_some_and(|answer| answer.result == Enrichment::Withheld { reason: Unavailable::Legal } && !answer.listed);
    let (found, asked) = answer.map_or((Contact::default(), None), |answer| (answer.contact, Some(answer.source)));
    if forbidden {
        return Reach { contact: Contact::default(), source: asked };
    }
    // That somebody objected is not forgotten because nobody could be asked this time.
    if found.is_empty() && before.is_barred() {
        return before;
    }
    // Whoever gave something is named, field by field being too fine. The people's source has no name here.
    let source = match (found.is_empty(), told.is_empty()) {
        (false, _) => asked,
        (true, false) => None,
        (true, true) => before.source,
    };
    let contact = Contact {
        email: found.email.or(told.email).or(before.contact.email),
        phone: found.phone.or(told.phone).or(before.contact.phone),
    };
    Reach { contact, source }
}

async fn put_group(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    header: &AnyRow,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO buyer_groups
                   (workspace, company_id, version, tier, tier_known, targets, cohesion, confidence, gaps, considered,
                    level, refresh_id, chosen_at, refreshed_at)
               VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
               ON CONFLICT (workspace, company_id) DO UPDATE SET
                   version = buyer_groups.version + 1, tier = excluded.tier, tier_known = excluded.tier_known,
                   targets = excluded.targets, cohesion = excluded.cohesion, confidence = excluded.confidence,
                   gaps = excluded.gaps, considered = excluded.considered, level = excluded.level, refresh_id = excluded.refresh_id,
                   chosen_at = excluded.chosen_at, refreshed_at = excluded.refreshed_at";
    sqlx::query(sql)
        .bind(input.workspace.as_str())
        .bind(&input.company_id)
        .bind(text(header, "tier")?)
        .bind(header.try_get::<i64, _>("tier_known")?)
        .bind(maybe_text(header, "targets")?)
        .bind(header.try_get::<Option<i64>, _>("cohesion")?)
        .bind(header.try_get::<i64, _>("confidence")?)
        .bind(text(header, "gaps")?)
        .bind(header.try_get::<i64, _>("considered")?)
        .bind(input.level.as_str())
        .bind(&input.refresh_id)
        .bind(header.try_get::<i64, _>("chosen_at")?)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Opens, keeps and closes memberships, and says what changed.
async fn replace_members(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    known: &Known,
    chosen: &[Chosen],
    now: UnixMillis,
) -> Result<Diff, StoreError> {
    let mut leaving: BTreeMap<&str, &MemberSnapshot> =
        known.open.iter().map(|member| (member.person_id.as_str(), member)).collect();
    let mut after = Vec::with_capacity(chosen.len());
    for (seat, Chosen { member, contact_source }) in chosen.iter().enumerate() {
        put_person(tx, input, &member.person, contact_source.as_deref(), now).await?;
        let seat = Seat { input, member, seat, now };
        match leaving.remove(member.person.id.as_str()) {
            Some(_) => keep(tx, &seat).await?,
            None => open(tx, &seat).await?,
        }
        after.push(member.snapshot());
    }
    for person_id in leaving.keys() {
        close(tx, input, person_id, now).await?;
    }
    Ok(engine::diff(&known.open, &after))
}

async fn put_diff(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    diff: &Diff,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO diffs (refresh_id, diff, created_at) VALUES ($1, $2, $3)";
    sqlx::query(sql).bind(&input.refresh_id).bind(to_json(diff)?).bind(now).execute(&mut **tx).await?;
    Ok(())
}

async fn close_refresh(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    saved: &Saved,
    now: UnixMillis,
) -> Result<(), StoreError> {
    // A refresh that was recorded as failed, and then reset by an operator, is refreshed after all.
    let sql = "UPDATE refreshes SET
                   status = $2, step = $3, company_id = $4, level_reached = $5, completed_at = $6, members = $7, joined = $8,
                   departed = $9, role_changed = $10, title_changed = $11, contact_changed = $12, score_moved = $13,
                   cost_micros = $14, error_class = NULL, waiting_until = NULL
               WHERE refresh_id = $1";
    sqlx::query(sql)
        .bind(&input.refresh_id)
        .bind(OutcomeKind::Refreshed.as_str())
        .bind(Step::Done.as_str())
        .bind(&input.company_id)
        .bind(input.level.as_str())
        .bind(now)
        .bind(i64::from(saved.members))
        .bind(i64::from(saved.diff.joined))
        .bind(i64::from(saved.diff.left))
        .bind(i64::from(saved.diff.role_changed))
        .bind(i64::from(saved.diff.title_changed))
        .bind(i64::from(saved.diff.contact_changed))
        .bind(i64::from(saved.diff.score_moved))
        .bind(count(input.cost_micros))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Forgets the shortlist of the refresh whose group stands and everything of other refreshes of this company that are
/// over: people who were looked at and not chosen are nobody we keep data about.
async fn clear_candidates(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    standing: &str,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM candidates WHERE refresh_id = $1 AND seat IS NULL";
    sqlx::query(sql).bind(standing).execute(&mut **tx).await?;
    for sql in [
        "DELETE FROM candidates WHERE refresh_id IN (SELECT refresh_id FROM refreshes
             WHERE workspace = $1 AND company_id = $2 AND refresh_id <> $3 AND status <> 'running')",
        "DELETE FROM choices WHERE refresh_id IN (SELECT refresh_id FROM refreshes
             WHERE workspace = $1 AND company_id = $2 AND refresh_id <> $3 AND status <> 'running')",
    ] {
        sqlx::query(sql)
            .bind(input.workspace.as_str())
            .bind(&input.company_id)
            .bind(standing)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
