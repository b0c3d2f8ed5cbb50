//! What each command does.

mod fleet;
mod inspect;
mod jwks;
mod key;
mod pages;
mod ring;

use crate::{args::Command, failure::Failure, output::Output};

pub(crate) fn run(command: Command) -> Result<Output, Failure> {
    match command {
        Command::Key(args) => key::run(&args),
        Command::Ring(command) => ring::run(command),
        Command::Inspect(args) => inspect::run(&args),
        Command::Jwks(args) => jwks::run(&args),
        Command::Fleet(command) => fleet::run(&command),
        Command::Completions { shell } => pages::completions(shell),
        Command::Man { out } => pages::manual(out.as_deref()),
    }
}
