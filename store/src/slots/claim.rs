//! Asking for the slot.

use super::{Claim, Slot, State, pause};
use crate::events::{Locked, RUNNING, lock_refresh, settle_event};
use crate::row::{count, maybe_number, number, text, wire};
use crate::slots::watch::{LEASE, while_waiting};
use crate::{Store, StoreError};
use contracts::{
    ClaimInput, EnrichmentLevel, Holder, OutcomeKind, Priority, RefreshReason, SlotClaim, Step, UnixMillis,
};
use sqlx::{Any, Transaction};
use std::time::Duration;

impl Store {
    /// Asks for the company's slot, or asks again after waiting for it.
    ///
    /// Called twice it answers the same, except that a wait ends when its time has come. A refresh that is told that it
    /// was coalesced is closed with that. `judged` is what its event was found to be worth; the most that was ever said
    /// of the refresh counts.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such refresh in this workspace, [`StoreError::Superseded`] when another
    /// run has taken the event over, [`StoreError::Unavailable`] when the database is away.
    pub async fn claim_slot(
        &self,
        input: &ClaimInput,
        judged: Option<Priority>,
        window: Duration,
        now: UnixMillis,
    ) -> Result<SlotClaim, StoreError> {
        let mut tx = self.write().await?;
        let Locked { status, workspace, event_owner } = lock_refresh(&mut tx, &input.refresh_id).await?;
        if workspace != input.workspace.as_str() {
            return Err(StoreError::NotFound { what: "refresh" });
        }
        // A workflow that was reset after it had saved: what it saved stands, and the slot was given back.
        if status == OutcomeKind::Refreshed.as_str() {
            return Ok(SlotClaim::Run { folded: 0, level: None, priority: None });
        }
        if event_owner != input.refresh_id {
            return Err(StoreError::Superseded { refresh_id: event_owner });
        }
        let mut slot = open(&mut tx, input, count(window.as_millis()), now).await?;
        let priority = priority(&mut tx, input, judged).await?;
        let asking = Asking { input, status: &status, priority, now };
        let answer = asking.answer(&mut tx, &mut slot).await?;
        slot.put(&mut tx).await?;
        tx.commit().await?;
        Ok(answer)
    }
}

/// Locks the slot, which is made when nobody has asked for it before.
async fn open(
    tx: &mut Transaction<'static, Any>,
    input: &ClaimInput,
    window_ms: i64,
    now: UnixMillis,
) -> Result<Slot, StoreError> {
    let sql = "INSERT INTO slots (workspace, company_id, window_ms, opens_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (workspace, company_id) DO NOTHING";
    sqlx::query(sql)
        .bind(input.workspace.as_str())
        .bind(&input.company_id)
        .bind(window_ms)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    let slot = Slot::lock(tx, input.workspace.as_str(), &input.company_id).await?;
    Ok(Slot { window_ms, ..slot.ok_or(StoreError::NotFound { what: "slot" })? })
}

/// How soon a refresh is wanted: by its reason, by what its event is about, or because somebody said so.
async fn priority(
    tx: &mut Transaction<'static, Any>,
    input: &ClaimInput,
    judged: Option<Priority>,
) -> Result<Priority, StoreError> {
    let sql = "SELECT reason FROM refreshes WHERE refresh_id = $1";
    let row = sqlx::query(sql).bind(&input.refresh_id).fetch_one(&mut **tx).await?;
    let asked = RefreshReason::from(text(&row, "reason")?).priority();
    let said = input.run_now.then_some(Priority::Manual);
    Ok([judged, said].into_iter().flatten().fold(asked, Priority::min))
}

/// A refresh that asks, with its event, itself and the slot locked.
struct Asking<'a> {
    input: &'a ClaimInput,
    /// Of the refresh.
    status: &'a str,
    priority: Priority,
    now: UnixMillis,
}

impl Asking<'_> {
    async fn answer(&self, tx: &mut Transaction<'static, Any>, slot: &mut Slot) -> Result<SlotClaim, StoreError> {
        let me = &self.input.refresh_id;
        if let Some(Claim { state, holder, .. }) = Claim::of(tx, me).await? {
            match (state, holder) {
                (State::Running, _) => {
                    // Somebody may have said since how soon it is wanted.
                    self.put(tx, State::Running, None).await?;
                    return self.run(tx).await;
                }
                (State::Folded, Some(holder)) => return coalesced(tx, holder).await,
                // Whoever waits asks again; whoever ended, and was reset, asks anew.
                _ => {}
            }
        }
        let mine = slot.waiting.as_ref() == Some(me);
        if !mine && slot.opens_at.saturating_add(LEASE) <= self.now {
            slot.pass_over(tx).await?;
        }
        let free = mine || slot.waiting.is_none();
        if self.input.run_now || (free && slot.opens_at <= self.now) {
            return self.start(tx, slot).await;
        }
        match &slot.waiting {
            Some(holder) if !mine => self.fold(tx, holder.clone()).await,
            _ => self.wait(tx, slot).await,
        }
    }

    /// The window begins anew. A company that failed, or of which a refresh is at work already and may yet fail, is left
    /// alone for longer; a person who wants it now has that one refresh, and does not end the pause.
    async fn start(&self, tx: &mut Transaction<'static, Any>, slot: &mut Slot) -> Result<SlotClaim, StoreError> {
        let me = &self.input.refresh_id;
        let pause = pause::after(slot.window_ms, slot.failures.saturating_add(slot.at_work(tx, me).await?));
        slot.opens_at = slot.opens_at.max(self.now.saturating_add(slot.window_ms.max(pause)));
        slot.last_started_at = Some(self.now);
        slot.waiting.take_if(|waiting| waiting == me);
        self.put(tx, State::Running, None).await?;
        slot.adopt(tx, me).await?;
        self.mark(tx, Step::ClaimSlot, None, self.now.saturating_add(LEASE)).await?;
        self.run(tx).await
    }

    /// What a refresh is told that may run. It has written down its own claim.
    async fn run(&self, tx: &mut Transaction<'static, Any>) -> Result<SlotClaim, StoreError> {
        let sql = "SELECT r.level_requested, COUNT(*) AS folded
                   FROM slot_claims c JOIN refreshes r ON r.refresh_id = c.refresh_id
                   WHERE c.holder = $1 AND c.state = 'folded' GROUP BY r.level_requested";
        let rows = sqlx::query(sql).bind(&self.input.refresh_id).fetch_all(&mut **tx).await?;
        let (mut folded, mut level) = (0_u32, None);
        for row in &rows {
            folded = folded.saturating_add(number(row, "folded")?);
            level = level.max(Some(wire::<EnrichmentLevel>(row, "level_requested")?));
        }
        let sql = "SELECT MIN(priority) AS priority FROM slot_claims
                   WHERE refresh_id = $1 OR (holder = $1 AND state = 'folded')";
        let row = sqlx::query(sql).bind(&self.input.refresh_id).fetch_one(&mut **tx).await?;
        let priority = maybe_number(&row, "priority")?.map(ranked).transpose()?;
        Ok(SlotClaim::Run { folded, level, priority })
    }

    async fn wait(&self, tx: &mut Transaction<'static, Any>, slot: &mut Slot) -> Result<SlotClaim, StoreError> {
        let (me, until) = (&self.input.refresh_id, slot.opens_at);
        slot.waiting = Some(me.clone());
        self.put(tx, State::Waiting, None).await?;
        slot.adopt(tx, me).await?;
        self.mark(tx, Step::Wait, Some(until), while_waiting(until, self.now)).await?;
        Ok(SlotClaim::Wait { until })
    }

    async fn fold(&self, tx: &mut Transaction<'static, Any>, holder: String) -> Result<SlotClaim, StoreError> {
        self.put(tx, State::Folded, Some(&holder)).await?;
        let sql =
            "UPDATE refreshes SET status = $2, step = $3, completed_at = $4, error_class = NULL WHERE refresh_id = $1";
        sqlx::query(sql)
            .bind(&self.input.refresh_id)
            .bind(OutcomeKind::Coalesced.as_str())
            .bind(Step::Done.as_str())
            .bind(self.now)
            .execute(&mut **tx)
            .await?;
        settle_event(tx, &self.input.refresh_id, OutcomeKind::Coalesced).await?;
        coalesced(tx, holder).await
    }

    async fn put(
        &self,
        tx: &mut Transaction<'static, Any>,
        state: State,
        holder: Option<&str>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO slot_claims (refresh_id, workspace, company_id, state, holder, claimed_at, priority)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (refresh_id) DO UPDATE SET state = excluded.state, holder = excluded.holder,
                       priority = CASE WHEN slot_claims.priority < excluded.priority THEN slot_claims.priority
                                       ELSE excluded.priority END";
        sqlx::query(sql)
            .bind(&self.input.refresh_id)
            .bind(self.input.workspace.as_str())
            .bind(&self.input.company_id)
            .bind(state.as_str())
            .bind(holder)
            .bind(self.now)
            .bind(i64::from(self.priority.number()))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Writes into the refresh log where it stands. One that had been closed, and was reset, is on its way again.
    async fn mark(
        &self,
        tx: &mut Transaction<'static, Any>,
        step: Step,
        waiting_until: Option<UnixMillis>,
        look_at: UnixMillis,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE refreshes SET status = $2, step = $3, waiting_until = $4, look_at = $5, completed_at = NULL,
                       error_class = NULL, end_reason = NULL
                   WHERE refresh_id = $1";
        sqlx::query(sql)
            .bind(&self.input.refresh_id)
            .bind(RUNNING)
            .bind(step.as_str())
            .bind(waiting_until)
            .bind(look_at)
            .execute(&mut **tx)
            .await?;
        if self.status != RUNNING {
            let sql = "UPDATE webhook_events SET outcome = $2 WHERE refresh_id = $1";
            sqlx::query(sql).bind(&self.input.refresh_id).bind(RUNNING).execute(&mut **tx).await?;
        }
        Ok(())
    }
}

async fn coalesced(tx: &mut Transaction<'static, Any>, holder: String) -> Result<SlotClaim, StoreError> {
    let sql = "SELECT workflow_id FROM refreshes WHERE refresh_id = $1";
    let row = sqlx::query(sql).bind(&holder).fetch_one(&mut **tx).await?;
    Ok(SlotClaim::Coalesced { holder: Holder { workflow_id: text(&row, "workflow_id")?, refresh_id: holder } })
}

fn ranked(number: i64) -> Result<Priority, StoreError> {
    Priority::from_number(number).ok_or_else(|| StoreError::corrupt("column priority: not 1 to 5"))
}
