//! What can be wrong with a call, as problem documents.

use super::access::Scope;
use crate::problem::Problem;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// A company that may be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Candidate {
    /// Its id; asking with it is never ambiguous.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its web domain, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
}

/// 401, the same for every cause.
pub(crate) fn invalid_api_key() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "invalid-api-key",
        "Invalid API key",
        "The call carries no API key that is valid now.",
        "Send `Authorization: Bearer bgk_…`. `buyer-group key create` makes a key and `buyer-group key list` shows which are valid.",
    )
}

/// 403
pub(crate) fn missing_scope(scope: Scope) -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "missing-scope",
        "Missing scope",
        &format!("This API key may not do that: it lacks the scope `{scope}`."),
        "Use a key that has the scope; `buyer-group key create --scope …` makes one.",
    )
}

/// 429, this key calls too fast.
pub(crate) fn too_many_calls(wait: Duration) -> Problem {
    let problem = Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-calls",
        "Too many calls",
        "This API key calls more often than it may. Nothing was done.",
        "Call again after the time in Retry-After.",
    );
    Problem { retry_after: Some(wait), ..problem }
}

/// 406
pub(crate) fn not_acceptable(answered: &str) -> Problem {
    Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "not-acceptable",
        "Not acceptable",
        &format!("The answer is {answered}, which the Accept header rules out."),
        &format!("Send `Accept: {answered}`, or no Accept header."),
    )
}

/// 400, the query string.
pub(crate) fn invalid_parameter(name: &str, must: &str) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid-parameter",
        "Invalid parameter",
        &format!("The query parameter `{name}` must be {must}."),
        "Correct it; nothing was done.",
    )
}

/// 400, the query string as a whole.
pub(crate) fn invalid_query(known: &[&str]) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid-parameter",
        "Invalid parameter",
        "The query string names a parameter that does not exist or stands twice, or is not percent-encoded UTF-8.",
        &format!("Send each at most once, of these: {}.", known.join(", ")),
    )
}

/// 400, a header.
pub(crate) fn invalid_idempotency_key() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid-idempotency-key",
        "Invalid idempotency key",
        "The Idempotency-Key header must stand once, with 1 to 255 visible ASCII characters, with or without quotes around them and none within.",
        "Send a key of your own for each thing that you ask for, such as a UUID, or none.",
    )
}

/// 422, a member of the body.
pub(crate) fn invalid_request(pointer: String, detail: &str, remedy: &str) -> Problem {
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-request", "Invalid request", detail, remedy);
    Problem { pointer: Some(pointer), ..problem }
}

/// 404
pub(crate) fn unknown_company() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "unknown-company",
        "Unknown company",
        "This workspace knows no company of that id, domain or name.",
        "Ask for its group with POST /api/v1/intelligence/buyer-group; GET /api/v1/intelligence/companies lists what is known.",
    )
}

/// 409; the candidates are for keys that may read.
pub(crate) fn ambiguous_company(candidates: Option<Vec<Candidate>>) -> Problem {
    let problem = Problem::new(
        StatusCode::CONFLICT,
        "ambiguous-company",
        "Ambiguous company",
        "Several companies of this workspace may be meant.",
        "Ask with the `id` of one of `candidates`, which a key with the scope `read` is told.",
    );
    Problem { candidates, ..problem }
}

/// 404
pub(crate) fn no_group() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no-group",
        "No group",
        "The company is known, and no group of it is kept for that moment.",
        "Ask for one with POST /api/v1/intelligence/buyer-group, or for a later `asOf`.",
    )
}

/// 404
pub(crate) fn unknown_refresh() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "unknown-refresh",
        "Unknown refresh",
        "This workspace has no refresh of that id (status `not_found`).",
        "Use the `id` of an answer of this API; GET /api/v1/intelligence/refreshes lists them.",
    )
}

/// 404
pub(crate) fn unknown_bulk() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "unknown-bulk",
        "Unknown bulk",
        "This workspace has no bulk of that id.",
        "Use the `id` that POST /api/v1/intelligence/buyer-group/bulk answered.",
    )
}

/// 409
pub(crate) fn bulk_over() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "bulk-over",
        "Bulk over",
        "All refreshes of the bulk were started, or it was ended, so that it cannot be cancelled any more.",
        "Look at its items, and cancel those that are still on their way one by one.",
    )
}

/// 409
pub(crate) fn nothing_to_retry(status: &str) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "nothing-to-retry",
        "Nothing to retry",
        &format!("The refresh is {status}. Only one that failed or was cancelled can be tried again."),
        "Look at its result; ask for another refresh if need be.",
    )
}

/// 404
pub(crate) fn unknown_event() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "unknown-event",
        "Unknown event",
        "No event of that id and source was ever taken for this workspace.",
        "Use the source's name and the sender's own id of the event, percent-encoded; deliver the event again, which is safe.",
    )
}

/// 409, the key stands for something else.
pub(crate) fn idempotency_conflict(workflow_id: &str) -> Problem {
    let problem = Problem::new(
        StatusCode::CONFLICT,
        "idempotency-conflict",
        "Idempotency conflict",
        "This Idempotency-Key was used before, for something else. Nothing was done.",
        "Use a new key for a new request; repeat a request with exactly the same members.",
    );
    Problem { workflow_id: Some(workflow_id.to_owned()), ..problem }
}

/// 409
pub(crate) fn refresh_over(status: &str) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "refresh-over",
        "Refresh over",
        &format!("The refresh has ended ({status}), so that nothing can be said to it any more."),
        "Look at its result; ask for another refresh if need be.",
    )
}

/// 409
pub(crate) fn refresh_not_started() -> Problem {
    let problem = Problem::new(
        StatusCode::CONFLICT,
        "refresh-not-started",
        "Refresh not started",
        "The refresh waits in the inbox until Temporal can take it. Until then nothing can be said to it.",
        "Try again after the time in Retry-After.",
    );
    Problem { retry_after: Some(Duration::from_secs(5)), ..problem }
}

/// 409, the refresh itself said no.
pub(crate) fn steering_refused(why: &str) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "steering-refused",
        "Steering refused",
        &format!("The refresh does not take that now: {why}"),
        "Look at its status with GET /api/v1/intelligence/refreshes/{id}; approve and reject are for one that waits for review, \
         run-now for one that waits for its turn.",
    )
}

/// 404 to a caller who waits: no source knows the company.
pub(crate) fn no_match(workflow_id: &str) -> Problem {
    let problem = Problem::new(
        StatusCode::NOT_FOUND,
        "no-match",
        "No match",
        "No source of this workspace knows that company. Nothing was changed.",
        "Check name and website; whoever runs the worker decides which sources there are.",
    );
    Problem { workflow_id: Some(workflow_id.to_owned()), ..problem }
}

/// 502 to a caller who waits: a step failed for good.
pub(crate) fn refresh_failed(class: &str, workflow_id: &str) -> Problem {
    let problem = Problem::new(
        StatusCode::BAD_GATEWAY,
        "refresh-failed",
        "Refresh failed",
        &format!("The refresh failed ({class}). The group before stands."),
        "The refresh's status says in which step; repair the cause and ask again with a new Idempotency-Key.",
    );
    Problem { workflow_id: Some(workflow_id.to_owned()), ..problem }.with_instance()
}

/// 409 to a caller who waits: somebody cancelled it.
pub(crate) fn refresh_cancelled(workflow_id: &str) -> Problem {
    let problem = Problem::new(
        StatusCode::CONFLICT,
        "refresh-cancelled",
        "Refresh cancelled",
        "The refresh was cancelled while you waited for it. The group before stands.",
        "Ask again with a new Idempotency-Key.",
    );
    Problem { workflow_id: Some(workflow_id.to_owned()), ..problem }
}

/// 503
pub(crate) fn unavailable() -> Problem {
    let problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "service-unavailable",
        "Service unavailable",
        "What is needed for an answer is away just now: the database, Temporal or a worker. Whether anything was done is not known.",
        "Call again after the time in Retry-After; with the same Idempotency-Key nothing is done twice.",
    );
    Problem { retry_after: Some(Duration::from_secs(5)), ..problem }.with_instance()
}

/// 500
pub(crate) fn internal() -> Problem {
    Problem {
        detail: "The call could not be answered, and this is our fault.".to_owned(),
        remedy: "Report the instance to the operator.".to_owned(),
        ..Problem::internal()
    }
}

/// One of each kind, as an example of it.
pub(crate) fn catalogue() -> Vec<Problem> {
    let body = "A member is not what it must be; `pointer` says which.";
    vec![
        invalid_api_key(),
        missing_scope(Scope::Refresh),
        too_many_calls(Duration::from_secs(1)),
        not_acceptable("application/json"),
        invalid_parameter("limit", "a whole number from 1 to 100"),
        invalid_idempotency_key(),
        invalid_request("/companyName".to_owned(), body, "Send what `detail` asks for."),
        unknown_company(),
        ambiguous_company(Some(Vec::new())),
        no_group(),
        unknown_refresh(),
        unknown_bulk(),
        bulk_over(),
        nothing_to_retry("completed"),
        unknown_event(),
        idempotency_conflict(""),
        refresh_over("completed"),
        refresh_not_started(),
        steering_refused("it does not wait for review."),
        no_match(""),
        refresh_failed("AuthFailed", ""),
        refresh_cancelled(""),
        unavailable(),
    ]
}
