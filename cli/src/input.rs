//! What is read: files, variables, standard input.

use std::{
    env,
    ffi::OsStr,
    fs::File,
    io::{self, IsTerminal as _, Read},
    path::Path,
};

use zeroize::Zeroizing;

use crate::{failure::Failure, output::visible_line};

/// All octets of standard input, of which there may be so many.
pub(crate) fn stdin(most: usize, what: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    read(
        io::stdin().lock(),
        most,
        &format!("{what} on standard input"),
    )
}

/// The same, where nobody asked for it: not from a terminal, before which people would wait.
pub(crate) fn piped(most: usize, what: &str, instead: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if io::stdin().is_terminal() {
        return Err(Failure::misuse(format!("no {what} given; {instead}")));
    }
    stdin(most, what)
}

/// All octets of a file.
pub(crate) fn file(path: &Path, most: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let place = format!("the file {}", visible_line(&path.display().to_string()));
    let file = File::open(path).map_err(|error| unreadable(&place, &error))?;
    read(file, most, &place)
}

/// All octets of an environment variable.
pub(crate) fn variable(name: &OsStr) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let value = env::var_os(name).ok_or_else(|| {
        let name = visible_line(&name.to_string_lossy());
        Failure::misuse(format!(
            "the variable {name} is not set; set it, or use --keys FILE"
        ))
    })?;
    Ok(Zeroizing::new(value.into_encoded_bytes()))
}

fn read(from: impl Read, most: usize, place: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // There is room for all of it, so no copy is left behind.
    let mut octets = Zeroizing::new(Vec::with_capacity(most + 1));
    from.take(most as u64 + 1)
        .read_to_end(&mut octets)
        .map_err(|error| unreadable(place, &error))?;
    if octets.len() > most {
        let kilobytes = most >> 10;
        return Err(Failure::misuse(format!(
            "{place} is longer than {kilobytes} KB"
        )));
    }
    Ok(octets)
}

fn unreadable(place: &str, error: &io::Error) -> Failure {
    Failure::misuse(format!(
        "{place} is not readable: {error}; check the path and who may read it"
    ))
}
