//! From a request to a bounded body: what is cheap to refuse is refused before anything is read.

use crate::budget::{BodyBudget, BodyShare};
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use std::time::Duration;

/// Longest body, in bytes, at the path that sources share, and of a source for which nothing else is said.
pub const MAX_BODY: usize = 64 * 1024;

/// Longest body, in bytes, that a source may be given at its own path.
pub const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// What was read of a request, and the memory that it stands for.
pub(crate) struct Taken {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// To be held as long as the body.
    pub(crate) share: BodyShare,
}

/// Checks content type and declared length, gets a share of the memory for bodies, then reads the body, no further than
/// `longest` and no longer than `patience`.
pub(crate) async fn take(
    request: Request,
    longest: usize,
    budget: &BodyBudget,
    patience: Duration,
) -> Result<Taken, Problem> {
    let (head, body) = request.into_parts();
    if !is_plain_json(&head.headers) {
        return Err(Problem::unsupported_media_type());
    }
    let declared = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let declared = declared.and_then(|text| text.parse::<u64>().ok());
    let expected = match declared.map(usize::try_from) {
        None => MAX_BODY,
        Some(Ok(length)) if length <= longest => length,
        Some(_) => return Err(Problem::too_large(longest)),
    };
    let mut share = budget.take(expected).ok_or_else(Problem::overloaded)?;
    let reading = read(body, longest, &mut share);
    let body = tokio::time::timeout(patience, reading).await.map_err(|_| Problem::body_timeout())??;
    Ok(Taken { headers: head.headers, body, share })
}

/// Memory grows with what has arrived, never with what was announced.
async fn read(mut body: Body, longest: usize, share: &mut BodyShare) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Problem::unreadable_body())?;
        let Ok(data) = frame.into_data() else { continue };
        let arrived = bytes.len() + data.len();
        if arrived > longest {
            return Err(Problem::too_large(longest));
        }
        if !share.cover(arrived) {
            return Err(Problem::overloaded().closing());
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
