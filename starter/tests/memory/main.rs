//! Memory of the door while it is told lies about sizes. A test binary of its own, with one test: it counts every byte that
//! the process allocates, and nothing else may run beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use contracts::StartRequest;
use peak_alloc::PeakAlloc;
use secrecy::SecretString;
use starter::auth::Preset;
use starter::{AppState, ServerLimits, SourceConfig, Sources, StartRefresh, Starting, serve};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What one connection may cost in all, whatever it sends: the body, the bytes that were read and not yet looked at, and the
/// server's own.
const PER_CONNECTION: usize = 256 * 1024;

/// Nothing here is ever signed.
struct Nobody;

impl StartRefresh for Nobody {
    fn start<'a>(&'a self, _: &'a StartRequest) -> Starting<'a> {
        unreachable!("nothing was signed")
    }
}

/// The door, on threads of its own.
fn door() -> SocketAddr {
    let source = SourceConfig::new(
        "demo".parse().unwrap(),
        "crm".parse().unwrap(),
        Preset::PersonChange.scheme().unwrap(),
        SecretString::from("demo-crm-0123456789abcdef"),
    );
    // At the paths of single sources as much is read as there can be.
    let max_body = std::num::NonZeroU32::new(8 << 20);
    let limits = starter::auth::SourceLimits { max_body, ..Default::default() };
    let source = SourceConfig { limits, ..source };
    let limits = ServerLimits { body_read: Duration::from_millis(500), ..ServerLimits::default() };
    let state = AppState::new(Arc::new(Sources::new(vec![source]).unwrap()), Arc::new(Nobody)).with_limits(limits);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || runtime.block_on(serve(listener, state, std::future::pending())));
    address
}

/// Sends a head and then so many bytes, as far as the server lets it, and returns the status.
fn send(to: SocketAddr, framing: &str, bytes: usize) -> u16 {
    send_at(starter::PERSON_CHANGE_PATH, to, framing, bytes)
}

fn send_at(path: &str, to: SocketAddr, framing: &str, bytes: usize) -> u16 {
    let mut stream = TcpStream::connect(to).unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\n{framing}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let block = [b'x'; 4096];
    for _ in 0..bytes / block.len() {
        let sent = match framing.contains("chunked") {
            true => stream
                .write_all(b"1000\r\n")
                .and_then(|()| stream.write_all(&block))
                .and_then(|()| stream.write_all(b"\r\n")),
            false => stream.write_all(&block),
        };
        if sent.is_err() {
            break;
        }
    }
    let mut answer = [0_u8; 12];
    stream.read_exact(&mut answer).unwrap();
    std::str::from_utf8(&answer[9..]).unwrap().parse().unwrap()
}

/// The most that was allocated while this ran, above what was before.
fn growth(work: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    work();
    MEMORY.peak_usage().saturating_sub(before)
}

#[test]
fn w10_memory_follows_the_limit_and_not_what_is_announced_or_sent() {
    let address = door();
    // The server's threads and tables come to be with the first request.
    assert_eq!(send(address, "content-length: 4096", 4096), 401);

    let lies = [
        ("content-length: 99999999999", 64 << 20, 413),
        ("transfer-encoding: chunked", 64 << 20, 413),
        ("content-length: 65536", 0, 408),
        ("content-length: 65536", 32 * 1024, 408),
    ];
    for (framing, bytes, status) in lies {
        let grown = growth(|| assert_eq!(send(address, framing, bytes), status, "{framing}"));
        assert!(grown < PER_CONNECTION, "{framing} and {bytes} bytes: {grown} bytes were allocated");
    }

    // Where bodies may be large: what is announced costs nothing, and what is sent no more than it is, twice while it grows.
    let large = [
        ("content-length: 99999999999", 64 << 20, 413, PER_CONNECTION),
        ("content-length: 8388608", 0, 408, PER_CONNECTION),
        ("content-length: 8388608", 32 * 1024, 408, PER_CONNECTION),
        ("content-length: 8388608", 8 << 20, 401, 3 * (8 << 20)),
        ("transfer-encoding: chunked", 64 << 20, 413, 3 * (8 << 20)),
    ];
    for path in ["/api/webhooks/demo/crm", "/api/webhooks/demo/nobody"] {
        for (framing, bytes, status, most) in large {
            let grown = growth(|| assert_eq!(send_at(path, address, framing, bytes), status, "{path} {framing}"));
            assert!(grown < most, "{path}, {framing} and {bytes} bytes: {grown} bytes were allocated");
        }
    }

    // Fifty at once that announce the longest body and send nothing of it: what a connection costs, and no body.
    let many = 50;
    let grown = growth(|| {
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: 65536\r\n\r\n",
            starter::PERSON_CHANGE_PATH
        );
        let mut held: Vec<TcpStream> = (0..many).map(|_| TcpStream::connect(address).unwrap()).collect();
        held.iter_mut().for_each(|stream| stream.write_all(head.as_bytes()).unwrap());
        for stream in &mut held {
            let mut answer = [0_u8; 12];
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(&answer[9..], b"408");
        }
    });
    assert!(grown < many * 48 * 1024, "{grown} bytes for {many} connections that sent nothing");
}
