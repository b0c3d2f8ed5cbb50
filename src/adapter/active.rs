//! A live session's value.

use std::{fmt, ops::Deref, sync::Arc};

use serde::de::DeserializeOwned;

use super::denied::{Denial, Denied};
use crate::session::Session;

impl<T> Session<T> {
    /// The live session with its value at hand, as handlers get it that take an [`Active`].
    ///
    /// # Errors
    ///
    /// [`Denied`] if there is none, which says what to answer.
    pub fn active(&self) -> Result<Active<T>, Denied> {
        match self.get() {
            Some(value) => Ok(Active {
                value,
                session: self.clone(),
            }),
            None => Err(self.denied(Denial::NoSession {
                rejected: self.rejected().is_some(),
            })),
        }
    }

    pub(super) fn denied(&self, why: Denial) -> Denied {
        Denied {
            why,
            bearer: self.codec().is_bearer(),
            location: None,
        }
    }
}

/// A live session's value: the extractor for handlers that need one. It derefs to the value.
///
/// Without a live session the response is a 401; for a codec with
/// [`bearer`](crate::CodecBuilder::bearer) it has the challenge of RFC 6750, section 3. With
/// `Option<Active<T>>` the handler gets `None` instead, and with `Result<Active<T>,`
/// [`ExtractError`](crate::adapter::ExtractError)`>` it answers as it likes, such as by a redirect. To
/// start a session, take a [`Session`] rather than this.
///
/// The value is a snapshot from when the handler was called, after whatever middleware did to the
/// session. Later changes don't change it.
///
/// # Examples
///
/// ```
/// use haversack::Active;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Login { user: u64 }
///
/// async fn me(login: Active<Login>) -> String {
///     format!("user {}", login.user)
/// }
///
/// async fn home(login: Option<Active<Login>>) -> &'static str {
///     if login.is_some() { "welcome back" } else { "hello" }
/// }
/// ```
#[doc(alias = "extractor")]
#[doc(alias = "guard")]
pub struct Active<T> {
    value: Arc<T>,
    session: Session<T>,
}

impl<T> Active<T> {
    /// The session that the value is from, to change or end it.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::Active;
    ///
    /// async fn next_page(page: Active<u64>) -> String {
    ///     page.session().update(|page| *page += 1);
    ///     format!("this was page {}", *page) // still the value from before the update
    /// }
    /// ```
    #[must_use]
    pub fn session(&self) -> &Session<T> {
        &self.session
    }
}

impl<T: DeserializeOwned> Active<T> {
    /// An active session with this value, for calling a handler directly in a test. It was started just
    /// now, by a codec that nothing else knows.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::Active;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Login { user: u64 }
    ///
    /// async fn me(login: Active<Login>) -> String {
    ///     format!("user {}", login.user)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(me(Active::new(Login { user: 7 })).await, "user 7");
    /// # }
    /// ```
    #[doc(alias = "test")]
    #[must_use]
    pub fn new(value: T) -> Active<T> {
        let value = Arc::new(value);
        let session = Session::apart(Arc::clone(&value));
        Active { value, session }
    }
}

impl<T> Deref for Active<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Clone for Active<T> {
    fn clone(&self) -> Active<T> {
        Active {
            value: Arc::clone(&self.value),
            session: self.session.clone(),
        }
    }
}

impl<T> fmt::Debug for Active<T> {
    /// Shows the facts and not the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Active").field(&self.session).finish()
    }
}
