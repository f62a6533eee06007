//! What OpenAPI is told of bulks and retries.

use super::describe::{common, cursor, in_path, limit, operation, read, refresh_id, wish};
use super::query::NUMBER;
use super::{bulk, retry};
use crate::openapi::{answer, problem_answer};
use serde_json::{Value, json};

/// The paths behind that of the API.
pub(super) fn paths() -> [(&'static str, Value); 5] {
    let items = "What became of each company of a bulk, in the order of the request";
    let parameters = [bulk_id(), limit(), cursor(NUMBER)];
    [
        ("/buyer-group/bulk", json!({"post": start()})),
        (
            "/bulk/{id}",
            json!({"get": read(bulk::GET.name, "How far a bulk is", &[bulk_id()], "Bulk", false, unknown())}),
        ),
        (
            "/bulk/{id}/items",
            json!({"get": read(bulk::ITEMS.name, items, &parameters, "BulkItemPage", true, unknown())}),
        ),
        ("/bulk/{id}/cancel", json!({"post": cancel()})),
        ("/refreshes/{id}/retry", json!({"post": again()})),
    ]
}

fn bulk_id() -> Value {
    in_path("id", "The id of the bulk", json!({"type": "string", "pattern": "^bu_[0-9a-f]{32}$"}))
}

fn unknown() -> Value {
    json!({"404": problem_answer("No such bulk"), "400": problem_answer("A parameter is wrong, or does not exist")})
}

fn start() -> Value {
    let mut start = wish(bulk::START.name, "Refresh the groups of many companies", "BulkBody", json!({}));
    start["description"] = json!(
        "A 202 means that all of it is durable. Up to 10000 companies in 2 MiB; a few refreshes at a time, behind everything \
         that somebody waits for. A company that is named twice is refreshed once."
    );
    // Nobody waits for a bulk.
    if let Some(parameters) = start["parameters"].as_array_mut() {
        parameters.retain(|parameter| parameter["name"] != "Prefer");
    }
    if let Some(responses) = start["responses"].as_object_mut() {
        responses.remove("200");
        responses.remove("502");
    }
    start["responses"]["202"]["content"] = answer("", "Bulk")["content"].clone();
    start["responses"]["409"] = problem_answer("The key was used before for something else");
    if let Some(headers) = start["responses"]["202"]["headers"].as_object_mut() {
        headers.remove("Preference-Applied");
    }
    start
}

fn cancel() -> Value {
    let mut responses = common(unknown());
    responses["200"] = answer("It had been cancelled", "Bulk");
    responses["202"] = answer("It was told; this is how it stands now", "Bulk");
    responses["409"] = problem_answer("Everything was started, or it has not begun");
    let what = "Start no more refreshes of a bulk, and cancel those under way";
    operation(bulk::CANCEL.name, what, &[bulk_id()], responses)
}

fn again() -> Value {
    let mut responses = common(json!({
        "200": answer("It is at work already", "Refresh"),
        "202": answer("It is tried again; this is how it stands now", "Refresh"),
        "400": problem_answer("A parameter that does not exist"),
        "404": problem_answer("No such refresh, or nobody knows any more what it was asked"),
        "409": problem_answer("It ended with an answer"),
    }));
    let place = json!({"description": "Where the refresh is looked at", "schema": {"type": "string"}});
    responses["202"]["headers"] = json!({"Location": place});
    operation(retry::RETRY.name, "Try a refresh again that failed or was cancelled", &[refresh_id()], responses)
}
