//! A starter whose Temporal server may not be there yet when it begins to serve.

use crate::{RefreshStarter, StartError, StartRefresh, Starting};
use contracts::StartRequest;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Cannot start anything until somebody who has connected says so. What comes before goes into the inbox.
#[derive(Default)]
pub struct LateStarter {
    starter: OnceLock<RefreshStarter>,
    reachable: AtomicBool,
}

impl LateStarter {
    /// From now on it can; only the first call counts.
    pub fn arrived(&self, starter: RefreshStarter) {
        let _ = self.starter.set(starter);
        self.set_reachable(true);
    }

    /// The starter, once the server was there.
    pub(crate) fn connected(&self) -> Option<&RefreshStarter> {
        self.starter.get()
    }

    /// Says whether the server was there when it was last looked for.
    pub fn set_reachable(&self, reachable: bool) {
        self.reachable.store(reachable, Ordering::Release);
    }

    /// Whether the server was there when it was last looked for.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        self.reachable.load(Ordering::Acquire)
    }
}

impl StartRefresh for LateStarter {
    fn start<'a>(&'a self, request: &'a StartRequest) -> Starting<'a> {
        Box::pin(async {
            match self.starter.get() {
                Some(starter) => starter.start(request).await,
                None => {
                    let cause = "not connected yet".to_owned();
                    Err(StartError::Unavailable { retry_after: Duration::from_secs(5), cause })
                }
            }
        })
    }
}
