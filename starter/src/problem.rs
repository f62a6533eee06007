//! Errors as the sender reads them: problem documents (RFC 9457) with stable types. Nothing from the inside gets out; what
//! is our fault carries an id under which the log has the rest.

use crate::intelligence::problems::Candidate;
use crate::limits::whole_seconds;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// Media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// One problem, ready to be answered.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// What kind of problem; stable, a relative reference such as `/problems/invalid-signature`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words; stable.
    pub title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schemars(with = "u16")]
    pub(crate) status: StatusCode,
    /// This occurrence, for a reader.
    pub detail: String,
    /// JSON pointer of the field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What to do.
    pub remedy: String,
    /// Id of this occurrence; the log names it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The workflow that has the id, in a conflict.
    #[serde(rename = "workflowId", skip_serializing_if = "Option::is_none")]
    pub(crate) workflow_id: Option<String>,
    /// The companies that may be meant, when it is not clear which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) candidates: Option<Vec<Candidate>>,
    #[serde(skip)]
    pub(crate) allow: Option<&'static str>,
    #[serde(skip)]
    pub(crate) retry_after: Option<Duration>,
    #[serde(skip)]
    pub(crate) close: bool,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    pub(crate) fn new(status: StatusCode, slug: &str, title: &'static str, detail: &str, remedy: &str) -> Self {
        Problem {
            kind: format!("/problems/{slug}"),
            title,
            status,
            detail: detail.to_owned(),
            pointer: None,
            remedy: remedy.to_owned(),
            instance: None,
            workflow_id: None,
            candidates: None,
            allow: None,
            retry_after: None,
            close: false,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// 404
    #[must_use]
    pub fn not_found() -> Self {
        let remedy = "Deliver events to POST /api/webhooks/person-change.";
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", "Nothing is served at this path.", remedy)
    }

    /// 405
    #[must_use]
    pub fn method_not_allowed(allow: &'static str) -> Self {
        let detail = format!("This path serves {allow} only.");
        let remedy = format!("Use {allow}.");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self { allow: Some(allow), ..Self::new(status, "method-not-allowed", "Method not allowed", &detail, &remedy) }
    }

    /// 415
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Unsupported media type",
            "The content type is not application/json in UTF-8, or the body is compressed.",
            "Send Content-Type: application/json and no Content-Encoding.",
        )
    }

    /// 413. The rest of the body is not read, so the connection ends.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("The body is larger than {limit} bytes.");
        let remedy = format!("Send at most {limit} bytes.");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Self { close: true, ..Self::new(status, "body-too-large", "Body too large", &detail, &remedy) }
    }

    /// 413, more in one delivery than can be made durable in the time that there is.
    #[must_use]
    pub fn too_many_events(detail: &str) -> Self {
        let remedy = "Send the events in several deliveries.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-many-events", "Too many events", detail, remedy)
    }

    /// 408
    #[must_use]
    pub fn body_timeout() -> Self {
        let detail = "The body did not arrive in time.";
        let remedy = "Send the whole body at once, as long as Content-Length says.";
        let status = StatusCode::REQUEST_TIMEOUT;
        Self { close: true, ..Self::new(status, "body-timeout", "Body timeout", detail, remedy) }
    }

    /// 400, the body broke off.
    #[must_use]
    pub fn unreadable_body() -> Self {
        let detail = "The body ended before its end, or its chunks are malformed.";
        let remedy = "Send the whole body, as long as Content-Length says.";
        Self { close: true, ..Self::new(StatusCode::BAD_REQUEST, "unreadable-body", "Unreadable body", detail, remedy) }
    }

    /// 401, the same for every cause.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid-signature",
            "Invalid signature",
            "The delivery is not proven to come from a known source, or not to have been signed in the time allowed.",
            "Sign the raw body as the source's scheme says, with its secret and the present time. The scheme person_change \
             signs `<x-timestamp>.<raw body>` (HMAC-SHA256, lower-case hexadecimal, in x-signature), x-timestamp being the \
             present time in Unix milliseconds.",
        )
    }

    /// 400, a request that does not say once for which host it is.
    #[must_use]
    pub fn bad_host() -> Self {
        let detail = "A request of HTTP/1.1 has exactly one Host header.";
        let remedy = "Send one Host header.";
        Self { close: true, ..Self::new(StatusCode::BAD_REQUEST, "bad-host", "Bad host", detail, remedy) }
    }

    /// 414
    #[must_use]
    pub fn target_too_long(limit: usize) -> Self {
        let detail = format!("Path and query are longer than {limit} bytes.");
        let remedy = "Deliver events to POST /api/webhooks/person-change.";
        let status = StatusCode::URI_TOO_LONG;
        Self { close: true, ..Self::new(status, "target-too-long", "Target too long", &detail, remedy) }
    }

    /// 429, the source's bucket of tokens is empty.
    #[must_use]
    pub fn rate_limited(wait: Duration) -> Self {
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate-limited",
            "Rate limited",
            "This source sends more than it may. The event was not recorded.",
            "Deliver it again, unchanged and newly signed, after the time in Retry-After.",
        );
        Self { retry_after: Some(wait), ..problem }
    }

    /// 429, this address has failed to authenticate too often. Nothing was read.
    #[must_use]
    pub fn too_many_failures(wait: Duration) -> Self {
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-failures",
            "Too many failures",
            "Too many deliveries from this address were not authentic. This one was not looked at.",
            "Correct the secret or the signature, and deliver it again after the time in Retry-After.",
        );
        Self { retry_after: Some(wait), close: true, ..problem }
    }

    /// 503, more is in progress than there is memory for. Nothing was read.
    #[must_use]
    pub fn overloaded() -> Self {
        let problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "Overloaded",
            "More deliveries are in progress than can be held. This one was not looked at.",
            "Deliver it again, unchanged and newly signed, after the time in Retry-After; it will not run twice.",
        );
        Self { retry_after: Some(Duration::from_secs(1)), ..problem }.with_instance()
    }

    /// 400, not JSON.
    #[must_use]
    pub fn invalid_json(detail: &str) -> Self {
        let remedy = "Send one JSON object in UTF-8 without a byte order mark, nested at most 100 levels deep.";
        Self::new(StatusCode::BAD_REQUEST, "invalid-json", "Invalid JSON", detail, remedy)
    }

    /// 422, one field is wrong.
    #[must_use]
    pub fn invalid_field(pointer: String, detail: &str, remedy: &str) -> Self {
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-event", "Invalid event", detail, remedy);
        Self { pointer: Some(pointer), ..problem }
    }

    /// 422, nothing names the event.
    #[must_use]
    pub fn no_delivery_id() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "no-delivery-id",
            "No delivery id",
            "The payload has no id, and the delivery has no signed id of 1 to 512 characters either.",
            "Send the event's id in the webhook-id header, which the signature covers.",
        )
    }

    /// 409, the id belongs to an event with another body.
    #[must_use]
    pub fn conflict(workflow_id: &str) -> Self {
        let problem = Self::new(
            StatusCode::CONFLICT,
            "event-conflict",
            "Event conflict",
            "An event with this id was accepted before, and its body was different. Nothing was changed.",
            "Give a new event a new id; deliver an event again with exactly the same body.",
        );
        Self { pointer: Some("/id".to_owned()), workflow_id: Some(workflow_id.to_owned()), ..problem }
    }

    /// 503, not accepted now.
    #[must_use]
    pub fn unavailable(retry_after: Duration) -> Self {
        let problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily-unavailable",
            "Temporarily unavailable",
            "The event could not be accepted for certain.",
            "Deliver it again, unchanged and newly signed, after the time in Retry-After; it will not run twice.",
        );
        Self { retry_after: Some(retry_after), ..problem }.with_instance()
    }

    /// 500, our fault.
    #[must_use]
    pub fn internal() -> Self {
        let problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal-error",
            "Internal error",
            "The event could not be accepted, and this is our fault.",
            "Report the instance to the operator; deliver the event again once it is repaired, it will not run twice.",
        );
        problem.with_instance()
    }

    /// One of each kind, as an example of it: what the page about problems shows.
    #[must_use]
    pub fn catalogue() -> Vec<Problem> {
        let (limit, pointer) = (crate::intake::MAX_BODY, "/company/name".to_owned());
        let mut all = vec![
            Self::not_found(),
            Self::method_not_allowed("POST"),
            Self::unsupported_media_type(),
            Self::too_large(limit),
            Self::too_many_events("The delivery holds more events than one may."),
            Self::body_timeout(),
            Self::unreadable_body(),
            Self::bad_host(),
            Self::target_too_long(8 * 1024),
            Self::unauthorized(),
            Self::rate_limited(Duration::from_secs(1)),
            Self::too_many_failures(Duration::from_secs(1)),
            Self::overloaded(),
            Self::invalid_json("The body is empty."),
            Self::invalid_field(
                pointer,
                "A field is not what it must be; `pointer` says which.",
                "Send what `detail` asks for.",
            ),
            Self::no_delivery_id(),
            Self::conflict(""),
            Self::unavailable(Duration::from_secs(1)),
            Self::internal(),
        ];
        all.extend(crate::intelligence::problems::catalogue());
        all
    }

    /// The same, and the connection ends: what is left of the request is not read.
    pub(crate) fn closing(self) -> Self {
        Self { close: true, ..self }
    }

    pub(crate) fn with_instance(mut self) -> Self {
        self.instance = Some(Uuid::new_v4().urn().to_string());
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Strings and a number: there is nothing that could fail to become JSON.
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(after) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(after)));
        }
        if self.close {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
