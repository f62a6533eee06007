//! Size, speed and type of the body, and everything that is not quite JSON.

use crate::*;

const LIMIT: usize = starter::intake::MAX_BODY;

/// An event of exactly this many bytes.
fn padded(length: usize) -> Vec<u8> {
    let mut body = sample().to_string().into_bytes();
    body.resize(length, b' ');
    body
}

fn headers_for(body: &[u8]) -> Vec<(&'static str, String)> {
    vec![
        ("content-type", "application/json".into()),
        ("x-timestamp", NOW.to_string()),
        ("x-signature", signed(SECRET, body)),
    ]
}

fn unsized_request(extra: &str, body: &[u8]) -> Vec<u8> {
    let mut text = format!("POST {PATH} HTTP/1.1\r\nhost: test\r\n{extra}\r\n");
    for (name, value) in headers_for(body) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.into_bytes()
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = unsized_request("transfer-encoding: chunked", body);
    for chunk in body.chunks(7_001) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

#[tokio::test]
async fn the_limit_is_a_limit_whether_the_length_is_declared_or_not() {
    let server = Server::start().await;
    assert_eq!(server.deliver(&padded(LIMIT)).await.status, 202);
    assert_eq!(server.raw(&chunked(&padded(LIMIT))).await.status, 202);
    for answer in [
        server.deliver(&padded(LIMIT + 1)).await,
        server.raw(&chunked(&padded(LIMIT + 1))).await,
        server.raw(&unsized_request("content-length: 99999999999", b"")).await,
    ] {
        answer.problem(413, "body-too-large");
        assert_eq!(answer.header("connection"), Some("close"));
    }
    assert_eq!(server.starts().len(), 2);
}

#[tokio::test]
async fn a_length_that_lies_starts_nothing() {
    let server = Server::with(ServerLimits { body_read: Duration::from_millis(200), ..ServerLimits::default() }).await;
    let body = sample().to_string().into_bytes();
    // Announces more than it sends, and waits.
    let mut long = unsized_request(&format!("content-length: {}", body.len() + 1), &body);
    long.extend_from_slice(&body);
    server.raw(&long).await.problem(408, "body-timeout");
    // Announces more than it sends, and closes its half.
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(&long).await.unwrap();
    stream.shutdown().await.unwrap();
    Answer::read(&mut stream).await.problem(400, "unreadable-body");
    // Announces less than it sends: what is signed is not what is read.
    let mut short = unsized_request(&format!("content-length: {}", body.len() - 1), &body);
    short.extend_from_slice(&body);
    server.raw(&short).await.problem(401, "invalid-signature");
    // Chunks that are none.
    let mut odd = unsized_request("transfer-encoding: chunked", &body);
    odd.extend_from_slice(b"zz\r\nhello\r\n");
    server.raw(&odd).await.problem(400, "unreadable-body");
    assert_eq!(server.starts(), []);
}

#[tokio::test]
async fn a_slow_body_is_given_up() {
    let server = Server::with(ServerLimits { body_read: Duration::from_millis(300), ..ServerLimits::default() }).await;
    let body = sample().to_string().into_bytes();
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    stream.write_all(&unsized_request(&format!("content-length: {}", body.len()), &body)).await.unwrap();
    let trickle = async {
        for byte in &body {
            let _ = stream.write_all(&[*byte]).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(600), trickle).await;
    Answer::read(&mut stream).await.problem(408, "body-timeout");
}

#[tokio::test]
async fn the_content_type_is_json_in_utf_8() {
    let server = Server::start().await;
    let body = sample().to_string();
    let cases: [(&[&str], u16); 18] = [
        (&["content-type: application/json"], 202),
        (&["content-type: application/json; charset=utf-8"], 202),
        (&["content-type: Application/JSON;charset=\"UTF-8\""], 202),
        (&["content-type: application/json", "content-encoding: identity"], 202),
        (&[], 415),
        (&["content-type:"], 415),
        (&["content-type: text/plain"], 415),
        (&["content-type: text/json"], 415),
        (&["content-type: application/jsonx"], 415),
        (&["content-type: application/json-seq"], 415),
        (&["content-type: application/problem+json"], 415),
        (&["content-type: application/json; charset=utf-16"], 415),
        (&["content-type: application/json; charset=latin1"], 415),
        (&["content-type: application/json; boundary=x"], 415),
        (&["content-type: application/json;"], 415),
        (&["content-type: application/json", "content-type: application/json"], 415),
        (&["content-type: application/x-www-form-urlencoded"], 415),
        (&["content-type: application/json", "content-encoding: gzip"], 415),
    ];
    for (lines, status) in cases {
        let mut text = format!("POST {PATH} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n", body.len());
        for line in lines {
            text.push_str(&format!("{line}\r\n"));
        }
        text.push_str(&format!("x-timestamp: {NOW}\r\nx-signature: {}\r\n\r\n{body}", signed(SECRET, body.as_bytes())));
        let answer = server.raw(text.as_bytes()).await;
        assert_eq!(answer.status, status, "{lines:?}: {answer:?}");
        if status == 415 {
            answer.problem(415, "unsupported-media-type");
        }
    }
}

#[tokio::test]
async fn what_is_not_json_is_400() {
    let server = Server::start().await;
    let good = sample().to_string();
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let with = |extra: &str| good.replacen('{', &format!("{{{extra},"), 1).into_bytes();
    let bodies: Vec<Vec<u8>> = vec![
        vec![],
        b" ".to_vec(),
        b"{".to_vec(),
        b"x".to_vec(),
        b"\0".to_vec(),
        good.as_bytes()[..good.len() - 1].to_vec(),
        format!("{good}x").into_bytes(),
        format!("{good}{good}").into_bytes(),
        format!("\u{feff}{good}").into_bytes(),
        utf16,
        with("\"x\":\"\u{1}\""),
        with("\"x\":\"\\ud800\""),
        with("\"\\udc00\":1"),
        with("\"x\":1e999"),
        with("\"x\":NaN"),
        with("\"x\":01"),
        with("'x':1"),
        with("/* x */ \"x\":1"),
        [b"{\"x\":\"\xff\",".to_vec(), good.as_bytes()[1..].to_vec()].concat(),
        [b"{\"x\":\"\0\",".to_vec(), good.as_bytes()[1..].to_vec()].concat(),
        deep.into_bytes(),
        good.replace(":{", ":").into_bytes(),
    ];
    for body in bodies {
        let answer = server.deliver(&body).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(answer.status, 400, "{shown:?}: {answer:?}");
        answer.problem(400, "invalid-json");
    }
    assert_eq!(server.starts(), []);
}
