//! One connection that is kept: a request out, an answer in.

use anyhow::{Context as _, Result};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Longest time for one answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most headers of an answer.
const MAX_HEADERS: usize = 32;

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// The server ends the connection after it.
    pub(super) closing: bool,
}

/// One connection.
pub(super) struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("nobody answers at {address}; is the starter running?"))?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream, buffer: Vec::with_capacity(4096) })
    }

    /// A new connection in its place. What goes wrong is counted, as what goes wrong with an answer is.
    pub(super) async fn reopened(&self) -> io::Result<Self> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { address: self.address, stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends a whole request and reads the answer.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let exchange = async {
            self.stream.write_all(request).await?;
            self.answer().await
        };
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        tokio::time::timeout(PATIENCE, exchange).await.map_err(late)?
    }

    async fn answer(&mut self) -> io::Result<Answer> {
        let odd = || io::Error::from(io::ErrorKind::InvalidData);
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let mut head = httparse::Response::new(&mut headers);
            let httparse::Status::Complete(end) = head.parse(&self.buffer).map_err(|_| odd())? else { continue };
            let status = head.code.ok_or_else(odd)?;
            let value = |name: &str| {
                let header = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
                std::str::from_utf8(header.value).ok()
            };
            let closing = value("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
            let length: usize = value("content-length").and_then(|text| text.parse().ok()).ok_or_else(odd)?;
            while self.buffer.len() < end + length {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            return Ok(Answer { status, body: self.buffer[end..end + length].to_vec(), closing });
        }
    }
}
