//! Sessions in the headers of the `http` crate.

pub(crate) mod caching;

use ::http::{
    HeaderMap, HeaderValue,
    header::{Entry, SET_COOKIE},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{carrier::HeaderNames, codec::Codec, error::SaveError, session::Session};

impl<T: DeserializeOwned> Codec<T> {
    /// The session of a request with these headers; empty if there is none or it is
    /// [rejected](Session::rejected).
    ///
    /// For servers on the `http` crate without tower, and for middleware of your own. Under the
    /// layer, take the session from there instead, as this one is another handle that the layer
    /// doesn't save.
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
    #[cfg_attr(docsrs, doc(cfg(feature = "http")))]
    #[must_use]
    pub fn load(&self, headers: &HeaderMap) -> Session<T> {
        self.session(headers.get_all(&self.engine().headers.request))
    }
}

impl<T: Serialize + DeserializeOwned> Session<T> {
    /// Writes the session to a response's headers, along with what caches must know. Call it for
    /// every response for which a session was looked at, also if it was only read.
    ///
    /// - A token if the session was started, updated or renewed, or is re-sealed for another
    ///   reason; its removal if it was ended. It replaces one of the same session that is there
    ///   already.
    /// - With either of them `Cache-Control: no-store`, whatever was there. Headers that some
    ///   caches obey rather than that one are removed: all whose names end in `-cache-control` (RFC
    ///   9213), `Surrogate-Control`, `Edge-Control` and `X-Accel-Expires`.
    /// - With neither of them `Cache-Control: private`, unless there already is a `Cache-Control`.
    /// - The [request header](Codec::request_header) in `Vary`, which becomes one line.
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
    #[cfg_attr(docsrs, doc(cfg(feature = "http")))]
    pub fn save(&self, headers: &mut HeaderMap) -> Result<(), SaveError> {
        let HeaderNames {
            response,
            vary,
            announce,
            ..
        } = &self.codec().engine().headers;
        let written = self.written()?;
        let announcement = self.announcement();
        if written.first.is_some() || announcement.is_some() {
            caching::forbid_storing(headers);
        } else {
            caching::keep_private(headers);
        }
        if let Some(name) = announce {
            match announcement {
                Some(value) => headers.insert(name, header_value(value)),
                None => headers.remove(name),
            };
        }
        for value in written {
            let mut value = header_value(value);
            value.set_sensitive(true);
            if response == SET_COOKIE {
                replace_cookie(headers, value);
            } else {
                headers.insert(response, value);
            }
        }
        caching::vary_by(headers, vary);
        Ok(())
    }
}

/// Appends a `Set-Cookie` and removes another one of the same name (RFC 6265bis, section 4.1.1).
fn replace_cookie(headers: &mut HeaderMap, value: HeaderValue) {
    fn name(value: &HeaderValue) -> &[u8] {
        let mut parts = value.as_bytes().split_inclusive(|octet| *octet == b'=');
        parts.next().unwrap_or_default()
    }
    let others = headers.get_all(SET_COOKIE);
    if others.iter().any(|other| name(other) == name(&value))
        && let Entry::Occupied(cookies) = headers.entry(SET_COOKIE)
    {
        let (_, cookies) = cookies.remove_entry_mult();
        let others: Vec<_> = cookies
            .filter(|other| name(other) != name(&value))
            .collect();
        headers.extend(others.into_iter().map(|other| (SET_COOKIE, other)));
    }
    headers.append(SET_COOKIE, value);
}

#[expect(
    clippy::expect_used,
    reason = "names, attributes and base64url are printable ASCII"
)]
fn header_value(value: String) -> HeaderValue {
    HeaderValue::try_from(value).expect("printable ASCII")
}
