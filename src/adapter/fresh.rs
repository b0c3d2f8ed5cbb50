//! A live session whose proof of identity is not old.

use std::{fmt, ops::Deref};

use serde::de::DeserializeOwned;

use super::{
    active::Active,
    denied::{Denial, Denied},
};
use crate::session::Session;

impl<T> Session<T> {
    /// The live session whose user [proved](Session::authenticated_within) who they are at most so many
    /// seconds ago, as handlers get it that take a [`Fresh`].
    ///
    /// # Errors
    ///
    /// [`Denied`] if there is none, or if the proof is older; it says what to answer.
    pub fn fresh<const SECONDS: u64>(&self) -> Result<Fresh<T, SECONDS>, Denied> {
        let active = self.active()?;
        match self.authenticated_within(SECONDS) {
            true => Ok(Fresh(active)),
            false => Err(self.denied(Denial::TooOld { seconds: SECONDS })),
        }
    }
}

/// An [`Active`] session whose user [proved](Session::authenticated_within) who they are at most so
/// many seconds ago: for a change of the password, a payment, or what else a cookie that somebody found
/// must not be enough for.
///
/// Otherwise the response is a 403 whose body is `authentication too old`, told apart from the 401 of
/// who is not signed in at all: ask for the password only, and call [`confirm`](Session::confirm). For
/// a codec with [`bearer`](crate::CodecBuilder::bearer) it is a 401 with the challenge of RFC 9470,
/// section 3.
///
/// # Examples
///
/// ```
/// use haversack::Fresh;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Login { user: u64 }
///
/// async fn change_password(login: Fresh<Login, 300>) -> String {
///     format!("a new password for user {}", login.user)
/// }
/// ```
#[doc(alias = "step-up")]
pub struct Fresh<T, const SECONDS: u64>(Active<T>);

impl<T: DeserializeOwned, const SECONDS: u64> Fresh<T, SECONDS> {
    /// A fresh session with this value, for calling a handler directly in a test; see [`Active::new`].
    #[doc(alias = "test")]
    #[must_use]
    pub fn new(value: T) -> Fresh<T, SECONDS> {
        Fresh(Active::new(value))
    }
}

impl<T, const SECONDS: u64> Fresh<T, SECONDS> {
    /// The session around the value.
    #[must_use]
    pub fn session(&self) -> &Session<T> {
        self.0.session()
    }
}

impl<T, const SECONDS: u64> Deref for Fresh<T, SECONDS> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, const SECONDS: u64> Clone for Fresh<T, SECONDS> {
    fn clone(&self) -> Fresh<T, SECONDS> {
        Fresh(self.0.clone())
    }
}

impl<T, const SECONDS: u64> fmt::Debug for Fresh<T, SECONDS> {
    /// Shows the facts and not the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fresh").field(self.session()).finish()
    }
}
