//! Opening a refresh under the identity of its event, once for ever, and closing it without a group.

use crate::candidates::forget_shortlist;
use crate::retries::note_lineage;
use crate::row::{maybe_plain, maybe_text, plain, text};
use crate::slots::{Claim, End, State, release, reopen};
use crate::{Store, StoreError, due, outbox};
use contracts::{Begun, FailureClass, FailureInput, NotificationKind, OutcomeKind, RefreshRequest, Step, UnixMillis};
use sqlx::{Any, Row, Transaction};
use std::collections::BTreeMap;

/// Status of a refresh, and outcome of an event, on the way.
pub(crate) const RUNNING: &str = "running";

/// Error class of a refresh whose event another run has taken over. Not a failure type name: no history holds it.
const SUPERSEDED: &str = "Superseded";

/// A refresh whose row, and whose event's row, this transaction has locked.
pub(crate) struct Locked {
    pub(crate) status: String,
    pub(crate) workspace: String,
    /// The refresh that answers for the event: usually this one.
    pub(crate) event_owner: String,
}

impl Store {
    /// Records the event under its identity and opens the refresh of this run.
    ///
    /// Called twice by one run it answers the same. When another run recorded the event: if that one ended well, this run is
    /// logged as its duplicate; if it did not (an operator reset the workflow, or ran it again), this run takes the event
    /// over and that one is closed.
    ///
    /// # Errors
    /// [`StoreError::EventConflict`] when the identity was used before for another body; this run is then logged as
    /// failed. [`StoreError::Unavailable`] when the database is away.
    pub async fn begin(
        &self,
        request: &RefreshRequest,
        workflow_id: &str,
        run_id: &str,
        now: UnixMillis,
    ) -> Result<Begun, StoreError> {
        let mut tx = self.write().await?;
        let begun = begin(&mut tx, request, workflow_id, run_id, now).await;
        match begun {
            // A refused run is logged too.
            Ok(_) | Err(StoreError::EventConflict { .. }) => tx.commit().await?,
            Err(_) => tx.rollback().await?,
        }
        begun
    }

    /// Closes a refresh that ended without a group: failed, cancelled, no source knew the company, its event was not worth
    /// it, or the group before was kept. It gives back its slot. A refresh that is closed already stays closed as it was.
    ///
    /// A failure goes into the outbox when the input says that it is to be announced; a cancellation was somebody's wish, and
    /// that nobody knows the company is an answer.
    ///
    /// Whoever was on its shortlist, but neither chosen nor looked up, is forgotten.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when no such refresh was opened, [`StoreError::Invalid`] for any other outcome,
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn record_failure(&self, input: &FailureInput, now: UnixMillis) -> Result<(), StoreError> {
        if !without_a_group(input.outcome) {
            return Err(StoreError::Invalid { what: "a failure whose outcome is none" });
        }
        let mut tx = self.write().await?;
        let refresh = lock_refresh(&mut tx, &input.refresh_id).await?;
        if refresh.status == RUNNING {
            // Before the slot, as when a group is saved, so that nobody waits in a circle.
            if input.outcome == OutcomeKind::Kept {
                due::kept(&mut tx, &input.refresh_id, now).await?;
            }
            close(&mut tx, input, now).await?;
            if input.announce && input.outcome == OutcomeKind::Failed {
                let workspace = crate::row::parsed(&refresh.workspace, "workspace")?;
                outbox::put(&mut tx, &workspace, &input.refresh_id, NotificationKind::RefreshFailed, now).await?;
            }
        }
        forget_shortlist(&mut tx, &input.refresh_id).await?;
        Ok(tx.commit().await?)
    }

    /// How many events of this workspace ended in each way; those on the way under `running`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away.
    pub async fn events_count_by_outcome(
        &self,
        workspace: &contracts::WorkspaceId,
    ) -> Result<BTreeMap<String, u64>, StoreError> {
        let mut tx = self.read().await?;
        let sql = "SELECT outcome, COUNT(*) AS events FROM webhook_events WHERE workspace = $1 GROUP BY outcome";
        let rows = sqlx::query(sql).bind(workspace.as_str()).fetch_all(&mut *tx).await?;
        rows.iter().map(|row| Ok((text(row, "outcome")?, crate::row::number(row, "events")?))).collect()
    }
}

/// Closes a refresh that is locked, with its event and its slot.
pub(crate) async fn close(
    tx: &mut Transaction<'static, Any>,
    input: &FailureInput,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let sql = "UPDATE refreshes SET status = $2, step = $3, error_class = $4, cost_micros = $5, completed_at = $6,
                   end_reason = $7, waiting_until = NULL
               WHERE refresh_id = $1";
    sqlx::query(sql)
        .bind(&input.refresh_id)
        .bind(input.outcome.as_str())
        .bind(input.step.as_str())
        .bind(maybe_plain(input.class.as_deref()))
        .bind(crate::row::count(input.cost_micros))
        .bind(now)
        .bind(maybe_plain(input.reason.as_deref()))
        .execute(&mut **tx)
        .await?;
    settle_event(tx, &input.refresh_id, input.outcome).await?;
    release(tx, &input.refresh_id, End::of(input.outcome, input.class.as_deref()), now).await
}

async fn begin(
    tx: &mut Transaction<'static, Any>,
    request: &RefreshRequest,
    workflow_id: &str,
    run_id: &str,
    now: UnixMillis,
) -> Result<Begun, StoreError> {
    let open = || Begun::Open { refresh_id: run_id.to_owned(), announce: false };
    let run = Run { request, workflow_id, run_id, now };
    if run.insert_event(tx).await? {
        run.log(tx, None, None).await?;
        return Ok(open());
    }
    let event = run.lock_event(tx).await?;
    if event.digest != request.event.digest.as_str() {
        run.log(tx, Some((OutcomeKind::Failed, FailureClass::InvalidRequest.type_name())), None).await?;
        return Err(StoreError::EventConflict { refresh_id: event.owner });
    }
    if event.owner == run_id {
        return Ok(open());
    }
    // An earlier attempt of this run, when it was not the one to own the event.
    let sql = "SELECT duplicate_of FROM refreshes WHERE refresh_id = $1";
    if let Some(row) = sqlx::query(sql).bind(run_id).fetch_optional(&mut **tx).await? {
        return Ok(
            maybe_text(&row, "duplicate_of")?.map_or_else(open, |refresh_id| Begun::AlreadyRecorded { refresh_id })
        );
    }
    if is_answered(tx, &event).await? {
        run.log(tx, Some((OutcomeKind::Duplicate, "")), Some(&event.owner)).await?;
        return Ok(Begun::AlreadyRecorded { refresh_id: event.owner });
    }
    run.take_over(tx, &event.owner).await?;
    Ok(open())
}

/// Ways in which a refresh is closed other than by saving, by coalescing, and as a duplicate.
const fn without_a_group(outcome: OutcomeKind) -> bool {
    use OutcomeKind::{Cancelled, Failed, Ignored, Kept, NoMatch};
    matches!(outcome, Failed | Cancelled | NoMatch | Ignored | Kept)
}

/// How many refreshes an event is followed through that was coalesced. One suffices unless its holders ended badly.
pub(crate) const LONGEST_CHAIN: usize = 16;

/// Whether nothing is left to do about an event: its refresh ended well, or another one has answered or will.
async fn is_answered(tx: &mut Transaction<'static, Any>, event: &Event) -> Result<bool, StoreError> {
    use OutcomeKind::{Coalesced, Ignored, Kept, NoMatch, Refreshed};
    let (mut refresh_id, mut outcome) = (event.owner.clone(), event.outcome.clone());
    for _ in 0..LONGEST_CHAIN {
        if [Refreshed, NoMatch, Ignored, Kept].iter().any(|end| end.as_str() == outcome) {
            return Ok(true);
        }
        if outcome != Coalesced.as_str() {
            // The holder of a coalesced event that is still at work will answer.
            return Ok(refresh_id != event.owner && outcome == RUNNING);
        }
        let holder = match Claim::of(tx, &refresh_id).await? {
            Some(Claim { state: State::Folded | State::Ended, holder: Some(holder), .. }) => holder,
            _ => return Ok(false),
        };
        let sql = "SELECT status FROM refreshes WHERE refresh_id = $1";
        let row = sqlx::query(sql).bind(&holder).fetch_optional(&mut **tx).await?;
        let Some(row) = row else { return Ok(false) };
        (refresh_id, outcome) = (holder, text(&row, "status")?);
    }
    Ok(false)
}

/// A workflow run that opens its refresh.
struct Run<'a> {
    request: &'a RefreshRequest,
    workflow_id: &'a str,
    run_id: &'a str,
    now: UnixMillis,
}

struct Event {
    digest: String,
    owner: String,
    outcome: String,
}

impl Run<'_> {
    /// Whether the event is new. Waits for whoever is recording it at this moment.
    async fn insert_event(&self, tx: &mut Transaction<'static, Any>) -> Result<bool, StoreError> {
        let event = &self.request.event;
        let sql = "INSERT INTO webhook_events
                       (workspace, source, event_id, digest, reason, occurred_at, received_at, recorded_at, outcome,
                        workflow_id, refresh_id)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                   ON CONFLICT (workspace, source, event_id) DO NOTHING";
        let inserted = sqlx::query(sql)
            .bind(self.request.workspace.as_str())
            .bind(event.source.as_str())
            .bind(event.id.as_str())
            .bind(event.digest.as_str())
            .bind(plain(self.request.reason.as_str()).into_owned())
            .bind(event.occurred_at)
            .bind(event.received_at)
            .bind(self.now)
            .bind(RUNNING)
            .bind(self.workflow_id)
            .bind(self.run_id)
            .execute(&mut **tx)
            .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// Reads the event and keeps others off it. An update that changes nothing is a row lock in both databases.
    async fn lock_event(&self, tx: &mut Transaction<'static, Any>) -> Result<Event, StoreError> {
        let event = &self.request.event;
        let sql = "UPDATE webhook_events SET digest = digest WHERE workspace = $1 AND source = $2 AND event_id = $3
                   RETURNING digest, refresh_id, outcome";
        let row = sqlx::query(sql)
            .bind(self.request.workspace.as_str())
            .bind(event.source.as_str())
            .bind(event.id.as_str())
            .fetch_one(&mut **tx)
            .await?;
        Ok(Event { digest: text(&row, "digest")?, owner: text(&row, "refresh_id")?, outcome: text(&row, "outcome")? })
    }

    /// Writes the run into the refresh log: on the way, or closed with an outcome and an error class. Once.
    async fn log(
        &self,
        tx: &mut Transaction<'static, Any>,
        end: Option<(OutcomeKind, &str)>,
        duplicate_of: Option<&str>,
    ) -> Result<(), StoreError> {
        let (request, event) = (self.request, &self.request.event);
        // The column takes no NULL; no company's name is empty.
        let company = request.company.named();
        let sql = "INSERT INTO refreshes
                       (refresh_id, workflow_id, workspace, event_source, event_id, company_name, company_domain, reason,
                        level_requested, status, step, error_class, duplicate_of, started_at, completed_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                   ON CONFLICT (refresh_id) DO NOTHING";
        sqlx::query(sql)
            .bind(self.run_id)
            .bind(self.workflow_id)
            .bind(request.workspace.as_str())
            .bind(event.source.as_str())
            .bind(event.id.as_str())
            .bind(plain(company.map_or("", |company| &company.name)).into_owned())
            .bind(maybe_plain(company.and_then(|company| company.domain.as_deref())))
            .bind(plain(request.reason.as_str()).into_owned())
            .bind(request.level.as_str())
            .bind(end.map_or(RUNNING, |(outcome, _)| outcome.as_str()))
            .bind(Step::Begin.as_str())
            .bind(end.map(|(_, class)| class).filter(|class| !class.is_empty()))
            .bind(duplicate_of)
            .bind(self.now)
            .bind(end.map(|_| self.now))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Makes this run answer for the event, and closes the run that did so before if its process never did.
    async fn take_over(&self, tx: &mut Transaction<'static, Any>, before: &str) -> Result<(), StoreError> {
        let sql = "UPDATE refreshes SET status = $2, error_class = $3, completed_at = $4
                   WHERE refresh_id = $1 AND status = $5";
        sqlx::query(sql)
            .bind(before)
            .bind(OutcomeKind::Failed.as_str())
            .bind(SUPERSEDED)
            .bind(self.now)
            .bind(RUNNING)
            .execute(&mut **tx)
            .await?;
        forget_shortlist(tx, before).await?;
        release(tx, before, End::Cancelled, self.now).await?;
        reopen(tx, before).await?;
        self.log(tx, None, None).await?;
        note_lineage(tx, self.run_id, before).await?;
        let event = &self.request.event;
        let sql = "UPDATE webhook_events SET refresh_id = $4, workflow_id = $5, outcome = $6
                   WHERE workspace = $1 AND source = $2 AND event_id = $3";
        sqlx::query(sql)
            .bind(self.request.workspace.as_str())
            .bind(event.source.as_str())
            .bind(event.id.as_str())
            .bind(self.run_id)
            .bind(self.workflow_id)
            .bind(RUNNING)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

/// Locks a refresh together with its event: the event first, as everywhere, so that nobody waits in a circle.
pub(crate) async fn lock_refresh(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<Locked, StoreError> {
    let sql = "UPDATE webhook_events SET digest = digest
               WHERE (workspace, source, event_id) IN
                   (SELECT workspace, event_source, event_id FROM refreshes WHERE refresh_id = $1)
               RETURNING workspace, refresh_id";
    let missing = StoreError::NotFound { what: "refresh" };
    let event = sqlx::query(sql).bind(refresh_id).fetch_optional(&mut **tx).await?.ok_or(missing)?;
    Ok(Locked {
        status: lock_row(tx, refresh_id).await?,
        workspace: text(&event, "workspace")?,
        event_owner: text(&event, "refresh_id")?,
    })
}

/// Locks a refresh alone and answers its status.
pub(crate) async fn lock_row(tx: &mut Transaction<'static, Any>, refresh_id: &str) -> Result<String, StoreError> {
    let sql = "UPDATE refreshes SET status = status WHERE refresh_id = $1 RETURNING status";
    let row = sqlx::query(sql).bind(refresh_id).fetch_optional(&mut **tx).await?;
    Ok(row.ok_or(StoreError::NotFound { what: "refresh" })?.try_get("status")?)
}

/// Writes the outcome onto the event, unless another run answers for it by now.
pub(crate) async fn settle_event(
    tx: &mut Transaction<'static, Any>,
    refresh_id: &str,
    outcome: OutcomeKind,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook_events SET outcome = $2 WHERE refresh_id = $1";
    sqlx::query(sql).bind(refresh_id).bind(outcome.as_str()).execute(&mut **tx).await?;
    Ok(())
}
