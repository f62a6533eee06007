//! Health, draining, and senders that hold a connection without using it.

use crate::*;

#[tokio::test]
async fn a8_health_is_json_and_never_stored() {
    let server = Server::start().await;
    for path in ["/livez", "/readyz"] {
        let answer = server.raw(&request("GET", path, &[], b"")).await;
        assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn a_request_under_way_is_finished_and_nothing_new_is_accepted() {
    let mut server = Server::start().await;
    server.script(Script::Wait);
    let body = sample().to_string();
    let (at, signature) = (NOW.to_string(), signed(SECRET, body.as_bytes()));
    let headers = [("content-type", "application/json"), ("x-timestamp", at.as_str()), ("x-signature", &signature)];
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(&request("POST", PATH, &headers, body.as_bytes())).await.unwrap();
    while server.starts().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let _ = server.stop.take().unwrap().send(());
    while TcpStream::connect(server.addr).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!server.task.is_finished(), "it went before the answer");
    server.recorder.release.notify_one();
    assert_eq!(Answer::read(&mut stream).await.status, 202);
    assert_eq!(server.task.await.unwrap(), Drained { complete: true });
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_the_server() {
    let limits = ServerLimits { drain: Duration::from_millis(200), ..ServerLimits::default() };
    let mut server = Server::with(limits).await;
    server.script(Script::Wait);
    let body = sample().to_string();
    let (at, signature) = (NOW.to_string(), signed(SECRET, body.as_bytes()));
    let headers = [("content-type", "application/json"), ("x-timestamp", at.as_str()), ("x-signature", &signature)];
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(&request("POST", PATH, &headers, body.as_bytes())).await.unwrap();
    while server.starts().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let _ = server.stop.take().unwrap().send(());
    let drained = tokio::time::timeout(Duration::from_secs(5), server.task).await.expect("it stays").unwrap();
    assert_eq!(drained, Drained { complete: false });
}

#[tokio::test]
async fn it_is_not_ready_while_it_drains() {
    let limits = ServerLimits { drain_notice: Duration::from_millis(1500), ..ServerLimits::default() };
    let mut server = Server::with(limits).await;
    let _ = server.stop.take().unwrap().send(());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let answer = server.raw(&request("GET", "/readyz", &[("connection", "close")], b"")).await;
    assert_eq!((answer.status, answer.json()), (503, json!({"status": "draining"})));
    assert_eq!(server.raw(&request("GET", "/livez", &[("connection", "close")], b"")).await.status, 200);
    assert_eq!(server.task.await.unwrap(), Drained { complete: true });
}

#[tokio::test]
async fn slow_headers_and_idle_connections_are_closed() {
    let server =
        Server::with(ServerLimits { header_read: Duration::from_millis(200), ..ServerLimits::default() }).await;
    for start in [&b""[..], b"POST /api/webh", b"POST / HTTP/1.1\r\nx-a: 1\r\n"] {
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        stream.write_all(start).await.unwrap();
        let mut rest = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
        assert!(read.is_ok(), "still open after {start:?}");
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_their_turn() {
    let limits =
        ServerLimits { max_connections: 1, header_read: Duration::from_millis(400), ..ServerLimits::default() };
    let server = Server::with(limits).await;
    let _idle = TcpStream::connect(server.addr).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = std::time::Instant::now();
    assert_eq!(server.raw(&request("GET", "/livez", &[], b"")).await.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(200), "the second was served beside the first");
}
