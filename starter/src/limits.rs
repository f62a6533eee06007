//! How much is taken at one time, and how fast from each.
//!
//! Three bounds, in the order in which a delivery meets them: an address that keeps failing to authenticate is not read any
//! more, bodies in progress share a budget of memory (`budget.rs`), and each source has a bucket of tokens. The bucket is asked
//! only when the source is known for certain: nobody can empty another's.

use crate::Source;
use crate::auth::SourceLimits;
use contracts::{SourceName, WorkspaceId};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Header with the bound that counts (draft-ietf-httpapi-ratelimit-headers).
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Header with what is left of it.
const LEFT: HeaderName = HeaderName::from_static("ratelimit");
/// Most addresses that are remembered for failing. Beyond it, new ones are not held back.
const MAX_PEERS: usize = 16 * 1024;

/// A bucket of tokens: one is taken for each event, and they come back at a steady rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come back in a second.
    per_second: NonZeroU32,
    /// Tokens in a full bucket.
    burst: NonZeroU32,
}

impl Rate {
    /// A bucket. Zeros count as one, since a source that may never send is not a source, and more than a token per
    /// nanosecond cannot be told from one.
    #[must_use]
    pub const fn new(per_second: u32, burst: u32) -> Self {
        let per_second = if per_second > 1_000_000_000 { 1_000_000_000 } else { per_second };
        Self { per_second: at_least_one(per_second), burst: at_least_one(burst) }
    }

    pub(crate) fn quota(self) -> Quota {
        Quota::per_second(self.per_second).allow_burst(self.burst)
    }

    /// Time in which an empty bucket fills, in whole seconds.
    fn window(self) -> u32 {
        self.burst.get().div_ceil(self.per_second.get())
    }
}

const fn at_least_one(count: u32) -> NonZeroU32 {
    match NonZeroU32::new(count) {
        Some(count) => count,
        None => NonZeroU32::MIN,
    }
}

/// 10,000 a second, 20,000 at once: more than one process serves, so that it bounds a source only where somebody sets it.
impl Default for Rate {
    fn default() -> Self {
        Self::new(10_000, 20_000)
    }
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// Tenant and name.
type SourceKey = (WorkspaceId, SourceName);

/// The buckets of all sources. They come to be with the first delivery of each, and are as many as the sources.
#[derive(Debug)]
pub(crate) struct SourceBuckets {
    /// Of a source whose settings say nothing.
    default: Rate,
    buckets: Mutex<HashMap<SourceKey, Arc<(Rate, Bucket)>>>,
}

/// How a source stands after a delivery, or a key after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whose bucket it is, as the header names it.
    whose: &'static str,
    rate: Rate,
    /// Tokens left, or how long until there is one.
    pub(crate) left: Result<u32, Duration>,
}

impl SourceBuckets {
    pub(crate) fn new(default: Rate) -> Self {
        Self { default, buckets: Mutex::default() }
    }

    /// Takes a token of an authenticated source: that of a delivery's first event, before the delivery is read.
    pub(crate) fn take(&self, source: &Source) -> Standing {
        let bucket = self.bucket(source);
        let (rate, bucket) = &*bucket;
        let left = match bucket.check() {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(refused) => Err(refused.wait_time_from(DefaultClock::default().now())),
        };
        Standing::new("source", *rate, left)
    }

    /// Takes the tokens of a delivery's other events, all or none. A delivery of more events than the bucket holds takes
    /// what a full bucket has left: it could never be delivered otherwise.
    pub(crate) fn take_others(&self, source: &Source, events: usize) -> Option<Standing> {
        let bucket = self.bucket(source);
        let (rate, bucket) = &*bucket;
        let others = u32::try_from(events.saturating_sub(1)).unwrap_or(u32::MAX).min(rate.burst.get() - 1);
        let left = match bucket.check_n(NonZeroU32::new(others)?).ok()? {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(refused) => Err(refused.wait_time_from(DefaultClock::default().now())),
        };
        Some(Standing::new("source", *rate, left))
    }

    fn bucket(&self, source: &Source) -> Arc<(Rate, Bucket)> {
        let key = (source.workspace.clone(), source.name.clone());
        let rate = rate_of(source.limits, self.default);
        let fresh = || {
            let bucket = RateLimiter::direct(rate.quota()).with_middleware::<StateInformationMiddleware>();
            Arc::new((rate, bucket))
        };
        Arc::clone(lock(&self.buckets).entry(key).or_insert_with(fresh))
    }
}

/// What its settings say, and where they say half, the other half: twice as many at once as in a second.
fn rate_of(limits: SourceLimits, default: Rate) -> Rate {
    let per_second = limits.per_second.unwrap_or(default.per_second);
    let twice = limits.per_second.map(|per_second| per_second.saturating_add(per_second.get()));
    Rate::new(per_second.get(), limits.burst.or(twice).unwrap_or(default.burst).get())
}

impl Standing {
    pub(crate) const fn new(whose: &'static str, rate: Rate, left: Result<u32, Duration>) -> Self {
        Self { whose, rate, left }
    }

    /// Tells the sender.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let left = match self.left {
            Ok(left) => format!("\"{}\";r={left}", self.whose),
            Err(wait) => format!("\"{}\";r=0;t={}", self.whose, whole_seconds(wait)),
        };
        let policy = format!("\"{}\";q={};w={}", self.whose, self.rate.burst, self.rate.window());
        for (name, text) in [(POLICY, policy), (LEFT, left)] {
            // Quotes, digits and letters: there is nothing that a header could not carry.
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}

/// Rounded up: who waits that long finds a token, and nobody is told to come back at once.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// The address of whoever is at the other end of the connection: the sender, or a proxy before us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Addresses that fail to authenticate. Good deliveries cost nothing here.
#[derive(Debug)]
pub(crate) struct PeerFailures {
    bucket: RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>,
    held: Mutex<HashMap<IpAddr, Instant>>,
    swept: Mutex<Instant>,
}

impl PeerFailures {
    pub(crate) fn new(rate: Rate) -> Self {
        let bucket = RateLimiter::hashmap(rate.quota());
        Self { bucket, held: Mutex::default(), swept: Mutex::new(Instant::now()) }
    }

    /// How long this address must still wait.
    pub(crate) fn held(&self, peer: Peer) -> Option<Duration> {
        let mut held = lock(&self.held);
        let until = *held.get(&network(peer))?;
        let wait = until.checked_duration_since(Instant::now()).filter(|wait| !wait.is_zero());
        if wait.is_none() {
            held.remove(&network(peer));
        }
        wait
    }

    /// This address has failed.
    pub(crate) fn failed(&self, peer: Peer) {
        let now = Instant::now();
        self.sweep(now);
        if self.bucket.len() >= MAX_PEERS {
            return;
        }
        if let Err(refused) = self.bucket.check_key(&network(peer)) {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            lock(&self.held).insert(network(peer), now + wait);
        }
    }

    /// Forgets who has not failed for a while. At most once a second, for it looks at all of them.
    fn sweep(&self, now: Instant) {
        let mut swept = lock(&self.swept);
        if now.duration_since(*swept) < Duration::from_secs(1) {
            return;
        }
        *swept = now;
        self.bucket.retain_recent();
        self.bucket.shrink_to_fit();
        lock(&self.held).retain(|_, until| *until > now);
    }
}

/// Who has one address of IPv6 has the 2^64 of its network.
fn network(Peer(address): Peer) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

/// What a panic elsewhere left behind is still a map of counters.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
