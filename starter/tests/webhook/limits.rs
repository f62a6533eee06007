//! How much is taken: tokens of a source, memory for bodies, and patience with an address that fails.

use crate::*;
use starter::Rate;

fn one_and_no_more() -> Rate {
    Rate::new(1, 1)
}

#[tokio::test]
async fn a_source_beyond_its_rate_hears_429_and_when_to_come_back() {
    let server = Server::tuned(|state| state.with_rate(one_and_no_more())).await;
    let body = sample().to_string();
    let good = server.deliver(body.as_bytes()).await;
    assert_eq!((good.status, good.header("ratelimit")), (202, Some("\"source\";r=0")));
    let limited = server.deliver(body.as_bytes()).await;
    limited.problem(429, "rate-limited");
    assert_eq!(limited.header("retry-after"), Some("1"));
    assert_eq!(limited.header("ratelimit-policy"), Some("\"source\";q=1;w=1"));
    assert_eq!(limited.header("ratelimit"), Some("\"source\";r=0;t=1"));
    // The other source has its own.
    let signature = signed(SECOND, body.as_bytes());
    let other = server.post(&[("x-timestamp", &NOW.to_string()), ("x-signature", &signature)], body.as_bytes()).await;
    assert_eq!(other.status, 202, "{other:?}");
    assert_eq!(server.starts().len(), 2);
}

#[tokio::test]
async fn nobody_else_can_empty_the_bucket_of_a_source() {
    let server = Server::tuned(|state| state.with_rate(one_and_no_more())).await;
    let body = sample().to_string();
    let (at, zeros) = (NOW.to_string(), "0".repeat(64));
    for _ in 0..20 {
        let answer = server.post(&[("x-timestamp", &at), ("x-signature", &zeros)], body.as_bytes()).await;
        answer.problem(401, "invalid-signature");
        assert_eq!(answer.header("ratelimit"), None, "it tells a stranger about a source");
    }
    assert_eq!(server.deliver(body.as_bytes()).await.status, 202);
}

/// A request whose body does not come yet.
async fn hold(server: &Server, framing: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n{framing}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // It says "go on" when it has begun to read the body: the memory is reserved.
    let mut go_on = [0_u8; 25];
    tokio::time::timeout(Duration::from_secs(20), stream.read_exact(&mut go_on)).await.unwrap().unwrap();
    assert_eq!(&go_on[..12], b"HTTP/1.1 100");
    stream
}

#[tokio::test]
async fn more_bodies_than_there_is_memory_for_are_shed_at_once() {
    let body = sample().to_string().into_bytes();
    for framing in ["content-length: 65536", "transfer-encoding: chunked"] {
        let limits = ServerLimits { body_budget: 65_536 + body.len() - 1, ..ServerLimits::default() };
        let server = Server::with(limits).await;
        let held = hold(&server, framing).await;
        let shed = server.deliver(&body).await;
        shed.problem(503, "overloaded");
        assert_eq!(shed.header("retry-after"), Some("1"));
        assert_eq!(server.raw(&request("GET", "/readyz", &[], b"")).await.status, 200, "it is busy, not broken");
        drop(held);
        while server.deliver(&body).await.status != 202 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(server.starts().len(), 1);
    }
}

#[tokio::test]
async fn the_memory_is_held_until_the_answer() {
    let body = sample().to_string().into_bytes();
    let server = Server::with(ServerLimits { body_budget: body.len(), ..ServerLimits::default() }).await;
    server.script(Script::Wait);
    let first = server.deliver(&body);
    let second = async {
        while server.starts().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let answer = server.deliver(&body).await;
        server.recorder.release.notify_one();
        answer
    };
    let (first, second) = tokio::join!(first, second);
    second.problem(503, "overloaded");
    assert_eq!(first.status, 202);
}

#[tokio::test]
async fn an_address_that_keeps_failing_is_not_looked_at_for_a_while() {
    let limits = ServerLimits { peer_failures: Some(Rate::new(1, 2)), ..ServerLimits::default() };
    let server = Server::with(limits).await;
    let body = sample().to_string();
    for _ in 0..20 {
        assert_eq!(server.deliver(body.as_bytes()).await.status, 202, "good deliveries cost nothing");
    }
    let zeros = "0".repeat(64);
    let forged = || async { server.post(&[("x-timestamp", "1"), ("x-signature", &zeros)], body.as_bytes()).await };
    for _ in 0..3 {
        forged().await.problem(401, "invalid-signature");
    }
    let answer = forged().await;
    answer.problem(429, "too-many-failures");
    assert_eq!((answer.header("retry-after"), answer.header("connection")), (Some("1"), Some("close")));
    // Its time passes.
    while server.deliver(body.as_bytes()).await.status != 202 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
