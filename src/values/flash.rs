//! Values for the next page: written now, read once on a later request.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
    ser::SerializeMap,
};
use serde_json::Value;

use crate::{
    base::json,
    values::{error::ValueError, members::Members},
};

/// A message for a later page, with its category: `"success"`, `"error"`, or whatever your pages
/// know. [`Session::take_flashes`](crate::Session::take_flashes) gives them.
///
/// # Examples
///
/// ```
/// use haversack::Flash;
///
/// fn to_html(flash: &Flash) -> String {
///     format!("<p class={:?}>{}</p>", flash.category(), flash.text().unwrap_or_default())
/// }
/// # let flash: Flash = serde_json::from_str(r#"["success", "saved"]"#).unwrap();
/// # assert_eq!(to_html(&flash), r#"<p class="success">saved</p>"#);
/// ```
#[derive(Clone, PartialEq)]
pub struct Flash {
    category: String,
    value: Value,
}

impl Flash {
    /// The category that it was left with.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// The message, if it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.value.as_str()
    }

    /// The message as any type, for one that isn't just text.
    ///
    /// # Errors
    ///
    /// [`ValueError`] if it isn't a `V`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// # let visit = Codec::<Values>::sealed("visit", keys).build()?;
    /// # let session = visit.session(["theme=dark"]);
    /// # session.start(Values::new());
    /// session.flash("deleted", &vec![3, 4])?;
    /// # let set_cookie = session.response_headers()?[0].1.clone();
    /// # let session = visit.session([set_cookie.split(';').next().unwrap()]);
    ///
    /// // In the next request:
    /// let flashes = session.take_flashes();
    /// assert_eq!(flashes[0].get::<Vec<u32>>()?, [3, 4]);
    /// assert_eq!(flashes[0].text(), None);
    /// # Ok(())
    /// # }
    /// ```
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

impl Serialize for Flash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.category, &self.value).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Flash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Flash, D::Error> {
        let (category, value) = Deserialize::deserialize(deserializer)?;
        Ok(Flash { category, value })
    }
}

/// The flashes of a session: a part of its value.
///
/// - [`Values`](crate::Values) has them.
/// - [`WithFlashes`] puts them beside a value of any type.
/// - A struct of your own has them as a field, with `AsRef<Flashes>` and `AsMut<Flashes>`.
/// - Alone they are a session for visitors who have no other.
///
/// With each of these, a session has [`flash`](crate::Session::flash) and
/// [`take_flashes`](crate::Session::take_flashes).
///
/// # Examples
///
/// ```
/// # use haversack::{Codec, Flashes, Key, KeyRing};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = KeyRing::new(Key::generate()?);
/// let notices = Codec::<Flashes>::sealed("notices", keys).build()?;
/// let session = notices.session(["theme=dark"]);
/// session.update_or_start(Flashes::new(), |flashes| flashes.push("error", "wrong password"))?;
/// assert!(session.response_headers()?[0].1.starts_with("__Host-Http-notices="));
/// # Ok(())
/// # }
/// ```
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

    /// Adds one for a later request. Those of earlier requests that no page asked for make room, the
    /// oldest first, beyond 1024 octets of JSON in all: what nobody reads must not fill the session.
    ///
    /// # Errors
    ///
    /// [`ValueError`] for what [`Values::insert`](crate::Values::insert) would refuse too.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Flashes};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut flashes = Flashes::new();
    /// flashes.push("success", "saved")?;
    /// assert!(flashes.take().is_empty()); // it is for a later request
    /// assert!(!flashes.is_empty());
    /// # Ok(())
    /// # }
    /// ```
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
        self.make_room();
        Ok(())
    }

    /// Adds what was pushed to others.
    pub(crate) fn append(&mut self, others: Flashes) {
        self.new.extend(others.new);
        self.make_room();
    }

    /// Drops the oldest of earlier requests that are too many beside the others.
    fn make_room(&mut self) {
        let mut left = WAITING;
        let fitting = self.new.iter().rev().chain(self.ready.iter().rev());
        let fitting = fitting.take_while(|flash| {
            let octets = serde_json::to_string(flash).map_or(0, |json| json.len());
            let fits = octets <= left;
            left = left.saturating_sub(octets);
            fits
        });
        let kept = fitting.count().saturating_sub(self.new.len());
        let dropped = self.ready.len().saturating_sub(kept);
        self.ready.drain(..dropped);
    }

    /// Removes and returns those of earlier requests, oldest first. Those of this request stay.
    pub fn take(&mut self) -> Vec<Flash> {
        std::mem::take(&mut self.ready)
    }

    /// Those of earlier requests, oldest first, without removing them.
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

/// A value with [`Flashes`] beside it; it derefs to the value. For a session whose type you can't
/// or don't want to change.
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WithFlashes<T> {
    value: T,
    flashes: Flashes,
}

impl<T> WithFlashes<T> {
    /// A value without flashes so far.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::WithFlashes;
    ///
    /// let login = WithFlashes::new(7);
    /// assert_eq!(*login, 7);
    /// assert_eq!(login.into_value(), 7);
    /// ```
    #[must_use]
    pub fn new(value: T) -> WithFlashes<T> {
        WithFlashes {
            value,
            flashes: Flashes::new(),
        }
    }

    /// The value, by itself; flashes are dropped.
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

impl<T: Serialize> Serialize for WithFlashes<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("v", &self.value)?;
        if !self.flashes.is_empty() {
            map.serialize_entry("f", &self.flashes)?;
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for WithFlashes<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WithFlashes<T>, D::Error> {
        match Members::<T, (), Flashes>::deserialize(deserializer)? {
            Members {
                v: Some(value),
                t: None,
                f,
            } => Ok(WithFlashes {
                value,
                flashes: f.unwrap_or_default(),
            }),
            _ => Err(D::Error::custom("it is no value with flashes")),
        }
    }
}

/// Octets of flashes as JSON that wait for a page.
const WAITING: usize = 1024;
