//! What became of an event: "why was this company not refreshed?"

use crate::events::LONGEST_CHAIN;
use crate::refreshes::{COLUMNS, RefreshRecord, record};
use crate::row::{number, text};
use crate::slots::{Claim, State};
use crate::{Store, StoreError};
use contracts::{EventId, SourceName, UnixMillis, WorkspaceId};
use serde::Serialize;
use sqlx::{Any, Transaction};

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventAnswer {
    /// When it happened, by the sender's clock.
    pub occurred_at: UnixMillis,
    /// When we took it.
    pub received_at: UnixMillis,
    /// The event's own refresh first, then each that it was coalesced into; the last one answers for it. Never empty.
    pub chain: Vec<RefreshRecord>,
    /// Whether the last one ended badly, so that the company's next refresh takes the event along.
    pub stranded: bool,
}

impl Store {
    /// What became of this event; `None` when it was never begun.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when something cannot be read, [`StoreError::Unavailable`] when the database is away.
    pub async fn event_answer(
        &self,
        workspace: &WorkspaceId,
        source: &SourceName,
        event_id: &EventId,
    ) -> Result<Option<EventAnswer>, StoreError> {
        let mut tx = self.read().await?;
        let sql = "SELECT refresh_id, occurred_at, received_at FROM webhook_events
                   WHERE workspace = $1 AND source = $2 AND event_id = $3";
        let row = sqlx::query(sql)
            .bind(workspace.as_str())
            .bind(source.as_str())
            .bind(event_id.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut answer = EventAnswer {
            occurred_at: number(&row, "occurred_at")?,
            received_at: number(&row, "received_at")?,
            chain: Vec::new(),
            stranded: false,
        };
        let mut next = Some(text(&row, "refresh_id")?);
        while let Some(refresh_id) = next.take()
            && answer.chain.len() < LONGEST_CHAIN
        {
            answer.chain.extend(one(&mut tx, &refresh_id).await?);
            if let Some(claim) = Claim::of(&mut tx, &refresh_id).await? {
                answer.stranded |= claim.state == State::Stranded;
                next = claim.holder;
            }
        }
        Ok(Some(answer))
    }
}

async fn one(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<Option<RefreshRecord>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE refresh_id = $1"));
    let row = sqlx::query(sql).bind(refresh_id).fetch_optional(&mut **tx).await?;
    row.as_ref().map(record).transpose()
}
