//! Ports of the dev server.

use anyhow::{Context as _, bail};
use std::net::{Ipv4Addr, TcpListener};

/// What people expect, used when free.
const USUAL: u16 = 7233;
const USUAL_UI: u16 = 8233;

/// The two ports that matter to others; the server chooses its inner ones itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) server: u16,
    pub(super) ui: u16,
}

impl Ports {
    /// Ports that are free now. A port that was asked for and is taken is an error; others give way.
    pub(super) fn choose(server: Option<u16>, ui: Option<u16>) -> anyhow::Result<Self> {
        let wanted = |port: Option<u16>, what: &str| match port {
            Some(port) if !is_free(port) => {
                bail!(
                    "port {port}, asked for with {what}, is in use; stop what uses it, choose another or leave it out"
                )
            }
            port => Ok(port),
        };
        let server = match wanted(server, "temporal.port")? {
            Some(port) => port,
            None => usual_or_free(USUAL, ui)?,
        };
        let ui = match wanted(ui, "temporal.ui_port")? {
            Some(port) => port,
            None => usual_or_free(USUAL_UI, Some(server))?,
        };
        Ok(Self { server, ui })
    }

    /// Whether nobody uses them now.
    pub(super) fn are_free(self) -> bool {
        is_free(self.server) && is_free(self.ui)
    }
}

/// Whether a server could listen on this port of 127.0.0.1 now.
fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn usual_or_free(usual: u16, taken: Option<u16>) -> anyhow::Result<u16> {
    if taken != Some(usual) && is_free(usual) {
        return Ok(usual);
    }
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
        let port = listener.local_addr().context("no free port on 127.0.0.1")?.port();
        if Some(port) != taken {
            return Ok(port);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_taken_port_is_refused_when_asked_for_and_avoided_when_not() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = held.local_addr().unwrap().port();
        let error = Ports::choose(Some(taken), None).unwrap_err().to_string();
        assert!(error.contains(&taken.to_string()) && error.contains("temporal.port"), "{error}");
        assert_ne!(usual_or_free(taken, None).unwrap(), taken);
        let chosen = Ports::choose(None, None).unwrap();
        assert_ne!(chosen.server, chosen.ui);
        assert!(!Ports { server: taken, ui: taken }.are_free());
    }
}
