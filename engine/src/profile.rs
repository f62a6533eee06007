//! What the workspace sells, and to whom.

use crate::Function;
use serde::{Deserialize, Serialize};

/// What a workspace sells and whom it wants to meet. Read from TOML with [`SellerProfile::from_toml`].
///
/// The default is a product for software developers sold at $60,000: engineering buys and uses it; product, data, IT
/// and security sit beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SellerProfile {
    /// What is sold, in words; shown to people, not interpreted.
    pub product: String,
    /// Size of the deal in whole units of `currency`; more than 0.
    pub deal_size: u64,
    /// ISO 4217 code. Approval limits are US dollars, so only `USD` is accepted.
    pub currency: String,
    /// Functions that buy and use the product; at least one.
    pub primary_functions: Vec<Function>,
    /// Functions that work beside them.
    pub adjacent_functions: Vec<Function>,
    /// Words or phrases in a title that make a person more relevant; whole words, any case.
    pub title_keywords: Vec<String>,
    /// Words or phrases in a title that rule a person out; whole words, any case.
    pub exclude_titles: Vec<String>,
    /// How the overall score is weighed.
    pub weights: Weights,
}

/// Shares of the single scores in the overall score. Only proportions matter; 0 leaves a score out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// Share of relevance.
    pub relevance: u8,
    /// Share of authority.
    pub authority: u8,
    /// Share of influence.
    pub influence: u8,
    /// Share of champion potential.
    pub champion: u8,
    /// Share of reachability.
    pub reachability: u8,
}

impl Default for Weights {
    fn default() -> Self {
        Self { relevance: 35, authority: 20, influence: 20, champion: 15, reachability: 10 }
    }
}

impl Default for SellerProfile {
    fn default() -> Self {
        Self {
            product: "a tool for software developers".to_owned(),
            deal_size: 60_000,
            currency: "USD".to_owned(),
            primary_functions: vec![Function::Engineering],
            adjacent_functions: vec![Function::Product, Function::It, Function::Security, Function::Data],
            title_keywords: ["platform", "developer experience", "devops", "infrastructure", "tooling", "architect"]
                .map(str::to_owned)
                .to_vec(),
            exclude_titles: ["account manager", "intern", "trainee"].map(str::to_owned).to_vec(),
            weights: Weights::default(),
        }
    }
}

/// Why a seller profile was refused. Every message names the field and what to write instead.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProfileError {
    /// The text is not TOML, a field is unknown or a value has the wrong type.
    #[error("the seller profile cannot be read: {0}")]
    Syntax(String),
    /// A field's value makes no sense.
    #[error("seller profile, `{field}`: {problem}; {remedy}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with its value.
        problem: String,
        /// What to write instead.
        remedy: &'static str,
    },
}

impl SellerProfile {
    /// Reads and checks a profile. Fields left out keep their default.
    ///
    /// # Errors
    /// [`ProfileError`] when the text is not TOML, names an unknown field or holds a value that makes no sense.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text).map_err(|error| ProfileError::Syntax(error.to_string()))?;
        profile.check()?;
        Ok(profile)
    }

    /// Checks what the types alone cannot say; for profiles that did not come from TOML.
    ///
    /// # Errors
    /// [`ProfileError::Field`] for the first field that makes no sense.
    pub fn check(&self) -> Result<(), ProfileError> {
        let refuse = |field, problem: String, remedy| Err(ProfileError::Field { field, problem, remedy });
        if self.product.trim().is_empty() {
            return refuse("product", "is blank".to_owned(), "say in a few words what is sold");
        }
        if self.deal_size == 0 {
            return refuse("deal_size", "is 0".to_owned(), "write the usual deal in whole US dollars, e.g. 60000");
        }
        if self.currency != "USD" {
            let problem = format!("is {:?}, but approval limits are US dollars", self.currency);
            return refuse("currency", problem, "convert deal_size and write \"USD\"");
        }
        if self.primary_functions.is_empty() {
            let problem = "is an empty list".to_owned();
            return refuse("primary_functions", problem, "name at least one function, e.g. [\"engineering\"]");
        }
        if let Some(both) = self.adjacent_functions.iter().find(|one| self.primary_functions.contains(one)) {
            let problem = format!("holds \"{both}\", which is also in primary_functions");
            return refuse("adjacent_functions", problem, "keep it in one of the two lists");
        }
        for (field, phrases) in [("title_keywords", &self.title_keywords), ("exclude_titles", &self.exclude_titles)] {
            if let Some(index) = phrases.iter().position(|phrase| !phrase.chars().any(char::is_alphanumeric)) {
                let problem = format!("holds a phrase without words at position {}", index + 1);
                return refuse(field, problem, "remove it or write whole words, e.g. \"developer experience\"");
            }
        }
        let Weights { relevance, authority, influence, champion, reachability } = self.weights;
        if [relevance, authority, influence, champion, reachability].iter().all(|weight| *weight == 0) {
            return refuse("weights", "are all 0".to_owned(), "give at least one score a weight above 0");
        }
        Ok(())
    }
}
