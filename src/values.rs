//! A string map, for those who want `get` and `insert` rather than a struct; and values that go away by
//! themselves, for any type.

pub(crate) mod error;
pub(crate) mod expiring;
pub(crate) mod flash;
pub(crate) mod moment;

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

use self::{error::ValueError, expiring::Expiring, flash::Flashes};
use crate::base::json;

/// Values of any type by name, each read and written with serde at each call.
///
/// It is an ordinary session value: `Codec::<Values>::sealed(..)`, with what is said there of numbers
/// and depth. Entries may have a deadline of their own ([`insert_for`](Values::insert_for)), and it
/// carries [`Flashes`].
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
    /// No values.
    #[must_use]
    pub fn new() -> Values {
        Values::default()
    }

    /// Sets the value of this name, and removes a deadline that it had.
    ///
    /// # Errors
    ///
    /// [`ValueError`] when it cannot be serialized to JSON, holds a number that is none (NaN or an
    /// infinity), or is nested more than 124 deep, which could not be read back; what was there stays.
    pub fn insert<V: Serialize + ?Sized>(
        &mut self,
        key: &str,
        value: &V,
    ) -> Result<(), ValueError> {
        let value = to_json(key, value)?;
        self.entries.insert(key.into(), Entry::Lasting(value));
        Ok(())
    }

    /// Sets the value of this name for `ttl`, in whole seconds, counted by the codec's clock from
    /// when the session is next written: past it, it is gone for every reader, and from the next
    /// token. It never outlives the session.
    ///
    /// # Errors
    ///
    /// As for [`insert`](Values::insert).
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

    /// The value of this name; `None` when there is none or its deadline is past.
    ///
    /// # Errors
    ///
    /// [`ValueError`] when there is one and it is not a `V`.
    pub fn get<V: DeserializeOwned>(&self, key: &str) -> Result<Option<V>, ValueError> {
        let value = self.entries.get(key).and_then(Entry::value);
        value
            .map(V::deserialize)
            .transpose()
            .map_err(|_| ValueError::not_a::<V>(key))
    }

    /// Removes the value of this name, and tells whether there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        self.entries
            .remove(key)
            .is_some_and(|entry| entry.value().is_some())
    }

    /// Whether there is a value of this name.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.entries
            .get(key)
            .is_some_and(|entry| entry.value().is_some())
    }

    /// The names and values, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries
            .iter()
            .filter_map(|(key, entry)| Some((key.as_str(), entry.value()?)))
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are no values.
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

/// How it is in JSON: what has no deadline, what has one, and flashes, each if there are any. What is
/// no `Values` must not be read as an empty one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    #[serde(default)]
    v: BTreeMap<String, Value>,
    #[serde(default)]
    t: BTreeMap<String, Expiring<Value>>,
    #[serde(default)]
    f: Flashes,
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
        let Shape { v, t, f: flashes } = Shape::deserialize(deserializer)?;
        let lasting = v
            .into_iter()
            .map(|(key, value)| (key, Entry::Lasting(value)));
        let expiring = t
            .into_iter()
            .filter(|(_, expiring)| expiring.is_live())
            .map(|(key, expiring)| (key, Entry::Expiring(expiring)));
        Ok(Values {
            entries: lasting.chain(expiring).collect(),
            flashes,
        })
    }
}

fn to_json<V: Serialize + ?Sized>(key: &str, value: &V) -> Result<Value, ValueError> {
    json::write::part(value).map_err(|error| ValueError::not_written::<V>(key, &error))
}
