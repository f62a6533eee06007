//! What may stand in a log line.

/// Longest value of ours, in characters.
const LONGEST: usize = 2_000;
/// Longest text of the SDK's.
const LONGEST_SDK: usize = 500;

/// Fields of the SDK's that hold identifiers; any other may hold a task with its payloads.
const SDK_FIELDS: [&str; 18] = [
    "activity_id",
    "activity_type",
    "attempt",
    "call_name",
    "error_code",
    "namespace",
    "plugin",
    "run_id",
    "task_queue",
    "task_token",
    "temporalActivityID",
    "temporalRunID",
    "temporalWorkflowID",
    "worker_id",
    "workflow_id",
    "workflow_type",
    "otel.kind",
    "otel.name",
];

/// Fields of the SDK's that hold an error's text.
const SDK_ERRORS: [&str; 5] = ["error", "details", "failure", "message", "reason"];

/// A value as it may be shown, given who says it.
pub(super) fn shown(target: &str, field: &str, value: &str) -> String {
    if !target.starts_with("temporalio") {
        return cut(value, LONGEST);
    }
    if SDK_FIELDS.contains(&field) {
        cut(value, LONGEST_SDK)
    } else if SDK_ERRORS.contains(&field) {
        cut(&without_payloads(value), LONGEST_SDK)
    } else {
        format!("({} bytes withheld)", value.len())
    }
}

/// The SDK shows a payload as base64 in square brackets, whole or as beginning and end: `[eyJ…..fQ==]`.
fn without_payloads(text: &str) -> String {
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '.');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        shown.push_str(before);
        let end = after.find(|c| !base64(c)).unwrap_or(after.len());
        let (inside, tail) = after.split_at(end);
        // Its own error codes, such as [TMPRL1103], are shorter than any payload worth hiding.
        if inside.len() > 8 && !inside.starts_with("TMPRL") {
            shown.push_str("[payload withheld");
        } else {
            shown.push('[');
            shown.push_str(inside);
        }
        rest = tail;
    }
    shown.push_str(rest);
    shown
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}… ({} bytes in all)", text.get(..end).unwrap_or_default(), text.len()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORE: &str = "temporalio_sdk_core::worker";

    #[test]
    fn the_sdk_shows_identifiers_and_no_tasks() {
        assert_eq!(shown(CORE, "run_id", "0a1b"), "0a1b");
        assert_eq!(shown(CORE, "status", "Completed(jane@example.com)"), "(27 bytes withheld)");
        assert_eq!(
            shown(CORE, "message", "[TMPRL1103] too large: Payload([eyJuYW1lIjoiSmFuZSJ9..fQ==]), [dHJ1ZQ==]"),
            "[TMPRL1103] too large: Payload([payload withheld]), [dHJ1ZQ==]"
        );
        assert_eq!(shown(CORE, "error", "unterminated [eyJuYW1lIjoiSmFuZSJ9"), "unterminated [payload withheld");
    }

    #[test]
    fn long_values_are_cut_at_a_character() {
        let long = "é".repeat(3_000);
        let cut = shown("starter", "body", &long);
        assert!(cut.starts_with('é') && cut.ends_with("… (6000 bytes in all)"));
        assert!(cut.len() < 4_100);
        assert_eq!(shown("starter", "body", "short"), "short");
    }
}
