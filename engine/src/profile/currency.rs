//! Currencies, and what they are worth in the US dollars that approval limits are written in.
//!
//! Rates are told, never known: a rate built into a program is wrong from the next day on.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 code: three capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CurrencyCode([u8; 3]);

impl CurrencyCode {
    /// The US dollar.
    pub const USD: Self = Self(*b"USD");

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only capital letters get in.
        std::str::from_utf8(&self.0).unwrap_or("USD")
    }
}

impl fmt::Display for CurrencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a currency code was found to be instead of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not a currency code; write its three capital letters (ISO 4217), e.g. EUR", super::problem::quoted(.0))]
pub struct NotACode(String);

impl FromStr for CurrencyCode {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, NotACode> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(letters) if letters.iter().all(u8::is_ascii_uppercase) => Ok(Self(letters)),
            _ => Err(NotACode(text.to_owned())),
        }
    }
}

/// How many US dollars one unit of a currency is worth: exact to a millionth, above 0 and at most a million dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rate(u64);

/// Micro-dollars to the dollar.
const MICRO: u64 = 1_000_000;
/// Decimal places of a rate.
const PLACES: usize = 6;

impl Rate {
    /// A dollar for a dollar.
    pub const ONE: Self = Self(MICRO);
    /// The largest rate: a million dollars for one unit.
    pub const MAX: Self = Self(MICRO * 1_000_000);

    /// A rate in millionths of a dollar; `None` outside 1 to [`Rate::MAX`].
    #[must_use]
    pub const fn from_micro_dollars(micro: u64) -> Option<Self> {
        if micro == 0 || micro > Self::MAX.0 { None } else { Some(Self(micro)) }
    }

    /// The rate in millionths of a dollar.
    #[must_use]
    pub const fn micro_dollars(self) -> u64 {
        self.0
    }

    /// An amount in US dollars, rounded up. Limits and thresholds are whole dollars, so rounding up keeps every comparison
    /// what it is for the exact amount: a limit reaches the one exactly when it reaches the other. An amount too large
    /// for the type becomes the largest there is.
    #[must_use]
    pub fn dollars(self, amount: u64) -> u64 {
        let micro = u128::from(amount) * u128::from(self.0);
        u64::try_from(micro.div_ceil(u128::from(MICRO))).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Rate {
    /// The shortest decimal that is read back as the same rate.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / MICRO, self.0 % MICRO);
        if part == 0 {
            return write!(f, "{whole}");
        }
        let part = format!("{part:06}");
        write!(f, "{whole}.{}", part.trim_end_matches('0'))
    }
}

/// Why a text is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not a plain decimal.
    #[error("not a plain decimal number")]
    Shape,
    /// Finer than a millionth.
    #[error("with more than six decimal places")]
    TooFine,
    /// 0, or more than a million.
    #[error("not above 0 and at most 1000000")]
    Range,
}

impl RateError {
    /// What to write instead.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Shape => "write digits and a point, e.g. \"1.08\"",
            Self::TooFine => "round it to six decimal places",
            Self::Range => "write how many US dollars one unit is worth",
        }
    }
}

impl FromStr for Rate {
    type Err = RateError;

    /// Reads a decimal exactly, without the detour through a binary fraction.
    fn from_str(text: &str) -> Result<Self, RateError> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) {
            return Err(RateError::Shape);
        }
        let part = part.trim_end_matches('0');
        if part.len() > PLACES {
            return Err(RateError::TooFine);
        }
        let micro = whole.parse().ok().and_then(|whole: u64| whole.checked_mul(MICRO));
        let part = format!("{part:0<6}").parse().ok();
        micro
            .zip(part)
            .and_then(|(whole, part)| whole.checked_add(part))
            .and_then(Self::from_micro_dollars)
            .ok_or(RateError::Range)
    }
}

/// Why an amount cannot be converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurrencyError {
    /// The rate of the currency was not told.
    #[error(
        "is {0}, for which there is no rate: none is built in; write how many US dollars one {0} is worth under \
         [exchange], e.g. {0} = \"1.08\" if it were 1.08"
    )]
    NoRate(CurrencyCode),
    /// A rate of the dollar was told.
    #[error("holds a rate for USD, which is the currency that rates are told in; remove it")]
    DollarRate,
}

/// A currency together with the rates that were told. One other than the US dollar always has its rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency {
    code: CurrencyCode,
    /// Never holds the dollar; holds `code` unless that is the dollar.
    rates: BTreeMap<CurrencyCode, Rate>,
}

impl Default for Currency {
    /// US dollars, no rates.
    fn default() -> Self {
        Self { code: CurrencyCode::USD, rates: BTreeMap::new() }
    }
}

impl Currency {
    /// A currency and the rates there are; more rates than the one needed do no harm.
    ///
    /// # Errors
    /// [`CurrencyError`] when the rate of the currency is missing or there is one for the dollar.
    pub fn new(
        code: CurrencyCode,
        rates: impl IntoIterator<Item = (CurrencyCode, Rate)>,
    ) -> Result<Self, CurrencyError> {
        let rates: BTreeMap<_, _> = rates.into_iter().collect();
        if rates.contains_key(&CurrencyCode::USD) {
            return Err(CurrencyError::DollarRate);
        }
        if code != CurrencyCode::USD && !rates.contains_key(&code) {
            return Err(CurrencyError::NoRate(code));
        }
        Ok(Self { code, rates })
    }

    /// Another currency, at the rates told here and these.
    ///
    /// # Errors
    /// As [`Currency::new`].
    pub fn switched(
        &self,
        code: CurrencyCode,
        more: impl IntoIterator<Item = (CurrencyCode, Rate)>,
    ) -> Result<Self, CurrencyError> {
        Self::new(code, self.rates().chain(more))
    }

    /// Which currency.
    #[must_use]
    pub const fn code(&self) -> CurrencyCode {
        self.code
    }

    /// What one unit of it is worth in US dollars.
    #[must_use]
    pub fn rate(&self) -> Rate {
        // Only the dollar has no entry.
        self.rates.get(&self.code).copied().unwrap_or(Rate::ONE)
    }

    /// Every rate that was told, by code.
    pub fn rates(&self) -> impl Iterator<Item = (CurrencyCode, Rate)> {
        self.rates.iter().map(|(code, rate)| (*code, *rate))
    }
}
