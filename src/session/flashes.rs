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
    /// Leaves a message for a later request; `false` when the session is empty and cannot carry it.
    ///
    /// # Errors
    ///
    /// [`ValueError`] for a message that [`Values`](crate::Values::insert) would not take either.
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

    /// The messages of earlier requests, oldest first. The response to this request takes them away;
    /// a request that does not ask for them keeps them.
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
