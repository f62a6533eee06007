//! What the schedule asks: which companies are due, and which of them still are when their turn comes.

use crate::attempt::now;
use crate::{Pace, StepFailure};
use contracts::{
    Digest, DueEvent, DueEvents, DueRefresh, DueTaken, EventRef, FailureClass, RefreshReason, RefreshRequest,
    SourceName, UnixMillis,
};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use store::{DueCompany, Store, TakeDue};
use temporalio_sdk::activities::ActivityContext;

/// Most companies taken by one run of the schedule, in all workspaces together. Each is a few events in that run's
/// history, which stays far below what a server warns of.
const AT_MOST: u32 = 300;

/// Moments at which refreshes of one run are started.
const MOMENTS: u32 = 15;

/// How many companies are refreshed because it is time, and how quickly one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueRules {
    /// Most of them in one workspace on one day (UTC). 0: none.
    pub per_workspace_per_day: u32,
    /// Time over which the refreshes of one run are spread.
    pub spread: Duration,
    /// How long a refresh counts as running, so that its company is not refreshed beside it.
    pub still_running: Duration,
}

impl DueRules {
    /// How long a refresh counts as running whose group waits so long for a person: a day more, for everything else.
    #[must_use]
    pub fn still_running(review: Duration) -> Duration {
        review.saturating_add(Duration::from_secs(24 * 60 * 60))
    }
}

impl Default for DueRules {
    fn default() -> Self {
        let still_running = Self::still_running(Pace::default().review);
        Self { per_workspace_per_day: 500, spread: Duration::from_secs(10 * 60), still_running }
    }
}

/// Does what the schedule asks, over the store.
#[derive(Debug)]
pub struct Scheduler {
    store: Store,
    rules: DueRules,
}

impl Scheduler {
    /// Over this store, by these rules.
    #[must_use]
    pub fn new(store: Store, rules: DueRules) -> Self {
        Self { store, rules }
    }

    /// Takes companies that are due. A second attempt of one run is given those that the first one took.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn take_due(&self, ctx: &ActivityContext) -> Result<DueTaken, StepFailure> {
        let DueRules { per_workspace_per_day, spread, still_running } = self.rules;
        let now = now();
        let take = TakeDue { run: run(ctx)?, per_workspace_per_day, at_most: AT_MOST, still_running };
        let companies = self.store.take_due(&take, now).await?;
        let refreshes = companies.into_iter().map(|company| refresh(company, spread, now)).collect();
        Ok(DueTaken { refreshes })
    }

    /// Those of these refreshes whose company nothing else has refreshed meanwhile, or is refreshing.
    ///
    /// # Errors
    /// Transient when the database is away.
    pub async fn still_due(&self, ctx: &ActivityContext, input: DueEvents) -> Result<DueEvents, StepFailure> {
        let due = self.store.still_due(run(ctx)?, self.rules.still_running, now()).await?;
        let is_due = |event: &DueEvent| due.contains(&(event.workspace.to_string(), event.event_id.clone()));
        Ok(DueEvents { events: input.events.into_iter().filter(is_due).collect() })
    }
}

/// The run of the schedule: its workflow's id, which a workflow that is reset keeps.
fn run(ctx: &ActivityContext) -> Result<&str, StepFailure> {
    let outside = || StepFailure::step(FailureClass::Internal, "the schedule's activities run only within a workflow");
    ctx.info().workflow_id.as_deref().ok_or_else(outside)
}

/// The refresh of a company. Its level is that of the group that stands, so that a scheduled refresh neither takes away
/// what was found out nor pays for more.
fn refresh(due: DueCompany, spread: Duration, now: UnixMillis) -> DueRefresh {
    let DueCompany { workspace, company_id, company, level, due_at, event_id } = due;
    let moment = moment_of(&format!("{workspace}\n{company_id}"));
    let start_after = spread / MOMENTS * moment;
    let event = EventRef {
        source: SourceName::schedule(),
        digest: Digest::of(event_id.as_str().as_bytes()),
        id: event_id,
        occurred_at: due_at,
        received_at: now,
    };
    let request = RefreshRequest {
        workspace,
        company: company.into(),
        reason: RefreshReason::Scheduled,
        level,
        event,
        person_ref: None,
        could_sit: None,
    };
    DueRefresh { company_id, start_after_ms: u64::try_from(start_after.as_millis()).unwrap_or(u64::MAX), request }
}

/// Which of the moments is a company's: always the same one, and about as many companies have each.
fn moment_of(company: &str) -> u32 {
    let hash = Sha256::digest(company.as_bytes());
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]) % MOMENTS
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use contracts::{CompanyRef, EnrichmentLevel};

    fn due(company_id: &str) -> DueCompany {
        DueCompany {
            workspace: "demo".parse().unwrap(),
            company_id: company_id.to_owned(),
            company: CompanyRef { id: None, name: "Example".to_owned(), domain: None },
            level: EnrichmentLevel::Identify,
            due_at: 1_000,
            event_id: format!("{company_id}-1000").parse().unwrap(),
        }
    }

    #[test]
    fn refreshes_of_one_run_are_spread_and_each_company_has_its_moment() {
        let spread = Duration::from_secs(600);
        let starts: Vec<u64> =
            (0..300).map(|number| refresh(due(&format!("co_{number}")), spread, 2_000).start_after_ms).collect();
        let again: Vec<u64> =
            (0..300).map(|number| refresh(due(&format!("co_{number}")), spread, 9_000).start_after_ms).collect();
        assert_eq!(starts, again);
        for moment in 0..u64::from(MOMENTS) {
            let count = starts.iter().filter(|start| **start == moment * 40_000).count();
            assert!((5..=45).contains(&count), "{count} start at moment {moment}");
        }
    }

    #[test]
    fn a_try_has_one_body_however_often_it_is_taken() {
        let first = refresh(due("co_1"), Duration::ZERO, 2_000).request.event;
        let second = refresh(due("co_1"), Duration::ZERO, 9_000).request.event;
        assert_eq!((first.digest, first.occurred_at), (second.digest, 1_000));
    }
}
