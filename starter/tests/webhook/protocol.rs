//! Paths, methods and malformed requests.

use crate::*;

#[tokio::test]
async fn any_other_path_is_404() {
    let server = Server::start().await;
    for path in [
        "/",
        "/api",
        "/api/webhooks/person-change/",
        "//api/webhooks/person-change",
        "/api/webhooks/person%2Dchange",
        "/API/webhooks/person-change",
        "/api/webhooks/../webhooks/person-change",
        "/api/v1/intelligence/buyer-group",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            server.raw(&request(method, path, &[], b"")).await.problem(404, "not-found");
        }
    }
}

#[tokio::test]
async fn any_other_method_is_405_and_names_the_right_one() {
    let server = Server::start().await;
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        let answer = server.raw(&request(method, PATH, &[], b"")).await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), Some("POST"), "{method}");
    }
    for path in ["/livez", "/readyz"] {
        let answer = server.raw(&request("POST", path, &[], b"")).await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
    let head = server.raw(b"HEAD /api/webhooks/person-change HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n").await;
    assert_eq!((head.status, head.header("allow"), head.body.as_str()), (405, Some("POST"), ""));
}

#[tokio::test]
async fn a_query_changes_nothing() {
    let server = Server::start().await;
    let body = sample().to_string();
    let (at, signature) = (NOW.to_string(), signed(SECRET, body.as_bytes()));
    let headers = [("content-type", "application/json"), ("x-timestamp", at.as_str()), ("x-signature", &signature)];
    let answer = server.raw(&request("POST", &format!("{PATH}?workspace=second"), &headers, body.as_bytes())).await;
    assert_eq!(answer.json()["workflowId"], "buyer-group-refresh/demo/crm/evt_001");
}

#[tokio::test]
async fn malformed_requests_get_a_4xx_and_start_nothing() {
    let server = Server::with(ServerLimits { body_read: Duration::from_millis(200), ..ServerLimits::default() }).await;
    let many: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    let head = format!("POST {PATH} HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\n");
    let requests = [
        format!("{head}content-length: 2\r\ncontent-length: 3\r\n\r\n{{}}"),
        format!("{head}content-length: -1\r\n\r\n{{}}"),
        format!("{head}content-length: 1e1\r\n\r\n{{}}"),
        format!("{head}{many}\r\n"),
        format!("{head}x-large: {}\r\n\r\n", "a".repeat(64 * 1024)),
        format!("{head}transfer-encoding: gzip\r\n\r\n"),
        format!("POST {PATH} HTTP/9.9\r\n\r\n"),
        "\0\0\0\0\r\n\r\n".to_owned(),
    ];
    for text in requests {
        let answer = server.raw(text.as_bytes()).await;
        assert!((400..500).contains(&answer.status), "{}: {answer:?}", &text[..text.len().min(160)]);
    }
    assert_eq!(server.starts(), []);
}

#[tokio::test]
async fn several_deliveries_share_a_connection() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    for _ in 0..3 {
        let body = sample().to_string();
        let (at, signature) = (NOW.to_string(), signed(SECRET, body.as_bytes()));
        let headers = [("content-type", "application/json"), ("x-timestamp", at.as_str()), ("x-signature", &signature)];
        stream.write_all(&request("POST", PATH, &headers, body.as_bytes())).await.unwrap();
        assert_eq!(Answer::read(&mut stream).await.status, 202);
    }
}

#[tokio::test]
async fn a_request_says_once_for_which_host_it_is() {
    let server = Server::start().await;
    let close = "connection: close\r\n\r\n";
    for (head, status) in [
        ("GET /livez HTTP/1.1\r\nhost: t\r\n", 200),
        ("GET http://t/livez HTTP/1.1\r\nhost: t\r\n", 200),
        ("GET /livez HTTP/1.0\r\n", 200),
        ("GET /livez HTTP/1.1\r\n", 400),
        ("GET http://t/livez HTTP/1.1\r\n", 400),
        ("GET /livez HTTP/1.1\r\nhost: t\r\nhost: t\r\n", 400),
        ("GET /livez HTTP/1.0\r\nhost: t\r\nhost: u\r\n", 400),
    ] {
        let answer = server.raw(format!("{head}{close}").as_bytes()).await;
        assert_eq!(answer.status, status, "{head}: {answer:?}");
        if status == 400 {
            answer.problem(400, "bad-host");
        }
    }
}
