//! `presets`: profiles of common products, to be used as they are or to start one's own from.

use crate::exit::Exit;
use crate::outln;
use crate::output::Output;
use crate::show_group::{deal, words};
use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use engine::{Function, Preset, SellerProfile};
use serde::Serialize;

/// A preset in `presets --output json`.
#[derive(Debug, Serialize)]
struct PresetDocument {
    name: Preset,
    product: String,
    deal_size: u64,
    currency: String,
    primary_functions: Vec<Function>,
    adjacent_functions: Vec<Function>,
    /// The file as it was written; only where one preset was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    toml: Option<&'static str>,
}

impl PresetDocument {
    fn new(name: Preset, profile: SellerProfile, toml: Option<&'static str>) -> Self {
        Self {
            name,
            product: profile.product,
            deal_size: profile.deal_size,
            currency: profile.currency.code().to_string(),
            primary_functions: profile.primary_functions,
            adjacent_functions: profile.adjacent_functions,
            toml,
        }
    }
}

/// Lists the presets, or prints the file of one.
///
/// # Errors
/// When a document cannot be written.
pub fn run(name: Option<Preset>, output: Output) -> Result<Exit> {
    match (name, output) {
        (Some(preset), Output::Text) => outln!("{}", preset.toml().trim_end()),
        (Some(preset), Output::Json) => {
            let document = PresetDocument::new(preset, preset.profile()?, Some(preset.toml()));
            outln!("{}", serde_json::to_string_pretty(&document)?);
        }
        (None, Output::Text) => outln!("{}", table()?),
        (None, Output::Json) => {
            let list = Preset::ALL.iter().map(|preset| Ok(PresetDocument::new(*preset, preset.profile()?, None)));
            let list = list.collect::<Result<Vec<_>>>()?;
            outln!("{}", serde_json::to_string_pretty(&serde_json::json!({ "presets": list }))?);
        }
    }
    Ok(Exit::Done)
}

fn table() -> Result<Table> {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["preset", "product", "usual deal", "buy and use it", "beside them"]);
    for preset in Preset::ALL {
        let profile = preset.profile()?;
        table.add_row([
            preset.to_string(),
            profile.product.clone(),
            deal(profile.deal_size, profile.currency.code().as_str()),
            functions(&profile.primary_functions),
            functions(&profile.adjacent_functions),
        ]);
    }
    Ok(table)
}

fn functions(list: &[Function]) -> String {
    list.iter().map(|function| words(function.as_str())).collect::<Vec<_>>().join(", ")
}
