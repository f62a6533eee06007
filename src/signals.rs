//! Being told to stop.

use anyhow::{Context as _, Result};

/// Ready at the first SIGTERM or Ctrl-C. A second one ends the process at once, for whoever cannot wait.
///
/// # Errors
/// When the signals cannot be listened to.
pub fn stop() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate()).context("SIGTERM cannot be listened to")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be listened to")?;
    let (told, stopped) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut either = async || {
            tokio::select! { _ = term.recv() => {}, _ = interrupt.recv() => {} }
        };
        either().await;
        // Nobody may be waiting any more, which is as good as being told.
        let _ = told.send(());
        either().await;
        std::process::exit(130);
    });
    Ok(async move {
        let _ = stopped.await;
    })
}
