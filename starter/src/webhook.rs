//! `POST /api/webhooks/…`: who sent it, what it asks for, and a durable start of that.

use crate::auth::{Candidates, Sources, Unverified, Verified};
use crate::budget::BodyShare;
use crate::intake::MAX_BODY;
use crate::intakes::Delivery;
use crate::limits::{Peer, Standing};
use crate::problem::Problem;
use crate::{AppState, intake, intakes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use contracts::{SourceName, WorkspaceId};
use http::Method;

/// Where this program's own events go, whoever sends them: the secret tells the source.
pub const PERSON_CHANGE_PATH: &str = "/api/webhooks/person-change";

/// What the addresses of single sources begin with: `/{workspace}/{source}` follows, and `/{token}` where the source proves
/// itself by that.
pub const WEBHOOKS_PATH: &str = "/api/webhooks";

/// The address of a source, without a token.
#[must_use]
pub fn path_of(workspace: &WorkspaceId, source: &SourceName) -> String {
    format!("{WEBHOOKS_PATH}/{workspace}/{source}")
}

pub(crate) async fn receive(State(state): State<AppState>, request: Request) -> Response {
    let mut standing = None;
    let mut response = deliver(&state, request, &mut standing).await.unwrap_or_else(Problem::into_response);
    if let Some(standing) = standing {
        standing.write(response.headers_mut());
    }
    response
}

async fn deliver(state: &AppState, request: Request, standing: &mut Option<Standing>) -> Result<Response, Problem> {
    let (verified, _share) = authenticate(state, request).await?;
    let source = verified.source().clone();
    let refused = |problem: Problem, reason: &str| {
        let (status, workspace, name) = (problem.status().as_u16(), &source.workspace, &source.name);
        tracing::warn!(status, reason, %workspace, source = %name, "webhook.rejected");
        Err(problem)
    };
    // Only now: before it is known who sent it, anybody could empty anybody's bucket.
    if let Err(wait) = standing.insert(state.buckets.take(&source)).left {
        return refused(Problem::rate_limited(wait), "rate");
    }
    if verified.body().len() > source.longest_body() {
        // Also only now: whoever is not known shall not learn how much somebody else may send.
        return refused(Problem::too_large(source.longest_body()), "source_body");
    }
    let delivery = read(verified).await?;
    if let Some(others) = state.buckets.take_others(&source, delivery.events())
        && let Err(wait) = standing.insert(others).left
    {
        return refused(Problem::rate_limited(wait), "rate");
    }
    Ok(intakes::respond(delivery, state.starter.as_ref()).await)
}

/// What a delivery asks for. A long one is read beside the threads that serve: it takes longer than others should wait.
async fn read(verified: Verified) -> Result<Delivery, Problem> {
    let long = verified.body().len() > MAX_BODY;
    let read = move || {
        let facts = verified.source().facts();
        intakes::read(&facts, verified.body(), verified.received_at(), verified.delivery_id())
            .map_err(|fault| intakes::answer::refuse(&facts.workspace, &facts.name, fault))
    };
    if !long {
        return read();
    }
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|_| {
        let problem = Problem::internal();
        tracing::error!(status = 500, instance = problem.instance.as_deref(), "webhook.panic");
        Err(problem)
    })
}

async fn authenticate(state: &AppState, request: Request) -> Result<(Verified, BodyShare), Problem> {
    let rejected = |problem: &Problem, reason: &str| {
        tracing::warn!(status = problem.status().as_u16(), reason, "webhook.rejected");
    };
    let uri = request.uri().clone();
    let Some(Address { candidates, token, longest }) = addressed(&state.sources, uri.path()) else {
        return Err(Problem::not_found());
    };
    if request.method() != Method::POST {
        let problem = Problem::method_not_allowed("POST");
        rejected(&problem, "method");
        return Err(problem);
    }
    let watched = state.peer_failures.as_deref().zip(request.extensions().get::<Peer>().copied());
    if let Some(wait) = watched.and_then(|(failures, peer)| failures.held(peer)) {
        let problem = Problem::too_many_failures(wait);
        rejected(&problem, "peer");
        return Err(problem);
    }
    let method = request.method().clone();
    let taken =
        intake::take(request, longest, &state.body_budget, state.limits.body_read).await.inspect_err(|problem| {
            rejected(problem, problem.kind.trim_start_matches("/problems/"));
        })?;
    let delivery = Unverified::new(method, uri.clone(), taken.headers, taken.body);
    let delivery = match token {
        None => delivery,
        Some(token) => delivery.with_token(token),
    };
    let verified = delivery.verify(candidates, state.clock.now()).map_err(|denied| {
        if let Some((failures, peer)) = watched {
            failures.failed(peer);
        }
        let problem = Problem::unauthorized();
        rejected(&problem, denied.as_str());
        problem
    })?;
    Ok((verified, taken.share))
}

/// Where a delivery goes.
struct Address<'a> {
    /// Who may deliver there.
    candidates: &'a Candidates,
    /// What stands at its end.
    token: Option<&'a str>,
    /// Bytes of the longest body that is read there.
    longest: usize,
}

/// The address that a path is; nothing where no source could ever be. Names are compared as they stand: they have no
/// characters that would need another way of writing.
fn addressed<'a>(sources: &'a Sources, path: &'a str) -> Option<Address<'a>> {
    if path == PERSON_CHANGE_PATH {
        return Some(Address { candidates: sources.person_change(), token: None, longest: MAX_BODY });
    }
    let mut parts = path.strip_prefix(WEBHOOKS_PATH)?.strip_prefix('/')?.splitn(3, '/');
    let (workspace, source) = (parts.next()?, parts.next()?);
    workspace.parse::<WorkspaceId>().ok()?;
    source.parse::<SourceName>().ok()?;
    let candidates = sources.named(workspace, source);
    Some(Address { candidates, token: parts.next(), longest: sources.longest_body() })
}
