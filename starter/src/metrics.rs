//! `/metrics`: what everybody counts through the `metrics` facade, as Prometheus reads it.

use crate::problem::Problem;
use axum::response::{IntoResponse, Response};
use http::Method;
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Upper bounds of the buckets of histograms in seconds: from a fast answer to the sender's patience.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// The same of histograms that count things.
const COUNTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Begins to count, for the whole process. Before, and without it, counting does nothing. Doing it again does nothing.
///
/// # Errors
/// When something else counts already.
pub fn install() -> Result<(), BuildError> {
    if RECORDER.get().is_none() {
        use metrics_exporter_prometheus::Matcher::Suffix;
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Suffix("_seconds".to_owned()), &SECONDS)?
            .set_buckets_for_metric(Suffix("_events".to_owned()), &COUNTS)?;
        let _ = RECORDER.set(builder.install_recorder()?);
        describe();
    }
    Ok(())
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_gauge!("bgr_inbox_pending", "Events in the inbox that Temporal does not have yet");
    describe_gauge!("bgr_inbox_dead", "Events in the inbox that were given up and wait for an operator");
    describe_gauge!("bgr_inbox_oldest_age_seconds", "Age of the oldest event that waits in the inbox");
    describe_counter!("bgr_inbox_spilled_total", "Events put into the inbox, by why they were not started directly");
    describe_counter!("bgr_inbox_drained_total", "Events of the inbox that Temporal has taken");
    describe_counter!("bgr_inbox_buried_total", "Events of the inbox that were given up, by class");
    describe_counter!("bgr_inbox_write_failures_total", "Commits into the inbox that failed");
    describe_histogram!("bgr_inbox_batch_events", "Events of one commit into the inbox");
    describe_counter!("bgr_api_requests_total", "Calls of the intelligence API, by operation and status");
    describe_histogram!(
        "bgr_api_request_seconds",
        "Time until a call of the intelligence API was answered, waits included"
    );
    describe_counter!(
        "bgr_webhook_conflicts_total",
        "Events whose id belongs to an event with another body, by source"
    );
    describe_counter!(
        "bgr_webhook_unreadable_total",
        "Fields of proven deliveries that could not be read, by source and field"
    );
    describe_gauge!("bgr_available", "1 while what is named answers, 0 while it is thought to be away");
}

pub(crate) async fn metrics(method: Method) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return Problem::method_not_allowed("GET, HEAD").into_response();
    }
    let Some(recorder) = RECORDER.get() else { return Problem::not_found().into_response() };
    recorder.run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], recorder.render()).into_response()
}
