//! Where an operator keeps the keys.

use std::{env, ffi::OsString, fmt, fs::File, io::Read, path::PathBuf};

use zeroize::Zeroizing;

use self::sealed::Needs;

#[cfg(feature = "asymmetric")]
use crate::keys::jwt::CryptoProvider;
#[cfg(feature = "jwt")]
use crate::keys::jwt::JwtKeys;
use crate::{
    error::ConfigError,
    keys::{ring::KeyRing, text::MAKE_A_KEY},
};

/// A file or an environment variable with the text of keys, to be read at the start and again while
/// running: of a [`KeyRing`] for a sealed session, of `JwtKeys` for a signed one.
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
#[derive(Clone)]
pub struct KeySource {
    place: Place,
    needs: Needs,
}

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Variable(OsString),
}

impl KeySource {
    /// A file, such as a mounted secret, of at most 64 KB.
    ///
    /// It can be [reloaded](crate::Codec::reload) while running, so keys are replaced without a
    /// restart.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, KeySource};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let path = std::env::temp_dir().join(format!("hs-file-{}", std::process::id()));
    /// # std::fs::write(&path, Key::generate()?.to_text())?;
    /// let keys: KeyRing = KeySource::file(&path).read()?;
    /// # std::fs::remove_file(path)?;
    /// let login = Codec::<u64>::sealed("login", keys).build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> KeySource {
        KeySource::new(Place::File(path.into()))
    }

    /// An environment variable of this process. Nothing outside changes it while the process runs,
    /// so new keys need a restart.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, CodecBuilder, ConfigError, KeySource};
    ///
    /// fn login() -> Result<CodecBuilder<u64>, ConfigError> {
    ///     let keys = KeySource::variable("SESSION_KEYS").read()?; // "seals,opens,opens"
    ///     Ok(Codec::sealed("login", keys))
    /// }
    /// # assert_eq!(login().unwrap_err().setting(), "key source");
    /// ```
    #[must_use]
    pub fn variable(name: impl Into<OsString>) -> KeySource {
        KeySource::new(Place::Variable(name.into()))
    }

    fn new(place: Place) -> KeySource {
        KeySource {
            place,
            needs: Needs::default(),
        }
    }

    /// The back end for asymmetric keys in the text, as for [`JwtKey::jwk`](crate::JwtKey::jwk).
    /// Without them it isn't needed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, JwtKeys, KeySource};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let path = std::env::temp_dir().join(format!("hs-jwk-{}", std::process::id()));
    /// # std::fs::write(&path, include_str!("../../tests/keys/ed25519.jwk.json"))?;
    /// use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
    ///
    /// let keys: JwtKeys = KeySource::file(&path).provider(&AWS_LC).read()?;
    /// let api = Codec::<u64>::jwt("api", keys).build()?;
    /// # std::fs::remove_file(path)?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "asymmetric")]
    #[cfg_attr(docsrs, doc(cfg(feature = "asymmetric")))]
    #[must_use]
    pub fn provider(mut self, provider: &'static CryptoProvider) -> KeySource {
        self.needs.provider = Some(provider);
        self
    }

    /// The keys as they are there now: a [`KeyRing`] or `JwtKeys`, whichever is asked for.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if there is nothing to read, or if it isn't the text of such keys. It names
    /// the file or the variable, says what the mistake seems to be, and shows nothing of the text.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{KeyRing, KeySource};
    ///
    /// let error = KeySource::variable("NO_SUCH_KEYS").read::<KeyRing>().unwrap_err();
    /// let text = error.to_string();
    /// assert!(text.starts_with("key source: the variable NO_SUCH_KEYS is not set; "));
    /// ```
    pub fn read<K: KeysFromText>(&self) -> Result<K, ConfigError> {
        self.read_with(K::from_text)
    }

    /// What is made of the text as it is there now.
    pub(crate) fn read_with<K>(
        &self,
        from_text: impl FnOnce(&str, Needs) -> Result<K, ConfigError>,
    ) -> Result<K, ConfigError> {
        let octets = self.octets()?;
        let text = str::from_utf8(&octets).map_err(|_| self.no_text(&octets))?;
        from_text(text, self.needs)
            .map_err(|error| error.within(SETTING, &format!("{} cannot be used: ", self.place)))
    }

    fn octets(&self) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let octets = match &self.place {
            Place::File(path) => {
                // There is room for all of it, so no copy is left behind.
                let mut octets = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
                let read = File::open(path)
                    .and_then(|file| file.take(LONGEST as u64 + 1).read_to_end(&mut octets));
                read.map_err(|error| {
                    let fix = "check the path and who may read it";
                    self.refused(&format!("is not readable: {error}"), fix)
                })?;
                octets
            }
            Place::Variable(name) => {
                let value =
                    env::var_os(name).ok_or_else(|| self.refused("is not set", MAKE_A_KEY))?;
                Zeroizing::new(value.into_encoded_bytes())
            }
        };
        if octets.len() > LONGEST {
            let fix = "keep only the text of the keys there";
            return Err(self.refused("is longer than 64 KB", fix));
        }
        Ok(octets)
    }

    fn no_text(&self, octets: &[u8]) -> ConfigError {
        if octets.starts_with(&[0xff, 0xfe]) || octets.starts_with(&[0xfe, 0xff]) {
            return self.refused("is in UTF-16", "save it as UTF-8");
        }
        let problem = format!("has {} raw octets and no text", octets.len());
        self.refused(&problem, WRITE_THE_TEXT)
    }

    fn refused(&self, problem: &str, fix: &'static str) -> ConfigError {
        ConfigError::new(SETTING, format!("{} {problem}", self.place), fix)
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeySource").field(&self.place).finish()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path) => write!(f, "the file {}", path.display()),
            Place::Variable(name) => write!(f, "the variable {}", name.display()),
        }
    }
}

/// What a [`KeySource`] can hold: [`KeyRing`] or `JwtKeys`. Nothing else implements it.
pub trait KeysFromText: sealed::KeysFromText {}

impl KeysFromText for KeyRing {}

impl sealed::KeysFromText for KeyRing {
    fn from_text(text: &str, _: Needs) -> Result<KeyRing, ConfigError> {
        text.parse()
    }
}

#[cfg(feature = "jwt")]
#[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
impl KeysFromText for JwtKeys {}

#[cfg(feature = "jwt")]
impl sealed::KeysFromText for JwtKeys {
    fn from_text(text: &str, needs: Needs) -> Result<JwtKeys, ConfigError> {
        JwtKeys::from_text(text, needs.provider)
    }
}

pub(crate) mod sealed {
    use crate::error::ConfigError;

    /// What some keys need to be read.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct Needs {
        #[cfg(feature = "jwt")]
        pub(super) provider: Option<&'static crate::keys::jwt::CryptoProvider>,
    }

    pub trait KeysFromText: Sized {
        fn from_text(text: &str, needs: Needs) -> Result<Self, ConfigError>;
    }
}

const SETTING: &str = "key source";
/// Octets of a text.
const LONGEST: usize = 1 << 16;
const WRITE_THE_TEXT: &str = "write their text into it: \
     `openssl base64 -A -in FILE | tr '+/' '-_' | tr -d '='`";
