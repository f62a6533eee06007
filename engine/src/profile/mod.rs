//! What the workspace sells, and to whom.

mod check;
mod coverage;
mod currency;
mod nearest;
mod presets;
mod problem;
mod read;
mod write;

pub use coverage::Coverage;
pub use currency::{Currency, CurrencyCode, CurrencyError, NotACode, Rate, RateError};
pub use presets::{Preset, UnknownPreset};
pub use problem::{Problem, ProfileError};

use crate::Function;

/// What a workspace sells and whom it wants to meet. Read from TOML with [`SellerProfile::from_toml`].
///
/// The default is a product for software developers sold at $60,000: engineering buys and uses it; product, data, IT
/// and security sit beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SellerProfile {
    /// What is sold, in words; shown to people, not interpreted.
    pub product: String,
    /// Size of the deal in whole units of `currency`; more than 0. Rules compare [`SellerProfile::deal_usd`].
    pub deal_size: u64,
    /// What the deal is counted in, with its rate to the US dollar.
    pub currency: Currency,
    /// Functions that buy and use the product, most important first; at least one.
    pub primary_functions: Vec<Function>,
    /// Functions that work beside them, most important first; none of the primary ones.
    pub adjacent_functions: Vec<Function>,
    /// Words or phrases in a title that make a person more relevant; whole words, any case, accents ignored.
    pub title_keywords: Vec<String>,
    /// Words or phrases in a title that rule a person out; whole words, any case, accents ignored.
    pub exclude_titles: Vec<String>,
    /// Voices that deals of a certain size need, beside the buying functions, which every deal needs.
    pub coverage: Vec<Coverage>,
    /// How the overall score is weighed.
    pub weights: Weights,
}

/// Shares of the single scores in the overall score. Only proportions matter; 0 leaves a score out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
            currency: Currency::default(),
            primary_functions: vec![Function::Engineering],
            adjacent_functions: vec![Function::Product, Function::It, Function::Security, Function::Data],
            title_keywords: ["platform", "developer experience", "devops", "infrastructure", "tooling", "architect"]
                .map(str::to_owned)
                .to_vec(),
            exclude_titles: ["account manager", "intern", "trainee"].map(str::to_owned).to_vec(),
            coverage: Coverage::usual(),
            weights: Weights::default(),
        }
    }
}

impl SellerProfile {
    /// Reads and checks a profile. Fields left out keep their default, except that whoever names the buying functions
    /// gets no neighbours and keywords of the default's product.
    ///
    /// # Errors
    /// [`ProfileError::Syntax`] when the text is not TOML, else [`ProfileError::Fields`] with everything that is wrong:
    /// unknown fields, values of another type or values that make no sense.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        read::read(text)
    }

    /// The profile as TOML that [`SellerProfile::from_toml`] reads back as the same profile.
    #[must_use]
    pub fn to_toml(&self) -> String {
        write::write(self)
    }

    /// The profile of a common product, by the name of its [`Preset`]; `None` when there is no such preset.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        name.parse::<Preset>().ok()?.profile().ok()
    }

    /// Checks what the types alone cannot say; for profiles that did not come from TOML.
    ///
    /// # Errors
    /// [`ProfileError::Fields`] with every field that makes no sense.
    pub fn check(&self) -> Result<(), ProfileError> {
        let problems: Vec<Problem> = check::problems(self).into_iter().map(|found| found.problem).collect();
        if problems.is_empty() { Ok(()) } else { Err(ProfileError::Fields(problems)) }
    }

    /// Size of the deal in whole US dollars, rounded up (see [`Rate::dollars`]).
    #[must_use]
    pub fn deal_usd(&self) -> u64 {
        self.currency.rate().dollars(self.deal_size)
    }

    /// The voices this deal needs, in order: the buying functions always (domain rule), then each of `coverage` whose
    /// threshold the deal exceeds.
    #[must_use]
    pub fn needed_coverage(&self) -> Vec<Coverage> {
        let deal = self.deal_usd();
        let buying =
            Coverage { name: "buying function".to_owned(), functions: self.primary_functions.clone(), above: 0 };
        let more = self.coverage.iter().filter(|voice| deal > voice.above).cloned();
        std::iter::once(buying).chain(more).collect()
    }
}
