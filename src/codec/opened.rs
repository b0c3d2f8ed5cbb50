//! What a token gives that opened.

use std::fmt;

use crate::{
    codec::facts::Facts,
    keys::Fingerprint,
    token::envelope::{Envelope, SessionId},
};

/// What a live token holds, read by [`Codec::open`](crate::Codec::open): the value, and the facts
/// about its session.
///
/// # Examples
///
/// ```
/// # use haversack::{Codec, Key, KeyRing};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = KeyRing::new(Key::generate()?);
/// let login = Codec::<u64>::sealed("login", keys).build()?;
/// let opened = login.open(login.seal(&7)?)?;
/// assert_eq!(opened.value(), &7);
/// assert_eq!(opened.facts().version, 0); // never updated
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Opened<T> {
    pub(crate) value: T,
    pub(crate) envelope: Envelope,
    /// The key that opened it.
    pub(crate) key: Fingerprint,
    /// Whether the session should be issued again whatever its age.
    pub(crate) outdated: bool,
}

impl<T> Opened<T> {
    /// The value, by itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let visit = Codec::<String>::sealed("visit", keys).build()?;
    /// let theme: String = visit.open(visit.seal(&"dark".to_owned())?)?.into_value();
    /// assert_eq!(theme, "dark");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// The value, borrowed.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The session's id, the same as in its [facts](Opened::facts).
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.envelope.id
    }

    /// The session's id, version and times.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).clock(|| 1_800_000_000).build()?;
    /// let facts = login.open(login.seal(&7)?)?.facts();
    /// // How long a websocket may stay open that began with this token.
    /// assert_eq!(facts.expires_at - facts.issued_at, 24 * 3600);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.envelope.into()
    }
}

impl<T> fmt::Debug for Opened<T> {
    /// Shows the facts and not the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("envelope", &self.envelope)
            .finish_non_exhaustive()
    }
}
