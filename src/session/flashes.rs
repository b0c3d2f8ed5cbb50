//! Flash messages of a session.

use serde::Serialize;

use crate::{
    session::Session,
    values::{
        error::ValueError,
        flash::{Flash, Flashes},
    },
};

impl<T: AsRef<Flashes> + AsMut<Flashes> + Clone> Session<T> {
    /// Leaves a message for the next page that asks for messages; `false` if the session is empty
    /// and can't carry it.
    ///
    /// For what a handler has to say before it redirects. A session of
    /// [`Values`](crate::Values), [`WithFlashes`](crate::WithFlashes) or [`Flashes`] has it.
    ///
    /// # Errors
    ///
    /// [`ValueError`] for what [`Values::insert`](crate::Values::insert) would refuse too.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let visit = Codec::<Values>::sealed("visit", keys).build()?;
    /// let session = visit.session(["theme=dark"]);
    /// assert!(!session.flash("success", "saved")?); // there is no session yet
    /// session.start(Values::new());
    /// assert!(session.flash("success", "saved")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn flash<V: Serialize + ?Sized>(
        &self,
        category: &str,
        message: &V,
    ) -> Result<bool, ValueError> {
        let mut flashes = Flashes::new();
        flashes.push(category, message)?;
        let added = self.update(|value| value.as_mut().append(flashes));
        Ok(added.is_some())
    }

    /// The messages of earlier requests, oldest first. The response to this request removes them;
    /// they stay until some request asks for them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, Values};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let visit = Codec::<Values>::sealed("visit", KeyRing::new(Key::generate()?)).build()?;
    /// # let session = visit.session(["theme=dark"]);
    /// # session.start(Values::new());
    /// # session.flash("success", "saved")?;
    /// # let set_cookie = session.response_headers()?[0].1.clone();
    /// # let cookie = set_cookie.split(';').next().unwrap();
    /// let session = visit.session([cookie]); // the request after a redirect
    /// let mut page = String::new();
    /// for flash in session.take_flashes() {
    ///     page += &format!("{}: {}", flash.category(), flash.text().unwrap_or_default());
    /// }
    /// assert_eq!(page, "success: saved");
    /// assert!(session.take_flashes().is_empty()); // each is shown once
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn take_flashes(&self) -> Vec<Flash> {
        let any = self
            .get()
            .is_some_and(|value| !(*value).as_ref().peek().is_empty());
        // Nothing is written when there is nothing to take.
        if any {
            self.update(|value| value.as_mut().take())
                .unwrap_or_default()
        } else {
            Vec::new()
        }
    }
}
