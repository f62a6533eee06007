//! Refreshes to be started for events whose holder ended badly.

use super::{Slot, pause};
use crate::row::{maybe_text, number, text, wire};
use crate::{Store, StoreError};
use contracts::{Carry, CompanyRef, EventRef, RefreshReason, RefreshRequest, UnixMillis, WorkflowId, WorkspaceId};
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};

/// Between two refreshes for stranded events of one company, when the first took nobody along: a minute at least, in
/// milliseconds.
const AGAIN: i64 = 60 * 1000;

impl Store {
    /// The refreshes that have to be started now so that nobody stays stranded: one for each company in which somebody is
    /// and no refresh waits to take them along.
    ///
    /// Each takes over the event of one of the stranded, and the others with it when it claims the slot. One that never
    /// gets so far is followed by another after a growing pause; after five of them the stranded share its failure.
    ///
    /// Asking again under the name of one round gives the same refreshes, as far as they are still needed: an answer may
    /// be lost.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when an event cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn carries(&self, round: &str, now: UnixMillis, limit: u32) -> Result<Vec<Carry>, StoreError> {
        let sql = "SELECT s.workspace, s.company_id FROM slots s
                   WHERE s.waiting IS NULL AND (COALESCE(s.carry_at, 0) <= $1 OR s.carried_by = $3)
                       AND EXISTS (SELECT 1 FROM slot_claims c WHERE c.workspace = s.workspace
                                   AND c.company_id = s.company_id AND c.state = 'stranded')
                   ORDER BY COALESCE(s.carry_at, 0), s.workspace, s.company_id LIMIT $2";
        let mut tx = self.read().await?;
        let rows = sqlx::query(sql).bind(now).bind(i64::from(limit)).bind(round).fetch_all(&mut *tx).await?;
        tx.commit().await?;
        let mut carries = Vec::new();
        for row in &rows {
            let (workspace, company_id) = (text(row, "workspace")?, text(row, "company_id")?);
            carries.extend(self.carry(&workspace, &company_id, round, now).await?);
        }
        Ok(carries)
    }

    async fn carry(
        &self,
        workspace: &str,
        company_id: &str,
        round: &str,
        now: UnixMillis,
    ) -> Result<Option<Carry>, StoreError> {
        let mut tx = self.write().await?;
        let Some(mut slot) = Slot::lock(&mut tx, workspace, company_id).await? else { return Ok(None) };
        let again = slot.carried_by.as_deref() == Some(round) && slot.carry_at.is_some();
        // Somebody else may have seen to it since.
        if slot.waiting.is_some() || (!again && slot.carry_at.is_some_and(|at| at > now)) {
            return Ok(None);
        }
        let in_budget = again || slot.carries < pause::BUDGET;
        let first = if in_budget { first_stranded(&mut tx, &slot).await? } else { None };
        let carry = match &first {
            Some(row) if again => Some(request(row, company_id)?),
            Some(row) => {
                slot.carries += 1;
                slot.carried_by = Some(round.to_owned());
                slot.carry_at = Some(now.saturating_add(pause::after(slot.window_ms.max(AGAIN), slot.carries)));
                Some(request(row, company_id)?)
            }
            None => {
                let sql = "UPDATE slot_claims SET state = 'ended'
                           WHERE workspace = $1 AND company_id = $2 AND state = 'stranded'";
                sqlx::query(sql).bind(workspace).bind(company_id).execute(&mut *tx).await?;
                (slot.carries, slot.carry_at) = (0, None);
                None
            }
        };
        slot.put(&mut tx).await?;
        tx.commit().await?;
        Ok(carry)
    }
}

/// The first of the stranded whose event no other run has taken over.
async fn first_stranded(tx: &mut Transaction<'static, Any>, slot: &Slot) -> Result<Option<AnyRow>, StoreError> {
    let sql = "SELECT c.refresh_id, c.workspace, r.reason, r.level_requested, e.source, e.event_id, e.digest,
                   e.occurred_at, e.received_at, k.name, k.domain, k.source_id
               FROM slot_claims c
               JOIN refreshes r ON r.refresh_id = c.refresh_id
               JOIN webhook_events e ON e.refresh_id = c.refresh_id
               JOIN companies k ON k.workspace = c.workspace AND k.company_id = c.company_id
               WHERE c.workspace = $1 AND c.company_id = $2 AND c.state = 'stranded'
               ORDER BY c.claimed_at, c.refresh_id LIMIT 1";
    Ok(sqlx::query(sql).bind(&slot.workspace).bind(&slot.company_id).fetch_optional(&mut **tx).await?)
}

fn request(row: &AnyRow, company_id: &str) -> Result<Carry, StoreError> {
    let workspace: WorkspaceId = wire(row, "workspace")?;
    let company =
        CompanyRef { id: maybe_text(row, "source_id")?, name: text(row, "name")?, domain: maybe_text(row, "domain")? };
    let request = RefreshRequest {
        company: company.into(),
        reason: RefreshReason::from(text(row, "reason")?),
        level: wire(row, "level_requested")?,
        event: EventRef {
            source: wire(row, "source")?,
            id: wire(row, "event_id")?,
            digest: wire(row, "digest")?,
            occurred_at: number(row, "occurred_at")?,
            received_at: number(row, "received_at")?,
        },
        person_ref: None,
        workspace: workspace.clone(),
        could_sit: None,
    };
    let workflow_id = WorkflowId::of_carried(&workspace, company_id, &text(row, "refresh_id")?).to_string();
    Ok(Carry { workflow_id, company_id: company_id.to_owned(), request })
}
