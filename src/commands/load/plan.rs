//! What is sent: whole requests, signed with the time of their making.

use super::Mode;
use crate::commands::target::{self, Target};
use crate::config::SourceSettings;
use anyhow::Result;
use contracts::SourceName;
use secrecy::SecretString;
use serde_json::json;

/// All requests of a run.
pub(super) struct Plan {
    mode: Mode,
    host: String,
    path: String,
    source: SourceName,
    secret: SecretString,
    run: String,
    total: u64,
}

impl Plan {
    pub(super) fn new(mode: Mode, target: &Target, source: &SourceSettings, total: u64) -> Result<Self> {
        let run = format!("{:08x}", rand::random::<u32>());
        let (host, path) = (target.host.clone(), target.path.clone());
        Ok(Self { mode, host, path, source: source.name.clone(), secret: target::secret(source)?, run, total })
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The n-th request.
    pub(super) fn request(&self, number: u64) -> Vec<u8> {
        let number = if self.mode == Mode::Duplicates { 0 } else { number };
        let event = json!({
            "id": format!("load-{}-{number}", self.run),
            "source": self.source.as_str(),
            "type": "person.role_change",
            "timestamp": "2025-10-10T12:00:00Z",
            "person": {"id": format!("p_{number}"), "oldTitle": "VP Sales", "newTitle": "CRO"},
            "company": {"name": "Load Test Company", "domain": "load.example"},
            "changes": {"title": {"old": "VP Sales", "new": "CRO"}},
        });
        let body = event.to_string();
        let now = jiff::Timestamp::now().as_millisecond();
        let mut signature = starter::auth::sign_person_change(&self.secret, now, body.as_bytes());
        if self.mode == Mode::BadSignatures {
            // Of the right form, so that all the work of verifying is done.
            signature = signature.chars().rev().collect();
        }
        format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{}: {now}\r\n{}: {signature}\r\n\
             content-length: {}\r\n\r\n{body}",
            self.path,
            self.host,
            starter::auth::TIMESTAMP_HEADER,
            starter::auth::SIGNATURE_HEADER,
            body.len()
        )
        .into_bytes()
    }
}
