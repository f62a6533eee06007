//! The sample company that ships with the program, so that there is something to refresh before anything is configured.

use activities::roster::{Roster, RosterData};
use anyhow::{Context as _, Result};
use contracts::WorkspaceId;
use engine::SellerProfile;

/// Its name.
pub const NAME: &str = "Northwind Harbour Instruments";
/// Its domain; `.example` belongs to nobody.
pub const DOMAIN: &str = "northwind-harbour.example";
/// Its id where the sample event comes from.
pub const ID: &str = "northwind-harbour";

/// Its people.
#[must_use]
pub fn roster(workspace: &WorkspaceId) -> Roster {
    Roster {
        workspace: workspace.clone(),
        company_id: Some(ID.to_owned()),
        name: NAME.to_owned(),
        domain: Some(DOMAIN.to_owned()),
        staff: None,
        revenue: None,
        data: RosterData::Embedded { name: "sample/people.csv", bytes: include_bytes!("../sample/people.csv") },
    }
}

/// What the seller of the sample sells; also the profile of workspaces that have none of their own.
///
/// # Errors
/// Never, unless the file that ships with the program was broken.
pub fn profile() -> Result<SellerProfile> {
    SellerProfile::from_toml(include_str!("../sample/profile.toml")).context("the sample profile is not valid")
}

/// The sample event with this id and time: the body that a provider would send.
///
/// # Errors
/// Never, unless the file that ships with the program was broken.
pub fn event(id: &str, at: jiff::Timestamp, source: &str) -> Result<Vec<u8>> {
    let mut event: serde_json::Value =
        serde_json::from_str(include_str!("../sample/event.json")).context("the sample event is not JSON")?;
    event["id"] = id.into();
    event["source"] = source.into();
    event["timestamp"] = at.to_string().into();
    Ok(serde_json::to_vec_pretty(&event)?)
}
