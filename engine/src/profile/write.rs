//! From profile to TOML.

use super::{SellerProfile, Weights};
use crate::Function;
use std::fmt::Write as _;
use toml::Value;

/// Plain values first: whatever follows a `[table]` belongs to it.
pub(super) fn write(profile: &SellerProfile) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: Value| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name} = {value}");
    };
    line("product", profile.product.as_str().into());
    line("deal_size", number(profile.deal_size));
    line("currency", profile.currency.code().as_str().into());
    line("primary_functions", functions(&profile.primary_functions));
    line("adjacent_functions", functions(&profile.adjacent_functions));
    line("title_keywords", profile.title_keywords.clone().into());
    line("exclude_titles", profile.exclude_titles.clone().into());
    if profile.coverage.is_empty() {
        line("coverage", Value::Array(Vec::new()));
    }
    let mut rates = profile.currency.rates().peekable();
    if rates.peek().is_some() {
        text.push_str("\n[exchange]\n");
        rates.for_each(|(code, rate)| _ = writeln!(text, "{code} = \"{rate}\""));
    }
    for voice in &profile.coverage {
        let (name, functions) = (Value::from(voice.name.as_str()), functions(&voice.functions));
        let _ =
            writeln!(text, "\n[[coverage]]\nname = {name}\nfunctions = {functions}\nabove = {}", number(voice.above));
    }
    let Weights { relevance, authority, influence, champion, reachability } = profile.weights;
    let _ = writeln!(
        text,
        "\n[weights]\nrelevance = {relevance}\nauthority = {authority}\ninfluence = {influence}\nchampion = {champion}\n\
         reachability = {reachability}"
    );
    text
}

/// TOML's integers end at 2⁶³ − 1, as do the amounts that are read; larger ones can only be made by hand.
fn number(value: u64) -> Value {
    Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn functions(list: &[Function]) -> Value {
    Value::Array(list.iter().map(|function| function.as_str().into()).collect())
}
