//! What the log and the metrics hear of a delivery: ids, names from the configuration, and never a value of a payload.

use super::Ignored;
use super::answer::{MOST_PROBLEMS, Status, Taken};
use crate::fields::FieldFault;
use crate::problem::Problem;
use crate::start::{AT_ONCE, StartAnswer, StartError};
use contracts::{EventId, RefreshReason, SourceName, StartRequest, WorkflowId, WorkspaceId};

/// Tells of one delivery. Of few events each gets a line; of many the first that are wrong do, and the whole one.
pub(super) struct Teller<'a> {
    workspace: &'a WorkspaceId,
    source: &'a SourceName,
    many: bool,
    problems: usize,
}

/// A line for each of few events, and for each of many only when somebody looks closely.
macro_rules! event {
    ($teller:expr, $($line:tt)+) => {
        if $teller.many {
            tracing::debug!($($line)+);
        } else {
            tracing::info!($($line)+);
        }
    };
}

impl<'a> Teller<'a> {
    pub(super) fn new(workspace: &'a WorkspaceId, source: &'a SourceName, events: usize) -> Self {
        Self { workspace, source, many: events > AT_ONCE, problems: 0 }
    }

    pub(super) fn of_one(workspace: &'a WorkspaceId, source: &'a SourceName) -> Self {
        Self::new(workspace, source, 1)
    }

    /// Fields that could not be read and count as not told.
    pub(super) fn unread(&self, fields: &[&'static str]) {
        let (workspace, source) = (self.workspace, self.source);
        for field in fields {
            self.count_unreadable(field);
            tracing::warn!(field, %workspace, %source, "webhook.field_unreadable");
        }
    }

    /// A field without which there is no event.
    pub(super) fn invalid(&mut self, fault: FieldFault) -> Problem {
        let (field, workspace, source) = (fault.field, self.workspace, self.source);
        self.count_unreadable(field);
        if self.is_told() {
            tracing::warn!(status = 422, reason = "invalid_event", field, %workspace, %source, "webhook.rejected");
        }
        Problem::invalid_field(fault.pointer, &fault.detail, &fault.remedy)
    }

    pub(super) fn ignored(&self, event_id: &EventId, reason: Ignored) -> Taken {
        let (id, reason) = (WorkflowId::new(self.workspace, self.source, event_id), reason.as_str());
        event!(self, workflow_id = %id, reason, "webhook.ignored");
        Taken { reason: Some(reason.to_owned()), ..Taken::of(Status::Ignored, event_id) }
    }

    pub(super) fn started(&mut self, request: &StartRequest, answer: StartAnswer) -> Taken {
        let with_ids = |status, workflow_id: &WorkflowId, run_id: Option<String>| Taken {
            workflow_id: Some(workflow_id.to_string()),
            run_id,
            ..Taken::of(status, request.event_id())
        };
        match answer {
            StartAnswer::Started { workflow_id, run_id } => {
                event!(self, %workflow_id, run_id, reason = reason(request), "webhook.accepted");
                with_ids(Status::Accepted, &workflow_id, Some(run_id))
            }
            StartAnswer::Queued { workflow_id } => {
                event!(self, %workflow_id, reason = reason(request), "webhook.queued");
                Taken { queued: true, ..with_ids(Status::Accepted, &workflow_id, None) }
            }
            StartAnswer::Duplicate { workflow_id, run_id } => {
                event!(self, %workflow_id, run_id, "webhook.duplicate");
                // A run is known of everything but what waits.
                let queued = run_id.is_none();
                Taken { queued, ..with_ids(Status::Duplicate, &workflow_id, run_id) }
            }
            StartAnswer::Conflict { workflow_id, run_id } => {
                let (workspace, source) = (self.workspace.to_string(), self.source.to_string());
                metrics::counter!("bgr_webhook_conflicts_total", "workspace" => workspace, "source" => source)
                    .increment(1);
                if self.is_told() {
                    tracing::warn!(status = 409, reason = "event_conflict", %workflow_id, run_id, "webhook.rejected");
                }
                let problem = Some(Problem::conflict(workflow_id.as_str()));
                Taken { problem, ..with_ids(Status::Conflict, &workflow_id, run_id) }
            }
        }
    }

    pub(super) fn not_started(&mut self, request: &StartRequest, error: &StartError) {
        if self.is_told() {
            tracing::error!(workflow_id = %request.workflow_id(), %error, "webhook.event_not_started");
        }
    }

    /// What became of many, in one line.
    pub(super) fn whole(&self, taken: &[Taken]) {
        if !self.many {
            return;
        }
        let (workspace, source) = (self.workspace, self.source);
        let count = |status| taken.iter().filter(|one| one.status == status).count();
        tracing::info!(
            %workspace,
            %source,
            events = taken.len(),
            accepted = count(Status::Accepted),
            duplicate = count(Status::Duplicate),
            ignored = count(Status::Ignored),
            conflict = count(Status::Conflict),
            invalid = count(Status::Invalid),
            "webhook.delivery"
        );
    }

    /// Whether the next problem still gets a line of its own.
    fn is_told(&mut self) -> bool {
        self.problems += 1;
        self.problems <= MOST_PROBLEMS
    }

    fn count_unreadable(&self, field: &'static str) {
        let (workspace, source) = (self.workspace.to_string(), self.source.to_string());
        metrics::counter!(
            "bgr_webhook_unreadable_total", "workspace" => workspace, "source" => source, "field" => field
        )
        .increment(1);
    }
}

fn reason(request: &StartRequest) -> &str {
    match request {
        StartRequest::Refresh(refresh) => refresh.reason.as_str(),
        StartRequest::Suppress(_) => "objection",
        StartRequest::Bulk(_) => RefreshReason::Bulk.as_str(),
    }
}
