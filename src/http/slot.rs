//! The place in a request where its layer leaves the session.

use std::{ops::Deref, sync::Arc};

use ::http::{HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

use super::lines;
use crate::{
    adapter::{LazySession, MissingLayer, RequestHead},
    codec::Codec,
    error::ConfigError,
    session::Session,
};

impl<T: DeserializeOwned + Send + Sync + 'static> Session<T> {
    /// The session of a request that went through the [layer](Codec::layer) of its codec. It is for
    /// middleware; in handlers the session is an extractor. With salvo, it is asked of the `Depot`.
    ///
    /// `None` if the request didn't go through the layer, or if its
    /// [header](Codec::request_header) isn't as the layer saw it: a request that the program makes
    /// with the extensions of another one, but with other cookies, doesn't get the other one's
    /// session.
    ///
    /// # Examples
    ///
    /// ```
    /// use axum::{extract::Request, middleware::Next, response::Response};
    /// use haversack::Session;
    ///
    /// async fn sign_out_of_old_terms(request: Request, next: Next) -> Response {
    ///     if let Some(session) = Session::<u64>::of(&request)
    ///         && session.facts().is_some_and(|facts| facts.started_at < 1_800_000_000)
    ///     {
    ///         session.end();
    ///     }
    ///     next.run(request).await
    /// }
    /// ```
    #[cfg_attr(
        docsrs,
        doc(cfg(any(feature = "poem", feature = "salvo", feature = "tower")))
    )]
    #[must_use]
    pub fn of(request: &impl RequestOrParts) -> Option<Session<T>> {
        request.session().ok()
    }
}

/// What [`Session::of`] takes: an `http::Request` or its `Parts`, poem's `Request`, or salvo's `Depot`. No
/// other type can be.
pub trait RequestOrParts: sealed::Holder {}

impl<R: sealed::Holder> RequestOrParts for R {}

pub(crate) mod sealed {
    use super::{DeserializeOwned, MissingLayer, Session};

    /// What a layer leaves a session in.
    pub trait Holder {
        fn session<T: DeserializeOwned + Send + Sync + 'static>(
            &self,
        ) -> Result<Session<T>, MissingLayer>;
    }
}

/// The session of a request with these extensions and headers, which is opened when it is asked for first.
/// The layer is laid by this call.
#[cfg(any(feature = "poem", feature = "tower"))]
pub(crate) fn find<T: DeserializeOwned + Send + Sync + 'static>(
    extensions: &::http::Extensions,
    headers: &HeaderMap,
    call: &'static str,
) -> Result<Session<T>, MissingLayer> {
    let slot = extensions.get::<Slot<T>>();
    let slot = slot.ok_or(MissingLayer::of::<T>(call))?;
    if !slot.is_of(headers) {
        return Err(MissingLayer::new::<T>(
            crate::adapter::missing::Missing::Values,
        ));
    }
    Ok(slot.open())
}

/// What the layer and the handlers of a request share.
pub(crate) struct Slot<T>(Arc<InRequest<T>>);

struct InRequest<T> {
    session: LazySession<T>,
    /// The values of the request header, which tell this request from one that got its extensions.
    first: Option<HeaderValue>,
    more: Vec<HeaderValue>,
}

impl<T> Slot<T> {
    /// The slot for a layer of this codec, in a request with these headers and what a layer further out
    /// left in it.
    pub(crate) fn laid(
        codec: &Codec<T>,
        headers: &HeaderMap,
        there: Option<&Slot<T>>,
    ) -> Result<Slot<T>, ConfigError> {
        // The layer is there twice: with a session each, one would undo what the other did.
        if let Some(slot) = there.filter(|slot| slot.is_of(headers))
            && slot.is_for(codec)?
        {
            return Ok(slot.clone());
        }
        // A clone shares the octets with the request.
        let mut values = lines(headers, codec.request_header()).iter().cloned();
        Ok(Slot(Arc::new(InRequest {
            session: LazySession::new(codec),
            first: values.next(),
            more: values.collect(),
        })))
    }

    /// Whether this is the slot of a request with these headers.
    fn is_of(&self, headers: &HeaderMap) -> bool {
        let values = lines(headers, self.codec().request_header());
        values.iter().eq(self.0.header())
    }
}

impl<T: DeserializeOwned> Slot<T> {
    /// The session, opened now if it was not before.
    pub(crate) fn open(&self) -> Session<T> {
        self.0.session.open(&*self.0)
    }
}

impl<T> InRequest<T> {
    fn header(&self) -> impl Iterator<Item = &HeaderValue> {
        self.first.iter().chain(&self.more)
    }
}

/// The one header that the session is read from.
impl<T> RequestHead for InRequest<T> {
    fn values<'r>(&'r self, _: &'r str) -> impl Iterator<Item = &'r [u8]> {
        self.header().map(HeaderValue::as_bytes)
    }
}

impl<T> Deref for Slot<T> {
    type Target = LazySession<T>;

    fn deref(&self) -> &LazySession<T> {
        &self.0.session
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Slot<T> {
        Slot(Arc::clone(&self.0))
    }
}
