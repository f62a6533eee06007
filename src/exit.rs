//! How a command ends: exit codes and error texts.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked.
    Done,
    /// It failed.
    Failed,
    /// It was asked wrongly: an option, a setting or a profile cannot be used.
    WrongUsage,
    /// What it was asked for does not exist.
    NotFound,
    /// It did what it was asked, and something is not as it should be.
    Degraded,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        // The argument parser exits with 2 by itself.
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::WrongUsage => 2,
            Exit::NotFound => 3,
            Exit::Degraded => 4,
        })
    }
}

/// What was asked for does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotFound(pub String);

/// It was asked wrongly: an option, a setting or a profile cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongUsage(pub String);

impl WrongUsage {
    /// The same error, as one of usage.
    #[must_use]
    pub fn of(error: anyhow::Error) -> anyhow::Error {
        Self(chain(&error)).into()
    }
}

/// The exit code that this error deserves.
#[must_use]
pub fn of(error: &anyhow::Error) -> Exit {
    if error.is::<NotFound>() {
        Exit::NotFound
    } else if error.is::<WrongUsage>() {
        Exit::WrongUsage
    } else {
        Exit::Failed
    }
}

/// The error and what is beneath it, on one line. A text that its cause repeats is said once.
#[must_use]
pub fn chain(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if said.contains(&text) {
            continue;
        }
        if !said.is_empty() {
            said.push_str(": ");
        }
        said.push_str(&text);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::{Exit, NotFound, WrongUsage, chain, of};
    use anyhow::anyhow;

    #[test]
    fn a_cause_is_said_once() {
        let error = anyhow!("refused").context("cannot connect: refused").context("starter");
        assert_eq!(chain(&error), "starter: cannot connect: refused");
    }

    #[test]
    fn not_found_has_an_exit_code_of_its_own() {
        let error = anyhow::Error::new(NotFound("no group".into())).context("show");
        assert_eq!(of(&error), Exit::NotFound);
        assert_eq!(of(&anyhow!("no")), Exit::Failed);
    }

    #[test]
    fn wrong_usage_has_one_too_and_keeps_its_text() {
        let error = WrongUsage::of(anyhow!("no such key").context("bgr.toml")).context("dev");
        assert_eq!((of(&error), chain(&error).as_str()), (Exit::WrongUsage, "dev: bgr.toml: no such key"));
    }
}
