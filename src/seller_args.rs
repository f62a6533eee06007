//! What is sold, as the command line says it.

use crate::exit::WrongUsage;
use crate::wiring;
use anyhow::Result;
use clap::Args;
use engine::profile::{CurrencyCode, CurrencyError, Rate};
use engine::{Preset, SellerProfile};
use std::path::PathBuf;

/// What is sold, and the deal at hand where it is not the usual one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct SellerArgs {
    /// What is sold: a seller profile in TOML [default: the sample's].
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    pub profile: Option<PathBuf>,

    /// What is sold, by the name of a common product; `presets` lists them.
    #[arg(long, value_name = "NAME")]
    pub preset: Option<Preset>,

    /// Size of this deal in whole units of its currency [default: the profile's].
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true, value_parser = amount)]
    pub deal_size: Option<u64>,

    /// Currency of that size, as in EUR [default: the profile's].
    #[arg(long, value_name = "CODE", requires = "deal_size")]
    pub currency: Option<CurrencyCode>,

    /// How many US dollars one unit of a currency is worth, as in EUR=1.08; goes before the profile's rate.
    #[arg(long, value_name = "CODE=DOLLARS", value_parser = exchange)]
    pub exchange: Vec<(CurrencyCode, Rate)>,
}

fn amount(text: &str) -> Result<u64, String> {
    let amount = text.parse().ok().filter(|amount| (1..=i64::MAX.unsigned_abs()).contains(amount));
    amount.ok_or_else(|| {
        "not a whole number above 0; write the deal without signs and separators, as in 60000".to_owned()
    })
}

fn exchange(text: &str) -> Result<(CurrencyCode, Rate), String> {
    let (code, rate) = text.split_once('=').ok_or("write a currency and its worth in US dollars, as in EUR=1.08")?;
    let code = code.parse::<CurrencyCode>().map_err(|error| error.to_string())?;
    let rate = rate.parse::<Rate>().map_err(|error| format!("the rate is {error}; {}", error.remedy()))?;
    Ok((code, rate))
}

impl SellerArgs {
    /// The profile that was asked for, with the deal at hand; `usual` where neither file nor preset was named.
    ///
    /// # Errors
    /// As usage: when the profile cannot be read or the rate of its currency is not known.
    pub fn profile(&self, usual: impl FnOnce() -> Result<SellerProfile>) -> Result<SellerProfile> {
        let mut profile = match (&self.profile, self.preset) {
            (Some(file), _) => wiring::read_profile(file)?,
            (None, Some(preset)) => preset.profile()?,
            (None, None) => usual()?,
        };
        if let Some(size) = self.deal_size {
            profile.deal_size = size;
        }
        let code = self.currency.unwrap_or_else(|| profile.currency.code());
        let exchange = self.exchange.iter().copied();
        profile.currency = profile.currency.switched(code, exchange).map_err(|error| match error {
            CurrencyError::NoRate(code) => WrongUsage(format!("{error}, or give it here: --exchange {code}=RATE")),
            CurrencyError::DollarRate => WrongUsage(format!("--exchange: {error}")),
        })?;
        Ok(profile)
    }
}
