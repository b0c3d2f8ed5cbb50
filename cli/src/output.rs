//! What a command says, where, and with which status it ends.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use zeroize::Zeroizing;

/// The status where what was asked about is refused.
pub(crate) const REFUSED: u8 = 1;
/// The status where it was asked in a way that cannot work.
pub(crate) const MISUSE: u8 = 2;

/// What a command says: its result on standard output, and beside it what a person should know.
#[derive(Default)]
pub(crate) struct Output {
    /// For standard output, from where it may go on into a file or another program.
    pub(crate) result: Zeroizing<String>,
    /// For standard error.
    pub(crate) notes: String,
    /// Whether what was asked about is refused.
    pub(crate) refused: bool,
}

impl Output {
    pub(crate) fn of(result: impl Into<String>) -> Output {
        Output {
            result: Zeroizing::new(result.into()),
            ..Output::default()
        }
    }

    /// Writes all of it. Whoever has stopped reading is told nothing.
    pub(crate) fn write(&self) -> ExitCode {
        let mut stdout = anstream::stdout().lock();
        let written = stdout.write_all(self.result.as_bytes());
        let written = written.and_then(|()| stdout.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                tell(&format!(
                    "haversack: the result cannot be written: {error}\n"
                ));
                return ExitCode::from(MISUSE);
            }
            _ => {}
        }
        tell(&self.notes);
        ExitCode::from(if self.refused { REFUSED } else { 0 })
    }
}

/// Writes to standard error, if anybody listens there.
pub(crate) fn tell(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// The text with everything escaped that moves a terminal's cursor or hides letters: what is inspected
/// may come from whoever wants to deceive who reads it.
///
/// The escapes are those of JSON, so JSON stays what it was.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let hides = matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        );
        if (c.is_control() && c != '\n') || hides {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// The same on one line.
pub(crate) fn visible_line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}
