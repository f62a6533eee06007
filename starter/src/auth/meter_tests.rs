//! What is counted, and under which labels.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use crate::auth::{Preset, Signer, SourceConfig, Sources, ToSign, Unverified};
use bytes::Bytes;
use http::{Method, Uri};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const NOW: i64 = 1_767_225_600_000;

/// Counters by name and labels, as an exporter would write them.
#[derive(Default)]
struct Counters(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Counters {
    fn all(&self) -> Vec<(String, u64)> {
        let counters = self.0.lock().unwrap();
        counters.iter().map(|(name, count)| (name.clone(), count.load(Ordering::Relaxed))).collect()
    }
}

impl Recorder for Counters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        Counter::from_arc(self.0.lock().unwrap().entry(name).or_default().clone())
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn deliveries_are_counted_by_source_and_generation_and_refusals_by_reason() {
    let (new, old) =
        (SecretString::from("new-0123456789abcdef01234567"), SecretString::from("old-0123456789abcdef01234567"));
    let of = |preset: Preset, name: &str| {
        SourceConfig::new("demo".parse().unwrap(), name.parse().unwrap(), preset.scheme().unwrap(), new.clone())
    };
    let open = SourceConfig { i_accept_unsigned_events: true, ..of(Preset::Unsigned, "open") };
    let crm = SourceConfig { secrets: vec![new.clone(), old.clone()], ..of(Preset::PersonChange, "crm") };
    let sources = Sources::new(vec![crm, open]).unwrap();
    let counters = Counters::default();
    metrics::with_local_recorder(&counters, || {
        let stranger = SecretString::from("nobody-0123456789abcdef01234567");
        let late = NOW - 600_000;
        for (secret, at, name) in [
            (&new, NOW, "crm"),
            (&new, NOW, "crm"),
            (&old, NOW, "crm"),
            (&stranger, NOW, "crm"),
            (&new, late, "crm"),
            (&new, NOW, "guessed"),
            (&new, NOW, "open"),
        ] {
            let to_sign = ToSign { method: &Method::POST, url: "", id: "", at, body: b"{}" };
            let signed = Signer::of(Preset::PersonChange, secret).unwrap().sign(&to_sign).unwrap();
            let headers = signed.headers.into_iter().collect();
            let delivery = Unverified::new(Method::POST, Uri::from_static("/"), headers, Bytes::from_static(b"{}"));
            let _ = delivery.verify(sources.named("demo", name), NOW);
        }
    });
    let counted = counters.all();
    let counted: Vec<_> = counted.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(
        counted,
        [
            ("bgr_webhook_rejected_total{workspace=demo,source=crm,reason=signature}", 1),
            ("bgr_webhook_rejected_total{workspace=demo,source=crm,reason=timestamp}", 1),
            ("bgr_webhook_rejected_total{workspace=unknown,source=unknown,reason=unknown_source}", 1),
            ("bgr_webhook_unsigned_total{workspace=demo,source=open}", 1),
            ("bgr_webhook_verified_total{workspace=demo,source=crm,generation=current}", 2),
            ("bgr_webhook_verified_total{workspace=demo,source=crm,generation=previous}", 1),
            ("bgr_webhook_verified_total{workspace=demo,source=open,generation=unsigned}", 1),
        ]
    );
}
