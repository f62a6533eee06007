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

use contracts::StartRequest;
use store::InboxEntry;

/// Kind of entry that starts a refresh.
const REFRESH: &str = "refresh";
/// Kind of entry that starts a suppression.
const SUPPRESS: &str = "suppress";
/// Kind of entry that starts refreshes of many companies.
const BULK: &str = "bulk";

/// A request as it waits in the inbox.
///
/// # Errors
/// Never for a request that came from the wire; the type only cannot say so.
pub fn entry(request: &StartRequest) -> Result<InboxEntry, serde_json::Error> {
    let (kind, text) = match request {
        StartRequest::Refresh(refresh) => (REFRESH, serde_json::to_string(refresh)?),
        StartRequest::Suppress(suppress) => (SUPPRESS, serde_json::to_string(suppress)?),
        StartRequest::Bulk(bulk) => (BULK, serde_json::to_string(bulk)?),
    };
    Ok(InboxEntry {
        workflow_id: request.workflow_id().to_string(),
        workspace: request.workspace().clone(),
        source: request.source().clone(),
        kind: kind.to_owned(),
        digest: request.digest().as_str().to_owned(),
        request: text,
        received_at: request.received_at(),
    })
}

/// The request of an entry; nothing when this build cannot read it.
fn request(kind: &str, text: &str) -> Option<StartRequest> {
    match kind {
        REFRESH => serde_json::from_str(text).ok().map(StartRequest::Refresh),
        SUPPRESS => serde_json::from_str(text).ok().map(StartRequest::Suppress),
        BULK => serde_json::from_str(text).ok().map(StartRequest::Bulk),
        _ => None,
    }
}
