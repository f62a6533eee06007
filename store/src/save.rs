//! Replacing a group, in one transaction: until it commits, everybody reads the group before.

use crate::events::{Locked, lock_refresh, settle_event};
use crate::membership::{Known, Seat, close, keep, open, put_person};
use crate::refreshes::{counts, diff_counts};
use crate::row::{count, maybe_json, number, text, to_json};
use crate::{Store, StoreError, StoredEnrichment};
use contracts::{OutcomeKind, SaveInput, Saved, Step, UnixMillis};
use engine::{Contact, Diff, Member, MemberSnapshot};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use std::collections::BTreeMap;

/// A chosen member with what was found out.
struct Chosen {
    member: Member,
    /// Who told the contact data, when a source was asked and gave some.
    contact_source: Option<String>,
}

impl Store {
    /// Replaces the company's group by the one this refresh chose, and closes the refresh.
    ///
    /// One transaction: the group and its version, members who join, stay and leave, what changed, the refresh log, the
    /// event. Called again it changes nothing and answers the same. Two refreshes of one company that save at once do so
    /// one after the other.
    ///
    /// A member's contact data is what the refresh found out, else what the people's source says, else what was known
    /// before: an answer that is withheld never erases an address.
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
        let header = header(&mut tx, &input.refresh_id).await?;
        lock_company(&mut tx, input).await?;
        let known = Known::read(&mut tx, input).await?;
        let chosen = chosen(&mut tx, input, &known).await?;
        put_group(&mut tx, input, &header, now).await?;
        let diff = replace_members(&mut tx, input, &known, &chosen, now).await?;
        let saved = Saved { members: u32::try_from(chosen.len()).unwrap_or(u32::MAX), diff: counts(&diff) };
        put_diff(&mut tx, input, &diff, now).await?;
        close_refresh(&mut tx, input, &saved, now).await?;
        settle_event(&mut tx, &input.refresh_id, OutcomeKind::Refreshed).await?;
        clear_candidates(&mut tx, input).await?;
        tx.commit().await?;
        Ok(saved)
    }
}

async fn saved_before(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<Saved, StoreError> {
    let sql = "SELECT members, joined, departed, role_changed, title_changed, contact_changed, score_moved
               FROM refreshes WHERE refresh_id = $1";
    let row = sqlx::query(sql).bind(refresh_id).fetch_one(&mut **tx).await?;
    Ok(Saved { members: number(&row, "members")?, diff: diff_counts(&row)? })
}

async fn header(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<AnyRow, StoreError> {
    let sql = "SELECT tier, tier_known, cohesion, confidence, gaps, considered FROM choices WHERE refresh_id = $1";
    sqlx::query(sql).bind(refresh_id).fetch_optional(&mut **tx).await?.ok_or(StoreError::NotChosen)
}

/// Whoever saves another refresh of this company waits here.
async fn lock_company(tx: &mut Transaction<'static, Any>, input: &SaveInput) -> Result<(), StoreError> {
    let sql = "UPDATE companies SET name = name WHERE workspace = $1 AND company_id = $2";
    let locked = sqlx::query(sql).bind(input.workspace.as_str()).bind(&input.company_id).execute(&mut **tx).await?;
    if locked.rows_affected() == 0 { Err(StoreError::NotFound { what: "company" }) } else { Ok(()) }
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
        let answer: Option<StoredEnrichment> = maybe_json(row, "enrichment")?;
        let found = answer.as_ref().map(|answer| answer.contact.clone()).unwrap_or_default();
        let contact_source = answer.filter(|answer| !answer.contact.is_empty()).map(|answer| answer.source);
        let before = known.contact(member.person.id.as_str());
        let told = std::mem::take(&mut member.person.contact);
        member.person.contact = Contact {
            email: found.email.or(told.email).or(before.email),
            phone: found.phone.or(told.phone).or(before.phone),
        };
        chosen.push(Chosen { member, contact_source });
    }
    Ok(chosen)
}

async fn put_group(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    header: &AnyRow,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO buyer_groups
                   (workspace, company_id, version, tier, tier_known, cohesion, confidence, gaps, considered, level,
                    refresh_id, refreshed_at)
               VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11)
               ON CONFLICT (workspace, company_id) DO UPDATE SET
                   version = buyer_groups.version + 1, tier = excluded.tier, tier_known = excluded.tier_known,
                   cohesion = excluded.cohesion, confidence = excluded.confidence, gaps = excluded.gaps,
                   considered = excluded.considered, level = excluded.level, refresh_id = excluded.refresh_id,
                   refreshed_at = excluded.refreshed_at";
    sqlx::query(sql)
        .bind(input.workspace.as_str())
        .bind(&input.company_id)
        .bind(text(header, "tier")?)
        .bind(header.try_get::<i64, _>("tier_known")?)
        .bind(header.try_get::<Option<i64>, _>("cohesion")?)
        .bind(header.try_get::<i64, _>("confidence")?)
        .bind(text(header, "gaps")?)
        .bind(header.try_get::<i64, _>("considered")?)
        .bind(input.level.as_str())
        .bind(&input.refresh_id)
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
                   cost_micros = $14, error_class = NULL
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

/// Forgets the shortlist of this refresh and everything of refreshes of this company that are over: people who were
/// looked at and not chosen are nobody we keep data about.
async fn clear_candidates(tx: &mut Transaction<'static, Any>, input: &SaveInput) -> Result<(), StoreError> {
    let sql = "DELETE FROM candidates WHERE refresh_id = $1 AND seat IS NULL";
    sqlx::query(sql).bind(&input.refresh_id).execute(&mut **tx).await?;
    for sql in [
        "DELETE FROM candidates WHERE refresh_id IN (SELECT refresh_id FROM refreshes
             WHERE workspace = $1 AND company_id = $2 AND refresh_id <> $3 AND status <> 'running')",
        "DELETE FROM choices WHERE refresh_id IN (SELECT refresh_id FROM refreshes
             WHERE workspace = $1 AND company_id = $2 AND refresh_id <> $3 AND status <> 'running')",
    ] {
        sqlx::query(sql)
            .bind(input.workspace.as_str())
            .bind(&input.company_id)
            .bind(&input.refresh_id)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
