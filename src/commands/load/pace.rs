//! Two threads beside the connections: one signs requests ahead of time, one says when each falls due. The runtime's timer
//! has a grain of a millisecond, which is as much as an answer takes; a thread's sleep is finer by far.

use super::plan::Plan;
use anyhow::{Context as _, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Requests that are signed and wait to be sent. Few enough that none grows old.
const AHEAD: usize = 4096;

/// The moments at which requests fall due.
pub(super) struct Dues {
    pub(super) times: flume::Receiver<Instant>,
    lag: Arc<AtomicU64>,
}

impl Dues {
    /// By how much the worst moment was announced late. That is the driver's own fault, and is part of the figures.
    pub(super) fn lag(&self) -> Duration {
        Duration::from_micros(self.lag.load(Ordering::Relaxed))
    }
}

/// Signs on a thread of its own until all are signed or nobody takes them.
pub(super) fn sign_ahead(plan: Plan) -> Result<flume::Receiver<Vec<u8>>> {
    let (sender, receiver) = flume::bounded(AHEAD);
    let sign = move || {
        for number in 0..plan.total() {
            if sender.send(plan.request(number)).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("load-sign".to_owned()).spawn(sign).context("cannot start a thread")?;
    Ok(receiver)
}

/// Says for each request when it falls due, at that moment or as soon after it as the machine lets it.
pub(super) fn release(begun: Instant, rate: u32, total: u64) -> Result<Dues> {
    let (sender, times) = flume::unbounded();
    let worst = Arc::new(AtomicU64::new(0));
    let lag = Arc::clone(&worst);
    let pace = move || {
        for number in 0..total {
            let due = begun + offset(number, rate);
            let now = Instant::now();
            match due.checked_duration_since(now) {
                Some(wait) if !wait.is_zero() => thread::sleep(wait),
                _ => {
                    let late = now.saturating_duration_since(due).as_micros();
                    worst.fetch_max(u64::try_from(late).unwrap_or(u64::MAX), Ordering::Relaxed);
                }
            }
            if sender.send(due).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("load-pace".to_owned()).spawn(pace).context("cannot start a thread")?;
    Ok(Dues { times, lag })
}

/// When the n-th request falls due after the beginning.
fn offset(number: u64, rate: u32) -> Duration {
    let rate = u64::from(rate);
    let nanos = (number % rate) * 1_000_000_000 / rate;
    Duration::from_secs(number / rate) + Duration::from_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::{offset, release};
    use std::time::{Duration, Instant};

    #[test]
    fn the_rate_is_constant_and_never_drifts() {
        assert_eq!(offset(0, 3), Duration::ZERO);
        assert_eq!(offset(1, 3), Duration::from_nanos(333_333_333));
        assert_eq!(offset(3, 3), Duration::from_secs(1));
        assert_eq!(offset(20_000_000, 200_000), Duration::from_secs(100));
    }

    #[test]
    fn a_late_beginning_does_not_move_the_moments() -> anyhow::Result<()> {
        let begun = Instant::now().checked_sub(Duration::from_secs(5)).ok_or_else(|| anyhow::anyhow!("no past"))?;
        let dues = release(begun, 10, 30)?;
        let times: Vec<_> = dues.times.iter().collect();
        assert_eq!(times.len(), 30);
        assert_eq!(times[29], begun + Duration::from_millis(2900));
        assert!(dues.lag() >= Duration::from_millis(2000), "{:?}", dues.lag());
        Ok(())
    }
}
