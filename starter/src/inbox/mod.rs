//! Accepting an event for certain, also while Temporal cannot take it.
//!
//! [`Acceptor`] answers a delivery: it starts the refresh at once where that goes, else puts it into the inbox, else waits
//! for either as long as the sender can. [`Drainer`] starts what is in the inbox. [`InboxWriter`] writes many events with
//! one commit. [`Circuit`] knows whether something is away, so that not everybody finds out for themselves.

mod acceptor;
mod circuit;
mod drainer;
mod writer;

pub use acceptor::{AcceptLimits, Acceptor};
pub use circuit::{Circuit, Pass};
pub use drainer::{DrainLimits, Drainer};
pub use writer::{InboxUnavailable, InboxWriter};

use contracts::{RefreshRequest, WorkflowId};
use store::InboxEntry;

/// Kind of entry that starts a refresh.
pub(crate) const REFRESH: &str = "refresh";

/// A request as it waits in the inbox.
///
/// # Errors
/// Never for a request that came from the wire; the type only cannot say so.
pub fn entry(request: &RefreshRequest) -> Result<InboxEntry, serde_json::Error> {
    let event = &request.event;
    Ok(InboxEntry {
        workflow_id: WorkflowId::new(&request.workspace, &event.source, &event.id).to_string(),
        workspace: request.workspace.clone(),
        source: event.source.clone(),
        kind: REFRESH.to_owned(),
        digest: event.digest.as_str().to_owned(),
        request: serde_json::to_string(request)?,
        received_at: event.received_at,
    })
}
