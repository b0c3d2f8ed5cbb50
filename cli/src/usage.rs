//! What is said of arguments that cannot be read. A secret that was given by mistake is not shown again.

use std::process::ExitCode;

use clap::{
    Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::output::MISUSE;

/// Shows help, the version, or what is wrong with the arguments.
pub(crate) fn report(mut error: Error) -> ExitCode {
    let asked_for = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    for kind in ECHOES {
        let shown = match error.get(kind) {
            Some(ContextValue::String(text)) => ContextValue::String(shown(text)),
            Some(ContextValue::Strings(texts)) => {
                ContextValue::Strings(texts.iter().map(|text| shown(text)).collect())
            }
            _ => continue,
        };
        error.insert(kind, shown);
    }
    // How to give the same word as something else.
    error.remove(ContextKind::Suggested);
    // Who has stopped reading needs no help.
    let _ = error.print();
    ExitCode::from(if asked_for { 0 } else { MISUSE })
}

/// Where an error has words of the command line.
const ECHOES: [ContextKind; 4] = [
    ContextKind::InvalidSubcommand,
    ContextKind::InvalidArg,
    ContextKind::InvalidValue,
    ContextKind::TrailingArg,
];

/// A word of the command line, if it is one that cannot be a key or a token: a short one in lower case,
/// or the name of an argument of ours, as in `--at <TIME>`.
fn shown(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_lowercase() || c == '-';
    let is_in_name = |c: char| is_word(c) || c.is_ascii_uppercase() || " <>[]|.".contains(c);
    let is_name = text.contains(['<', '[']) && text.chars().all(is_in_name);
    match text.len() {
        ..=LONGEST_WORD if text.chars().all(is_word) => text.to_owned(),
        ..=LONGEST_NAME if is_name => text.to_owned(),
        _ => "…".to_owned(),
    }
}

const LONGEST_WORD: usize = 20;
const LONGEST_NAME: usize = 40;
