//! The `buyer-group` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    buyer_group::cli::main()
}
