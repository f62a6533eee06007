//! The API as OpenAPI describes it, made of the types that are read and answered.

use super::bulk_document::{BulkDocument, BulkItemPage};
use super::bulk_request::BulkBody;
use super::companies::CompanyPage;
use super::events::EventDocument;
use super::group_document::GroupDocument;
use super::query::{BEHIND, MARK, MAX_LIMIT};
use super::refresh_document::RefreshDocument;
use super::refreshes::{RefreshPage, STATES};
use super::request::{DiscoverRequest, ForceRequest, NAME_PATTERN};
use super::{PATH, companies, describe_bulk, discover, events, group, refreshes, report, steering};
use crate::openapi::{answer, moved, problem_answer, reference};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Name of the way in, among the document's security schemes.
const KEY: &str = "apiKey";

/// Name of the way in for browsers.
const PASSWORD: &str = "apiKeyAsPassword";

/// The ways in.
pub(crate) fn security_schemes() -> Value {
    json!({KEY: {
        "type": "http", "scheme": "bearer", "bearerFormat": "bgk_{id}_{secret}",
        "description": "An API key, which fixes the workspace. `buyer-group key create --scope read` makes one. Scopes: `read`, \
            `contact` (see e-mail addresses and telephone numbers), `refresh` (ask for refreshes), `steer` (cancel, approve, \
            reject, run now).",
    }, PASSWORD: {
        "type": "http", "scheme": "basic",
        "description": "An API key as the password, with any user name: what a browser asks for. For pages only.",
    }})
}

/// Schemas of what is answered.
pub(crate) fn answers(generator: &mut SchemaGenerator) {
    generator.subschema_for::<GroupDocument>();
    generator.subschema_for::<CompanyPage>();
    generator.subschema_for::<RefreshPage>();
    generator.subschema_for::<RefreshDocument>();
    generator.subschema_for::<EventDocument>();
    generator.subschema_for::<BulkDocument>();
    generator.subschema_for::<BulkItemPage>();
}

/// The paths, and the schemas of bodies.
pub(crate) fn describe(paths: &mut Map<String, Value>, schemas: &mut Map<String, Value>) {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    let mut generator = settings.into_generator();
    generator.subschema_for::<DiscoverRequest>();
    generator.subschema_for::<ForceRequest>();
    generator.subschema_for::<BulkBody>();
    for (name, schema) in generator.take_definitions(true) {
        schemas.entry(name).or_insert_with(|| moved(schema));
    }
    let mut put = |end: &str, methods: Value| paths.insert(format!("{PATH}{end}"), methods);
    put(
        "/buyer-group",
        json!({"get": group_of(), "post": wish(
            discover::DISCOVER.name,
            "Discover a company's buyer group",
            "DiscoverRequest",
            json!({"404": problem_answer("Waited for: no source knows the company")}),
        )}),
    );
    put("/buyer-group/report", json!({"get": page_of()}));
    put(
        "/buyer-group/refresh",
        json!({"post": wish(
            discover::REFRESH.name,
            "Refresh the group of a company that is known",
            "ForceRequest",
            json!({"404": problem_answer("The workspace knows no such company")}),
        )}),
    );
    put(
        "/companies",
        json!({"get": read(
            companies::LIST.name,
            "Companies that are known, by id",
            &[limit(), cursor(BEHIND)],
            "CompanyPage",
            true,
            json!({"400": problem_answer("A parameter is wrong")}),
        )}),
    );
    put(
        "/events/{source}/{event}",
        json!({"get": read(
            events::GET.name,
            "What became of an event",
            &[
                in_path("source", "Who sent it", json!({"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$"})),
                in_path("event", "The sender's id of it", json!({"type": "string", "minLength": 1, "maxLength": 512})),
            ],
            "Event",
            false,
            json!({"404": problem_answer("No such event was taken"), "400": problem_answer("A parameter that does not exist")}),
        )}),
    );
    for (end, methods) in describe_bulk::paths() {
        put(end, methods);
    }
    put("/refreshes", json!({"get": refreshes_of()}));
    put(
        "/refreshes/{id}",
        json!({"get": read(
            refreshes::GET.name,
            "How a refresh stands",
            &[refresh_id()],
            "Refresh",
            false,
            json!({"404": problem_answer("No such refresh"), "400": problem_answer("A parameter that does not exist")}),
        )}),
    );
    for (end, name, what, status) in [
        ("cancel", steering::CANCEL.name, "Cancel a refresh; the last complete group stays as it is", "202"),
        ("approve", steering::APPROVE.name, "Take the result of a refresh that waits for review", "200"),
        ("reject", steering::REJECT.name, "Leave the result of a refresh that waits for review", "200"),
        ("run-now", steering::RUN_NOW.name, "Run a refresh now that waits for its turn", "200"),
    ] {
        let mut responses = common(json!({
            "200": answer("How it stands now", "Refresh"),
            "400": problem_answer("A parameter that does not exist"),
            "404": problem_answer("No such refresh"),
            "409": problem_answer("It has ended, has not begun, or does not take that now"),
        }));
        responses[status] = answer("It was told; this is how it stands now", "Refresh");
        put(&format!("/refreshes/{{id}}/{end}"), json!({"post": operation(name, what, &[refresh_id()], responses)}));
    }
}

/// Enumerations as lists of their values. Written as one alternative per value, as they come for the sake of each value's own
/// words, generators of clients make a type of each; the words go into the description.
pub(crate) fn plain_enums(schema: Value) -> Value {
    match schema {
        Value::Array(items) => items.into_iter().map(plain_enums).collect(),
        Value::Object(members) => {
            let mut members: Map<String, Value> =
                members.into_iter().map(|(name, value)| (name, plain_enums(value))).collect();
            if let Some((values, words)) =
                members.get("oneOf").and_then(Value::as_array).and_then(|all| enumerated(all))
            {
                let about = members.get("description").and_then(Value::as_str).unwrap_or_default();
                let about = format!("{about}{words}");
                members.remove("oneOf");
                members.insert("type".to_owned(), json!("string"));
                members.insert("enum".to_owned(), Value::Array(values));
                members.insert("description".to_owned(), Value::String(about));
            }
            Value::Object(members)
        }
        other => other,
    }
}

/// The values of alternatives that are one text each, and what is said of them.
fn enumerated(alternatives: &[Value]) -> Option<(Vec<Value>, String)> {
    let (mut values, mut words) = (Vec::new(), String::new());
    for one in alternatives {
        match (one.get("const"), one.get("enum")) {
            (Some(value @ Value::String(text)), None) => {
                values.push(value.clone());
                let about = one.get("description").and_then(Value::as_str).unwrap_or_default();
                words += &format!("\n- `{text}`: {about}");
            }
            (None, Some(Value::Array(several))) => values.extend(several.iter().cloned()),
            _ => return None,
        }
    }
    Some((values, words))
}

pub(super) fn operation(name: &str, what: &str, parameters: &[Value], responses: Value) -> Value {
    json!({
        "operationId": name, "summary": what, "tags": ["intelligence"], "security": [{KEY: []}],
        "parameters": parameters, "responses": responses,
    })
}

/// Something that is read.
pub(super) fn read(name: &str, what: &str, parameters: &[Value], schema: &str, paged: bool, more: Value) -> Value {
    let mut found = answer("Found", schema);
    let text = |what: &str| json!({"description": what, "schema": {"type": "string"}});
    found["headers"] = json!({"ETag": text("Validator of this very body")});
    if paged {
        found["headers"]["Link"] = text("The next page, `rel=\"next\"`, when there is one");
    }
    let mut parameters = parameters.to_vec();
    parameters.push(json!({
        "name": "If-None-Match", "in": "header", "description": "The ETag of an answer that is still at hand",
        "schema": {"type": "string"},
    }));
    let mut responses = common(more);
    responses["200"] = found;
    responses["304"] = json!({"description": "It is as it was"});
    operation(name, what, &parameters, responses)
}

/// The group as a page: asked for as a group is, with another way in besides, and answered in HTML.
fn page_of() -> Value {
    let mut page = group_of();
    page["operationId"] = json!(report::GET.name);
    page["summary"] = json!("The group of a company as a page for people");
    page["security"] = json!([{KEY: []}, {PASSWORD: []}]);
    page["responses"]["200"]["content"] = json!({"text/html": {"schema": {"type": "string"}}});
    page["responses"]["406"] = problem_answer("The caller does not take HTML");
    page
}

fn group_of() -> Value {
    let company = in_query("company", "An id, a domain or a name", company_text());
    let company = with(company, "required", json!(true));
    let at = in_query("asOf", "As it stood then: a moment, or a day to its end in UTC", moment());
    let more = json!({
        "400": problem_answer("A parameter is wrong"),
        "404": problem_answer("No such company, or no group of it then"),
        "409": problem_answer("Several companies may be meant; `candidates` names them"),
    });
    read(group::GET.name, "The group of a company", &[company, at], "BuyerGroup", false, more)
}

fn refreshes_of() -> Value {
    let names: Vec<&str> = STATES.iter().map(|(name, _)| *name).collect();
    let parameters = [
        in_query("status", "Only those that stand so", json!({"type": "string", "enum": names})),
        in_query("company", "Only those of this company", company_text()),
        in_query("since", "Only those that began then or later", moment()),
        limit(),
        cursor(MARK),
    ];
    let more = json!({
        "400": problem_answer("A parameter is wrong"),
        "404": problem_answer("No such company"),
        "409": problem_answer("Several companies may be meant; `candidates` names them"),
    });
    read(refreshes::LIST.name, "Refreshes, the newest first", &parameters, "RefreshPage", true, more)
}

pub(super) fn wish(name: &str, what: &str, schema: &str, more: Value) -> Value {
    let header = |name: &str, what: &str, schema: Value| json!({"name": name, "in": "header", "description": what, "schema": schema});
    let parameters = [
        header(
            "Idempotency-Key",
            "The caller's own name of this wish: with it asking twice is one refresh. Made when not given, and answered",
            json!({"type": "string", "pattern": "^(\"[!#-~]{1,255}\"|[!#-~]{1,255})$"}),
        ),
        header(
            "Prefer",
            "`wait=n`: answer with the group when it is there within n seconds, at most 60 (RFC 7240)",
            json!({"type": "string"}),
        ),
    ];
    let mut responses = common(json!({
        "200": answer("Waited for: the group", "BuyerGroup"),
        "400": problem_answer("The body is not JSON or broke off, or a header or parameter is wrong"),
        "408": problem_answer("The body did not arrive in time"),
        "409": problem_answer("The key was used before for something else, several companies may be meant, or the refresh that \
            was waited for was cancelled"),
        "413": problem_answer("The body is too large"),
        "415": problem_answer("The body is not JSON in UTF-8"),
        "422": problem_answer("A member is wrong; `pointer` says which"),
        "502": problem_answer("Waited for: the refresh failed"),
    }));
    let mut accepted = answer("It will run, or has ended without a new group; Location says where to look", "Refresh");
    let text = |what: &str| json!({"description": what, "schema": {"type": "string"}});
    accepted["headers"] = json!({
        "Location": text("Where the refresh is looked at"),
        "Idempotency-Key": text("The key of this wish"),
        "Idempotency-Replayed": text("`true` when the key was used before, for the same"),
        "Preference-Applied": text("How long was waited"),
    });
    responses["202"] = accepted;
    merge(&mut responses, more);
    let mut operation = operation(name, what, &parameters, responses);
    operation["description"] =
        json!("A 202 means that the refresh is durable. The group before stays readable until the new one is saved.");
    operation["requestBody"] =
        json!({"required": true, "content": {"application/json": {"schema": reference(schema)}}});
    operation
}

/// What every operation may answer besides.
pub(super) fn common(more: Value) -> Value {
    let mut responses = json!({
        "401": problem_answer("No API key that is valid now"),
        "403": problem_answer("The key lacks the scope"),
        "405": problem_answer("Another method"),
        "406": problem_answer("The caller does not take JSON"),
        "414": problem_answer("Path and query are too long"),
        "429": problem_answer("The key calls too often; see Retry-After"),
        "500": problem_answer("Our fault; `instance` names it in the log"),
        "503": problem_answer("The database, Temporal or a worker is away; see Retry-After"),
    });
    merge(&mut responses, more);
    responses
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}

fn with(mut value: Value, name: &str, member: Value) -> Value {
    value[name] = member;
    value
}

fn in_query(name: &str, what: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "description": what, "schema": schema})
}

pub(super) fn in_path(name: &str, what: &str, schema: Value) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": what, "schema": schema})
}

pub(super) fn refresh_id() -> Value {
    let what = "What the refresh is called, `{source}:{event}`, or the id of its run";
    in_path("id", what, json!({"type": "string", "pattern": "^[0-9A-Za-z_.:~-]{1,160}$"}))
}

pub(super) fn limit() -> Value {
    in_query(
        "limit",
        "Most entries of a page",
        json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 50}),
    )
}

pub(super) fn cursor(pattern: &str) -> Value {
    let what = "The `nextCursor` of the page before, as it stands there";
    in_query("cursor", what, json!({"type": "string", "pattern": pattern}))
}

fn company_text() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": 512, "pattern": NAME_PATTERN})
}

fn moment() -> Value {
    json!({"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]})
}
