//! Writes events as lines. Fields of the spans around an event stand in its line, so that one line tells which workflow it
//! belongs to.

use super::LogFormat;
use super::guard::shown;
use serde_json::{Map, Value};
use std::fmt::{Debug, Write as _};
use std::io::Write as _;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// The SDK's names for what everything else here calls otherwise; empty for what is not worth a place in the line.
const NAMES: [(&str, &str); 5] = [
    ("temporalWorkflowID", "workflow_id"),
    ("temporalRunID", "run_id"),
    ("temporalActivityID", "activity_id"),
    ("otel.name", ""),
    ("otel.kind", ""),
];

pub(super) struct Lines<W> {
    format: LogFormat,
    colour: bool,
    writer: W,
}

impl<W> Lines<W> {
    pub(super) fn new(format: LogFormat, colour: bool, writer: W) -> Self {
        Self { format, colour, writer }
    }
}

/// Fields in the order in which they were given; a later value of the same name replaces the earlier one.
struct Fields {
    target: &'static str,
    values: Map<String, Value>,
}

impl Fields {
    fn of(target: &'static str) -> Self {
        Self { target, values: Map::new() }
    }

    fn put(&mut self, field: &Field, value: Value) {
        let name = NAMES.iter().find(|(sdk, _)| *sdk == field.name()).map_or(field.name(), |(_, name)| *name);
        if !name.is_empty() {
            self.values.insert(name.to_owned(), value);
        }
    }

    fn put_text(&mut self, field: &Field, text: &str) {
        self.put(field, Value::String(shown(self.target, field.name(), text)));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put_text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put_text(field, &value.to_string());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::of(attributes.metadata().target());
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::of(metadata.target());
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.values.extend(outer.values.clone());
            }
        }
        event.record(&mut fields);
        let message = match fields.values.remove("message") {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let line = match self.format {
            LogFormat::Json => json(*metadata.level(), metadata.target(), message, fields.values),
            LogFormat::Text => text(*metadata.level(), metadata.target(), &message, &fields.values, self.colour),
        };
        // Nobody is left to tell when stderr is gone.
        let _ignored = self.writer.make_writer().write_all(line.as_bytes());
    }
}

fn json(level: Level, target: &str, message: String, fields: Map<String, Value>) -> String {
    let mut line = Map::new();
    let mut put = |name: &str, value: String| line.insert(name.to_owned(), Value::String(value));
    put("timestamp", now());
    put("severity", level.to_string());
    put("message", message);
    put("service.name", env!("CARGO_PKG_NAME").to_owned());
    put("service.version", env!("CARGO_PKG_VERSION").to_owned());
    put("target", target.to_owned());
    for (name, value) in fields {
        line.entry(name).or_insert(value);
    }
    format!("{}\n", Value::Object(line))
}

fn text(level: Level, target: &str, message: &str, fields: &Map<String, Value>, colour: bool) -> String {
    let number = match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        _ => 34,
    };
    let level = if colour { format!("\u{1b}[{number}m{level:>5}\u{1b}[0m") } else { format!("{level:>5}") };
    let mut line = format!("{} {level} {target}: {}", now(), one_line(message));
    for (name, value) in fields {
        let value = value.as_str().map_or_else(|| value.to_string(), one_line);
        let _infallible = write!(line, " {name}={value}");
    }
    line.push('\n');
    line
}

/// What comes from outside must not make lines of its own, nor steer a terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::sync::{Arc, Mutex};
    use tracing::Instrument as _;
    use tracing_subscriber::layer::SubscriberExt as _;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, work: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = tracing_subscriber::registry().with(Lines::new(format, false, move || writer.clone()));
        tracing::subscriber::with_default(subscriber, work);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_has_the_agreed_fields_and_those_of_its_spans() {
        let line = written(LogFormat::Json, || {
            let span = tracing::info_span!(target: "temporalio_sdk", "RunActivity", temporalWorkflowID = "wf/1", "otel.kind" = "server");
            let _entered = span.enter();
            tracing::warn!(attempt = 2, outcome = "failed", severity = "mine", "step.failed");
        });
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["severity"], "WARN");
        assert_eq!(line["message"], "step.failed");
        assert_eq!(line["workflow_id"], "wf/1");
        assert_eq!(line["attempt"], 2);
        assert_eq!(line["service.name"], "buyer-group");
        assert_eq!(line.get("otel.kind"), None);
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn a6_lines_of_work_that_goes_on_at_once_name_their_own_workflow() {
        let lines = written(LogFormat::Json, || {
            let work = |own: &'static str| {
                let span = tracing::info_span!(target: "temporalio_sdk", "RunActivity", temporalWorkflowID = own);
                let steps = async move {
                    for step in 0..3 {
                        tracing::info!(own, step, "at work");
                        tokio::task::yield_now().await;
                    }
                };
                steps.instrument(span)
            };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                for done in ["wf/1", "wf/2", "wf/3"].map(|own| tokio::spawn(work(own))) {
                    done.await.unwrap();
                }
            });
        });
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let own: Vec<&str> = lines.iter().map(|line| line["own"].as_str().unwrap()).collect();
        assert!(own.windows(2).filter(|pair| pair[0] != pair[1]).count() > 3, "they take no turns: {own:?}");
        let named: Vec<&str> = lines.iter().map(|line| line["workflow_id"].as_str().unwrap()).collect();
        assert_eq!((named.len(), named), (9, own));
    }

    #[test]
    fn text_stays_on_its_line() {
        let text = written(LogFormat::Text, || tracing::info!(source = "a\nERROR forged \u{1b}[31m", "seen"));
        assert_eq!(text.lines().count(), 1);
        assert!(text.ends_with("seen source=a ERROR forged  [31m\n"), "{text}");
    }

    #[test]
    fn a_task_of_the_sdk_does_not_reach_the_line() {
        for format in [LogFormat::Json, LogFormat::Text] {
            let line = written(format, || {
                tracing::error!(target: "temporalio_sdk_core::worker", status = ?"jane@example.com", run_id = "r1", "failed");
            });
            assert!(line.contains("r1") && line.contains("withheld") && !line.contains("jane"), "{line}");
        }
    }
}
