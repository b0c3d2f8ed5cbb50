//! A value that expires on its own.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::values::moment;

/// A field of a session's value with per-entry expiry: after its deadline it is gone for every
/// reader, and from the next token. It never outlives the session.
///
/// For a password that was checked a moment ago, or a code sent by mail. In
/// [`Values`](crate::Values), use [`insert_for`](crate::Values::insert_for).
///
/// The deadline is in whole seconds of the codec's clock, counted from when the session is next
/// written.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use haversack::{Codec, Expiring, Key, KeyRing};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Login {
///     user: u64,
///     #[serde(default)]
///     recently_checked_password: Expiring<bool>,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = Codec::<Login>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
/// let checked = Expiring::new(true, Duration::from_secs(300));
/// let token = login.seal(&Login { user: 7, recently_checked_password: checked })?;
/// assert_eq!(login.open(&token)?.value().recently_checked_password.get(), Some(&true));
/// # Ok(())
/// # }
/// ```
#[doc(alias = "ttl")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiring<V>(Option<(V, Deadline)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deadline {
    /// That many seconds after it is next written.
    In(u64),
    /// At that second.
    At(u64),
}

impl<V> Expiring<V> {
    /// A value for `ttl`, in whole seconds.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use haversack::Expiring;
    ///
    /// let code = Expiring::new(1234, Duration::from_secs(300));
    /// assert_eq!(code.get(), Some(&1234));
    /// ```
    #[must_use]
    pub fn new(value: V, ttl: Duration) -> Expiring<V> {
        Expiring(Some((value, Deadline::In(ttl.as_secs()))))
    }

    /// No value; also the [`Default`], for `#[serde(default)]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::Expiring;
    ///
    /// let code = Expiring::<u16>::none();
    /// assert_eq!(code.get(), None);
    /// assert_eq!(code, Expiring::default());
    /// ```
    #[must_use]
    pub fn none() -> Expiring<V> {
        Expiring(None)
    }

    /// The value, if there is one and its deadline wasn't past when the session was read.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use haversack::{Codec, Expiring, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let visit = Codec::<Expiring<u16>>::sealed("visit", keys).build()?;
    /// let gone = Expiring::new(1234, Duration::ZERO);
    /// assert_eq!(gone.get(), Some(&1234)); // not written and read yet
    /// assert_eq!(visit.open(visit.seal(&gone)?)?.value().get(), None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn get(&self) -> Option<&V> {
        self.0.as_ref().map(|(value, _)| value)
    }

    /// The value and its deadline in seconds since 1970, if it would be written now.
    fn live(&self) -> Option<(&V, u64)> {
        let (value, deadline) = self.0.as_ref()?;
        let now = moment::now();
        let deadline = match *deadline {
            Deadline::In(ttl) => now.saturating_add(ttl),
            Deadline::At(second) => second,
        };
        (now < deadline).then_some((value, deadline))
    }

    pub(crate) fn is_live(&self) -> bool {
        self.live().is_some()
    }
}

impl<V> Default for Expiring<V> {
    fn default() -> Expiring<V> {
        Expiring::none()
    }
}

impl<V: Serialize> Serialize for Expiring<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.live().serialize(serializer)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Expiring<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Expiring<V>, D::Error> {
        let read = Option::<(V, u64)>::deserialize(deserializer)?;
        let live = read.filter(|(_, deadline)| moment::now() < *deadline);
        Ok(Expiring(
            live.map(|(value, deadline)| (value, Deadline::At(deadline))),
        ))
    }
}
