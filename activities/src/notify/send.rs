//! One request to one address. No redirect is followed, no proxy is asked, no connection is kept, and of the answer only the
//! head is read: the status is all that counts, and nobody can make us read for ever.

use super::target::Target;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderMap, RETRY_AFTER, USER_AGENT};
use http::{HeaderValue, Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// Longest time for a request in all: name, connection, handshake, request and head of the answer.
const LONGEST: Duration = Duration::from_secs(10);

/// Longest time for one address to take the connection, so that there is time for another.
const CONNECT: Duration = Duration::from_secs(4);

/// Longest head of an answer, in bytes.
const LARGEST_HEAD: usize = 32 * 1024;

const AGENT: HeaderValue = HeaderValue::from_static(concat!("buyer-group/", env!("CARGO_PKG_VERSION")));
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// The name leads nowhere.
    #[error("the receiver's host name has no address")]
    NoAddress,
    /// The name leads where no notification may go.
    #[error("the receiver's host name leads to an address that is not public; see allow_private")]
    Refused,
    /// Nobody takes the connection.
    #[error("the receiver takes no connection")]
    NoConnection,
    /// No secure connection.
    #[error(
        "no secure connection to the receiver: its certificate is not valid for its name, or it does not speak TLS"
    )]
    NoTls,
    /// Not in time.
    #[error("the receiver did not answer in {} s", LONGEST.as_secs())]
    Timeout,
    /// It hung up, or what it said is not HTTP.
    #[error("the receiver hung up without an answer")]
    NoAnswer,
    /// The request cannot be written.
    #[error("the request cannot be written; correct the receiver's URL")]
    Request,
}

impl SendFault {
    /// As it is recorded.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            SendFault::NoAddress => "no_address",
            SendFault::Refused => "refused_address",
            SendFault::NoConnection => "no_connection",
            SendFault::NoTls => "no_tls",
            SendFault::Timeout => "timeout",
            SendFault::NoAnswer => "no_answer",
            SendFault::Request => "bad_request",
        }
    }

    /// Whether it may pass by itself.
    pub(super) const fn passes(self) -> bool {
        !matches!(self, SendFault::Refused | SendFault::Request)
    }
}

/// Secure connections cannot be made at all.
#[derive(Debug, thiserror::Error)]
#[error("secure connections cannot be made")]
pub struct NoTls(#[from] rustls::Error);

/// What the receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// When it wants to be asked again, as it says so.
    pub(super) retry_after: Option<String>,
}

/// What is sent, whoever gets it.
pub(super) struct Letter {
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Sends requests.
#[derive(Clone)]
pub(super) struct Sender {
    tls: TlsConnector,
}

impl Sender {
    /// Trusts whom this machine trusts.
    pub(super) fn new() -> Result<Self, NoTls> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (trusted, _) = roots.add_parsable_certificates(found.certs);
        if trusted == 0 {
            tracing::warn!("this machine has no trusted certificates: no receiver with https can be reached");
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Posts a letter and waits for the head of the answer.
    pub(super) async fn post(&self, target: &Target, letter: Letter) -> Result<Answer, SendFault> {
        let posted = tokio::time::timeout(LONGEST, self.post_in_time(target, letter)).await;
        let response = posted.map_err(|_| SendFault::Timeout)??;
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Answer { status: response.status().as_u16(), retry_after })
    }

    async fn post_in_time(&self, target: &Target, letter: Letter) -> Result<Response<Incoming>, SendFault> {
        let mut request = Request::new(Full::new(Bytes::from(letter.body)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = target.uri()?;
        *request.headers_mut() = letter.headers;
        let host = HeaderValue::from_str(&target.authority()).map_err(|_| SendFault::Request)?;
        request.headers_mut().insert(HOST, host);
        request.headers_mut().insert(USER_AGENT, AGENT);
        request.headers_mut().insert(CONTENT_TYPE, JSON);
        let stream = connect(target).await?;
        if !target.secure {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(target.server_name()).map_err(|_| SendFault::Request)?;
        let stream = self.tls.connect(name, stream).await.map_err(|_| SendFault::NoTls)?;
        exchange(stream, request).await
    }
}

async fn connect(target: &Target) -> Result<TcpStream, SendFault> {
    for address in target.resolve().await? {
        if let Ok(Ok(stream)) = tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    Err(SendFault::NoConnection)
}

/// The connection ends with this future, whatever the other side still wants to say.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, SendFault> {
    let handshake = http1::Builder::new().max_buf_size(LARGEST_HEAD).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|_| SendFault::NoAnswer)?;
    let mut connection = std::pin::pin!(connection);
    let mut answer = std::pin::pin!(sender.send_request(request));
    tokio::select! {
        biased;
        answer = &mut answer => answer.map_err(|_| SendFault::NoAnswer),
        _ = &mut connection => answer.await.map_err(|_| SendFault::NoAnswer),
    }
}
