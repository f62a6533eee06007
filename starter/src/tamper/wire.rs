//! Writes a row to a socket and reads what comes back.

use super::build::Sent;
use super::row::Slow;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// Time between two bytes of a slow sender.
const BETWEEN_BYTES: Duration = Duration::from_millis(150);

/// What came of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer; the last one where there are several, whose statuses were equal.
    Answer {
        /// Its status.
        status: u16,
        /// Its headers, names in lower case.
        headers: Vec<(String, String)>,
        /// Its body.
        body: Vec<u8>,
    },
    /// The connection ended without an answer.
    Closed,
}

impl Outcome {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        match self {
            Outcome::Answer { headers, .. } => {
                headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
            }
            Outcome::Closed => None,
        }
    }
}

/// Sends a row and waits for its answers.
///
/// # Errors
/// When nobody is there, the good delivery before it is not accepted, what comes back is no HTTP, or nothing comes back
/// within `patience`.
pub async fn send(to: SocketAddr, sent: &Sent, patience: Duration) -> io::Result<Outcome> {
    if let Some(good) = &sent.before {
        let mut stream = TcpStream::connect(to).await?;
        stream.write_all(good).await?;
        let (mut read, _write) = stream.into_split();
        match limited(patience, answer(&mut read, &mut Vec::new(), false)).await? {
            Outcome::Answer { status: 202, .. } => {}
            Outcome::Answer { status, .. } => {
                return Err(io::Error::other(format!("the good delivery before it was answered {status}, not 202")));
            }
            Outcome::Closed => return Err(io::Error::other("the good delivery before it was not answered")),
        }
    }
    let (mut read, write) = TcpStream::connect(to).await?.into_split();
    let reading = async {
        let mut bytes = Vec::new();
        let mut last = answer(&mut read, &mut bytes, sent.bodiless).await?;
        for _ in 1..sent.answers {
            let next = answer(&mut read, &mut bytes, sent.bodiless).await?;
            if status(&next) != status(&last) {
                return Err(io::Error::other(format!("first {last:?}, then {next:?}")));
            }
            last = next;
        }
        if sent.keep_open {
            while read.read_buf(&mut bytes).await? > 0 {}
            if !bytes.is_empty() {
                return Err(io::Error::other("more came after the answer"));
            }
        }
        Ok(last)
    };
    limited(patience, async {
        let writing = writing(write, sent);
        tokio::pin!(reading, writing);
        // The answer may come before everything is written; and when everything is, the half must not be closed.
        tokio::select! {
            outcome = &mut reading => outcome,
            _half = &mut writing => reading.await,
        }
    })
    .await
}

fn status(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Answer { status, .. } => Some(*status),
        Outcome::Closed => None,
    }
}

async fn limited<T>(patience: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {patience:?}"));
    tokio::time::timeout(patience, work).await.map_err(late)?
}

/// Writes, as far as the server lets it, and returns what must stay open.
async fn writing(mut half: OwnedWriteHalf, sent: &Sent) -> OwnedWriteHalf {
    let (at_once, slowly) = match sent.slow {
        None => ([sent.head.as_slice(), &sent.body].concat(), vec![]),
        Some(Slow::Body) => (sent.head.clone(), sent.body.clone()),
        Some(Slow::Head) => (vec![], sent.head.clone()),
    };
    let _ = half.write_all(&at_once).await;
    for byte in slowly {
        tokio::time::sleep(BETWEEN_BYTES).await;
        if half.write_all(&[byte]).await.is_err() {
            break;
        }
    }
    if sent.close_half {
        let _ = half.shutdown().await;
    }
    half
}

/// Reads one answer, and leaves in `bytes` what came after it.
async fn answer(read: &mut OwnedReadHalf, bytes: &mut Vec<u8>, bodiless: bool) -> io::Result<Outcome> {
    let odd = || io::Error::new(io::ErrorKind::InvalidData, "what came back is no HTTP answer");
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        match read.read_buf(bytes).await {
            Ok(0) => return if bytes.is_empty() { Ok(Outcome::Closed) } else { Err(odd()) },
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset && bytes.is_empty() => {
                return Ok(Outcome::Closed);
            }
            Err(error) => return Err(error),
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or_else(odd)?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(Ok(0), |(_, text)| text.parse()).map_err(|_| odd())?;
    let length = if bodiless || status == 100 { 0 } else { length };
    while bytes.len() < end + length {
        if read.read_buf(bytes).await? == 0 {
            return Err(odd());
        }
    }
    let body = bytes[end..end + length].to_vec();
    bytes.drain(..end + length);
    // "Go on" is no answer.
    if status == 100 {
        Box::pin(answer(read, bytes, bodiless)).await
    } else {
        Ok(Outcome::Answer { status, headers, body })
    }
}
