//! What people see while it runs: the status query, the step as a search attribute, the details in the Web UI.
//! Nothing here names a person, a title or an address; Web UI details and search attributes are not encrypted.

use super::BuyerGroupRefresh;
use contracts::{BGR_OUTCOME, BGR_STEP, OutcomeKind, Receipt, RefreshStatus, Step, UnixMillis};
use std::time::{Duration, UNIX_EPOCH};
use temporalio_workflow::WorkflowContext;

/// Logs once: silent while history is replayed.
macro_rules! log {
    ($ctx:expr, $level:ident, $($fields:tt)*) => {
        if !$ctx.is_replaying() {
            tracing::$level!($($fields)*);
        }
    };
}
pub(super) use log;

/// Where a refresh stands before its first step.
pub(super) fn at_the_start() -> RefreshStatus {
    RefreshStatus {
        step: Step::Begin,
        percent: 0,
        members_found: 0,
        members_enriched: 0,
        attempts: 0,
        cost_micros: 0,
        waiting_until: None,
        holds_for: 0,
        review: None,
        outcome: None,
    }
}

/// The workflow's own clock. It stands still on replay.
pub(super) fn now(ctx: &WorkflowContext<BuyerGroupRefresh>) -> UnixMillis {
    let since = ctx.workflow_time().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    UnixMillis::try_from(since.as_millis()).unwrap_or(UnixMillis::MAX)
}

/// How long to wait for a moment that a worker has named. A second at least: its clock may be behind the server's, and
/// would name the same moment again.
pub(super) fn time_until(ctx: &WorkflowContext<BuyerGroupRefresh>, moment: UnixMillis) -> Duration {
    let left = u64::try_from(moment.saturating_sub(now(ctx))).unwrap_or(0);
    Duration::from_millis(left).max(Duration::from_secs(1))
}

/// 0–100. The weights follow how long the steps take: enriching is most of it, and grows member by member.
pub(super) fn percent(step: Step, enriched: u32, found: u32) -> u8 {
    match step {
        Step::Begin => 0,
        Step::ResolveCompany => 5,
        Step::ClaimSlot | Step::Wait => 8,
        Step::Discover => 10,
        Step::Enrich => 30 + u8::try_from(60 * enriched.min(found) / found.max(1)).unwrap_or(60),
        Step::Review | Step::Save => 90,
        Step::Done => 100,
        // Only a later build is in such a step.
        Step::Other => 0,
    }
}

impl BuyerGroupRefresh {
    /// Enters a step. Commands go out with the step's first activity, so this costs no round trip.
    pub(super) fn enter(ctx: &WorkflowContext<Self>, step: Step) {
        ctx.state_mut(|refresh| refresh.status.step = step);
        ctx.upsert_search_attributes([BGR_STEP.value_set(step.as_str().to_owned())]);
        Self::show(ctx);
    }

    /// Books what a finished activity took.
    pub(super) fn book<T>(ctx: &WorkflowContext<Self>, receipt: Receipt<T>) -> T {
        ctx.state_mut(|refresh| {
            refresh.status.attempts += receipt.attempts;
            refresh.status.cost_micros += receipt.cost_micros;
        });
        receipt.result
    }

    /// The last step, how it ended, and why if nothing was saved. A refresh that ended badly keeps showing the step in which
    /// it did.
    pub(super) fn show_end(ctx: &WorkflowContext<Self>, outcome: OutcomeKind, why: Option<String>) {
        let badly = matches!(outcome, OutcomeKind::Failed | OutcomeKind::Cancelled);
        ctx.state_mut(|refresh| {
            refresh.why = why;
            refresh.status.outcome = Some(outcome);
            // One that is cancelled while it waits waits no longer.
            refresh.status.waiting_until = None;
            if !badly {
                refresh.status.step = Step::Done;
            }
        });
        let step = ctx.state(|refresh| refresh.status.step);
        ctx.upsert_search_attributes([
            BGR_STEP.value_set(step.as_str().to_owned()),
            BGR_OUTCOME.value_set(outcome.as_str().to_owned()),
        ]);
        Self::show(ctx);
    }

    /// Current details, in Markdown.
    pub(super) fn show(ctx: &WorkflowContext<Self>) {
        let status = ctx.state_mut(|refresh| {
            let status = &mut refresh.status;
            let percent = percent(status.step, status.members_enriched, status.members_found);
            status.percent = status.percent.max(percent);
            status.clone()
        });
        let mut details = match status.outcome {
            None => format!("**{}** · {} %", status.step, status.percent),
            Some(outcome) if status.step == Step::Done => format!("**{outcome}**"),
            Some(outcome) => format!("**{outcome}** in step {}", status.step),
        };
        if let Some(why) = ctx.state(|refresh| refresh.why.clone()) {
            details += &format!("\n\n{why}");
        }
        if let Some(company_id) = ctx.state(|refresh| refresh.company_id.clone()) {
            details += &format!("\n\ncompany: `{company_id}`");
        }
        if let Some(until) = status.waiting_until {
            details += &format!("\n\nwaits for the company's next slot, until {}", utc(until));
            details += &format!("\n\nupdate `{}` starts it at once", contracts::RUN_NOW_UPDATE);
        }
        if status.holds_for > 0 {
            details += &format!("\n\nanswers for {} more events", status.holds_for);
        }
        if let Some(review) = &status.review {
            details += "\n\nsomebody should look before this group is saved:";
            for worse in &review.why {
                details += &format!("\n- {}", worse.text);
            }
            let (approve, reject) = (contracts::APPROVE_UPDATE, contracts::REJECT_UPDATE);
            details += &format!(
                "\n\nupdate `{approve}` saves it, `{reject}` keeps the group before; without an answer that is kept at {}",
                utc(review.until)
            );
        }
        if status.members_found > 0 {
            details += &format!("\n\nmembers: {} found, {} enriched", status.members_found, status.members_enriched);
        }
        if status.cost_micros > 0 {
            details += &format!("\n\ncost so far: ${:.4}", status.cost_micros as f64 / 1e6);
        }
        ctx.set_current_details(details);
    }
}

/// A moment for people, e.g. `2026-01-15 14:05:00 UTC`.
fn utc(moment: UnixMillis) -> String {
    let (days, second) = (moment.div_euclid(86_400_000), moment.rem_euclid(86_400_000) / 1000);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// The date of a day counted from 1970-01-01. Years are counted from March, so that a leap day is the last of its year.
fn date(days: i64) -> (i64, i64, i64) {
    const FOUR_CENTURIES: i64 = 146_097;
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(FOUR_CENTURIES), shifted.rem_euclid(FOUR_CENTURIES));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn moments_are_written_as_dates() {
        for (moment, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_400_000, "2000-02-29 00:00:00 UTC"),
            (1_768_485_900_999, "2026-01-15 14:05:00 UTC"),
            (4_107_542_399_000, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400_000, "2100-03-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(utc(moment), text);
        }
    }
}
