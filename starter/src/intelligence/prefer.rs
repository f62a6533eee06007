//! `Prefer: wait=n` (RFC 7240): a caller who would rather wait than ask again.

use http::HeaderMap;
use std::time::Duration;

/// Longest that anybody waits.
pub(crate) const MOST: Duration = Duration::from_secs(60);

const PREFER: &str = "prefer";

/// How long the caller would wait. A preference that cannot be read is none, and more than the longest is the longest.
pub(crate) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let mut preferences =
        values.flat_map(|value| value.split(',')).map(|one| one.split(';').next().unwrap_or_default());
    let text = preferences.find_map(|one| {
        let (name, value) = one.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"'))
    })?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)).min(MOST))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_wait_is_read_among_others_and_bounded() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.append(PREFER, text.parse().unwrap());
            wait(&headers).map(|wait| wait.as_secs())
        };
        assert_eq!(read("wait=10"), Some(10));
        assert_eq!(read("respond-async, Wait = \"5\"; x=y"), Some(5));
        assert_eq!(read("wait=99999999999999999999999"), Some(60));
        for none in ["wait", "wait=", "wait=-1", "wait=1.5", "respond-async", "waiting=3"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
