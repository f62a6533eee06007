//! `POST /api/webhooks/…`: who sent it, what it asks for, and a durable start of that.

use crate::auth::{Candidates, Sources, Unverified, Verified};
use crate::limits::{BodyShare, Peer, Standing};
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
    // Only now: before it is known who sent it, anybody could empty anybody's bucket.
    if let Err(wait) = standing.insert(state.buckets.take(verified.source())).left {
        let (workspace, source) = (&verified.source().workspace, &verified.source().name);
        tracing::warn!(status = 429, reason = "rate", %workspace, %source, "webhook.rejected");
        return Err(Problem::rate_limited(wait));
    }
    let source = verified.source();
    if let Some(longest) = source.limits.max_body.filter(|longest| verified.body().len() > longest.get() as usize) {
        // Also only now: whoever is not known shall not learn how much somebody else may send.
        let problem = Problem::too_large(longest.get() as usize);
        let (workspace, source) = (&source.workspace, &source.name);
        tracing::warn!(status = 413, reason = "source_body", %workspace, %source, "webhook.rejected");
        return Err(problem);
    }
    let facts = source.facts();
    let delivery = intakes::read(&facts, verified.body(), verified.received_at(), verified.delivery_id())
        .map_err(|fault| intakes::answer::refuse(&facts.workspace, &facts.name, fault))?;
    Ok(intakes::respond(delivery, state.starter.as_ref()).await)
}

async fn authenticate(state: &AppState, request: Request) -> Result<(Verified, BodyShare), Problem> {
    let rejected = |problem: &Problem, reason: &str| {
        tracing::warn!(status = problem.status().as_u16(), reason, "webhook.rejected");
    };
    let uri = request.uri().clone();
    let Some((candidates, token)) = addressed(&state.sources, uri.path()) else {
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
    let taken = intake::take(request, &state.body_budget, state.limits.body_read).await.inspect_err(|problem| {
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

/// Who may deliver at this path, and the token at its end; nothing where no source could ever be. Names are compared as they
/// stand: they have no characters that would need another way of writing.
fn addressed<'a>(sources: &'a Sources, path: &'a str) -> Option<(&'a Candidates, Option<&'a str>)> {
    if path == PERSON_CHANGE_PATH {
        return Some((sources.person_change(), None));
    }
    let mut parts = path.strip_prefix(WEBHOOKS_PATH)?.strip_prefix('/')?.splitn(3, '/');
    let (workspace, source) = (parts.next()?, parts.next()?);
    workspace.parse::<WorkspaceId>().ok()?;
    source.parse::<SourceName>().ok()?;
    Some((sources.named(workspace, source), parts.next()))
}
