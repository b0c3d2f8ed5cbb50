//! Where an operator keeps the key ring.

use std::{env, ffi::OsString, fs, path::PathBuf};

use zeroize::Zeroizing;

use crate::{error::ConfigError, keys::KeyRing};

/// A file or an environment variable with the text of a [`KeyRing`], to be read at start and again
/// while running.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeySource};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("haversack-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("session-keys");
/// # std::fs::write(&path, Key::generate()?.to_text())?;
/// let source = KeySource::file(&path);
/// let login = Codec::<u64>::sealed("login", source.read()?).build()?;
/// // Later, on a signal or a timer of the application's own:
/// if let Err(error) = login.reload(&source) {
///     eprintln!("the old keys stay: {error}");
/// }
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct KeySource(Place);

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Variable(OsString),
}

impl KeySource {
    /// A file, such as a mounted secret. White space at its end is ignored.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> KeySource {
        KeySource(Place::File(path.into()))
    }

    /// An environment variable.
    #[must_use]
    pub fn variable(name: impl Into<OsString>) -> KeySource {
        KeySource(Place::Variable(name.into()))
    }

    /// The key ring as it is there now.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when there is nothing to read, or when it is not the text of a key ring; it
    /// names the file or the variable, and shows nothing of the text.
    pub fn read(&self) -> Result<KeyRing, ConfigError> {
        let place = match &self.0 {
            Place::File(path) => format!("the file {}", path.display()),
            Place::Variable(name) => format!("the variable {}", name.display()),
        };
        let refused =
            |problem: &str, fix| ConfigError::new("key source", format!("{place} {problem}"), fix);
        let text = match &self.0 {
            Place::File(path) => fs::read_to_string(path).map_err(|error| {
                let problem = format!("is not readable: {error}");
                refused(&problem, "check the path and who may read it")
            }),
            Place::Variable(name) => env::var(name).map_err(|error| {
                let problem = match error {
                    env::VarError::NotPresent => "is not set",
                    env::VarError::NotUnicode(_) => "is not text",
                };
                refused(problem, KEYS)
            }),
        };
        Zeroizing::new(text?).parse().map_err(|error: ConfigError| {
            error.within("key source", &format!("{place} cannot be used: "))
        })
    }
}

const KEYS: &str = "set it to \"seals,opens,opens\", each made with Key::generate()";
