//! Memory for the bodies of requests in progress.

use crate::intake::MAX_BODY;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The budget. What bodies have beyond [`MAX_BODY`] may use up half of it and no more, so that a few large deliveries, or a
/// few strangers who send large ones, leave room for all the small ones.
#[derive(Clone, Debug)]
pub(crate) struct BodyBudget {
    all: Arc<Semaphore>,
    beyond: Arc<Semaphore>,
}

/// A share of the budget. It comes back when this goes.
#[derive(Debug)]
pub(crate) struct BodyShare {
    budget: BodyBudget,
    bytes: usize,
    permits: Vec<OwnedSemaphorePermit>,
}

impl BodyBudget {
    pub(crate) fn new(bytes: usize) -> Self {
        let semaphore = |bytes: usize| Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS)));
        Self { all: semaphore(bytes), beyond: semaphore(bytes / 2) }
    }

    /// A share for a body of so many bytes, or nothing when there is no room for it: to wait for one would be to queue
    /// requests in memory. What the body has beyond [`MAX_BODY`] is only announced and taken as it arrives.
    pub(crate) fn take(&self, bytes: usize) -> Option<BodyShare> {
        let beyond = bytes.saturating_sub(MAX_BODY);
        if self.all.available_permits() < bytes || self.beyond.available_permits() < beyond {
            return None;
        }
        let mut share = BodyShare { budget: self.clone(), bytes: 0, permits: Vec::new() };
        share.cover(bytes - beyond).then_some(share)
    }
}

impl BodyShare {
    /// Grows to so many bytes. False when there is no room for them.
    pub(crate) fn cover(&mut self, bytes: usize) -> bool {
        if bytes <= self.bytes {
            return true;
        }
        let beyond = |bytes: usize| bytes.saturating_sub(MAX_BODY);
        let more = [(&self.budget.all, bytes - self.bytes), (&self.budget.beyond, beyond(bytes) - beyond(self.bytes))];
        for (semaphore, bytes) in more {
            let permit =
                u32::try_from(bytes).ok().and_then(|bytes| Arc::clone(semaphore).try_acquire_many_owned(bytes).ok());
            let Some(permit) = permit else { return false };
            match self.permits.iter_mut().find(|held| Arc::ptr_eq(held.semaphore(), semaphore)) {
                Some(held) => held.merge(permit),
                None => self.permits.push(permit),
            }
        }
        self.bytes = bytes;
        true
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn free(budget: &BodyBudget) -> (usize, usize) {
        (budget.all.available_permits(), budget.beyond.available_permits())
    }

    #[test]
    fn the_budget_is_shared_and_comes_back() {
        let budget = BodyBudget::new(100);
        let first = budget.take(60);
        assert!(first.is_some() && budget.take(41).is_none());
        let second = budget.take(40);
        assert!(second.is_some() && budget.take(1).is_none());
        drop(first);
        assert!(budget.take(60).is_some());
    }

    #[test]
    fn what_is_announced_is_not_taken_before_it_arrives() {
        let budget = BodyBudget::new(8 * MAX_BODY);
        let mut share = budget.take(3 * MAX_BODY).unwrap();
        assert_eq!(free(&budget), (7 * MAX_BODY, 4 * MAX_BODY));
        assert!(share.cover(10) && share.cover(2 * MAX_BODY));
        assert_eq!(free(&budget), (6 * MAX_BODY, 3 * MAX_BODY));
        drop(share);
        assert_eq!(free(&budget), (8 * MAX_BODY, 4 * MAX_BODY));
    }

    #[test]
    fn large_bodies_leave_half_of_the_room_for_small_ones() {
        let budget = BodyBudget::new(8 * MAX_BODY);
        assert!(budget.take(6 * MAX_BODY).is_none(), "it could never arrive");
        let mut large = budget.take(5 * MAX_BODY).unwrap();
        assert!(large.cover(5 * MAX_BODY));
        let mut other = budget.take(MAX_BODY).unwrap();
        assert!(budget.take(MAX_BODY + 1).is_none() && !other.cover(MAX_BODY + 1));
        assert!(budget.take(MAX_BODY).is_some(), "a small one");
    }
}
