//! What an answer means: Standard Webhooks 1.0, and for Slack its list of errors.

use super::receiver::Channel;
use super::send::Answer;
use contracts::{FailureClass, UnixMillis};
use std::time::{Duration, UNIX_EPOCH};

/// What an answer means for the delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The receiver has it.
    Delivered,
    /// The receiver is gone, and is to get nothing any more.
    Gone,
    /// Not this time.
    Failed {
        /// Decides whether it is tried again.
        class: FailureClass,
        /// When the receiver says so: after how long.
        retry_after: Option<Duration>,
    },
}

/// The verdict at this moment.
pub(super) fn verdict(channel: Channel, answer: &Answer, now: UnixMillis) -> Verdict {
    let failed = |class| Verdict::Failed { class, retry_after: None };
    match answer.status {
        200..=299 => Verdict::Delivered,
        410 => Verdict::Gone,
        // The channel, its app or its team is no longer there, or no longer takes messages.
        403 | 404 if channel == Channel::Slack => Verdict::Gone,
        401 | 403 => failed(FailureClass::AuthFailed),
        429 => Verdict::Failed { class: FailureClass::RateLimited, retry_after: wait(answer, now) },
        408 | 425 | 500..=599 => Verdict::Failed { class: FailureClass::Transient, retry_after: wait(answer, now) },
        // A redirect is not followed: it would lead where nobody has looked.
        _ => failed(FailureClass::InvalidRequest),
    }
}

/// `Retry-After`, in seconds or as a date. One that asks for no wait at all says nothing.
fn wait(answer: &Answer, now: UnixMillis) -> Option<Duration> {
    let text = answer.retry_after.as_deref()?.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => Duration::from_secs(seconds.into()),
        Err(_) => {
            let then = httpdate::parse_http_date(text).ok()?;
            let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(now).ok()?);
            then.duration_since(now).ok()?
        }
    };
    (!wait.is_zero()).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = 1_767_225_600_000;

    fn judged(channel: Channel, status: u16, retry_after: Option<&str>) -> Verdict {
        verdict(channel, &Answer { status, retry_after: retry_after.map(str::to_owned) }, NOW)
    }

    fn failed(class: FailureClass, seconds: Option<u64>) -> Verdict {
        Verdict::Failed { class, retry_after: seconds.map(Duration::from_secs) }
    }

    #[test]
    fn only_two_hundreds_are_deliveries_and_only_410_is_gone() {
        for status in 100..=999 {
            let verdict = judged(Channel::Webhook, status, None);
            assert_eq!(verdict == Verdict::Delivered, (200..300).contains(&status), "{status}");
            assert_eq!(verdict == Verdict::Gone, status == 410, "{status}");
        }
    }

    #[test]
    fn what_passes_by_itself_is_tried_again_and_nothing_else() {
        for status in (300..=599).filter(|status| *status != 410) {
            let Verdict::Failed { class, .. } = judged(Channel::Webhook, status, None) else { panic!("{status}") };
            let passes = status >= 500 || [408, 425, 429].contains(&status);
            assert_eq!(class.is_retryable(), passes, "{status}");
        }
    }

    #[test]
    fn a_receiver_says_when_to_come_back() {
        let webhook = |status, retry_after| judged(Channel::Webhook, status, Some(retry_after));
        assert_eq!(webhook(429, "120"), failed(FailureClass::RateLimited, Some(120)));
        assert_eq!(webhook(503, " 7 "), failed(FailureClass::Transient, Some(7)));
        // 2026-01-01T00:02:00Z is two minutes from then.
        assert_eq!(webhook(429, "Thu, 01 Jan 2026 00:02:00 GMT"), failed(FailureClass::RateLimited, Some(120)));
        assert_eq!(webhook(429, "Thu, 01 Jan 2025 00:00:00 GMT"), failed(FailureClass::RateLimited, None));
        for nonsense in ["", "-5", "soon", "1.5", "99999999999", "0", "Thu, 01 Jan 2026 00:00:00 GMT"] {
            assert_eq!(webhook(429, nonsense), failed(FailureClass::RateLimited, None), "{nonsense}");
        }
        assert_eq!(webhook(400, "120"), failed(FailureClass::InvalidRequest, None));
    }

    #[test]
    fn a_slack_channel_that_is_no_longer_there_is_gone() {
        for status in [403, 404, 410] {
            assert_eq!(judged(Channel::Slack, status, None), Verdict::Gone, "{status}");
        }
        assert_eq!(judged(Channel::Slack, 400, None), failed(FailureClass::InvalidRequest, None));
        assert_eq!(judged(Channel::Slack, 429, Some("1")), failed(FailureClass::RateLimited, Some(1)));
    }
}
