//! What verification counts. Labels are names from the configuration and words from here, so they are bounded.

use super::key::Generation;
use super::sources::Candidates;
use super::verify::{Denied, Verified};

/// Deliveries that were proven, by `workspace`, `source` and `generation` of the secret.
const VERIFIED: &str = "bgr_webhook_verified_total";
/// Deliveries accepted without any proof, by `workspace` and `source`.
const UNSIGNED: &str = "bgr_webhook_unsigned_total";
/// Deliveries refused, by `workspace`, `source` and `reason`.
const REJECTED: &str = "bgr_webhook_rejected_total";
/// Seconds from signing to verifying, by `workspace` and `source`.
const SKEW: &str = "bgr_webhook_clock_skew_seconds";

pub(super) fn verified(delivery: &Verified) {
    let (workspace, source) = (delivery.source().workspace.to_string(), delivery.source().name.to_string());
    let generation = delivery.generation();
    metrics::counter!(VERIFIED, "workspace" => workspace.clone(), "source" => source.clone(), "generation" => generation.as_str())
        .increment(1);
    if let Some(signed_at) = delivery.signed_at() {
        // A window is at most a day: the difference is exact.
        let skew = (delivery.received_at() - signed_at) as f64 / 1000.0;
        metrics::histogram!(SKEW, "workspace" => workspace.clone(), "source" => source.clone()).record(skew);
    }
    if generation == Generation::Unsigned {
        tracing::warn!(workspace, source, "webhook.unsigned: an event was accepted from anybody, as configured");
        metrics::counter!(UNSIGNED, "workspace" => workspace, "source" => source).increment(1);
    }
}

pub(super) fn denied(by: &Candidates, denied: Denied) {
    // At the common address it is not known who it would have been.
    let (workspace, source) = match &*by.sources {
        [source] if by.exist => (source.workspace.to_string(), source.name.to_string()),
        _ => ("unknown".to_owned(), "unknown".to_owned()),
    };
    metrics::counter!(REJECTED, "workspace" => workspace, "source" => source, "reason" => denied.label()).increment(1);
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
