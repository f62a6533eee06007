//! What standard output carries.

use clap::ValueEnum;

/// What standard output carries. Everything that is not the answer goes to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// Prints a line of the answer. A reader that has gone away, as `head` does, is no error; anything else that keeps the answer
/// from being written is said on standard error.
pub fn line(line: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}")
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("error: standard output cannot be written: {error}");
    }
}

/// Prints a line of the answer; see [`line`].
#[macro_export]
macro_rules! outln {
    () => { $crate::output::line(format_args!("")) };
    ($($arguments:tt)*) => { $crate::output::line(format_args!($($arguments)*)) };
}
