//! Values for the next page: written now, read once on a later request.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{base::json, values::error::ValueError};

/// A message for a later page, with its category: `"success"`, `"error"`, or whatever pages know.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Pair", into = "Pair")]
pub struct Flash {
    category: String,
    value: Value,
}

impl Flash {
    /// The category.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// The message, if it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.value.as_str()
    }

    /// The message.
    ///
    /// # Errors
    ///
    /// [`ValueError`] when it is not a `V`.
    pub fn get<V: DeserializeOwned>(&self) -> Result<V, ValueError> {
        V::deserialize(&self.value).map_err(|_| ValueError::not_a::<V>(&self.category))
    }
}

impl fmt::Debug for Flash {
    /// Shows the category and not the message, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flash")
            .field("category", &self.category)
            .finish_non_exhaustive()
    }
}

/// How a flash stands in a token.
#[derive(Serialize, Deserialize)]
struct Pair(String, Value);

impl From<Pair> for Flash {
    fn from(Pair(category, value): Pair) -> Flash {
        Flash { category, value }
    }
}

impl From<Flash> for Pair {
    fn from(Flash { category, value }: Flash) -> Pair {
        Pair(category, value)
    }
}

/// The flashes of a session: a part of its value.
///
/// [`Values`](crate::Values) has them; [`WithFlashes`] puts them beside a value of any type; a struct
/// of one's own has them as a field, with `AsRef<Flashes>` and `AsMut<Flashes>`; and alone they are a
/// session for visitors who have no other. In all of them a session is then asked to
/// [`flash`](crate::Session::flash) and to [`take_flashes`](crate::Session::take_flashes).
#[derive(Clone, Debug, Default)]
pub struct Flashes {
    /// From earlier requests.
    ready: Vec<Flash>,
    /// From this one.
    new: Vec<Flash>,
}

impl Flashes {
    /// No flashes.
    #[must_use]
    pub fn new() -> Flashes {
        Flashes::default()
    }

    /// Adds one for a later request.
    ///
    /// # Errors
    ///
    /// [`ValueError`] for a message that [`Values`](crate::Values::insert) would not take either.
    pub fn push<V: Serialize + ?Sized>(
        &mut self,
        category: &str,
        message: &V,
    ) -> Result<(), ValueError> {
        let value = json::write::part(message)
            .map_err(|error| ValueError::not_written::<V>(category, &error))?;
        self.new.push(Flash {
            category: category.into(),
            value,
        });
        Ok(())
    }

    /// Adds what was pushed to others.
    pub(crate) fn append(&mut self, others: Flashes) {
        self.new.extend(others.new);
    }

    /// Removes and returns those of earlier requests, oldest first.
    pub fn take(&mut self) -> Vec<Flash> {
        std::mem::take(&mut self.ready)
    }

    /// Those of earlier requests, oldest first; they stay.
    #[must_use]
    pub fn peek(&self) -> &[Flash] {
        &self.ready
    }

    /// Whether there are none, of earlier requests or of this one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.new.is_empty()
    }
}

impl PartialEq for Flashes {
    /// Whether they would be written the same.
    fn eq(&self, other: &Flashes) -> bool {
        self.ready
            .iter()
            .chain(&self.new)
            .eq(other.ready.iter().chain(&other.new))
    }
}

impl AsRef<Flashes> for Flashes {
    fn as_ref(&self) -> &Flashes {
        self
    }
}

impl AsMut<Flashes> for Flashes {
    fn as_mut(&mut self) -> &mut Flashes {
        self
    }
}

impl Serialize for Flashes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.ready.iter().chain(&self.new))
    }
}

impl<'de> Deserialize<'de> for Flashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Flashes, D::Error> {
        Ok(Flashes {
            ready: Vec::deserialize(deserializer)?,
            new: Vec::new(),
        })
    }
}

/// A value with [`Flashes`] beside it; it derefs to the value.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeyRing, WithFlashes};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = Codec::<WithFlashes<u64>>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
/// let session = login.session(["theme=dark"]);
/// session.start(WithFlashes::new(7));
/// session.flash("success", "welcome")?;
/// assert!(session.take_flashes().is_empty()); // they are for a later request
///
/// let cookie = session.response_headers()?[0].1.clone();
/// let session = login.session([cookie.split(';').next().unwrap()]);
/// let flashes = session.take_flashes();
/// assert_eq!((flashes[0].category(), flashes[0].text()), ("success", Some("welcome")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WithFlashes<T> {
    value: T,
    #[serde(default, skip_serializing_if = "Flashes::is_empty")]
    flashes: Flashes,
}

impl<T> WithFlashes<T> {
    /// A value without flashes.
    #[must_use]
    pub fn new(value: T) -> WithFlashes<T> {
        WithFlashes {
            value,
            flashes: Flashes::new(),
        }
    }

    /// The value, by itself.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T> Deref for WithFlashes<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for WithFlashes<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> AsRef<Flashes> for WithFlashes<T> {
    fn as_ref(&self) -> &Flashes {
        &self.flashes
    }
}

impl<T> AsMut<Flashes> for WithFlashes<T> {
    fn as_mut(&mut self) -> &mut Flashes {
        &mut self.flashes
    }
}
