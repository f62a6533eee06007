//! What an operator reads in the Temporal Web UI. Neither text passes the payload codec, so neither names a person or a
//! company; the company's id stands in the current details once it is resolved, because only then is it known for sure.

use contracts::{BulkRequest, EventKey, EventRef, RefreshRequest, StartRequest, SuppressRequest, WorkspaceId};

/// Longest summary the server takes, in bytes.
const MAX_SUMMARY: usize = 200;

/// One line: why, from whom, for whom.
pub(crate) fn summary(request: &StartRequest) -> String {
    let reason = match request {
        StartRequest::Refresh(request) => request.reason.as_str(),
        StartRequest::Suppress(_) => "objection to contact data",
        StartRequest::Bulk(_) => "refresh of many companies",
    };
    let (workspace, source) = (request.workspace(), request.source());
    // The reason is the only part that is free text, and first: cut it and the rest always fits.
    let tail = format!(" from {source} · workspace {workspace}");
    let mut line: String = one_line(reason);
    while line.len() + tail.len() > MAX_SUMMARY && line.pop().is_some() {}
    line.push_str(&tail);
    while line.len() > MAX_SUMMARY && line.pop().is_some() {}
    line
}

/// Markdown: what it is about, and where to read on.
pub(crate) fn details(request: &StartRequest) -> String {
    let (what, more) = match request {
        StartRequest::Refresh(RefreshRequest { reason, level, .. }) => (
            format!("Buyer group refresh because of `{}`.", one_line(reason.as_str()).replace('`', "'")),
            format!("level `{level}`"),
        ),
        StartRequest::Suppress(SuppressRequest { data_points, .. }) => {
            ("Suppression of contact data.".to_owned(), format!("data points: {}", data_points.len()))
        }
        StartRequest::Bulk(BulkRequest { refreshes, at_once, level, .. }) => (
            "Buyer group refreshes of many companies, a few at a time.".to_owned(),
            format!("refreshes: {refreshes}, {at_once} at a time\n- level `{level}`"),
        ),
    };
    format!(
        "{what}\n\n{}- {more}\n\nWhat to do when it fails or stays where it is: `docs/runbooks.md`.",
        origin(request.workspace(), request.event())
    )
}

fn origin(workspace: &WorkspaceId, event: &EventRef) -> String {
    let key = match event.id.key() {
        EventKey::Verbatim(id) => id,
        EventKey::Hashed(hash) => format!("sha256 {hash}"),
    };
    format!("- workspace `{workspace}`\n- source `{}`, event `{key}`\n", event.source)
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_SUMMARY).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use contracts::{CompanyRef, Digest, EventRef, RefreshReason};
    use proptest::prelude::*;

    fn request(workspace: &str, source: &str, id: &str, reason: RefreshReason) -> StartRequest {
        RefreshRequest {
            workspace: workspace.parse().unwrap(),
            company: CompanyRef { id: None, name: "Acme Secret Ltd".into(), domain: Some("acme.example".into()) }
                .into(),
            reason,
            level: Default::default(),
            event: EventRef {
                source: source.parse().unwrap(),
                id: id.parse().unwrap(),
                digest: Digest::of(b""),
                occurred_at: 0,
                received_at: 0,
            },
            person_ref: Some("p_77".into()),
            could_sit: None,
        }
        .into()
    }

    #[test]
    fn both_texts_say_why_and_from_whom_and_name_nobody() {
        let request = request("demo", "crm", "jane@example.com", RefreshReason::RoleChange);
        let line = summary(&request);
        assert_eq!(line, "person.role_change from crm · workspace demo");
        let text = details(&request);
        for part in ["person.role_change", "`demo`", "`crm`", "sha256 ", "`enrich`", "docs/runbooks.md"] {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
        for private in ["Acme", "acme", "jane", "p_77"] {
            assert!(!text.contains(private) && !line.contains(private), "{private}");
        }
    }

    proptest! {
        #[test]
        fn a_summary_is_always_one_short_line(
            workspace in "[a-z0-9][a-z0-9_-]{0,63}", source in "[a-z0-9][a-z0-9_-]{0,63}", reason in ".{0,300}",
        ) {
            let request = request(&workspace, &source, "evt_1", RefreshReason::from(reason));
            let line = summary(&request);
            prop_assert!(line.len() <= 200 && !line.chars().any(char::is_control), "{}", line);
        }
    }
}
