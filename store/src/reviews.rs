//! A chosen group beside the saved one, and the wait for somebody to look at it.

use crate::events::{Locked, RUNNING, lock_refresh};
use crate::membership::Known;
use crate::row::{maybe_json, number, parsed};
use crate::slots::GRACE;
use crate::{Store, StoreError, outbox};
use contracts::{EnrichmentLevel, NotificationKind, ReviewInput, SaveInput, Step, UnixMillis, WorkspaceId};
use engine::significant_drop::{GroupSnapshot, SignificantDrop, significant_drop};
use engine::{Member, MemberSnapshot};

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
        };
        let before = Known::read(&mut tx, &before).await?.open;
        let before = GroupSnapshot { members: before, confidence: number(&saved, "confidence")? };
        Ok(significant_drop(&before, &GroupSnapshot { members, confidence: number(&chosen, "confidence")? }))
    }

    /// Notes that a refresh waits for somebody to look at its group, and answers until when; into the outbox as well, when
    /// somebody is to be told. Called again it answers what it did the first time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh, [`StoreError::Superseded`] when another run has taken the
    /// event over, [`StoreError::Unavailable`] when the database is away.
    pub async fn open_review(
        &self,
        input: &ReviewInput,
        until: UnixMillis,
        now: UnixMillis,
    ) -> Result<UnixMillis, StoreError> {
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
        sqlx::query(sql).bind(refresh_id).bind(until.saturating_add(GRACE)).bind(RUNNING).execute(&mut *tx).await?;
        if input.announce {
            let workspace = parsed(&workspace, "workspace")?;
            outbox::put(&mut tx, &workspace, refresh_id, NotificationKind::ReviewNeeded, now).await?;
        }
        tx.commit().await?;
        Ok(until)
    }
}
