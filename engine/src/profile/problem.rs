//! What is wrong with a seller profile: everything at once, each with its place and its remedy.

use std::fmt;

/// One thing that is wrong with a seller profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line of the file, from 1; `None` when the profile did not come from one.
    pub line: Option<usize>,
    /// The field, `table.field` inside a table.
    pub field: String,
    /// What is wrong with its value.
    pub problem: String,
    /// What to write instead.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}, ")?;
        }
        write!(f, "`{}` {}; {}", self.field, self.problem, self.remedy)
    }
}

/// Why a seller profile was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The text is not TOML.
    #[error("the seller profile is not TOML: {0}")]
    Syntax(String),
    /// Fields are unknown or their values cannot be used; never empty.
    #[error("{}", listed(.0))]
    Fields(Vec<Problem>),
}

fn listed(problems: &[Problem]) -> String {
    match problems {
        [one] => format!("seller profile: {one}"),
        many => {
            let lines: String = many.iter().map(|problem| format!("\n  {problem}")).collect();
            format!("{} problems in the seller profile:{lines}", many.len())
        }
    }
}

/// A text in quotes, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("\"{}…\"", text[..end].escape_debug()),
        None => format!("\"{}\"", text.escape_debug()),
    }
}
