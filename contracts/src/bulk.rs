//! Many companies refreshed because somebody asked for all of them at once: the workflow that starts their refreshes.

use crate::{CompanyRef, EnrichmentLevel, EventRef, SourceName, WorkflowId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Input of the bulk workflow. Which companies stands in the store, so that it is small however many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkRequest {
    /// Tenant; fixed by the credential the request came with.
    pub workspace: WorkspaceId,
    /// The request itself. Its id is the id of the bulk in the store, its source [`SourceName::BULK`].
    pub event: EventRef,
    /// How much to find out about each company.
    #[serde(default)]
    pub level: EnrichmentLevel,
    /// Refreshes to be started: companies that were named twice count once.
    pub refreshes: u32,
    /// Refreshes under way at one time, at least 1.
    pub at_once: u32,
    /// After this many milliseconds a refresh no longer counts as under way: it waits, for its company's slot, for a person
    /// or for a provider that is away, and the others must not wait with it.
    pub let_go_after_ms: u64,
    /// What the runs before this one have done.
    #[serde(default, skip_serializing_if = "BulkProgress::is_nothing")]
    pub progress: BulkProgress,
}

/// How far a bulk is. Goes from one run of its workflow to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BulkProgress {
    /// Number of the last item that was handed out; items are numbered from 1.
    pub reached: u32,
    /// Refreshes started.
    pub started: u32,
    /// Those of them that are over, however they ended.
    pub over: u32,
    /// Items whose refresh was no longer waited for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub let_go: Vec<u32>,
}

impl BulkProgress {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Answer of the `bulk_status` query, and result of the bulk workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkStatus {
    /// Refreshes to be started.
    pub refreshes: u32,
    /// Refreshes started.
    pub started: u32,
    /// Those under way that are waited for.
    #[serde(default)]
    pub in_flight: u32,
    /// Refreshes that are over, however they ended.
    #[serde(default)]
    pub over: u32,
    /// Refreshes that go on by themselves.
    #[serde(default)]
    pub let_go: u32,
}

/// Input of `bulk_items`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkPageInput {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The bulk in the store.
    pub bulk_id: String,
    /// The items behind this number.
    pub after: u32,
    /// Most of them.
    pub limit: u32,
}

/// Result of `bulk_items`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkPage {
    /// The next items, in order, without those that name a company again.
    pub items: Vec<BulkItem>,
    /// Whether there are more behind them.
    #[serde(default)]
    pub more: bool,
}

/// One company of a bulk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkItem {
    /// Its number, from 1.
    pub number: u32,
    /// The company as it was named.
    pub company: CompanyRef,
}

/// Input of `close_bulk`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkEnd {
    /// Tenant.
    pub workspace: WorkspaceId,
    /// The bulk in the store.
    pub bulk_id: String,
    /// Whether it was cancelled: what was not started then never will be.
    #[serde(default)]
    pub cancelled: bool,
}

impl BulkRequest {
    /// The idempotency key: `bulk-refresh/{workspace}/{bulk id}`.
    #[must_use]
    pub fn workflow_id(&self) -> WorkflowId {
        WorkflowId::of_bulk(&self.workspace, &self.event.id)
    }

    /// The event of the refresh of one item.
    #[must_use]
    pub fn item_event(&self, number: u32) -> EventRef {
        EventRef { id: self.event.id.item(number), source: SourceName::bulk(), ..self.event.clone() }
    }
}
