//! A bulk, and its items, as they are answered.

use super::PATH;
use super::group_document::level;
use super::refresh_document::{AskedCompany, RefreshDocument, RefreshError, RefreshResult, Status, path_of};
use super::request::Level;
use super::standing::moment;
use contracts::OutcomeKind;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{BulkItemRecord, BulkRecord};

/// How a bulk was ended, other than by having done everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Somebody cancelled it.
    Cancelled,
    /// Its workflow failed, was terminated, or ran out of time, as this failure class says.
    Failed(&'static str),
}

/// A request for the refresh of many companies.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Bulk")]
pub(crate) struct BulkDocument {
    /// Its id.
    pub(crate) id: String,
    /// `waiting` until a refresh has begun, `active` until the last is over, then `completed`, whatever became of each; or
    /// `cancelled`; or `failed`, when an operator ended it before everything was started.
    pub(crate) status: Status,
    /// Companies named.
    companies: u32,
    /// Refreshes among them: a company that was named twice is refreshed once.
    refreshes: u32,
    /// How much is to be found out about each.
    enrichment_level: Level,
    /// Companies by how their refresh stands; together they are `companies`.
    counts: BulkCounts,
    /// Companies whose refresh is over, by how it ended, such as `refreshed` or `no_match`.
    outcomes: BTreeMap<String, u32>,
    /// When it was asked for.
    #[schemars(extend("format" = "date-time"))]
    received_at: String,
    /// When the last refresh was started, or it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    closed_at: Option<String>,
    /// Where to look again.
    pub(crate) links: BulkLinks,
}

/// Companies by how their refresh stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BulkCounts {
    /// Not begun.
    pub(crate) waiting: u32,
    /// On its way; also one that waits for its company's turn.
    pub(crate) active: u32,
    /// Ended with an answer.
    pub(crate) completed: u32,
    /// Failed for good, or not begun when the bulk was ended.
    pub(crate) failed: u32,
    /// Cancelled, by itself or with the bulk.
    pub(crate) cancelled: u32,
}

/// Where to look again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct BulkLinks {
    /// This bulk.
    #[serde(rename = "self")]
    pub(crate) itself: String,
    /// What became of each company.
    items: String,
}

/// A company of a bulk.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BulkItem {
    /// Place in the request, from 1.
    number: u32,
    /// The company as it was named, and its id once it is known which one it is.
    company: AskedCompany,
    /// Number of the item that named the same company before; what is said here is then said of its refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    same_as: Option<u32>,
    /// How its refresh stands.
    status: Status,
    /// What it came to, when it is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<RefreshResult>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<RefreshError>,
    /// Where the refresh is looked at, once it has begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
}

/// A page of the companies of a bulk.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "BulkItemPage")]
pub(crate) struct BulkItemPage {
    /// In the order of the request.
    pub(crate) items: Vec<BulkItem>,
    /// What to ask for as `cursor` next; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl BulkDocument {
    /// A bulk as the store has it, and how it was ended, if it was.
    pub(crate) fn of(bulk: &BulkRecord, stop: Option<Stop>) -> Self {
        let counts = counts(bulk, stop);
        let status = match stop {
            Some(Stop::Cancelled) => Status::Cancelled,
            Some(Stop::Failed(_)) => Status::Failed,
            None if counts.waiting + counts.active == 0 => Status::Completed,
            None if counts.waiting == bulk.items => Status::Waiting,
            None => Status::Active,
        };
        let itself = path(&bulk.bulk_id);
        Self {
            links: BulkLinks { items: format!("{itself}/items"), itself },
            id: bulk.bulk_id.clone(),
            status,
            companies: bulk.items,
            refreshes: bulk.refreshes,
            enrichment_level: level(bulk.level),
            counts,
            outcomes: bulk.over.clone(),
            received_at: moment(bulk.received_at),
            closed_at: bulk.closed_at.map(moment),
        }
    }
}

impl BulkItem {
    /// An item as the store has it, in a bulk that was ended so, if it was.
    pub(crate) fn of(item: &BulkItemRecord, stop: Option<Stop>) -> Self {
        let refresh = item.refresh.as_ref().map(RefreshDocument::logged);
        let (status, error) = match (&refresh, stop) {
            (Some(refresh), _) => (refresh.status, refresh.error.clone()),
            (None, None) => (Status::Waiting, None),
            (None, Some(Stop::Cancelled)) => (Status::Cancelled, None),
            (None, Some(Stop::Failed(class))) => {
                let error =
                    RefreshError { class: class.to_owned(), step: None, next_attempt: None, next_attempt_at: None };
                (Status::Failed, Some(error))
            }
        };
        let company = AskedCompany {
            id: refresh.as_ref().and_then(|refresh| refresh.company.as_ref()?.id.clone()),
            name: Some(item.name.clone()),
            domain: item.domain.clone(),
        };
        Self {
            number: item.number,
            company,
            same_as: item.same_as,
            status,
            error,
            refresh: refresh.as_ref().map(|refresh| path_of(&refresh.id)),
            result: refresh.and_then(|refresh| refresh.result),
        }
    }
}

fn counts(bulk: &BulkRecord, stop: Option<Stop>) -> BulkCounts {
    let (failed, cancelled) = (bulk.ended_as(OutcomeKind::Failed), bulk.ended_as(OutcomeKind::Cancelled));
    let over: u32 = bulk.over.values().sum();
    let mut counts = BulkCounts {
        waiting: bulk.not_begun,
        active: bulk.running,
        completed: over - failed - cancelled,
        failed,
        cancelled,
    };
    let never = match stop {
        None => return counts,
        Some(Stop::Cancelled) => &mut counts.cancelled,
        Some(Stop::Failed(_)) => &mut counts.failed,
    };
    *never += std::mem::take(&mut counts.waiting);
    counts
}

/// Where a bulk is looked at.
pub(crate) fn path(bulk_id: &str) -> String {
    format!("{PATH}/bulk/{bulk_id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::EnrichmentLevel;

    fn bulk(not_begun: u32, running: u32, over: &[(&str, u32)]) -> BulkRecord {
        let over: BTreeMap<String, u32> = over.iter().map(|(name, items)| ((*name).to_owned(), *items)).collect();
        BulkRecord {
            bulk_id: "bu_1".to_owned(),
            level: EnrichmentLevel::Enrich,
            items: not_begun + running + over.values().sum::<u32>(),
            refreshes: 1,
            received_at: 0,
            closed_at: None,
            cancelled: false,
            not_begun,
            running,
            over,
        }
    }

    #[test]
    fn a_bulk_is_over_when_the_last_refresh_is() {
        let status = |bulk: &BulkRecord, stop| BulkDocument::of(bulk, stop).status;
        assert_eq!(status(&bulk(3, 0, &[]), None), Status::Waiting);
        assert_eq!(status(&bulk(2, 1, &[]), None), Status::Active);
        assert_eq!(status(&bulk(2, 0, &[("refreshed", 1)]), None), Status::Active);
        assert_eq!(status(&bulk(0, 0, &[("refreshed", 1), ("failed", 2)]), None), Status::Completed);
        assert_eq!(status(&bulk(2, 0, &[]), Some(Stop::Cancelled)), Status::Cancelled);
        assert_eq!(status(&bulk(2, 0, &[]), Some(Stop::Failed("Terminated"))), Status::Failed);
    }

    #[test]
    fn what_was_never_begun_shares_the_end_of_the_bulk_and_everything_is_counted_once() {
        let bulk = bulk(5, 1, &[("refreshed", 2), ("no_match", 1), ("failed", 3), ("cancelled", 4)]);
        let open = counts(&bulk, None);
        assert_eq!(open, BulkCounts { waiting: 5, active: 1, completed: 3, failed: 3, cancelled: 4 });
        assert_eq!(counts(&bulk, Some(Stop::Cancelled)), BulkCounts { waiting: 0, cancelled: 9, ..open });
        assert_eq!(counts(&bulk, Some(Stop::Failed("Terminated"))), BulkCounts { waiting: 0, failed: 8, ..open });
    }
}
