//! Keys of sealed sessions: one that seals, others that only open, and what is derived from them.

use std::{fmt, str::FromStr};

use zeroize::Zeroizing;

use super::{
    derivation::derive,
    text::{self, MAKE_A_KEY},
    weakness::weakness,
};
use crate::{
    base::{
        base64url,
        buffer::wipe,
        random::{Random, RandomError, SystemRandom},
    },
    error::ConfigError,
};

/// A key for sealed sessions: 32 random bytes.
///
/// Make it with [`generate`](Key::generate), keep it as text (43 characters of base64url), and read
/// it back with [`str::parse`]. It is wiped from memory when dropped, and neither `Debug` nor any
/// error shows anything of it.
///
/// # Examples
///
/// ```
/// use haversack::Key;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = Key::generate()?;
/// let text = key.to_text();
/// assert_eq!(text.len(), 43);
/// assert_eq!(text.parse::<Key>()?.to_text(), text);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "secret")]
#[derive(Clone)]
pub struct Key(Box<[u8; 32]>);

impl Key {
    /// Makes a new key from the operating system's randomness.
    ///
    /// Do it once and keep its [text](Key::to_text) where every worker finds it after a restart,
    /// such as in a secret of your deployment. With a new key at each start, a restart signs
    /// everyone out.
    ///
    /// # Errors
    ///
    /// [`RandomError`] if the operating system gives no randomness.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Key};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (one, another) = (Key::generate()?, Key::generate()?);
    /// assert_ne!(one.to_text(), another.to_text());
    /// # Ok(())
    /// # }
    /// ```
    pub fn generate() -> Result<Key, RandomError> {
        loop {
            let mut key = Key(Box::default());
            SystemRandom.fill(&mut *key.0)?;
            // As good as never it looks like none, and could not be read back.
            if Zeroizing::new(key.to_text()).parse::<Key>().is_ok() {
                return Ok(key);
            }
        }
    }

    /// The key with these 32 bytes, for instance from a secret store. For text, use [`str::parse`].
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if there aren't exactly 32 bytes, or if they are obviously not random: text,
    /// a key in PEM or DER, all equal, counting, a short pattern that repeats, or with few
    /// different bytes. Of random keys fewer than one in 2<sup>32</sup> is refused.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Key};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut bytes = [0; 32];
    /// getrandom::fill(&mut bytes)?;
    /// let key = Key::from_bytes(&bytes)?;
    /// assert!(Key::from_bytes(b"a password of thirty-two letters").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Key, ConfigError> {
        let mut key = Key(Box::default());
        if bytes.len() != key.0.len() {
            let problem = format!("it has {} bytes and not 32", bytes.len());
            return Err(ConfigError::new("key", problem, MAKE_A_KEY));
        }
        key.0.copy_from_slice(bytes);
        match weakness(&*key.0) {
            Some(problem) => Err(ConfigError::new("key", problem, MAKE_A_KEY)),
            None => Ok(key),
        }
    }

    /// The key as text: 43 characters of base64url without padding.
    ///
    /// The text is the key: whoever reads it can make any session. Such a text, of a key that isn't
    /// used for anything else, is also a secret for `JwtKeys`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Key};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = Key::generate()?;
    /// println!("SESSION_KEYS={}", key.to_text()); // keep it, and show it to nobody
    /// assert_eq!(key.to_text().parse::<Key>()?.to_text(), key.to_text());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to_text(&self) -> String {
        base64url::text(&*self.0)
    }

    /// The public name of this key: eight hexadecimal digits, as tokens carry them and as they are in
    /// events. It is derived from the key and tells nothing of it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::Key;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let key = Key::generate()?;
    /// assert_eq!(key.id().len(), 8);
    /// assert_eq!(key.id(), key.to_text().parse::<Key>()?.id());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn id(&self) -> String {
        id_text(self.id_octets())
    }

    pub(crate) fn id_octets(&self) -> [u8; 4] {
        let mut id = [0; 4];
        derive(&*self.0, &[KEY_ID_LABEL], &mut id);
        id
    }

    /// The key that is bound to these texts.
    pub(crate) fn bind(&self, texts: [&str; 4]) -> Zeroizing<[u8; 32]> {
        let mut bound = Zeroizing::new([0; 32]);
        derive(&*self.0, &texts.map(str::as_bytes), &mut *bound);
        bound
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        wipe(&mut *self.0);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl FromStr for Key {
    type Err = ConfigError;

    /// Reads the text that [`Key::to_text`] gives; white space around it is ignored.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for anything else, which says what the mistake seems to be, and for a key
    /// that is obviously not random, as in [`Key::from_bytes`].
    fn from_str(text: &str) -> Result<Key, ConfigError> {
        Key::from_bytes(&text::octets(text, 32..=32)?)
    }
}

/// The keys of a sealed session: one that seals, and others that only open.
///
/// To replace a key, take three steps, each after the one before has reached every worker:
///
/// 1. Make the new key known: `KeyRing::new(old).also_opens(new)`.
/// 2. Let it seal: `KeyRing::new(new).also_opens(old)`. A session that the old key opens is
///    re-sealed in the response.
/// 3. Drop the old key when every session that it sealed is past its end: `KeyRing::new(new)`.
///
/// If a key was stolen, drop it at once instead, and everyone signs in again.
///
/// A token names its key, and no other key is ever tried.
///
/// # Examples
///
/// ```
/// use haversack::{Key, KeyRing};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (new, old) = (Key::generate()?, Key::generate()?);
/// let text = format!("{},{}", new.to_text(), old.to_text());
/// let ring: KeyRing = text.parse()?; // the first one seals
/// let same = KeyRing::new(new).also_opens(old);
/// assert_eq!(format!("{ring:?}"), format!("{same:?}"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct KeyRing {
    keys: Vec<Key>,
}

impl KeyRing {
    /// A ring whose only key seals and opens.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).build()?;
    /// assert_eq!(login.open(login.seal(&7)?)?.value(), &7);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(seals: Key) -> KeyRing {
        KeyRing { keys: vec![seals] }
    }

    /// Adds a key that only opens: an older one whose sessions are still live, or a newer one that
    /// other workers may already seal with.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (old, new) = (Key::generate()?, Key::generate()?);
    /// let before = Codec::<u64>::sealed("login", KeyRing::new(old.clone())).build()?;
    /// let token = before.seal(&7)?;
    ///
    /// let ring = KeyRing::new(new).also_opens(old);
    /// let login = Codec::<u64>::sealed("login", ring).build()?;
    /// assert_eq!(login.open(&token)?.value(), &7); // nobody is signed out
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn also_opens(mut self, key: Key) -> KeyRing {
        self.keys.push(key);
        self
    }

    /// All keys, the one that seals first.
    ///
    /// # Examples
    ///
    /// A new key that seals, in front of the two newest that there were:
    ///
    /// ```
    /// # use haversack::{Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let ring = KeyRing::new(Key::generate()?).also_opens(Key::generate()?).also_opens(Key::generate()?);
    /// let newest = ring.keys().iter().take(2).cloned();
    /// let next = newest.fold(KeyRing::new(Key::generate()?), KeyRing::also_opens);
    /// assert_eq!(next.keys()[1].id(), ring.keys()[0].id());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The text of the ring, which [`str::parse`] reads: `"seals"` or `"seals,opens,opens"`. It is as
    /// secret as its keys.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let ring = KeyRing::new(Key::generate()?).also_opens(Key::generate()?);
    /// let same: KeyRing = ring.to_text().parse()?;
    /// assert_eq!(format!("{ring:?}"), format!("{same:?}"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to_text(&self) -> String {
        let texts: Vec<_> = self.keys.iter().map(Key::to_text).collect();
        texts.join(",")
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let ids: Vec<_> = self.keys.iter().map(Key::id_octets).collect();
        let is_twice = |(index, id): (usize, &[u8; 4])| ids[..index].contains(id);
        if ids.iter().enumerate().any(is_twice) {
            return Err(ConfigError::new(
                "key ring",
                "two of its keys have the same id",
                "remove the key that is there twice, or replace one of the two",
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing [")?;
        for (index, key) in self.keys.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", key.id())?;
        }
        f.write_str("]")
    }
}

impl FromStr for KeyRing {
    type Err = ConfigError;

    /// Reads `"seals"` or `"seals,opens,opens"`, each the text of a [`Key`]; white space around a
    /// key is ignored.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if a key can't be read, which says which one, and if one is there twice.
    fn from_str(text: &str) -> Result<KeyRing, ConfigError> {
        let is_json = text.trim_start().starts_with('{');
        let entries: Vec<_> = text.split(|c| c == ',' && !is_json).collect();
        let keys = text::list("key ring", &entries, str::parse)?;
        let ring = KeyRing { keys };
        ring.check()?;
        Ok(ring)
    }
}

/// A key id as people read it: eight hexadecimal digits.
fn id_text(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

const KEY_ID_LABEL: &[u8] = b"haversack key id";
