//! Sessions of another system, read for a while so that nobody is signed out by a move to this library:
//! what a [`Reader`] of its cookies is, and when a [`Source`] of such sessions is asked.
//!
//! [`also_reads`](crate::CodecBuilder::also_reads) is how a codec gets one. The readers themselves are in
//! the crate `haversack-migrate`; nothing here knows any other system's format.
//!
//! A source is asked only where the request has no token of ours that is authentic: a live session of ours
//! always wins, and one that is dead or was ended is not revived by an old cookie.

mod cookies;
mod source;

use std::fmt;

use serde::de::DeserializeOwned;

pub use self::{cookies::Cookies, source::Source};
use crate::error::Rejected;

/// Reads the sessions of one other system. It must be strict, as the keys of the other system are older
/// than ours and more hands had them: nothing is inflated or parsed before it is authentic.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeyRing, Rejected, foreign::{Body, Cookies, Foreign, Reader, Refused, Source}};
///
/// /// Of a proxy that is gone: `user=42; user.mac=..`.
/// struct Proxy;
///
/// impl Reader for Proxy {
///     fn system(&self) -> &'static str {
///         "proxy"
///     }
///
///     fn read(&self, cookies: &Cookies<'_>, _now: u64) -> Result<Option<Foreign>, Refused> {
///         let Some(user) = cookies.named("user").next() else {
///             return Ok(None);
///         };
///         if cookies.named("user.mac").next() != Some(mac(user)) {
///             return Err(Refused::new(Rejected::NotAuthentic, "its code is wrong"));
///         }
///         let mut foreign = Foreign::new("user", Body::Text(String::from_utf8_lossy(user).into()));
///         foreign.cookies.push("user.mac".into());
///         Ok(Some(foreign))
///     }
/// }
/// # fn mac(_: &[u8]) -> &'static [u8] { b"authentic" }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?))
///     .also_reads(Source::new(Proxy, 1_893_456_000), |old| old.text()?.parse().ok())
///     .build()?;
/// let session = login.session(["user=42; user.mac=authentic"]);
/// assert_eq!(session.get().as_deref(), Some(&42));
/// let headers = session.response_headers()?;
/// let lines: Vec<_> = headers.iter().filter(|(name, _)| *name == "set-cookie").collect();
/// assert!(lines[0].1.starts_with("__Host-Http-login=")); // ours
/// assert!(lines[1].1.starts_with("user=; ") && lines[2].1.starts_with("user.mac=; ")); // removed
/// # Ok(())
/// # }
/// ```
pub trait Reader: Send + Sync + 'static {
    /// The system as a stable word in `snake_case`, for counters.
    fn system(&self) -> &'static str;

    /// What the request has of it, if it has any, at a time in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Refused`] with the reason if there is something, and it is no live session of that system.
    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused>;
}

/// A live session of another system.
#[derive(Clone)]
#[non_exhaustive]
pub struct Foreign {
    /// The name of its cookie. It may be one that the other system doesn't bind into the cookie, so that
    /// any cookie under its key could be there: see what its reader says of that.
    pub name: String,
    /// What is in it.
    pub body: Body,
    /// When the other system issued it, if that is inside, in seconds since 1970.
    pub issued_at: Option<u64>,
    /// When it would have expired there, if that is inside or a rule of that system.
    pub expires_at: Option<u64>,
    /// Which of the reader's keys opened it, the first being 0.
    pub key: usize,
    /// The names of all cookies that it was read from, which go in the response.
    pub cookies: Vec<String>,
    /// The [context](crate::Codec::context) of the codec that asks, such as a tenant: if sessions have one,
    /// the mapping must compare, as the other system's cookie knows nothing of it.
    pub context: Option<String>,
}

/// What is in another system's session.
#[derive(Clone)]
#[non_exhaustive]
pub enum Body {
    /// A text, which may be the application's own JSON.
    Text(String),
    /// JSON, as the other system reads it.
    Json(serde_json::Value),
}

impl Foreign {
    /// A session in the one cookie of this name, with no times.
    #[must_use]
    pub fn new(cookie: impl Into<String>, body: Body) -> Foreign {
        let name = cookie.into();
        Foreign {
            cookies: vec![name.clone()],
            name,
            body,
            issued_at: None,
            expires_at: None,
            key: 0,
            context: None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Text(text) => Some(text),
            Body::Json(_) => None,
        }
    }

    /// The body as a value of this type, from JSON or from a text that is JSON; `None` if it is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::foreign::{Body, Foreign};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Old { user: u64 }
    ///
    /// let foreign = Foreign::new("session", Body::Text(r#"{"user":7,"theme":"dark"}"#.into()));
    /// assert_eq!(foreign.json::<Old>().unwrap().user, 7);
    /// ```
    #[must_use]
    pub fn json<V: DeserializeOwned>(&self) -> Option<V> {
        match &self.body {
            Body::Text(text) => serde_json::from_str(text).ok(),
            Body::Json(value) => V::deserialize(value).ok(),
        }
    }
}

impl fmt::Debug for Foreign {
    /// Shows no body, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Foreign")
            .field("name", &self.name)
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .field("key", &self.key)
            .field("cookies", &self.cookies)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Body::Text(_) => "Text(..)",
            Body::Json(_) => "Json(..)",
        })
    }
}

/// Why a session of another system is not read: one of our own reasons, and in a few words what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// Why.
    pub reason: Rejected,
    /// What is wrong, for logs and counters: one of a few fixed texts, with nothing of the cookie in it.
    pub detail: &'static str,
}

impl Refused {
    /// A refusal for this reason.
    #[must_use]
    pub const fn new(reason: Rejected, detail: &'static str) -> Refused {
        Refused { reason, detail }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail)
    }
}

impl std::error::Error for Refused {}
