//! What a refresh is called within its workspace: `{source}:{event}`, the end of its workflow id with a colon for the slash.
//! It is known before the refresh is, has nothing that a path would have to escape, and leads to no other workspace.

use contracts::{EventKey, SourceName, WorkflowId, WorkspaceId};

/// The workflow of this workspace that is called so; `None` when none could be.
pub(crate) fn workflow_of(workspace: &WorkspaceId, id: &str) -> Option<WorkflowId> {
    let (source, event) = id.split_once(':')?;
    let source: SourceName = source.parse().ok()?;
    Some(WorkflowId::of_key(workspace, &source, &EventKey::parse(event)?))
}

/// What the refresh of this workflow is called.
pub(crate) fn id_of(workflow_id: &str) -> String {
    match WorkflowId::parse(workflow_id) {
        Some(parts) => format!("{}:{}", parts.source, parts.event),
        // Not one of ours; said as it is.
        None => workflow_id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use contracts::EventId;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_refresh_is_found_by_what_it_is_called(source in "[a-z0-9][a-z0-9_-]{0,63}", event in "\\PC{1,120}") {
            let workspace: WorkspaceId = "demo".parse().unwrap();
            let event: EventId = event.parse().unwrap();
            let workflow = WorkflowId::new(&workspace, &source.parse().unwrap(), &event);
            let id = id_of(workflow.as_str());
            prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:~".contains(&byte)), "{}", id);
            prop_assert_eq!(workflow_of(&workspace, &id), Some(workflow));
        }

        #[test]
        fn no_id_leads_out_of_the_workspace(id in "\\PC{0,80}") {
            let workspace: WorkspaceId = "demo".parse().unwrap();
            if let Some(workflow) = workflow_of(&workspace, &id) {
                prop_assert!(workflow.as_str().starts_with("buyer-group-refresh/demo/"));
                prop_assert_eq!(WorkflowId::parse(workflow.as_str()).unwrap().workspace, workspace);
            }
        }
    }
}
