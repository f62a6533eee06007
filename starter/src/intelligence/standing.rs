//! How a refresh stands, put together from those who know: the store of what is over, Temporal of what runs, the inbox of what
//! is still to be started.

use super::call::{Call, store_fault};
use super::follow::{End, FollowError, Live, Retry, Running};
use super::problems;
use super::refresh_document::{RefreshDocument, RefreshError, Status};
use super::refresh_id::id_of;
use crate::problem::Problem;
use contracts::{OutcomeKind, UnixMillis, WorkflowId};
use store::{InboxFilter, RefreshRecord};

/// How the refresh of this workflow stands; `None` when nobody knows of one.
pub(crate) async fn of(call: &Call, workflow_id: &WorkflowId) -> Result<Option<RefreshDocument>, Problem> {
    let record = logged(call, workflow_id).await?;
    if let Some(mut record) = record.clone().filter(|record| record.outcome.is_some()) {
        if let Some(again) = tried_again(call, workflow_id, &record).await {
            return Ok(Some(again));
        }
        // A duplicate's result is that of the refresh that did the work.
        if let Some(earlier) = record.duplicate_of.as_deref() {
            let earlier = call.store().refresh(earlier).await.map_err(store_fault)?;
            record.company_id = record.company_id.or(earlier.and_then(|earlier| earlier.company_id));
        }
        let mut document = RefreshDocument::logged(&record);
        if record.outcome == Some(OutcomeKind::Coalesced) {
            document.answered_by = answering(call, &record).await?.map(|answering| id_of(&answering.workflow_id));
        }
        return Ok(Some(document));
    }
    let live = call.api.follow.look(workflow_id).await;
    match (record, live) {
        (Some(record), Ok(Live::Running(running))) => Ok(Some(with(RefreshDocument::logged(&record), running))),
        (Some(record), Ok(Live::Ended(end))) => ended_meanwhile(call, workflow_id, record, end).await.map(Some),
        // What Temporal has forgotten, or cannot say, stands as the log has it.
        (Some(record), Ok(Live::NotFound) | Err(_)) => Ok(Some(RefreshDocument::logged(&record))),
        (None, Ok(Live::Running(running))) => {
            Ok(Some(with(RefreshDocument::named(workflow_id, Status::Waiting), running)))
        }
        (None, Ok(Live::Ended(end))) => {
            // It may have begun and ended since it was looked for.
            match logged(call, workflow_id).await? {
                Some(record) => ended_meanwhile(call, workflow_id, record, end).await.map(Some),
                None => Ok(Some(ended(RefreshDocument::named(workflow_id, Status::Completed), end))),
            }
        }
        (None, Ok(Live::NotFound)) => in_inbox(call, workflow_id).await,
        (None, Err(error)) => match in_inbox(call, workflow_id).await? {
            Some(waiting) => Ok(Some(waiting)),
            None => Err(away(&error)),
        },
    }
}

/// What did not end well may have been tried again, by a run that no worker has begun yet: the log does not know of it. When
/// Temporal cannot say, what the log has is told.
async fn tried_again(call: &Call, workflow_id: &WorkflowId, record: &RefreshRecord) -> Option<RefreshDocument> {
    if !matches!(record.outcome, Some(OutcomeKind::Failed | OutcomeKind::Cancelled)) {
        return None;
    }
    match call.api.follow.look(workflow_id).await {
        Ok(Live::Running(running)) if running.run_id != record.refresh_id => {
            Some(with(RefreshDocument::to_begin(record), running))
        }
        _ => None,
    }
}

/// The refresh that answers in the end for the event of this one.
async fn answering(call: &Call, record: &RefreshRecord) -> Result<Option<RefreshRecord>, Problem> {
    let (Ok(source), Ok(event_id)) = (record.event_source.parse(), record.event_id.parse()) else { return Ok(None) };
    let answer = call.store().event_answer(call.workspace(), &source, &event_id).await.map_err(store_fault)?;
    Ok(answer.and_then(|mut answer| answer.chain.pop()).filter(|last| last.refresh_id != record.refresh_id))
}

/// Whom a caller cannot be told about just now.
pub(crate) fn away(error: &FollowError) -> Problem {
    let problem = problems::unavailable();
    tracing::warn!(instance = problem.instance.as_deref(), %error, "api.temporal");
    problem
}

/// A moment as text (RFC 3339).
pub(crate) fn moment(millis: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default().to_string()
}

async fn logged(call: &Call, workflow_id: &WorkflowId) -> Result<Option<RefreshRecord>, Problem> {
    call.store().refresh_by_workflow(workflow_id.as_str()).await.map_err(store_fault)
}

fn with(document: RefreshDocument, running: Running) -> RefreshDocument {
    let Running { run_id, status, retry } = running;
    let mut document = document.at(status.as_ref());
    document.run_id = Some(run_id);
    if let Some(Retry { activity, attempt, class, at }) = retry {
        document.status = Status::Delayed;
        document.error = Some(RefreshError {
            class,
            step: Some(activity),
            next_attempt: Some(attempt),
            next_attempt_at: at.map(moment),
        });
    }
    document
}

/// A refresh that runs by its log and has ended by Temporal's word: it ended just now, or without a word of its own.
async fn ended_meanwhile(
    call: &Call,
    workflow_id: &WorkflowId,
    record: RefreshRecord,
    end: End,
) -> Result<RefreshDocument, Problem> {
    let record = if record.outcome.is_some() { record } else { logged(call, workflow_id).await?.unwrap_or(record) };
    let document = RefreshDocument::logged(&record);
    Ok(if record.outcome.is_some() { document } else { ended(document, end) })
}

fn ended(mut document: RefreshDocument, end: End) -> RefreshDocument {
    let class = match end {
        End::Completed => None,
        End::Cancelled => None,
        End::Failed => Some("Failed"),
        End::Terminated => Some("Terminated"),
        End::TimedOut => Some("Timeout"),
    };
    document.status = match end {
        End::Completed => Status::Completed,
        End::Cancelled => Status::Cancelled,
        End::Failed | End::Terminated | End::TimedOut => Status::Failed,
    };
    let step = document.progress.step.clone();
    document.error =
        class.map(|class| RefreshError { class: class.to_owned(), step, next_attempt: None, next_attempt_at: None });
    document
}

async fn in_inbox(call: &Call, workflow_id: &WorkflowId) -> Result<Option<RefreshDocument>, Problem> {
    let filter = InboxFilter { workflow_id: Some(workflow_id.to_string()), ..InboxFilter::default() };
    let entries = call.store().inbox_list(&filter, 1).await.map_err(store_fault)?;
    let Some(entry) = entries.first() else { return Ok(None) };
    let mut document = RefreshDocument::named(workflow_id, Status::Waiting);
    if entry.dead_at.is_some() {
        document.status = Status::Failed;
        let class = entry.last_error.clone().unwrap_or_else(|| "Unknown".to_owned());
        document.error = Some(RefreshError { class, step: None, next_attempt: None, next_attempt_at: None });
    } else {
        document.queued = true;
    }
    Ok(Some(document))
}
