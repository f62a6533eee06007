//! The interface, described: an OpenAPI 3.1 document, the JSON Schema of every event, and a page to read them on. All of it
//! is made of the types that do the reading and answering; the texts around them stand here.

use crate::WEBHOOKS_PATH;
use crate::intakes::answer::{Received, Taken};
use crate::intakes::{Intake, described};
use crate::intelligence;
use crate::problem::{PROBLEM_JSON, Problem};
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Which deliveries are served, and so described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// Only those to the path that all person-change sources share.
    PersonChange,
    /// Those to the path of each source as well.
    EverySource,
}

/// What this build serves.
const SERVED: Served = Served::EverySource;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| document(SERVED));
static PAGE: LazyLock<String> = LazyLock::new(|| page(&DOCUMENT));

/// The routes.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/openapi.json", only_get(get(async || Json(&*DOCUMENT))))
        .route("/docs", only_get(get(async || html())))
        .route("/problems/{slug}", only_get(get(problem)))
        .route("/schemas/{name}", only_get(get(schema)))
}

fn only_get<S: Clone + Send + Sync + 'static>(route: MethodRouter<S>) -> MethodRouter<S> {
    route.fallback(async || Problem::method_not_allowed("GET, HEAD"))
}

fn html() -> Response {
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, policy)];
    (headers, PAGE.as_str()).into_response()
}

/// Where the type of a problem leads: the page that explains all of them.
async fn problem(Path(slug): Path<String>) -> Response {
    let kind = format!("/problems/{slug}");
    if Problem::catalogue().iter().any(|problem| problem.kind == kind) {
        html()
    } else {
        Problem::not_found().into_response()
    }
}

async fn schema(Path(name): Path<String>) -> Response {
    let intake = name.strip_suffix(".json").and_then(|name| Intake::ALL.into_iter().find(|one| one.as_str() == name));
    match intake {
        Some(intake) => ([(CONTENT_TYPE, "application/schema+json")], described(intake).to_string()).into_response(),
        None => Problem::not_found().into_response(),
    }
}

/// The OpenAPI document.
#[must_use]
pub fn document(served: Served) -> Value {
    let mut schemas = answers();
    let mut paths = Map::new();
    let person_change = body(&[Intake::PersonChange], &mut schemas);
    paths.insert(crate::PERSON_CHANGE_PATH.to_owned(), json!({"post": {
        "operationId": "deliverPersonChange",
        "summary": "Deliver a person-change event",
        "description": "For every source of this payload. Its secret says which source, and so which workspace, an event is of. \
            A 2xx means that the event is durable. The same event may be delivered again at any time and runs once: for as long \
            as Temporal keeps the workflow the delivery is answered as a duplicate with the first one's ids, and after that its \
            workflow ends as a duplicate before it does anything.",
        "parameters": [
            header("x-timestamp", "The present time in Unix milliseconds, within five minutes of the server's.", "^[1-9][0-9]{0,18}$"),
            header("x-signature", "HMAC-SHA256 of `<x-timestamp>.<raw body>` with the source's secret, in hexadecimal.", "^[0-9a-f]{64}$"),
        ],
        "requestBody": person_change,
        "responses": delivered(),
    }}));
    if served == Served::EverySource {
        paths.insert(format!("{WEBHOOKS_PATH}/{{workspace}}/{{source}}"), of_source(&mut schemas, false));
        paths.insert(format!("{WEBHOOKS_PATH}/{{workspace}}/{{source}}/{{token}}"), of_source(&mut schemas, true));
    }
    intelligence::describe::describe(&mut paths, &mut schemas);
    for (path, id, what, media) in [
        ("/livez", "livez", "Whether the process runs", "application/json"),
        ("/readyz", "readyz", "Whether deliveries should be sent here", "application/json"),
        ("/metrics", "metrics", "Counters and gauges, as Prometheus reads them", "text/plain"),
        ("/openapi.json", "openapi", "This document", "application/json"),
        ("/docs", "docs", "This document as a page", "text/html"),
    ] {
        let mut get = json!({"operationId": id, "summary": what,
            "responses": {"200": {"description": what, "content": {media: {}}}, "405": problem_answer("Another method")}});
        if path == "/readyz" {
            get["responses"]["503"] = json!({"description": "It drains", "content": {"application/json": {}}});
        }
        paths.insert(path.to_owned(), json!({"get": get}));
    }
    for (path, id, what, media, parameter, values) in [
        ("/schemas/{name}", "schema", "The JSON Schema of an event", "application/schema+json", "name", schema_names()),
        ("/problems/{slug}", "problem", "What a problem means", "text/html", "slug", slugs()),
    ] {
        let parameter =
            json!({"name": parameter, "in": "path", "required": true, "schema": {"type": "string", "enum": values}});
        paths.insert(
            path.to_owned(),
            json!({"get": {"operationId": id, "summary": what, "parameters": [parameter],
            "responses": {"200": {"description": what, "content": {media: {}}}, "404": problem_answer("No such thing"),
                "405": problem_answer("Another method")}}}),
        );
    }
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Buyer Group Refresh",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "Events in: somebody changed job, so that the buyer group there is refreshed. Intelligence: groups, and the refreshes \
                that make them.",
        },
        "paths": paths,
        "components": {"schemas": intelligence::describe::plain_enums(Value::Object(schemas)), "securitySchemes": intelligence::describe::security_schemes()},
    })
}

/// Deliveries to one source's own path, in whichever payload and scheme it is configured for.
fn of_source(schemas: &mut Map<String, Value>, with_token: bool) -> Value {
    let name = json!({"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$"});
    let mut responses = delivered();
    responses["201"] = answer("Taken, in the form that Lusha demands", "Received");
    let parameter =
        |name: &str, schema: &Value| json!({"name": name, "in": "path", "required": true, "schema": schema});
    let mut parameters = vec![parameter("workspace", &name), parameter("source", &name)];
    let (id, summary) = match with_token {
        false => ("deliver", "Deliver to a configured source"),
        true => ("deliverWithToken", "Deliver to a source that proves itself by a token in its address"),
    };
    if with_token {
        parameters.push(parameter("token", &json!({"type": "string", "minLength": 1, "maxLength": 1024})));
    }
    json!({"post": {
        "operationId": id,
        "summary": summary,
        "description": "Payload and signature are those the source is configured for. Of a delivery with several events each is \
            judged alone and answered in `events`. When some could not be made durable the answer is 503 for all: deliver the \
            whole again.",
        "parameters": parameters,
        "requestBody": body(&Intake::ALL, schemas),
        "responses": responses,
    }})
}

/// A request body: the events of one of these intakes. What their schemas define goes to the document's own.
fn body(intakes: &[Intake], schemas: &mut Map<String, Value>) -> Value {
    let mut options = Vec::new();
    for intake in intakes {
        let mut schema = described(*intake);
        if let Some(members) = schema.as_object_mut() {
            members.remove("$schema");
            members.remove("$id");
            if let Some(Value::Object(own)) = members.remove("$defs") {
                schemas.extend(own.into_iter().map(|(name, definition)| (name, moved(definition))));
            }
        }
        schemas.insert(intake.as_str().to_owned(), moved(schema));
        options.push(reference(intake.as_str()));
    }
    let schema = if let [only] = options.as_slice() { only.clone() } else { json!({"anyOf": options}) };
    json!({"required": true, "content": {"application/json": {"schema": schema}}})
}

/// A schema whose definitions stand in the document's components.
pub(crate) fn moved(schema: Value) -> Value {
    match schema {
        Value::String(text) => Value::String(text.replace("#/$defs/", "#/components/schemas/")),
        Value::Array(items) => items.into_iter().map(moved).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, moved(value))).collect(),
        other => other,
    }
}

/// Schemas of what is answered.
fn answers() -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    let mut generator = settings.into_generator();
    generator.subschema_for::<Taken>();
    generator.subschema_for::<Received>();
    generator.subschema_for::<Problem>();
    intelligence::describe::answers(&mut generator);
    generator.take_definitions(true)
}

fn delivered() -> Value {
    json!({
        "200": answer("Nothing to be done, or done before", "Taken"),
        "202": answer("Durable since now", "Taken"),
        "400": problem_answer("The body broke off or is not JSON"),
        "401": problem_answer("Not proven to come from a known source, or not signed within its time window"),
        "404": problem_answer("No source could ever have this address"),
        "405": problem_answer("Another method"),
        "408": problem_answer("The body did not arrive in time"),
        "409": problem_answer("The id belongs to an event with another body"),
        "413": problem_answer("The body is too large"),
        "414": problem_answer("Path and query are too long"),
        "415": problem_answer("The body is not JSON in UTF-8"),
        "422": problem_answer("A field is wrong; `pointer` says which"),
        "429": problem_answer("Too many deliveries of this source; see Retry-After"),
        "500": problem_answer("Our fault; `instance` names it in the log"),
        "503": problem_answer("Not durable; deliver it again after Retry-After"),
    })
}

pub(crate) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

pub(crate) fn answer(what: &str, schema: &str) -> Value {
    json!({"description": what, "content": {"application/json": {"schema": reference(schema)}}})
}

pub(crate) fn problem_answer(what: &str) -> Value {
    json!({"description": what, "content": {PROBLEM_JSON: {"schema": reference("Problem")}}})
}

fn header(name: &str, what: &str, pattern: &str) -> Value {
    json!({"name": name, "in": "header", "required": true, "description": what, "schema": {"type": "string", "pattern": pattern}})
}

fn schema_names() -> Vec<String> {
    Intake::ALL.iter().map(|intake| format!("{}.json", intake.as_str())).collect()
}

fn slugs() -> Vec<String> {
    Problem::catalogue().iter().map(|problem| problem.kind.trim_start_matches("/problems/").to_owned()).collect()
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}\
    code,pre{font:14px/1.4 ui-monospace,monospace;background:#f4f4f4}pre{padding:.75rem;overflow:auto}\
    h2{margin-top:2.5rem;border-top:1px solid #ddd;padding-top:1rem}summary{cursor:pointer}dt{font-weight:600}\
    @media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}code,pre{background:#262626}a{color:#8ab4f8}}";

/// The document as a page that needs nothing from outside, and no script.
fn page(document: &Value) -> String {
    let text = |value: &Value| escaped(value.as_str().unwrap_or_default());
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1><p>{about} \
         Version {version}. As a file: <a href=\"/openapi.json\">/openapi.json</a>.</p>",
        title = text(&document["info"]["title"]),
        about = text(&document["info"]["description"]),
        version = text(&document["info"]["version"]),
    );
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            page += &format!(
                "<h2><code>{} {}</code></h2><p><b>{}</b></p><p>{}</p>",
                method.to_uppercase(),
                escaped(path),
                text(&operation["summary"]),
                text(&operation["description"])
            );
            for part in ["parameters", "requestBody"] {
                if let Some(part_of) = operation.get(part) {
                    page += &format!("<details><summary>{part}</summary><pre>{}</pre></details>", pretty(part_of));
                }
            }
            page += "<dl>";
            for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                page += &format!("<dt>{status}</dt><dd>{}</dd>", text(&answer["description"]));
            }
            page += "</dl>";
        }
    }
    page += "<h2>Events</h2>";
    for name in schema_names() {
        page += &format!("<p><a href=\"/schemas/{name}\">/schemas/{name}</a></p>");
    }
    page += "<h2>Problems</h2><p>Errors are problem documents (RFC 9457). Their <code>type</code> is stable.</p>";
    for problem in Problem::catalogue() {
        page += &format!(
            "<h3 id=\"{slug}\"><code>{kind}</code></h3><p>{status} {title}. {detail}</p><p>What to do: {remedy}</p>",
            slug = problem.kind.trim_start_matches("/problems/"),
            kind = problem.kind,
            status = problem.status().as_u16(),
            title = problem.title,
            detail = escaped(&problem.detail),
            remedy = escaped(&problem.remedy)
        );
    }
    page += "<h2>Schemas</h2>";
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        page += &format!(
            "<details id=\"schema-{name}\"><summary><code>{name}</code></summary><pre>{}</pre></details>",
            pretty(schema)
        );
    }
    page + "</body></html>"
}

fn pretty(value: &Value) -> String {
    escaped(&format!("{value:#}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Served, document, page};
    use serde_json::Value;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|value| references(value, found));
            }
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_within_the_document() {
        for served in [Served::PersonChange, Served::EverySource] {
            let document = document(served);
            let mut found = Vec::new();
            references(&document, &mut found);
            assert!(found.len() > 20, "{found:?}");
            for reference in found {
                let pointer = reference.strip_prefix('#').unwrap_or("outside");
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
        }
    }

    #[test]
    fn the_page_needs_nothing_from_outside() {
        let page = page(&document(Served::EverySource));
        for outside in ["<script", "src=", "<link", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("/problems/invalid-signature") && page.contains("deliver the whole again"));
    }
}
