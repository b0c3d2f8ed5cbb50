//! Files, as nobody else is to read them.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::Path,
};

/// Writes a file, for this user only, where none is and no link, and waits until the disk has it.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
