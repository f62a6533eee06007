//! Whether something is away, as those who tried have found.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Remembers failures. After several in a row only one at a time tries, and not too often; everybody else can do
/// something better at once. The first success lets everybody try again.
#[derive(Debug)]
pub struct Circuit {
    name: &'static str,
    threshold: u32,
    state: Mutex<State>,
    closed: Notify,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    last_failure: Option<Instant>,
    probing: bool,
}

/// The right to try. Dropped without a word it says nothing about what was tried.
#[derive(Debug)]
pub struct Pass {
    circuit: Arc<Circuit>,
    probe: bool,
}

impl Circuit {
    /// Between two probes.
    pub const PAUSE: Duration = Duration::from_millis(250);

    /// One that opens after so many failures in a row. The name is for logs and metrics.
    #[must_use]
    pub fn new(name: &'static str, threshold: u32) -> Self {
        Self { name, threshold: threshold.max(1), state: Mutex::default(), closed: Notify::new() }
    }

    /// The right to try, unless it is known to be in vain.
    pub fn pass(self: &Arc<Self>) -> Option<Pass> {
        let mut state = self.state();
        if state.failures < self.threshold {
            return Some(Pass { circuit: Arc::clone(self), probe: false });
        }
        let too_soon = state.last_failure.is_some_and(|at| at.elapsed() < Self::PAUSE);
        if state.probing || too_soon {
            return None;
        }
        state.probing = true;
        Some(Pass { circuit: Arc::clone(self), probe: true })
    }

    /// The right to try although it is thought to be in vain: for somebody who can do nothing better.
    pub fn pass_anyway(self: &Arc<Self>) -> Pass {
        Pass { circuit: Arc::clone(self), probe: false }
    }

    /// Whether it is thought to be away.
    pub fn is_open(&self) -> bool {
        self.state().failures >= self.threshold
    }

    /// Whether somebody has found it away within this time.
    pub fn was_open_within(&self, time: Duration) -> bool {
        let state = self.state();
        state.failures >= self.threshold && state.last_failure.is_some_and(|at| at.elapsed() < time)
    }

    /// Returns when somebody succeeded after it was away.
    pub async fn closing(&self) {
        self.closed.notified().await;
    }

    fn succeeded(&self) {
        let mut state = self.state();
        let was_open = state.failures >= self.threshold;
        (state.failures, state.last_failure) = (0, None);
        drop(state);
        if was_open {
            tracing::info!(event_name = "circuit.closed", name = self.name, "{} answers again", self.name);
            self.closed.notify_waiters();
            self.show(true);
        }
    }

    fn failed(&self) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        state.last_failure = Some(Instant::now());
        let opened = state.failures == self.threshold;
        drop(state);
        if opened {
            tracing::warn!(event_name = "circuit.opened", name = self.name, "{} is away", self.name);
            self.show(false);
        }
    }

    fn show(&self, available: bool) {
        metrics::gauge!("bgr_available", "what" => self.name).set(if available { 1.0 } else { 0.0 });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds it can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// It answered.
    pub fn succeeded(self) {
        self.circuit.succeeded();
    }

    /// It did not.
    pub fn failed(self) {
        self.circuit.failed();
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.probe {
            self.circuit.state().probing = false;
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn after_some_failures_one_at_a_time_tries_and_a_success_lets_all_in() {
        let circuit = Arc::new(Circuit::new("test", 3));
        for _ in 0..3 {
            assert!(!circuit.is_open());
            circuit.pass().unwrap().failed();
        }
        assert!(circuit.is_open() && circuit.pass().is_none());
        tokio::time::advance(Circuit::PAUSE).await;
        let probe = circuit.pass().unwrap();
        assert!(circuit.pass().is_none(), "two probes at once");
        probe.failed();
        assert!(circuit.pass().is_none(), "the next probe came at once");
        tokio::time::advance(Circuit::PAUSE).await;
        // A probe that was given up leaves room for the next.
        drop(circuit.pass().unwrap());
        circuit.pass().unwrap().succeeded();
        assert!(!circuit.is_open());
        assert!(circuit.pass().is_some() && circuit.pass().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn failures_that_do_not_follow_each_other_say_nothing() {
        let circuit = Arc::new(Circuit::new("test", 2));
        for _ in 0..5 {
            circuit.pass().unwrap().failed();
            circuit.pass().unwrap().succeeded();
        }
        assert!(!circuit.is_open());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_hears_of_a_success() {
        let circuit = Arc::new(Circuit::new("test", 1));
        circuit.pass().unwrap().failed();
        tokio::time::advance(Circuit::PAUSE).await;
        let waited = async { circuit.closing().await };
        let succeeds = async { circuit.pass().unwrap().succeeded() };
        tokio::join!(waited, succeeds);
        assert!(circuit.pass().is_some());
        assert!(!circuit.was_open_within(Duration::from_secs(1)));
    }
}
