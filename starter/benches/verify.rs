//! How many deliveries one core verifies in a second, by length of the body and number of sources.

use bytes::Bytes;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use http::{HeaderMap, Method, Uri};
use secrecy::SecretString;
use starter::auth::{Preset, SIGNATURE_HEADER, TIMESTAMP_HEADER, Unverified, sign_person_change};
use starter::{SourceConfig, Sources};
use std::hint::black_box;

const NOW: i64 = 1_760_097_600_000;

#[expect(clippy::unwrap_used, reason = "a benchmark may panic")]
fn sources(count: usize) -> Sources {
    let source = |number: usize| {
        let secret = SecretString::from(format!("a secret of source number {number:08}"));
        let name = format!("source-{number}").parse().unwrap();
        SourceConfig::new("demo".parse().unwrap(), name, Preset::PersonChange.scheme().unwrap(), secret)
    };
    Sources::new((0..count).map(source).collect()).unwrap()
}

#[expect(clippy::unwrap_used, reason = "a benchmark may panic")]
fn headers(signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(TIMESTAMP_HEADER, NOW.to_string().parse().unwrap());
    headers.insert(SIGNATURE_HEADER, signature.parse().unwrap());
    headers
}

fn verify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verify");
    group.throughput(Throughput::Elements(1));
    for (count, length) in [(1, 512), (1, 4 * 1024), (1, 64 * 1024), (8, 512), (64, 512)] {
        let sources = sources(count);
        let body = Bytes::from(vec![b'x'; length]);
        let secret = SecretString::from("a secret of source number 00000000");
        let good = headers(&sign_person_change(&secret, NOW, &body));
        let wrong = headers(&"0".repeat(64));
        for (kind, headers) in [("good", &good), ("forged", &wrong)] {
            let id = BenchmarkId::new(kind, format!("{count} sources, {length} bytes"));
            group.bench_function(id, |bencher| {
                bencher.iter_batched(
                    || Unverified::new(Method::POST, Uri::from_static("/"), headers.clone(), body.clone()),
                    |delivery| black_box(delivery.verify(sources.person_change(), NOW).is_ok()),
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, verify);
criterion_main!(benches);
