//! What came of it.

use super::connection::Answer;
use super::{LoadArgs, Mode};
use crate::outln;
use crate::output::Output;
use anyhow::Result;
use clap::ValueEnum as _;
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

/// Longest time that is told apart from longer ones, in microseconds.
const LONGEST: u64 = 120_000_000;

/// What one connection, or all of them, saw.
pub(super) struct Tally {
    /// From the moment at which the request was due.
    latency: Histogram<u64>,
    /// From the moment at which it was sent.
    service: Histogram<u64>,
    statuses: BTreeMap<u16, u64>,
    errors: BTreeMap<String, u64>,
    /// Answers 202 that do not name a run: taken, and not yet started.
    queued: u64,
}

impl Tally {
    pub(super) fn new() -> Result<Self> {
        let histogram = || Histogram::new_with_bounds(1, LONGEST, 3);
        Ok(Self {
            latency: histogram()?,
            service: histogram()?,
            statuses: BTreeMap::new(),
            errors: BTreeMap::new(),
            queued: 0,
        })
    }

    pub(super) fn answered(&mut self, answer: &Answer, since_due: Duration, since_sent: Duration) {
        self.latency.saturating_record(micros(since_due));
        self.service.saturating_record(micros(since_sent));
        *self.statuses.entry(answer.status).or_default() += 1;
        if answer.status == 202 && !names_a_run(&answer.body) {
            self.queued += 1;
        }
    }

    pub(super) fn failed(&mut self, error: &io::Error) {
        *self.errors.entry(error.kind().to_string()).or_default() += 1;
    }

    /// Takes in what another connection saw.
    pub(super) fn add(&mut self, other: &Self) -> Result<()> {
        self.latency.add(&other.latency)?;
        self.service.add(&other.service)?;
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        for (error, count) in &other.errors {
            *self.errors.entry(error.clone()).or_default() += count;
        }
        self.queued += other.queued;
        Ok(())
    }

    fn answers(&self) -> u64 {
        self.latency.len()
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Whether the workflow exists already: only then is there a run to name.
fn names_a_run(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|body| body["runId"].is_string())
}

/// What came of a run.
pub(super) struct Report {
    pub(super) tally: Tally,
    /// Requests that fell due.
    pub(super) asked: u64,
    /// From the first due moment to the last answer.
    pub(super) took: Duration,
    /// Worst delay of the driver itself.
    pub(super) lag: Duration,
}

impl Report {
    /// Whether every request was answered as it should be.
    pub(super) fn as_expected(&self, mode: Mode) -> bool {
        let right = self.tally.statuses.get(&mode.expected()).copied().unwrap_or_default();
        right == self.asked && (mode != Mode::Unloaded || self.tally.queued == 0)
    }

    #[expect(clippy::cast_precision_loss, reason = "at most 20 million")]
    fn achieved(&self) -> f64 {
        self.tally.answers() as f64 / self.took.as_secs_f64()
    }

    fn unanswered(&self) -> u64 {
        self.asked.saturating_sub(self.tally.answers())
    }

    pub(super) fn print(&self, url: &str, args: &LoadArgs, rate: u32, connections: u16, output: Output) {
        match output {
            Output::Json => outln!("{}", self.json(url, args, rate, connections)),
            Output::Text => self.text(url, args, rate, connections),
        }
    }

    fn json(&self, url: &str, args: &LoadArgs, rate: u32, connections: u16) -> Value {
        json!({
            "url": url,
            "mode": args.mode,
            "connections": connections,
            "seconds": args.duration,
            "rateAsked": rate,
            "rateAchieved": round(self.achieved(), 1),
            "asked": self.asked,
            "answered": self.tally.answers(),
            "unanswered": self.unanswered(),
            "queued": self.tally.queued,
            "asExpected": self.as_expected(args.mode),
            "statuses": self.tally.statuses,
            "errors": self.tally.errors,
            "latencyMs": quantiles(&self.tally.latency),
            "serviceMs": quantiles(&self.tally.service),
            "driverLagMs": round(self.lag.as_secs_f64() * 1000.0, 3),
        })
    }

    fn text(&self, url: &str, args: &LoadArgs, rate: u32, connections: u16) {
        let name = args.mode.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        outln!("{name}: {rate}/s for {} s over {connections} connections to {url}", args.duration);
        outln!("achieved     {:.1}/s; {} answered of {}", self.achieved(), self.tally.answers(), self.asked);
        for (status, count) in &self.tally.statuses {
            let remark = if *status == args.mode.expected() { "" } else { "   not what this mode expects" };
            outln!("  {status}        {count}{remark}");
        }
        for (error, count) in &self.tally.errors {
            outln!("  error      {count}   {error}");
        }
        if self.tally.queued > 0 {
            outln!("  queued     {}   accepted, and not started when they were answered", self.tally.queued);
        }
        for (what, histogram) in [("since due", &self.tally.latency), ("since sent", &self.tally.service)] {
            let at = |quantile: f64| milliseconds(histogram.value_at_quantile(quantile));
            outln!(
                "{what:<11}  p50 {:.2} ms · p90 {:.2} ms · p99 {:.2} ms · p99.9 {:.2} ms · max {:.2} ms",
                at(0.5),
                at(0.9),
                at(0.99),
                at(0.999),
                milliseconds(histogram.max())
            );
        }
        outln!("driver       announced a request at most {:.2} ms late", self.lag.as_secs_f64() * 1000.0);
    }
}

fn quantiles(histogram: &Histogram<u64>) -> Value {
    let at = |quantile: f64| round(milliseconds(histogram.value_at_quantile(quantile)), 3);
    json!({
        "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "p999": at(0.999),
        "max": round(milliseconds(histogram.max()), 3), "mean": round(histogram.mean() / 1000.0, 3),
    })
}

#[expect(clippy::cast_precision_loss, reason = "at most two minutes")]
fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

fn round(value: f64, digits: i32) -> f64 {
    let factor = 10_f64.powi(digits);
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use super::{Report, Tally};
    use crate::commands::load::Mode;
    use crate::commands::load::connection::Answer;
    use std::io;
    use std::time::Duration;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.as_bytes().to_vec(), closing: false }
    }

    fn report(tally: Tally, asked: u64) -> Report {
        Report { tally, asked, took: Duration::from_secs(2), lag: Duration::ZERO }
    }

    #[test]
    fn whoever_waits_for_its_turn_counts_in_the_latency_and_not_in_the_service() -> anyhow::Result<()> {
        let mut tally = Tally::new()?;
        tally.answered(&answer(202, r#"{"runId":"r"}"#), Duration::from_secs(1), Duration::from_millis(2));
        let mut all = Tally::new()?;
        all.add(&tally)?;
        assert!((999_000..=1_001_000).contains(&all.latency.max()), "{}", all.latency.max());
        assert!((1_990..=2_010).contains(&all.service.max()), "{}", all.service.max());
        Ok(())
    }

    #[test]
    fn an_answer_that_is_missing_or_another_is_not_as_expected() -> anyhow::Result<()> {
        let mut tally = Tally::new()?;
        tally.answered(&answer(202, r#"{"runId":"r"}"#), Duration::ZERO, Duration::ZERO);
        assert!(report(tally, 1).as_expected(Mode::New));
        let mut tally = Tally::new()?;
        tally.answered(&answer(503, "{}"), Duration::ZERO, Duration::ZERO);
        tally.failed(&io::Error::from(io::ErrorKind::TimedOut));
        let report = report(tally, 3);
        assert!(!report.as_expected(Mode::New));
        assert_eq!(report.unanswered(), 2);
        Ok(())
    }

    #[test]
    fn what_is_only_queued_has_not_started() -> anyhow::Result<()> {
        let mut tally = Tally::new()?;
        tally.answered(&answer(202, r#"{"queued":true}"#), Duration::ZERO, Duration::ZERO);
        let report = report(tally, 1);
        assert!(report.as_expected(Mode::New) && !report.as_expected(Mode::Unloaded));
        Ok(())
    }
}
