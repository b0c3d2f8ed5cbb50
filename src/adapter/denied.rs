//! What a request is answered that is not let through.

use std::{borrow::Cow, fmt};

use super::{caching::forbid_storing, head::ResponseHead};

/// Why a request is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial {
    /// Nobody is signed in.
    #[non_exhaustive]
    NoSession {
        /// Whether a token came, and was refused.
        rejected: bool,
    },
    /// The user proved who they are longer ago than so many seconds.
    #[non_exhaustive]
    TooOld {
        /// How old the proof may be.
        seconds: u64,
    },
    /// Who is signed in is not allowed to.
    Forbidden,
}

/// A request is not let through: nobody is signed in (401), or for
/// [`fresh`](crate::Session::fresh) not lately enough, or is not allowed to (403). With
/// [`bearer`](crate::CodecBuilder::bearer) it has the challenge of RFC 6750, section 3, or RFC 9470,
/// section 3, and is a 401 also for a proof that is too old. A [guard](crate::Codec::required) may send a
/// navigation to the sign-in page instead (303). No cache stores any of them.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeyRing, adapter::Denial};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = KeyRing::new(Key::generate()?);
/// let login = Codec::<u64>::sealed("login", keys).build()?;
/// let denied = login.session(["theme=dark"]).active().unwrap_err();
/// assert!(matches!(denied.why(), Denial::NoSession { .. }));
/// assert_eq!((denied.status(), denied.body()), (401, "no live session"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    pub(super) why: Denial,
    /// Whether the session comes as `Authorization: Bearer`.
    pub(super) bearer: bool,
    /// Where to sign in.
    pub(super) location: Option<String>,
}

impl Denied {
    /// Why.
    #[must_use]
    pub fn why(&self) -> Denial {
        self.why
    }

    /// The status of the response: 303, 401 or 403.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.why {
            _ if self.location.is_some() => 303,
            Denial::NoSession { .. } => 401,
            // A client that sends tokens by itself is told by the challenge (RFC 9470, section 3).
            Denial::TooOld { .. } if self.bearer => 401,
            Denial::TooOld { .. } | Denial::Forbidden => 403,
        }
    }

    /// The body of the response, text in ASCII: a word for why, or none for a redirect.
    #[must_use]
    pub fn body(&self) -> &'static str {
        match self.location {
            Some(_) => "",
            None => self.word(),
        }
    }

    fn word(&self) -> &'static str {
        match self.why {
            Denial::NoSession { .. } => "no live session",
            Denial::TooOld { .. } => "authentication too old",
            Denial::Forbidden => "not allowed",
        }
    }

    /// Writes the headers of the response.
    pub fn write(&self, headers: &mut impl ResponseHead) {
        self.write_to_page(headers);
        match &self.location {
            Some(location) => headers.set("location", location.as_bytes()),
            None => headers.set("content-type", TEXT),
        }
    }

    /// Writes those headers that also a page of the application's own has, with another body.
    pub(crate) fn write_to_page(&self, headers: &mut impl ResponseHead) {
        forbid_storing(headers);
        if self.bearer && self.location.is_none() {
            headers.set("www-authenticate", self.challenge().as_bytes());
        }
    }

    /// The challenge for `Authorization: Bearer` (RFC 6750, section 3; RFC 9470, section 3).
    fn challenge(&self) -> Cow<'static, str> {
        match self.why {
            Denial::NoSession { rejected: false } => "Bearer".into(),
            Denial::NoSession { rejected: true } => r#"Bearer error="invalid_token""#.into(),
            Denial::TooOld { seconds } => {
                format!(r#"Bearer error="insufficient_user_authentication", max_age="{seconds}""#)
                    .into()
            }
            Denial::Forbidden => r#"Bearer error="insufficient_scope""#.into(),
        }
    }
}

/// The type of a body that says why.
pub(super) const TEXT: &[u8] = b"text/plain; charset=utf-8";

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl std::error::Error for Denied {}
