//! A chosen group beside the saved one, and the wait for somebody to look at it.

use crate::events::{Locked, RUNNING, close, lock_refresh};
use crate::membership::Known;
use crate::row::{maybe_json, number, parsed, text};
use crate::slots::while_waiting;
use crate::{Store, StoreError, outbox};
use contracts::{
    EnrichmentLevel, FailureInput, Holder, NotificationKind, OVERTAKEN, OutcomeKind, ReviewInput, ReviewOpened,
    SaveInput, Step, UnixMillis, WorkspaceId,
};
use engine::significant_drop::{GroupSnapshot, SignificantDrop, significant_drop};
use engine::{Member, MemberSnapshot};
use sqlx::{Any, Transaction};

impl Store {
    /// What is significantly worse in the group that this refresh chose than in the company's saved one; `None` when
    /// nothing is, or none was saved.
    ///
    /// # Errors
    /// [`StoreError::NotChosen`] when the refresh chose nothing, [`StoreError::Corrupt`] when a member cannot be read,
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn significant_drop(
        &self,
        refresh_id: &str,
        workspace: &WorkspaceId,
        company_id: &str,
    ) -> Result<Option<SignificantDrop>, StoreError> {
        let mut tx = self.read().await?;
        let sql = "SELECT confidence FROM buyer_groups WHERE workspace = $1 AND company_id = $2";
        let saved = sqlx::query(sql).bind(workspace.as_str()).bind(company_id).fetch_optional(&mut *tx).await?;
        let Some(saved) = saved else { return Ok(None) };
        let sql = "SELECT confidence FROM choices WHERE refresh_id = $1";
        let chosen = sqlx::query(sql).bind(refresh_id).fetch_optional(&mut *tx).await?.ok_or(StoreError::NotChosen)?;
        let sql = "SELECT member FROM candidates WHERE refresh_id = $1 AND seat IS NOT NULL";
        let mut members: Vec<MemberSnapshot> = Vec::new();
        for row in sqlx::query(sql).bind(refresh_id).fetch_all(&mut *tx).await? {
            members.extend(maybe_json::<Member>(&row, "member")?.map(|member| member.snapshot()));
        }
        let before = SaveInput {
            refresh_id: refresh_id.to_owned(),
            workspace: workspace.clone(),
            company_id: company_id.to_owned(),
            level: EnrichmentLevel::default(),
            cost_micros: 0,
            announce: false,
            reviewed: false,
        };
        let before = Known::read(&mut tx, &before).await?.open;
        let before = GroupSnapshot { members: before, confidence: number(&saved, "confidence")? };
        Ok(significant_drop(&before, &GroupSnapshot { members, confidence: number(&chosen, "confidence")? }))
    }

    /// Notes that a refresh waits for somebody to look at its group, and answers until when, and which reviews of the company
    /// are out of date with that; into the outbox as well, when somebody is to be told. Called again it answers until when as
    /// it did the first time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh, [`StoreError::Superseded`] when another run has taken the
    /// event over, [`StoreError::Unavailable`] when the database is away.
    pub async fn open_review(
        &self,
        input: &ReviewInput,
        until: UnixMillis,
        now: UnixMillis,
    ) -> Result<ReviewOpened, StoreError> {
        let refresh_id = input.refresh_id.as_str();
        let mut tx = self.write().await?;
        let Locked { event_owner, workspace, .. } = lock_refresh(&mut tx, refresh_id).await?;
        if event_owner != refresh_id {
            return Err(StoreError::Superseded { refresh_id: event_owner });
        }
        let sql = "UPDATE refreshes SET waiting_until = COALESCE(waiting_until, $2), step = $3 WHERE refresh_id = $1
                   RETURNING waiting_until";
        let row = sqlx::query(sql).bind(refresh_id).bind(until).bind(Step::Review.as_str()).fetch_one(&mut *tx).await?;
        let until: UnixMillis = number(&row, "waiting_until")?;
        let sql = "UPDATE refreshes SET look_at = $2 WHERE refresh_id = $1 AND status = $3";
        sqlx::query(sql).bind(refresh_id).bind(while_waiting(until, now)).bind(RUNNING).execute(&mut *tx).await?;
        if input.announce {
            let workspace = parsed(&workspace, "workspace")?;
            outbox::put(&mut tx, &workspace, refresh_id, NotificationKind::ReviewNeeded, now).await?;
        }
        let overtakes = overtaken_by(&mut tx, refresh_id).await?;
        tx.commit().await?;
        Ok(ReviewOpened { until, overtakes })
    }
}

/// Refreshes of the company that are in review with a group that was chosen before that of this refresh. They are told by
/// whoever asks, and end by themselves: each is closed under its own lock.
pub(crate) async fn overtaken_by(
    tx: &mut Transaction<'static, Any>,
    refresh_id: &str,
) -> Result<Vec<Holder>, StoreError> {
    let sql = "SELECT r.refresh_id, r.workflow_id FROM refreshes me
               JOIN choices mine ON mine.refresh_id = me.refresh_id
               JOIN refreshes r ON r.workspace = me.workspace AND r.company_id = me.company_id
               JOIN choices c ON c.refresh_id = r.refresh_id
               WHERE me.refresh_id = $1 AND r.status = $2 AND r.step = $3 AND c.chosen_at < mine.chosen_at
               ORDER BY c.chosen_at, r.refresh_id LIMIT 100";
    let rows = sqlx::query(sql).bind(refresh_id).bind(RUNNING).bind(Step::Review.as_str()).fetch_all(&mut **tx).await?;
    rows.iter()
        .map(|row| Ok(Holder { refresh_id: text(row, "refresh_id")?, workflow_id: text(row, "workflow_id")? }))
        .collect()
}

/// Closes a refresh whose group somebody approved too late: a later one is saved, and kept.
pub(crate) async fn keep_later(
    tx: &mut Transaction<'static, Any>,
    input: &SaveInput,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let kept = FailureInput {
        refresh_id: input.refresh_id.clone(),
        outcome: OutcomeKind::Kept,
        step: Step::Review,
        class: None,
        reason: Some(OVERTAKEN.to_owned()),
        cost_micros: input.cost_micros,
        announce: false,
    };
    close(tx, &kept, now).await
}

/// Whether this refresh was closed so before.
pub(crate) async fn has_kept_later(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT refresh_id FROM refreshes WHERE refresh_id = $1 AND status = $2 AND end_reason = $3";
    let row = sqlx::query(sql).bind(refresh_id).bind(OutcomeKind::Kept.as_str()).bind(OVERTAKEN);
    Ok(row.fetch_optional(&mut **tx).await?.is_some())
}
