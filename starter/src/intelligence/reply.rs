//! Answers, JSON and pages, with a validator, so that whoever asks again is spared the same body.

use crate::problem::Problem;
use crate::report::content_security_policy;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK, REFERRER_POLICY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// What a cache may do: keep it for this caller alone, and ask each time whether it still holds.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Something that was read. The validator is made of the body itself: contact data may go without a new version, so that no
/// number of a version would do.
pub(crate) fn read<T: Serialize>(request: &HeaderMap, body: &T) -> Result<Response, Problem> {
    let body = serde_json::to_vec(body).map_err(|_| super::problems::internal())?;
    Ok(validated(request, HeaderValue::from_static("application/json"), body))
}

/// A page that was made. It may use its own style and nothing else, and tells no other site where its reader comes from.
pub(crate) fn page(request: &HeaderMap, html: String) -> Response {
    let mut response = validated(request, HeaderValue::from_static("text/html; charset=utf-8"), html.into_bytes());
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(content_security_policy()) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

fn validated(request: &HeaderMap, kind: HeaderValue, body: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", &hex::encode(Sha256::digest(&body))[..32]);
    let mut response = if matches(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, kind)], Body::from(body)).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, PRIVATE);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    response
}

/// The answer with a link to the next page, when there is one.
pub(crate) fn linked(mut response: Response, next: Option<String>) -> Response {
    if let Some(next) = next.and_then(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok()) {
        response.headers_mut().insert(LINK, next);
    }
    response
}

/// Whether the caller has this already (RFC 9110, 13.1.2).
fn matches(request: &HeaderMap, tag: &str) -> bool {
    let known = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// Whether the caller takes JSON.
pub(crate) fn takes_json(request: &HeaderMap) -> bool {
    takes(request, "application/json", "application/*")
}

/// Whether the caller takes a page.
pub(crate) fn takes_html(request: &HeaderMap) -> bool {
    takes(request, "text/html", "text/*")
}

/// Whether the caller takes this type, which is of this family (RFC 9110, 12.5.1).
fn takes(request: &HeaderMap, exactly: &str, family: &str) -> bool {
    let mut any = false;
    let mut best: Option<(u8, bool)> = None;
    for value in request.get_all(ACCEPT) {
        let Ok(value) = value.to_str() else { return false };
        for range in value.split(',').map(str::trim).filter(|range| !range.is_empty()) {
            any = true;
            let mut parts = range.split(';').map(str::trim);
            let exactness = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                range if range == exactly => 3,
                range if range == family => 2,
                "*/*" => 1,
                _ => continue,
            };
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let wanted = weight.is_none_or(|weight| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
            if best.is_none_or(|(known, _)| exactness >= known) {
                best = Some((exactness, wanted));
            }
        }
    }
    !any || best.is_some_and(|(_, wanted)| wanted)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn with(name: http::HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn json_is_taken_unless_it_is_ruled_out() {
        for good in
            ["*/*", "application/*;q=0.1", "text/html, application/json", "APPLICATION/JSON", "text/html,*/*;q=0.8"]
        {
            assert!(takes_json(&with(ACCEPT, good)), "{good}");
        }
        for bad in ["text/html", "application/json;q=0", "*/*, application/json;q=0.0", "application/xml", "text/*"] {
            assert!(!takes_json(&with(ACCEPT, bad)), "{bad}");
        }
        assert!(takes_json(&HeaderMap::new()));
        let browser = with(ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        assert!(takes_html(&browser) && !takes_html(&with(ACCEPT, "application/json, text/html;q=0")));
    }

    #[test]
    fn the_same_body_is_not_sent_twice_and_another_is() {
        let first = read(&HeaderMap::new(), &"a").unwrap();
        let tag = first.headers()[ETAG].to_str().unwrap().to_owned();
        assert_eq!(first.headers()[CACHE_CONTROL], "private, no-cache");
        for known in [tag.clone(), format!("\"x\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
            let again = read(&with(IF_NONE_MATCH, &known), &"a").unwrap();
            assert_eq!((again.status().as_u16(), &again.headers()[ETAG]), (304, &first.headers()[ETAG]), "{known}");
        }
        assert_eq!(read(&with(IF_NONE_MATCH, &tag), &"b").unwrap().status(), 200);
    }
}
