//! A session from a request's headers, and to a response's.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    caching,
    head::{RequestHead, ResponseHead},
};
use crate::{
    codec::Codec,
    error::SaveError,
    session::{Session, respond::Reply},
};

impl<T: DeserializeOwned> Codec<T> {
    /// The session of a request with these headers; empty if there is none or it is
    /// [rejected](Session::rejected). With the feature `http`, they are an `http::HeaderMap`, a request or
    /// its parts; any other type is a [`RequestHead`] if you say how.
    ///
    /// For servers without tower, and for middleware of your own. Under the layer, take the session
    /// from there instead, as this one is another handle that the layer doesn't save.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    /// use http::HeaderMap;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// let (request, mut response) = (HeaderMap::new(), HeaderMap::new());
    /// let session = login.load(&request);
    /// session.start(7);
    /// session.save(&mut response)?;
    /// assert!(response.contains_key("set-cookie"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn load(&self, headers: &impl RequestHead) -> Session<T> {
        self.session(headers.values(self.request_header()))
    }
}

impl<T: Serialize + DeserializeOwned> Session<T> {
    /// Writes the session to a response's headers, along with what caches must know. Call it for
    /// every response for which a session was looked at, also if it was only read.
    ///
    /// With the feature `http`, the headers are an `http::HeaderMap`; any other type is a
    /// [`ResponseHead`] if you say how.
    ///
    /// - A token if the session was started, updated or renewed, or is re-sealed for another
    ///   reason; its removal if it was ended. It replaces one of the same session that is there
    ///   already.
    /// - With either of them `Cache-Control: no-store`, whatever was there. Headers that some
    ///   caches obey rather than that one are removed: all whose names end in `-cache-control` (RFC
    ///   9213), `Surrogate-Control`, `Edge-Control` and `X-Accel-Expires`.
    /// - With neither of them `Cache-Control: private`, unless there already is a `Cache-Control`; behind
    ///   a [guard](Codec::required) `no-store` instead of that.
    /// - With neither of them, but with a live session, nothing else that is for shared caches: such a
    ///   `Cache-Control` becomes `private`, with what it says to the client's own cache, such as
    ///   `max-age`, and the same headers as above are removed. So it does with a `*` in `Vary`, which is for no
    ///   cache, and which some do not heed beside other names.
    /// - The [request header](crate::Codec::request_header) in `Vary`, which becomes one line.
    ///
    /// # Errors
    ///
    /// [`SaveError`] if the session can't be written; the headers are then as they were.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # use http::HeaderMap;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let (request, mut response) = (HeaderMap::new(), HeaderMap::new());
    /// let session = login.load(&request);
    /// session.save(&mut response)?; // it was only read
    /// assert!(!response.contains_key("set-cookie"));
    /// assert_eq!(response["cache-control"], "private");
    /// session.start(7);
    /// session.save(&mut response)?;
    /// assert!(response.contains_key("set-cookie"));
    /// assert_eq!(response["cache-control"], "no-store");
    /// # Ok(())
    /// # }
    /// ```
    pub fn save(&self, headers: &mut impl ResponseHead) -> Result<(), SaveError> {
        self.reply()?.write(headers);
        Ok(())
    }
}

impl Reply<'_> {
    fn write(self, headers: &mut impl ResponseHead) {
        let Reply { engine, .. } = self;
        let is_silent = || caching::nothing_is_said(headers);
        if self.says_something() || self.is_guarded && is_silent() {
            caching::forbid_storing(headers);
        } else if self.is_live || caching::varies_by_everything(headers) {
            caching::keep_private(headers);
        } else {
            caching::keep_private_unless_said(headers);
        }
        if let Some(name) = &engine.announce {
            match self.announcement {
                Some(value) => headers.set(name, value.as_bytes()),
                None => headers.remove(name),
            }
        }
        let name = engine.carrier.response_header();
        for value in self.written {
            if name == SET_COOKIE {
                // One of a name (RFC 6265bis, section 4.1.1).
                headers.remove_if(name, |other| {
                    cookie_name(other) == cookie_name(value.as_bytes())
                });
            } else {
                headers.remove(name);
            }
            headers.append_secret(name, value.into_bytes());
        }
        caching::vary_by(headers, engine.carrier.request_header());
    }
}

/// The name in a `Set-Cookie`, with its equals sign.
fn cookie_name(value: &[u8]) -> &[u8] {
    let mut parts = value.split_inclusive(|octet| *octet == b'=');
    parts.next().unwrap_or_default()
}

const SET_COOKIE: &str = "set-cookie";
