//! Somebody who is told how refreshes end: an HTTP server on a socket that answers as a scenario wants.

use crate::stage::workspace;
use activities::notify::{Channel, ReceiverConfig};
use contracts::NotificationKind;
use secrecy::SecretString;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A secret as receivers have them.
pub const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A webhook on this machine, without TLS.
pub fn config(name: &str, url: &str) -> ReceiverConfig {
    ReceiverConfig {
        name: name.parse().unwrap(),
        workspace: workspace(),
        channel: Channel::Webhook,
        url: SecretString::from(url),
        secrets: vec![SecretString::from(SECRET)],
        events: NotificationKind::ALL.into(),
        contact_data: false,
        allow_http: true,
        allow_private: true,
    }
}

/// What it does with a request, once it has read and kept it.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers with this status and these further header lines.
    Status(u16, &'static str),
    /// Never answers.
    Silence,
    /// Closes the connection.
    HangUp,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Got {
    pub head: String,
    pub body: Vec<u8>,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).unwrap_or_default()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The server. It replies from its script, and when that is over with 200.
pub struct TestReceiver {
    pub url: String,
    got: Arc<Mutex<Vec<Got>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl TestReceiver {
    pub async fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), script)
    }

    pub fn on(listener: TcpListener, script: impl IntoIterator<Item = Reply>) -> Self {
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let got = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Mutex::new(script.into_iter().collect::<VecDeque<_>>()));
        let kept = got.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, kept.clone(), script.clone()));
            }
        });
        Self { url, got, serving }
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

impl Drop for TestReceiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(mut stream: TcpStream, got: Arc<Mutex<Vec<Got>>>, script: Arc<Mutex<VecDeque<Reply>>>) {
    let Some(request) = read(&mut stream).await else { return };
    let reply = script.lock().unwrap().pop_front().unwrap_or(Reply::Status(200, ""));
    got.lock().unwrap().push(request);
    match reply {
        Reply::Status(status, headers) => {
            let answer = format!("HTTP/1.1 {status} X\r\n{headers}content-length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        Reply::Silence => std::future::pending().await,
        Reply::HangUp => {}
    }
}

async fn read(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let got = Got { head, body: bytes[end + 4..].to_vec() };
            let length: usize = got.header("content-length").parse().unwrap();
            if got.body.len() >= length {
                return Some(got);
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
