//! Forgetting: what somebody objected to, whom somebody wants erased, and what has been kept long enough.

use crate::attempt::{Pulse, alive, now};
use crate::{Refresher, StepFailure};
use contracts::{Receipt, Retained, SuppressRequest, Suppressed, UnixMillis};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::{Cutoffs, Erasing, Retaining};
use temporalio_sdk::activities::ActivityContext;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long things are kept that no group needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionPeriods {
    /// How to reach whoever has left, and contact data in candidates and diffs of refreshes that have ended.
    pub contacts: Duration,
    /// What each refresh changed, and the log of its operations.
    pub logs: Duration,
}

impl Default for RetentionPeriods {
    fn default() -> Self {
        Self { contacts: 90 * DAY, logs: 365 * DAY }
    }
}

impl RetentionPeriods {
    fn cutoffs(self, now: UnixMillis) -> Cutoffs {
        let before =
            |period: Duration| now.saturating_sub(UnixMillis::try_from(period.as_millis()).unwrap_or(UnixMillis::MAX));
        Cutoffs { contacts: before(self.contacts), logs: before(self.logs) }
    }
}

/// How far a suppression has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Suppressing {
    listed: u32,
    erasing: Erasing,
}

impl Refresher {
    /// Lists data points that somebody objected to, and erases them, a page at a time; a later attempt goes on after the
    /// last page that was done. The list comes first: what is written from then on does not have them.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn suppress(
        &self,
        ctx: &ActivityContext,
        request: &SuppressRequest,
    ) -> Result<Receipt<Suppressed>, StepFailure> {
        let pulse = Pulse::resumed(ctx);
        let result = alive(ctx, &pulse, async {
            let mut reached = match pulse.resume_point::<Suppressing>() {
                Some(reached) => reached,
                None => Suppressing {
                    listed: self.store.list_suppressed(request, now()).await?,
                    erasing: Erasing::default(),
                },
            };
            while !reached.erasing.is_done() {
                reached.erasing = self.store.erase_page(request, &reached.erasing, now()).await?;
                pulse.reached(ctx, &reached).await?;
            }
            Ok(Suppressed { listed: reached.listed, erased: reached.erasing.erased })
        })
        .await?;
        Ok(Receipt { result, attempts: ctx.info().attempt, cost_micros: 0 })
    }

    /// Lets go of what is older than the periods allow, a page at a time. Rows that workers of an earlier release wrote
    /// meanwhile are brought to today's form first.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn apply_retention(&self, ctx: &ActivityContext) -> Result<Receipt<Retained>, StepFailure> {
        let pulse = Pulse::resumed(ctx);
        let result = alive(ctx, &pulse, async {
            let mut reached: Retaining = pulse.resume_point().unwrap_or_default();
            self.store.mend_people().await?;
            let cutoffs = self.retention.cutoffs(now());
            while !reached.is_done() {
                reached = self.store.retain_page(cutoffs, &reached).await?;
                pulse.reached(ctx, &reached).await?;
            }
            Ok(reached.retained)
        })
        .await?;
        let Retained { contacts, diffs, candidates, operations, versions, notifications } = result;
        tracing::info!(
            event_name = "retention.applied",
            contacts,
            diffs,
            candidates,
            operations,
            versions,
            notifications,
            "let go of what is old"
        );
        Ok(Receipt { result, attempts: ctx.info().attempt, cost_micros: 0 })
    }
}
