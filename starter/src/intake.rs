//! From a request to a bounded body: what is cheap to refuse is refused before anything is read.

use crate::limits::{BodyBudget, BodyShare};
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use std::time::Duration;

/// Longest body accepted, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// The same, as a share of the memory for bodies.
const MAX_SHARE: u32 = 64 * 1024;

/// What was read of a request, and the memory that it stands for.
pub(crate) struct Taken {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// To be held as long as the body.
    pub(crate) share: BodyShare,
}

/// Checks content type and declared length, gets a share of the memory for bodies, then reads the body, no further than the
/// limit and no longer than `patience`.
pub(crate) async fn take(request: Request, budget: &BodyBudget, patience: Duration) -> Result<Taken, Problem> {
    let (head, body) = request.into_parts();
    if !is_plain_json(&head.headers) {
        return Err(Problem::unsupported_media_type());
    }
    let declared = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let declared = declared.and_then(|text| text.parse::<u64>().ok());
    let expected = match declared.map(u32::try_from) {
        None => MAX_SHARE,
        Some(Ok(length)) if length <= MAX_SHARE => length,
        Some(_) => return Err(Problem::too_large(MAX_BODY)),
    };
    let share = budget.take(expected).ok_or_else(Problem::overloaded)?;
    let body = tokio::time::timeout(patience, read(body)).await.map_err(|_| Problem::body_timeout())??;
    Ok(Taken { headers: head.headers, body, share })
}

/// Memory grows with what has arrived, never with what was announced.
async fn read(mut body: Body) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::unreadable_body())?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > MAX_BODY {
            return Err(Problem::too_large(MAX_BODY));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// `application/json`, with no parameter but `charset=utf-8`, said once, and not compressed.
fn is_plain_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let plain = headers.get_all(CONTENT_ENCODING).iter().all(|coding| is(coding, "identity"));
    match (types.next().map(HeaderValue::to_str), types.next()) {
        (Some(Ok(text)), None) => plain && is_json(text),
        _ => false,
    }
}

fn is(value: &HeaderValue, text: &str) -> bool {
    value.as_bytes().eq_ignore_ascii_case(text.as_bytes())
}

fn is_json(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| {
            let utf8 = |value: &str| value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("\"utf-8\"");
            parameter.split_once('=').is_some_and(|(name, value)| name.eq_ignore_ascii_case("charset") && utf8(value))
        })
}
