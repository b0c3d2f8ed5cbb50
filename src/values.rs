//! A string map, for those who want `get` and `insert` rather than a struct; and values that go
//! away by themselves, for any type.

pub(crate) mod error;
pub(crate) mod expiring;
pub(crate) mod flash;
mod members;
pub(crate) mod moment;

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

use self::{error::ValueError, expiring::Expiring, flash::Flashes, members::Members};
use crate::base::json;

/// A map from names to values of any type, each read and written with serde at each call.
///
/// For sessions whose parts don't know one another, and for those who come from a library with
/// `get` and `insert`. Where all fields are known, a struct of your own is checked by the compiler.
///
/// It is an ordinary session value, `Codec::<Values>::sealed(..)`, so what [`Codec`](crate::Codec)
/// says of numbers and depth holds here too. Entries may expire on their own
/// ([`insert_for`](Values::insert_for)), and it carries [`Flashes`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use haversack::{Codec, Key, KeyRing, Values};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let visit = Codec::<Values>::sealed("visit", KeyRing::new(Key::generate()?)).build()?;
/// let mut values = Values::new();
/// values.insert("theme", "dark")?;
/// values.insert_for("code", &1234, Duration::from_secs(300))?;
///
/// let values = visit.open(visit.seal(&values)?)?.into_value();
/// assert_eq!(values.get::<String>("theme")?.as_deref(), Some("dark"));
/// assert_eq!(values.get::<u16>("code")?, Some(1234));
/// assert_eq!(values.get::<u16>("page")?, None);
/// assert!(values.get::<u16>("theme").is_err()); // it is there, and not a number
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Values {
    entries: BTreeMap<String, Entry>,
    flashes: Flashes,
}

/// A value, for good or for a while.
#[derive(Clone, PartialEq)]
enum Entry {
    Lasting(Value),
    Expiring(Expiring<Value>),
}

impl Values {
    /// An empty map.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::Values;
    /// assert!(Values::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Values {
        Values::default()
    }

    /// Sets the value of this name. If the name had a deadline, it is removed.
    ///
    /// In a session: `session.update(|values| values.insert("theme", "dark"))`, or
    /// `update_or_start(Values::new(), ..)`.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it can't be serialized to JSON, holds NaN or an infinity, or is nested
    /// more than 124 deep, which couldn't be read back; what was there stays.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut values = Values::new();
    /// values.insert("theme", "dark")?;
    /// values.insert("theme", "light")?;
    /// assert_eq!(values.get::<String>("theme")?.as_deref(), Some("light"));
    /// assert!(values.insert("ratio", &f64::NAN).is_err()); // JSON has no NaN
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "set")]
    pub fn insert<V: Serialize + ?Sized>(
        &mut self,
        key: &str,
        value: &V,
    ) -> Result<(), ValueError> {
        let value = to_json(key, value)?;
        self.entries.insert(key.into(), Entry::Lasting(value));
        Ok(())
    }

    /// Sets the value of this name for `ttl` (per-entry expiry), in whole seconds of the codec's
    /// clock, counted from when the session is next written. After that the value is gone for every
    /// reader, and from the next token. It never outlives the session.
    ///
    /// For a code sent by mail, or a password that was checked a moment ago.
    ///
    /// # Errors
    ///
    /// As for [`insert`](Values::insert).
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use haversack::{Codec, Key, KeyRing, Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let visit = Codec::<Values>::sealed("visit", keys).build()?;
    /// let mut values = Values::new();
    /// values.insert_for("code", &1234, Duration::from_secs(300))?;
    /// values.insert_for("gone", "by then", Duration::ZERO)?;
    /// let read = visit.open(visit.seal(&values)?)?.into_value(); // the next request
    /// assert_eq!(read.get::<u16>("code")?, Some(1234));
    /// assert_eq!(read.get::<String>("gone")?, None);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "ttl")]
    pub fn insert_for<V: Serialize + ?Sized>(
        &mut self,
        key: &str,
        value: &V,
        ttl: Duration,
    ) -> Result<(), ValueError> {
        let value = to_json(key, value)?;
        self.entries
            .insert(key.into(), Entry::Expiring(Expiring::new(value, ttl)));
        Ok(())
    }

    /// The value of this name; `None` if there is none, or if its deadline was past when the
    /// session was read.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if there is one and it isn't a `V`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut values = Values::new();
    /// values.insert("user", &7)?;
    /// assert_eq!(values.get::<u64>("user")?, Some(7));
    /// assert_eq!(values.get::<u64>("page")?, None);
    /// assert!(values.get::<String>("user").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn get<V: DeserializeOwned>(&self, key: &str) -> Result<Option<V>, ValueError> {
        let value = self.entries.get(key).and_then(Entry::value);
        value
            .map(V::deserialize)
            .transpose()
            .map_err(|_| ValueError::not_a::<V>(key))
    }

    /// Removes the value of this name; `true` if there was one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut values = Values::new();
    /// values.insert("theme", "dark")?;
    /// assert!(values.remove("theme"));
    /// assert!(!values.remove("theme"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove(&mut self, key: &str) -> bool {
        self.entries
            .remove(key)
            .is_some_and(|entry| entry.value().is_some())
    }

    /// Whether there is a value of this name, of whatever type.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut values = Values::new();
    /// values.insert("theme", "dark")?;
    /// assert!(values.contains("theme"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.entries
            .get(key)
            .is_some_and(|entry| entry.value().is_some())
    }

    /// The names and values, ordered by name. Flashes aren't among them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut values = Values::new();
    /// values.insert("theme", "dark")?;
    /// values.insert("page", &3)?;
    /// let names: Vec<_> = values.iter().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["page", "theme"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries
            .iter()
            .filter_map(|(key, entry)| Some((key.as_str(), entry.value()?)))
    }

    /// How many values there are, without flashes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are no values. There may be flashes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Entry {
    fn value(&self) -> Option<&Value> {
        match self {
            Entry::Lasting(value) => Some(value),
            Entry::Expiring(expiring) => expiring.get(),
        }
    }
}

impl AsRef<Flashes> for Values {
    fn as_ref(&self) -> &Flashes {
        &self.flashes
    }
}

impl AsMut<Flashes> for Values {
    fn as_mut(&mut self) -> &mut Flashes {
        &mut self.flashes
    }
}

impl fmt::Debug for Values {
    /// Shows the names and not the values, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Values ")?;
        f.debug_set()
            .entries(self.iter().map(|(key, _)| key))
            .finish()
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;

        let lasting = self.entries.iter().filter_map(|(key, entry)| match entry {
            Entry::Lasting(value) => Some((key, value)),
            Entry::Expiring(_) => None,
        });
        let expiring = self.entries.iter().filter_map(|(key, entry)| match entry {
            Entry::Expiring(expiring) if expiring.is_live() => Some((key, expiring)),
            _ => None,
        });
        let (lasting, expiring) = (
            lasting.collect::<BTreeMap<_, _>>(),
            expiring.collect::<BTreeMap<_, _>>(),
        );
        let mut map = serializer.serialize_map(None)?;
        if !lasting.is_empty() {
            map.serialize_entry("v", &lasting)?;
        }
        if !expiring.is_empty() {
            map.serialize_entry("t", &expiring)?;
        }
        if !self.flashes.is_empty() {
            map.serialize_entry("f", &self.flashes)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Values, D::Error> {
        type Map<V> = BTreeMap<String, V>;
        let Members { v, t, f } =
            Members::<Map<Value>, Map<Expiring<Value>>, Flashes>::deserialize(deserializer)?;
        let lasting = v
            .into_iter()
            .flatten()
            .map(|(key, value)| (key, Entry::Lasting(value)));
        let expiring = t
            .into_iter()
            .flatten()
            .filter(|(_, expiring)| expiring.is_live())
            .map(|(key, expiring)| (key, Entry::Expiring(expiring)));
        Ok(Values {
            entries: lasting.chain(expiring).collect(),
            flashes: f.unwrap_or_default(),
        })
    }
}

fn to_json<V: Serialize + ?Sized>(key: &str, value: &V) -> Result<Value, ValueError> {
    json::write::part(value).map_err(|error| ValueError::not_written::<V>(key, &error))
}
