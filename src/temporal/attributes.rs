//! The search attributes of our workflows, without which the server refuses to start them.

use super::connect::bounded;
use anyhow::{anyhow, bail};
use contracts::SEARCH_ATTRIBUTES;
use temporalio_client::Client;
use temporalio_client::tonic::{Code, Status};
use temporalio_common::protos::temporal::api::enums::v1::IndexedValueType;
use temporalio_common::protos::temporal::api::operatorservice::v1::{
    AddSearchAttributesRequest, ListSearchAttributesRequest,
};

const KEYWORD: i32 = IndexedValueType::Keyword as i32;

/// Sees to it that a process which is about to start or run workflows can: registers what is missing. Where credentials do
/// not even allow to look, it hopes that somebody else did, and says so.
///
/// # Errors
/// Something is missing and we may not add it; the text has the command for somebody who may.
pub async fn ensure_search_attributes(client: &Client) -> anyhow::Result<()> {
    if let Err(unknown) = missing_search_attributes(client).await {
        tracing::warn!("{unknown:#}");
        return Ok(());
    }
    let added = register_search_attributes(client).await?;
    if !added.is_empty() {
        tracing::info!(names = added.join(", "), "search attributes registered");
    }
    Ok(())
}

/// Registers what is missing on the client's namespace, and says what that was. Doing it again does nothing.
///
/// # Errors
/// We may not; the text has the command for somebody who may. Or a name is taken by an attribute of another type.
pub async fn register_search_attributes(client: &Client) -> anyhow::Result<Vec<&'static str>> {
    let namespace = client.options().namespace.clone();
    let missing = missing_search_attributes(client).await?;
    if missing.is_empty() {
        return Ok(missing);
    }
    let search_attributes = missing.iter().map(|name| ((*name).to_owned(), KEYWORD)).collect();
    let request = AddSearchAttributesRequest { search_attributes, namespace: namespace.clone() };
    match client.connection().operator_service().add_search_attributes(bounded(request)).await {
        Ok(_) => Ok(missing),
        // Somebody else did in this moment.
        Err(status) if status.code() == Code::AlreadyExists => Ok(missing),
        Err(status) => Err(not_permitted(&status, &namespace, &missing)),
    }
}

/// The search attributes that the client's namespace does not have.
///
/// # Errors
/// The server does not say, or a name is taken by an attribute of another type.
pub async fn missing_search_attributes(client: &Client) -> anyhow::Result<Vec<&'static str>> {
    let namespace = client.options().namespace.clone();
    let request = ListSearchAttributesRequest { namespace: namespace.clone() };
    let listed = client.connection().operator_service().list_search_attributes(bounded(request)).await;
    let known = match listed {
        Ok(response) => response.into_inner().custom_attributes,
        Err(status) => return Err(not_permitted(&status, &namespace, &SEARCH_ATTRIBUTES)),
    };
    for name in SEARCH_ATTRIBUTES {
        if known.get(name).is_some_and(|kind| *kind != KEYWORD) {
            bail!(
                "the search attribute {name} of namespace `{namespace}` is not a Keyword; remove it with `temporal operator \
                 search-attribute remove --namespace {namespace} --name {name}` and start again"
            );
        }
    }
    Ok(SEARCH_ATTRIBUTES.into_iter().filter(|name| !known.contains_key(*name)).collect())
}

fn not_permitted(status: &Status, namespace: &str, names: &[&str]) -> anyhow::Error {
    anyhow!(
        "the server does not let us look after its search attributes ({:?}: {}); have them created once by somebody who may:\n  {}",
        status.code(),
        status.message(),
        create_command(namespace, names)
    )
}

fn create_command(namespace: &str, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("--name {name} --type Keyword")).collect();
    format!("temporal operator search-attribute create --namespace {namespace} {}", names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_the_whole_command() {
        let text = not_permitted(&Status::permission_denied("no"), "prod", &["BgrWorkspace", "BgrStep"]).to_string();
        assert!(text.ends_with(
            "temporal operator search-attribute create --namespace prod --name BgrWorkspace --type Keyword --name BgrStep --type Keyword"
        ));
    }
}
