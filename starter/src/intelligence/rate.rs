//! How fast one key may call.

use crate::limits::{Rate, Standing};
use governor::RateLimiter;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;

/// What a key may when nothing else is said: enough for a person's screen and for paging through everything, and no more
/// than a small database serves besides its real work.
pub(crate) const DEFAULT: Rate = Rate::new(50, 100);

/// A bucket of tokens for each key. Only keys that are valid get one, so that they are as many as the keys.
#[derive(Debug)]
pub(crate) struct KeyBuckets {
    rate: Rate,
    buckets: RateLimiter<String, HashMapStateStore<String>, DefaultClock, StateInformationMiddleware>,
}

impl KeyBuckets {
    pub(crate) fn new(rate: Rate) -> Self {
        let buckets = RateLimiter::hashmap(rate.quota()).with_middleware::<StateInformationMiddleware>();
        Self { rate, buckets }
    }

    /// Takes a token of a key that has proven itself.
    pub(crate) fn take(&self, key_id: &str) -> Standing {
        let left = match self.buckets.check_key(&key_id.to_owned()) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(refused) => Err(refused.wait_time_from(DefaultClock::default().now())),
        };
        Standing::new("key", self.rate, left)
    }
}
