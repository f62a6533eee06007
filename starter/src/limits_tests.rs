#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::auth::{Preset, SourceConfig, Sources};
use secrecy::SecretString;

fn source(workspace: &str, name: &str) -> Arc<Source> {
    made(workspace, name, SourceLimits::default())
}

fn source_with(name: &str, limits: SourceLimits) -> Arc<Source> {
    made("demo", name, limits)
}

fn made(workspace: &str, name: &str, limits: SourceLimits) -> Arc<Source> {
    let scheme = Preset::PersonChange.scheme().unwrap();
    let secret = SecretString::from("0123456789abcdef01234567");
    let config = SourceConfig::new(workspace.parse().unwrap(), name.parse().unwrap(), scheme, secret);
    let config = SourceConfig { limits, ..config };
    Arc::clone(Sources::new(vec![config]).unwrap().iter().next().unwrap())
}

fn peer(text: &str) -> Peer {
    Peer(text.parse().unwrap())
}

#[test]
fn a_source_has_its_burst_and_no_more_and_no_other_source_feels_it() {
    let buckets = SourceBuckets::new(Rate::new(1, 3));
    let (one, other) = (source("demo", "crm"), source("second", "crm"));
    let lefts: Vec<_> = (0..3).map(|_| buckets.take(&one).left).collect();
    assert_eq!(lefts, [Ok(2), Ok(1), Ok(0)]);
    let wait = buckets.take(&one).left.unwrap_err();
    assert!(wait > Duration::from_millis(500) && wait <= Duration::from_secs(1), "{wait:?}");
    assert_eq!(buckets.take(&other).left, Ok(2));
}

#[test]
fn a_source_may_have_a_rate_of_its_own() {
    let buckets = SourceBuckets::new(Rate::new(1, 100));
    let limited = |per_second, burst| SourceLimits {
        per_second: NonZeroU32::new(per_second),
        burst: NonZeroU32::new(burst),
        ..SourceLimits::default()
    };
    let one = source_with("crm", limited(1, 1));
    assert_eq!(buckets.take(&one).left, Ok(0));
    assert!(buckets.take(&one).left.is_err());
    // Where only half is said, the other half follows from it.
    assert_eq!(buckets.take(&source_with("hr", limited(3, 0))).left, Ok(5));
    assert_eq!(buckets.take(&source_with("sales", limited(0, 7))).left, Ok(6));
    assert_eq!(buckets.take(&source("demo", "bare")).left, Ok(99));
}

#[test]
fn the_sender_is_told_in_whole_seconds_rounded_up() {
    let mut headers = HeaderMap::new();
    let rate = Rate::new(2, 5);
    Standing::new("source", rate, Ok(4)).write(&mut headers);
    assert_eq!(
        (&headers[POLICY], &headers[LEFT]),
        (&"\"source\";q=5;w=3".parse().unwrap(), &"\"source\";r=4".parse().unwrap())
    );
    Standing::new("source", rate, Err(Duration::from_millis(1001))).write(&mut headers);
    assert_eq!(headers[LEFT], "\"source\";r=0;t=2");
    for (wait, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (2000, 2)] {
        assert_eq!(whole_seconds(Duration::from_millis(wait)), seconds, "{wait} ms");
    }
}

#[test]
fn an_address_is_held_back_after_its_failures_and_its_network_with_it() {
    let peers = PeerFailures::new(Rate::new(1, 2));
    let (one, neighbour, other) = (peer("2001:db8::1"), peer("2001:db8::ffff"), peer("2001:db8:0:1::1"));
    peers.failed(one);
    peers.failed(one);
    assert_eq!(peers.held(one), None, "two failures are allowed");
    peers.failed(neighbour);
    assert!(peers.held(one).is_some() && peers.held(neighbour).is_some());
    assert_eq!(peers.held(other), None);
    for _ in 0..3 {
        peers.failed(peer("192.0.2.1"));
    }
    assert!(peers.held(peer("::ffff:192.0.2.1")).is_some(), "the same address in the other notation");
    assert_eq!(peers.held(peer("192.0.2.2")), None);
}

#[test]
fn an_address_is_let_in_again_when_its_time_is_over() {
    let peers = PeerFailures::new(Rate::new(1, 1));
    lock(&peers.held).insert(peer("192.0.2.1").0, Instant::now());
    assert_eq!(peers.held(peer("192.0.2.1")), None);
    assert!(lock(&peers.held).is_empty());
}

#[test]
fn a_million_addresses_do_not_fill_the_memory() {
    // A token comes back in a second, so that none of these is forgotten on the way.
    let peers = PeerFailures::new(Rate::new(1, 4));
    for number in 0..(MAX_PEERS as u32 + 1_000) {
        for _ in 0..6 {
            peers.failed(Peer(IpAddr::from(number.to_be_bytes())));
        }
    }
    assert!(peers.bucket.len() <= MAX_PEERS && lock(&peers.held).len() <= MAX_PEERS);
}
