//! When a receiver is tried again that says when to come back: not before, and never sooner than one that says nothing.

use contracts::NOTIFY_PATIENCE;
use std::time::{Duration, SystemTime};
use temporalio_common::RetryPolicy;
use temporalio_sdk::activities::ActivityInfo;

/// Time for the last attempt before the patience ends. The server does not even begin one that would come too late.
const LAST_ATTEMPT: Duration = Duration::from_secs(60);

/// How long is waited after an attempt that was not the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    /// What the retry policy waits after this attempt.
    backoff: Duration,
    /// What is left of the time in which the receiver is tried, when the last attempt is to begin within it.
    left: Duration,
}

impl Patience {
    /// After this attempt.
    pub(super) fn after(info: &ActivityInfo, now: SystemTime) -> Self {
        let backoff = info.retry_policy.as_ref().map_or(Duration::ZERO, |policy| backoff(policy, info.attempt));
        let since = info.scheduled_time.and_then(|since| now.duration_since(since).ok()).unwrap_or_default();
        Self { backoff, left: NOTIFY_PATIENCE.saturating_sub(since).saturating_sub(LAST_ATTEMPT) }
    }

    /// How long is waited when the receiver asks for this; nothing when the retry policy is to decide.
    pub(super) fn wait(self, asked: Option<Duration>) -> Option<Duration> {
        asked.map(|asked| asked.min(self.left)).filter(|wait| *wait > self.backoff)
    }
}

/// What the policy waits after the attempt with this number.
fn backoff(policy: &RetryPolicy, attempt: u32) -> Duration {
    let retries = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    let seconds = policy.initial_interval().as_secs_f64() * policy.backoff_coefficient().powi(retries);
    let longest = policy.maximum_interval().unwrap_or(NOTIFY_PATIENCE);
    // Too many to count is longer than the longest.
    Duration::try_from_secs_f64(seconds).map_or(longest, |wait| wait.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn policy() -> RetryPolicy {
        RetryPolicy::builder()
            .initial_interval(Duration::from_secs(2))
            .backoff_coefficient(3.0)
            .maximum_interval(4 * HOUR)
            .build()
    }

    fn secs(text: &[u64]) -> Vec<Duration> {
        text.iter().copied().map(Duration::from_secs).collect()
    }

    #[test]
    fn the_backoff_is_that_of_the_policy() {
        let waits: Vec<_> = [1, 2, 3, 4, 9, 10, 1000, u32::MAX].map(|attempt| backoff(&policy(), attempt)).into();
        assert_eq!(waits, secs(&[2, 6, 18, 54, 13_122, 14_400, 14_400, 14_400]));
    }

    #[test]
    fn a_receiver_is_left_alone_as_long_as_it_asks_and_as_patience_lasts() {
        let at = |attempt, left| Patience { backoff: backoff(&policy(), attempt), left };
        let fresh = at(1, NOTIFY_PATIENCE - LAST_ATTEMPT);
        assert_eq!(fresh.wait(Some(2 * HOUR)), Some(2 * HOUR));
        assert_eq!(fresh.wait(Some(400 * HOUR)), Some(NOTIFY_PATIENCE - LAST_ATTEMPT));
        assert_eq!(fresh.wait(None), None);
        // One that asks for less than the backoff gets the backoff.
        assert_eq!((fresh.wait(Some(Duration::from_secs(1))), fresh.wait(Some(Duration::from_secs(2)))), (None, None));
        assert_eq!(
            (at(7, HOUR).wait(Some(Duration::from_secs(60))), at(1, Duration::ZERO).wait(Some(HOUR))),
            (None, None)
        );
        assert_eq!(at(2, HOUR).wait(Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
    }
}
