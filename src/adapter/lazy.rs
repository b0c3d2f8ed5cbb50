//! The session of a request, opened when it is asked for.

use std::{any::type_name, fmt, sync::OnceLock};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    failure::fail,
    head::{RequestHead, ResponseHead},
};
use crate::{
    base::observe,
    codec::Codec,
    error::{ConfigError, SaveError},
    session::Session,
};

/// The session of one request, which is opened when a handler asks for it first: a request that asks for
/// none costs nothing, and its response says nothing of sessions.
///
/// It belongs to that request: an adapter leaves it where no other request finds it, not even one that
/// the program makes inside of this one. See the [module](crate::adapter) for how an adapter uses it.
pub struct LazySession<T> {
    codec: Codec<T>,
    session: OnceLock<Session<T>>,
}

impl<T> LazySession<T> {
    /// The session of a request, not opened yet.
    #[must_use]
    pub fn new(codec: &Codec<T>) -> LazySession<T> {
        LazySession {
            codec: codec.clone(),
            session: OnceLock::new(),
        }
    }

    /// The codec that it is of.
    #[must_use]
    pub fn codec(&self) -> &Codec<T> {
        &self.codec
    }

    /// The session, if it was opened.
    #[must_use]
    pub fn opened(&self) -> Option<&Session<T>> {
        self.session.get()
    }

    /// Whether a layer of this codec inside of the one that made this has nothing to do, as it would be
    /// there twice. If not, its own takes the place of this one: that of another context, say.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a codec of another name: two sessions of one type in one request, of which a
    /// handler would get either one. Answer with a 500 that reaches no handler, and [`fail`] for its headers.
    pub fn is_for(&self, codec: &Codec<T>) -> Result<bool, ConfigError> {
        if self.codec.name() == codec.name() {
            return Ok(self.codec.is_same_as(codec));
        }
        let problem = format!(
            "the sessions {} and {} of one request both have the type {}",
            self.codec.name(),
            codec.name(),
            type_name::<T>()
        );
        let fix = "give each a type of its own, such as a newtype";
        let error = ConfigError::new("layer", problem, fix);
        observe::failed("request refused", Some(codec.name()), &error);
        Err(error)
    }
}

impl<T: DeserializeOwned> LazySession<T> {
    /// The session of this request: opened now, if it was not before.
    pub fn open(&self, request: &impl RequestHead) -> Session<T> {
        let session = self.session.get_or_init(|| self.codec.load(request));
        session.clone()
    }
}

impl<T: Serialize + DeserializeOwned> LazySession<T> {
    /// Writes the session to the response, if it was opened, as [`Session::save`] does. Call it for
    /// every response, whatever its status.
    ///
    /// # Errors
    ///
    /// [`SaveError`] if the session can't be written. The headers then are those of an empty 500 that no
    /// cache keeps: set the status, and drop the body. With the feature `tracing` it is an event.
    pub fn finish(&self, response: &mut impl ResponseHead) -> Result<(), SaveError> {
        let Some(session) = self.opened() else {
            return Ok(());
        };
        session.save(response).inspect_err(|error| {
            observe::failed("session not saved", Some(self.codec.name()), error);
            fail(response);
        })
    }
}

impl<T> fmt::Debug for LazySession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazySession")
            .field("codec", &self.codec)
            .field("opened", &self.opened())
            .finish()
    }
}
