//! `haversack` on the command line: makes the keys of sessions, replaces them, and says why a token
//! opens or does not.
//!
//! What a command prints is collected first and written at the end, so a reader that goes away early
//! changes nothing of what was found.

mod args;
mod clock;
mod commands;
mod failure;
mod input;
mod jsontext;
mod keys;
mod newfile;
mod output;
mod panics;
mod table;
mod tokens;
mod usage;

use std::process::ExitCode;

use clap::Parser as _;

use self::args::Args;

fn main() -> ExitCode {
    panics::install();
    let result = match Args::try_parse() {
        Ok(args) => {
            args.color.write_global();
            commands::run(args.command)
        }
        Err(error) => return usage::report(error),
    };
    match result {
        Ok(output) => output.write(),
        Err(failure) => failure.report(),
    }
}
