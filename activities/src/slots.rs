//! The slot of a company, and the review of a group that is much worse than the one before.

use crate::attempt::{Pulse, Subject, attempt, now};
use crate::significance::Significance;
use crate::{Refresher, StepFailure};
use contracts::{ClaimInput, Receipt, ReviewInput, ReviewOpened, SlotClaim, Step, UnixMillis, WorkspaceId, Worse};
use std::time::Duration;
use temporalio_sdk::activities::ActivityContext;

/// How often a company is refreshed, and how long somebody is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// At most one refresh of a company starts in this time; zero sets no limit.
    pub window: Duration,
    /// How long a group that is much worse than the one before waits for somebody to look at it; zero asks nobody.
    pub review: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { window: Duration::from_secs(60 * 60), review: Duration::from_secs(3 * 24 * 60 * 60) }
    }
}

impl Refresher {
    /// Asks for the company's slot, or asks again after waiting for it.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn claim_slot(
        &self,
        ctx: &ActivityContext,
        input: &ClaimInput,
    ) -> Result<Receipt<SlotClaim>, StepFailure> {
        let subject = Subject { refresh_id: &input.refresh_id, step: Step::ClaimSlot.as_str(), member: "" };
        attempt(ctx, &self.store, subject, &Pulse::default(), async {
            match self.significance(input).await? {
                Significance::Ignored(reason) => Ok((SlotClaim::Ignored { reason }, 0)),
                Significance::Refresh(judged) => {
                    Ok((self.store.claim_slot(input, judged, self.pace.window, now()).await?, 0))
                }
            }
        })
        .await
    }

    /// What is so much worse in the chosen group than in the saved one that somebody should look.
    pub(crate) async fn worse(
        &self,
        refresh_id: &str,
        workspace: &WorkspaceId,
        company_id: &str,
    ) -> Result<Vec<Worse>, StepFailure> {
        if self.pace.review.is_zero() {
            return Ok(Vec::new());
        }
        let drop = self.store.significant_drop(refresh_id, workspace, company_id).await?;
        let reasons = drop.iter().flat_map(|drop| drop.reasons());
        Ok(reasons.map(|reason| Worse { code: reason.code().to_owned(), text: reason.to_string() }).collect())
    }

    /// Notes that somebody is to look at the group before it is saved, and says until when they are waited for.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn ask_for_review(
        &self,
        ctx: &ActivityContext,
        input: &ReviewInput,
    ) -> Result<Receipt<ReviewOpened>, StepFailure> {
        let subject = Subject { refresh_id: &input.refresh_id, step: Step::Review.as_str(), member: "" };
        attempt(ctx, &self.store, subject, &Pulse::default(), async {
            let wanted =
                now().saturating_add(UnixMillis::try_from(self.pace.review.as_millis()).unwrap_or(UnixMillis::MAX));
            let opened = self.store.open_review(input, wanted, now()).await?;
            tracing::info!(event_name = "review.opened", input.refresh_id, "somebody should look at a group");
            Ok((opened, 0))
        })
        .await
    }
}
