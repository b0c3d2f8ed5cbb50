//! Files that hold a secret.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::Path,
};

use crate::{failure::Failure, output::visible_line};

/// Writes a file that only its owner can read, where there is none yet.
pub(crate) fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = visible_line(&path.display().to_string());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|error| {
        Failure::misuse(match error.kind() {
            ErrorKind::AlreadyExists => {
                format!("{shown} exists, and is not written over; name another file")
            }
            _ => format!("{shown} cannot be made: {error}; check the folder"),
        })
    })?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| {
        drop(file);
        // Half a key is none.
        let _ = fs::remove_file(path);
        Failure::misuse(format!("{shown} cannot be written: {error}"))
    })
}
