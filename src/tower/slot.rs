//! The place in a request where its layer leaves the session.

use std::{ops::Deref, sync::Arc};

use ::http::{Extensions, HeaderMap, HeaderValue, Request, request::Parts};
use serde::de::DeserializeOwned;

use crate::{
    adapter::{LazySession, MissingLayer, missing::Missing},
    codec::Codec,
    http::lines,
    session::Session,
};

impl<T: DeserializeOwned + Send + Sync + 'static> Session<T> {
    /// The session of a request that went through the [layer](Codec::layer) of its codec. It is for
    /// middleware; in axum's handlers the session is an extractor.
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
    #[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
    #[must_use]
    pub fn of(request: &impl RequestOrParts) -> Option<Session<T>> {
        find(request).ok()
    }
}

/// What [`Session::of`] takes: an `http::Request`, or its `Parts`. No other type can be.
pub trait RequestOrParts: head::Head {}

impl<B> RequestOrParts for Request<B> {}

impl RequestOrParts for Parts {}

mod head {
    use super::{Extensions, HeaderMap, Parts, Request};

    /// Headers and extensions that belong together.
    pub trait Head {
        fn headers(&self) -> &HeaderMap;
        fn extensions(&self) -> &Extensions;
    }

    impl<B> Head for Request<B> {
        fn headers(&self) -> &HeaderMap {
            self.headers()
        }

        fn extensions(&self) -> &Extensions {
            self.extensions()
        }
    }

    impl Head for Parts {
        fn headers(&self) -> &HeaderMap {
            &self.headers
        }

        fn extensions(&self) -> &Extensions {
            &self.extensions
        }
    }
}

/// The session of a request, which is opened when it is asked for first.
pub(crate) fn find<T: DeserializeOwned + Send + Sync + 'static>(
    request: &impl RequestOrParts,
) -> Result<Session<T>, MissingLayer> {
    let slot = request.extensions().get::<Slot<T>>();
    let slot = slot.ok_or(MissingLayer::of::<T>())?;
    if !slot.is_of(request) {
        return Err(MissingLayer::new::<T>(Missing::Values));
    }
    Ok(slot.0.session.open(request.headers()))
}

/// What the layer and the handlers of a request share.
pub(super) struct Slot<T>(Arc<InRequest<T>>);

struct InRequest<T> {
    session: LazySession<T>,
    /// The values of the request header, which tell this request from one that got its extensions.
    first: Option<HeaderValue>,
    more: Vec<HeaderValue>,
}

impl<T> Slot<T> {
    pub(super) fn new(codec: &Codec<T>, request: &impl RequestOrParts) -> Slot<T> {
        // A clone shares the octets with the request.
        let mut values = lines(request.headers(), codec.request_header())
            .iter()
            .cloned();
        Slot(Arc::new(InRequest {
            session: LazySession::new(codec),
            first: values.next(),
            more: values.collect(),
        }))
    }

    /// Whether this is the slot of a request with these headers.
    pub(super) fn is_of(&self, request: &impl RequestOrParts) -> bool {
        let InRequest {
            session,
            first,
            more,
        } = &*self.0;
        let values = lines(request.headers(), session.codec().request_header());
        values.iter().eq(first.iter().chain(more))
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
