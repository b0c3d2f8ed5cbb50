//! What is said of arguments that cannot be read. A secret that was given by mistake is not shown again.

use std::process::ExitCode;

use clap::{
    Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::failure::MISUSE;

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

/// A word of the command line, if it is one that cannot be a key or a token. What names an argument of
/// ours stays as it is.
fn shown(text: &str) -> String {
    let is_ours = text.starts_with("--") && text.contains(['<', '[']) || text.starts_with('<');
    let is_word = |c: char| c.is_ascii_lowercase() || c == '-';
    if is_ours || text.len() <= LONGEST_WORD && text.chars().all(is_word) {
        return text.to_owned();
    }
    "…".to_owned()
}

const LONGEST_WORD: usize = 20;
