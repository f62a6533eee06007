//! Giving the slot back.

use super::{Claim, Slot, State, pause};
use crate::StoreError;
use contracts::{FailureClass, OutcomeKind, UnixMillis};
use sqlx::{Any, Transaction};

/// How a holder ended, as far as its slot is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The company's people were read, and the result was dealt with.
    Done,
    /// It failed, or died.
    Failed,
    /// It failed for a reason that has nothing to do with the company, and would fail with any other.
    FailedForAll,
    /// Somebody stopped it.
    Cancelled,
}

impl End {
    /// What became of a refresh that is closed like this.
    pub(crate) fn of(outcome: OutcomeKind, class: Option<&str>) -> Self {
        let class = class.and_then(FailureClass::from_type_name);
        match outcome {
            OutcomeKind::Failed if class.is_some_and(FailureClass::concerns_all) => End::FailedForAll,
            OutcomeKind::Failed => End::Failed,
            OutcomeKind::Cancelled => End::Cancelled,
            _ => End::Done,
        }
    }
}

/// Ends the claim of a refresh that is being closed in this transaction; the refresh is locked. One that never asked for a
/// slot, or that another refresh answers for, has nothing to give back.
///
/// Events that had folded into it share its end when it did what it was for. Otherwise they go to the refresh that waits,
/// or are stranded until one comes; when the company itself has failed too often in a row, they share the failure.
pub(crate) async fn release(
    tx: &mut Transaction<'static, Any>,
    refresh_id: &str,
    end: End,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let Some(claim) = Claim::of(tx, refresh_id).await? else { return Ok(()) };
    if !matches!(claim.state, State::Waiting | State::Running) {
        return Ok(());
    }
    let Some(mut slot) = Slot::lock(tx, &claim.workspace, &claim.company_id).await? else { return Ok(()) };
    slot.waiting.take_if(|waiting| waiting == refresh_id);
    // Who never came to its turn has seen nothing for anybody.
    let mut carried = end != End::Done || claim.state == State::Waiting;
    match end {
        End::Done => {
            (slot.failures, slot.carries) = (0, 0);
            // What was added to the window for a failure that did not come.
            let window = slot.last_started_at.map(|started| started.saturating_add(slot.window_ms));
            slot.opens_at = window.map_or(slot.opens_at, |window| slot.opens_at.min(window));
        }
        // A refresh that never came to its turn has tried nothing.
        End::Failed if claim.state == State::Running => {
            slot.failures = slot.failures.saturating_add(1);
            let pause = pause::after(slot.window_ms, slot.failures);
            slot.opens_at = slot.opens_at.max(now.saturating_add(pause));
            carried = slot.failures < pause::BUDGET;
        }
        End::Failed | End::FailedForAll | End::Cancelled => {}
    }
    let sql = "UPDATE slot_claims SET state = 'ended' WHERE refresh_id = $1";
    sqlx::query(sql).bind(refresh_id).execute(&mut **tx).await?;
    // A holder stays named either way: it is where the event went.
    let sql = "UPDATE slot_claims SET state = $2 WHERE holder = $1 AND state = 'folded'";
    let followers = if carried { State::Stranded } else { State::Ended };
    sqlx::query(sql).bind(refresh_id).bind(followers.as_str()).execute(&mut **tx).await?;
    if let Some(waiting) = slot.waiting.clone() {
        slot.adopt(tx, &waiting).await?;
    }
    slot.put(tx).await
}

/// Strands those again who shared the end of this refresh, because another run takes over its event, and they are its to
/// answer for as well. Those whose own event another run has taken over need nobody any more.
pub(crate) async fn reopen(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<(), StoreError> {
    let Some(claim) = Claim::of(tx, refresh_id).await? else { return Ok(()) };
    let Some(mut slot) = Slot::lock(tx, &claim.workspace, &claim.company_id).await? else { return Ok(()) };
    let sql = "UPDATE slot_claims SET state = 'stranded' WHERE holder = $1 AND state = 'ended'
                   AND EXISTS (SELECT 1 FROM webhook_events e WHERE e.refresh_id = slot_claims.refresh_id)";
    sqlx::query(sql).bind(refresh_id).execute(&mut **tx).await?;
    slot.carries = 0;
    if let Some(waiting) = slot.waiting.clone() {
        slot.adopt(tx, &waiting).await?;
    }
    slot.put(tx).await
}
