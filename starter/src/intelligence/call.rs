//! The way of every call, the cheap and safe checks first.

use super::access::{self, Caller, Denied, Scope};
use super::query::Query;
use super::{Intelligence, problems, reply};
use crate::fields::{Fields, Musts};
use crate::json::{self, JsonFault};
use crate::limits::{Peer, Standing};
use crate::problem::Problem;
use crate::{AppState, intake};
use axum::RequestPartsExt as _;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use contracts::WorkspaceId;
use http::header::{AUTHORIZATION, VARY, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::de::DeserializeOwned;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Store, StoreError};

/// Longest time for an answer for which nobody asked to wait. The database and Temporal have bounds of their own; this one is
/// for whatever those forget.
const PATIENCE: Duration = Duration::from_secs(20);

/// One thing that can be asked.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its id in the OpenAPI document, the log and the metrics.
    pub(crate) name: &'static str,
    /// What a key must allow.
    pub(crate) scope: Scope,
    /// Longest time that it may wait because the caller asked it to.
    pub(crate) waits: Duration,
    /// What it answers.
    pub(crate) form: Form,
}

/// What an operation answers, and so who asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON, for programs.
    Json,
    /// A page, for people with a browser: that one asks them for a key by itself, as for a password.
    Page,
}

impl Operation {
    pub(crate) const fn new(name: &'static str, scope: Scope) -> Self {
        Self { name, scope, waits: Duration::ZERO, form: Form::Json }
    }

    pub(crate) const fn page(name: &'static str, scope: Scope) -> Self {
        Self { name, scope, waits: Duration::ZERO, form: Form::Page }
    }
}

/// A call whose caller is known and may do what it asks.
pub(crate) struct Call {
    pub(crate) app: AppState,
    pub(crate) api: Arc<Intelligence>,
    pub(crate) caller: Caller,
    parts: Parts,
}

impl Call {
    pub(crate) fn store(&self) -> &Store {
        &self.api.store
    }

    pub(crate) fn workspace(&self) -> &WorkspaceId {
        self.caller.workspace()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The query string, which may have these parameters.
    pub(crate) fn query(&self, known: &[&str]) -> Result<Query, Problem> {
        Query::read(self.parts.uri.query(), known)
    }

    /// What stands in the path where its route has a name.
    pub(crate) async fn path<T: DeserializeOwned + Send + 'static>(&mut self) -> Result<T, Problem> {
        let Path(path) = self.parts.extract::<Path<T>>().await.map_err(|_| Problem::not_found())?;
        Ok(path)
    }

    /// A body, as this type. Its members are those that `musts` has words for, the first of which must be there.
    pub(crate) async fn read<T: DeserializeOwned>(&self, body: Body, musts: Musts) -> Result<T, Problem> {
        self.read_up_to(intake::MAX_BODY, body, musts).await
    }

    /// The same, of at most so many bytes.
    pub(crate) async fn read_up_to<T: DeserializeOwned>(
        &self,
        longest: usize,
        body: Body,
        musts: Musts,
    ) -> Result<T, Problem> {
        let request = Request::from_parts(self.parts.clone(), body);
        let taken = intake::take(request, longest, &self.app.body_budget, self.app.limits.body_read).await?;
        let value = json::read(&taken.body).map_err(|fault| match fault {
            JsonFault::Syntax(detail) => Problem::invalid_json(&detail),
            JsonFault::TooMany => {
                Problem::invalid_json("The body holds more values than anything that can be asked for.")
            }
            JsonFault::Repeated { pointer } => problems::invalid_request(
                pointer,
                "The name stands twice in one object, so it could mean either value.",
                "Send each name once; nothing was done.",
            ),
        })?;
        let fields = Fields::new(&value, "", musts);
        fields.object("").map_err(super::request::refused)?;
        for name in fields.members("") {
            let pointer = json::pointer_step(name);
            if !musts.iter().any(|(known, _)| *known == pointer) {
                let known: Vec<&str> = musts.iter().filter_map(|(known, _)| known.strip_prefix('/')).collect();
                let remedy = format!("Send these and no others: {}.", known.join(", "));
                return Err(problems::invalid_request(pointer, "There is no such member.", &remedy));
            }
        }
        if let Some((first, _)) = musts.get(1) {
            fields.required(fields.value(first), first).map_err(super::request::refused)?;
        }
        fields.typed().map_err(super::request::refused)
    }

    /// The caller in a history: by the key's id, which is nobody's name.
    pub(crate) fn by(&self) -> String {
        format!("api-key:{}", self.caller.key_id())
    }
}

/// What the database could not do, for a caller.
pub(crate) fn store_fault(error: StoreError) -> Problem {
    let problem = if error.is_retryable() { problems::unavailable() } else { problems::internal() };
    tracing::error!(instance = problem.instance.as_deref(), %error, "api.store");
    problem
}

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// An operation as a handler.
pub(crate) fn on<F, A>(
    operation: &'static Operation,
    handler: F,
) -> impl Fn(State<AppState>, Request) -> Answering + Clone + Send + Sync + 'static
where
    F: Fn(Call, Body) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    move |State(app), request| {
        let handler = handler.clone();
        Box::pin(answer(app, request, operation, handler))
    }
}

async fn answer<F, A>(app: AppState, request: Request, operation: &'static Operation, handler: F) -> Response
where
    F: Fn(Call, Body) -> A + Send + Sync,
    A: Future<Output = Result<Response, Problem>> + Send,
{
    let began = Instant::now();
    let mut standing = None;
    let answered = match admit(app, request, operation, &mut standing).await {
        Err(problem) => Err(problem),
        Ok((call, body)) => {
            let (key, workspace) = (call.caller.key_id().to_owned(), call.workspace().clone());
            let answered = tokio::time::timeout(PATIENCE + operation.waits, handler(call, body)).await;
            let answered = answered.unwrap_or_else(|_| Err(problems::unavailable()));
            let status = answered.as_ref().map_or_else(Problem::status, Response::status).as_u16();
            let problem = answered.as_ref().err().map(|problem| problem.kind.as_str());
            tracing::info!(operation = operation.name, status, problem, key, %workspace, "api.answered");
            answered
        }
    };
    let mut response = answered.unwrap_or_else(Problem::into_response);
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_name(AUTHORIZATION));
    if let Some(standing) = standing {
        standing.write(headers);
    }
    if status == StatusCode::UNAUTHORIZED {
        if operation.form == Form::Page {
            headers
                .append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"buyer groups\", charset=\"UTF-8\""));
        }
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"intelligence\""));
    } else if status == StatusCode::FORBIDDEN {
        let challenge =
            format!("Bearer realm=\"intelligence\", error=\"insufficient_scope\", scope=\"{}\"", operation.scope);
        if let Ok(challenge) = HeaderValue::try_from(challenge) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
    }
    let code = status.as_u16().to_string();
    metrics::counter!("bgr_api_requests_total", "operation" => operation.name, "status" => code).increment(1);
    metrics::histogram!("bgr_api_request_seconds", "operation" => operation.name).record(began.elapsed());
    response
}

/// Whether there is an API at all, the answer could be read, and the caller is known, not too fast, and allowed to.
async fn admit(
    app: AppState,
    request: Request,
    operation: &'static Operation,
    standing: &mut Option<Standing>,
) -> Result<(Call, Body), Problem> {
    let Some(api) = app.intelligence.clone() else { return Err(Problem::not_found()) };
    let rejected = |problem: Problem, reason: &str| {
        let (operation, status) = (operation.name, problem.status().as_u16());
        tracing::warn!(operation, status, reason, instance = problem.instance.as_deref(), "api.rejected");
        problem
    };
    match operation.form {
        Form::Json if !reply::takes_json(request.headers()) => {
            return Err(rejected(problems::not_acceptable("application/json"), "accept"));
        }
        Form::Page if !reply::takes_html(request.headers()) => {
            return Err(rejected(problems::not_acceptable("text/html"), "accept"));
        }
        Form::Json | Form::Page => {}
    }
    let watched = app.peer_failures.as_deref().zip(request.extensions().get::<Peer>().copied());
    if let Some(wait) = watched.and_then(|(failures, peer)| failures.held(peer)) {
        return Err(rejected(Problem::too_many_failures(wait), "peer"));
    }
    let caller = match access::authenticate(&api.store, request.headers(), operation.form, app.clock.now()).await {
        Ok(caller) => caller,
        Err(Denied::Key(reason)) => {
            // A browser comes without a key at first, to be asked for one.
            let tried = operation.form == Form::Json || request.headers().contains_key(AUTHORIZATION);
            if let Some((failures, peer)) = watched.filter(|_| tried) {
                failures.failed(peer);
            }
            return Err(rejected(problems::invalid_api_key(), reason));
        }
        Err(Denied::Store(error)) => return Err(store_fault(error)),
    };
    if let Err(wait) = standing.insert(api.buckets.take(caller.key_id())).left {
        return Err(rejected(problems::too_many_calls(wait), "rate"));
    }
    if !caller.may(operation.scope) {
        return Err(rejected(problems::missing_scope(operation.scope), "scope"));
    }
    let (parts, body) = request.into_parts();
    Ok((Call { app, api, caller, parts }, body))
}
