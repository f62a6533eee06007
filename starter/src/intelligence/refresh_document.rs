//! A refresh as it is answered.

use super::PATH;
use super::group_document::{dollars, level};
use super::refresh_id::id_of;
use super::request::Level;
use super::standing::moment;
use contracts::{OutcomeKind, RefreshStatus, Step, WorkflowId};
use schemars::JsonSchema;
use serde::Serialize;
use store::RefreshRecord;

/// How a refresh stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RefreshStatus")]
pub(crate) enum Status {
    /// It will run, and no worker has begun it.
    Waiting,
    /// It runs.
    Active,
    /// It waits: for the company's slot (`waitingUntil`), or a step failed and is tried again later (`error`).
    Delayed,
    /// It waits until somebody has looked at its group, which is much worse than the one before (`review`).
    Review,
    /// It has ended with an answer, which `result` is.
    Completed,
    /// A step failed for good, or an operator ended it; `error` says why. The group before stands.
    Failed,
    /// Somebody cancelled it. The group before stands.
    Cancelled,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Status::Waiting => "waiting",
            Status::Active => "active",
            Status::Delayed => "delayed",
            Status::Review => "review",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Status::Completed | Status::Failed | Status::Cancelled)
    }
}

/// A refresh.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Refresh")]
pub(crate) struct RefreshDocument {
    /// What it is called: `{source}:{event}`.
    pub(crate) id: String,
    /// How it stands.
    pub(crate) status: Status,
    /// Whether it waits in the inbox until Temporal can take it. It is durable all the same.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) queued: bool,
    /// How far it is.
    pub(crate) progress: Progress,
    /// What it came to, when it is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result: Option<RefreshResult>,
    /// Why it failed, or why it is delayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<RefreshError>,
    /// When it goes on by itself: the company's slot opens, or the group before is kept because nobody has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub(crate) waiting_until: Option<String>,
    /// What is worse in the group that waits for somebody to look at it; known while a worker answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) review: Vec<String>,
    /// Id of the refresh that answers for this one, when this one was coalesced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answered_by: Option<String>,
    /// Which company, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company: Option<AskedCompany>,
    /// Why it runs, such as `manual` or `person.role_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// How much was to be found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enrichment_level: Option<Level>,
    /// Who sent the event behind it; `api` for calls of this API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    /// The sender's id of the event; the Idempotency-Key of a call of this API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event_id: Option<String>,
    /// Its workflow in Temporal.
    pub(crate) workflow_id: String,
    /// The workflow's run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run_id: Option<String>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub(crate) started_at: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub(crate) completed_at: Option<String>,
    /// Where to look again.
    pub(crate) links: Links,
}

/// How far a refresh is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    /// The step it is in, or ended in; null before the first.
    pub(crate) step: Option<String>,
    /// 0–100; null when no worker could be asked.
    pub(crate) percent: Option<u8>,
    /// Members chosen, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members_found: Option<u32>,
    /// Members looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members_enriched: Option<u32>,
}

/// What a refresh came to.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshResult {
    /// `refreshed`, `no_match` (no source knows the company), `duplicate` (an earlier refresh did the work), `coalesced`
    /// (another one that waited answers for it), `ignored` (not worth a refresh), `kept` (reviewed, and not saved) …
    pub(crate) outcome: String,
    /// Why it was ignored, or the group before kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The company; absent when none was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company_id: Option<String>,
    /// Members saved.
    pub(crate) members: u32,
    /// What changed, counted.
    pub(crate) changes: Changes,
    /// How much was found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enrichment_level: Option<Level>,
    /// What it cost in US dollars, measured.
    pub(crate) cost_usd: f64,
}

/// What a refresh changed, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changes {
    /// Members who were not there before.
    pub(crate) joined: u32,
    /// Members who are no longer there.
    pub(crate) left: u32,
    /// Same person, other role.
    pub(crate) role_changed: u32,
    /// Same person, other title.
    pub(crate) title_changed: u32,
    /// Same person, other contact data.
    pub(crate) contact_changed: u32,
    /// Same person, score moved by ten or more.
    pub(crate) score_moved: u32,
}

/// Why a refresh failed or is delayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshError {
    /// Class of the failure, such as `AuthFailed`; stable.
    pub(crate) class: String,
    /// The step, or activity, that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<String>,
    /// Number of the next attempt, when there will be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_attempt: Option<u32>,
    /// When that will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub(crate) next_attempt_at: Option<String>,
}

/// A company as it was asked for, and its id once it is known which one it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct AskedCompany {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Its web domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
}

/// Where to look again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Links {
    /// This refresh.
    #[serde(rename = "self")]
    pub(crate) itself: String,
    /// The company's group, once there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
}

impl RefreshDocument {
    /// A refresh of which only the name is known.
    pub(crate) fn named(workflow_id: &WorkflowId, status: Status) -> Self {
        let id = id_of(workflow_id.as_str());
        let source = WorkflowId::parse(workflow_id.as_str()).map(|parts| parts.source.to_string());
        Self {
            links: Links { itself: path_of(&id), group: None },
            id,
            status,
            queued: false,
            progress: Progress::default(),
            result: None,
            error: None,
            waiting_until: None,
            review: Vec::new(),
            answered_by: None,
            company: None,
            reason: None,
            enrichment_level: None,
            source,
            event_id: None,
            workflow_id: workflow_id.to_string(),
            run_id: None,
            started_at: None,
            completed_at: None,
        }
    }

    /// A refresh by its line of the log.
    pub(crate) fn logged(record: &RefreshRecord) -> Self {
        let id = id_of(&record.workflow_id);
        let status = match record.outcome {
            None if record.step == Step::Wait.as_str() => Status::Delayed,
            None if record.step == Step::Review.as_str() => Status::Review,
            None => Status::Active,
            Some(OutcomeKind::Failed) => Status::Failed,
            Some(OutcomeKind::Cancelled) => Status::Cancelled,
            Some(_) => Status::Completed,
        };
        let company = AskedCompany {
            id: record.company_id.clone(),
            name: record.company_name.clone(),
            domain: record.company_domain.clone(),
        };
        let is_known = company.id.is_some() || company.name.is_some();
        let outcome = record.outcome.filter(|_| status == Status::Completed);
        let class = record.error_class.clone().or_else(|| (status == Status::Failed).then(|| "Unknown".to_owned()));
        let group = record.company_id.as_deref().map(|id| format!("{PATH}/buyer-group?company={id}"));
        Self {
            links: Links { itself: path_of(&id), group },
            id,
            status,
            queued: false,
            progress: Progress {
                step: Some(record.step.clone()),
                percent: (status == Status::Completed).then_some(100),
                members_found: None,
                members_enriched: None,
            },
            result: outcome.map(|outcome| RefreshResult {
                outcome: outcome.as_str().to_owned(),
                reason: record.end_reason.clone(),
                company_id: record.company_id.clone(),
                members: record.members,
                changes: Changes {
                    joined: record.diff.joined,
                    left: record.diff.left,
                    role_changed: record.diff.role_changed,
                    title_changed: record.diff.title_changed,
                    contact_changed: record.diff.contact_changed,
                    score_moved: record.diff.score_moved,
                },
                enrichment_level: record.level_reached.map(level),
                cost_usd: dollars(record.cost_micros),
            }),
            error: class.map(|class| RefreshError {
                class,
                step: Some(record.step.clone()),
                next_attempt: None,
                next_attempt_at: None,
            }),
            waiting_until: record.waiting_until.map(moment),
            review: Vec::new(),
            answered_by: None,
            company: is_known.then_some(company),
            reason: Some(record.reason.to_string()),
            enrichment_level: Some(level(record.level_requested)),
            source: Some(record.event_source.clone()),
            event_id: Some(record.event_id.clone()),
            workflow_id: record.workflow_id.clone(),
            run_id: Some(record.refresh_id.clone()),
            started_at: Some(moment(record.started_at)),
            completed_at: record.completed_at.map(moment),
        }
    }

    /// The refresh of this line once more: what was asked is the same, and nothing has become of it yet.
    pub(crate) fn to_begin(before: &RefreshRecord) -> Self {
        Self {
            status: Status::Waiting,
            progress: Progress::default(),
            result: None,
            error: None,
            waiting_until: None,
            run_id: None,
            started_at: None,
            completed_at: None,
            ..Self::logged(before)
        }
    }

    /// What a caller may see who may not read: that it exists and how it stands.
    pub(crate) fn bare(workflow_id: &WorkflowId, refresh: &Self) -> Self {
        Self { queued: refresh.queued, ..Self::named(workflow_id, refresh.status) }
    }

    /// With how far it says it is.
    pub(crate) fn at(mut self, status: Option<&RefreshStatus>) -> Self {
        if let Some(status) = status {
            let found = (status.members_found > 0).then_some(status.members_found);
            self.progress = Progress {
                step: Some(status.step.as_str().to_owned()),
                percent: Some(status.percent),
                members_found: found,
                members_enriched: found.map(|_| status.members_enriched),
            };
            if let Some(review) = &status.review {
                self.status = Status::Review;
                self.waiting_until = Some(moment(review.until));
                self.review = review.why.iter().map(|worse| worse.text.clone()).collect();
            } else if let Some(until) = status.waiting_until {
                (self.status, self.waiting_until) = (Status::Delayed, Some(moment(until)));
            } else if self.waiting_until.take().is_some() {
                // It has gone on since the log was read.
                self.status = Status::Active;
            }
        }
        self
    }
}

/// Where a refresh is looked at.
pub(crate) fn path_of(id: &str) -> String {
    format!("{PATH}/refreshes/{id}")
}
