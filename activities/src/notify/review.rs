//! What a receiver is told of a group that waits for somebody to look at it.

use super::content::moment;
use contracts::Step;
use serde::Serialize;
use store::{OutboxMessage, RefreshRecord, Store, StoreError};

/// Until when somebody can decide, and what about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct ReviewToTell {
    /// When the group before is kept if nobody has decided, RFC 3339.
    pub(super) until: String,
    /// What is worse in the new group.
    pub(super) why: Vec<WorseToTell>,
}

/// One thing that is worse. Names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct WorseToTell {
    /// For programs, e.g. `half_gone`.
    pub(super) code: &'static str,
    /// For people, with figures.
    pub(super) text: String,
}

impl ReviewToTell {
    /// The review of this refresh; `None` when nobody is waited for any more.
    pub(super) async fn read(
        store: &Store,
        message: &OutboxMessage,
        refresh: &RefreshRecord,
    ) -> Result<Option<Self>, StoreError> {
        let open = refresh.outcome.is_none() && refresh.step == Step::Review.as_str();
        let (Some(until), Some(company_id)) = (refresh.waiting_until.filter(|_| open), &refresh.company_id) else {
            return Ok(None);
        };
        let drop = match store.significant_drop(&message.refresh_id, &message.workspace, company_id).await {
            Ok(drop) => drop,
            // It has ended since it was read.
            Err(StoreError::NotChosen) => return Ok(None),
            Err(error) => return Err(error),
        };
        let reasons = drop.iter().flat_map(|drop| drop.reasons());
        let why = reasons.map(|reason| WorseToTell { code: reason.code(), text: reason.to_string() }).collect();
        Ok(Some(Self { until: moment(until), why }))
    }
}
