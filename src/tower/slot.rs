//! The place in a request where its layer leaves the session.

use std::sync::{Arc, OnceLock};

use ::http::{Extensions, HeaderMap, HeaderValue, Request, request::Parts};
use serde::de::DeserializeOwned;

use crate::{codec::Codec, session::Session};

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
    pub fn of(request: &impl RequestHead) -> Option<Session<T>> {
        find(request).ok()
    }
}

/// What [`Session::of`] takes: an `http::Request`, or its `Parts`. No other type can be.
pub trait RequestHead: head::Head {}

impl<B> RequestHead for Request<B> {}

impl RequestHead for Parts {}

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

/// Why a request has no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Layer,
    /// The layer saw other values of the request header.
    Values,
}

/// The session of a request, which is opened when it is asked for first.
pub(crate) fn find<T: DeserializeOwned + Send + Sync + 'static>(
    request: &impl RequestHead,
) -> Result<Session<T>, Missing> {
    let slot = request.extensions().get::<Slot<T>>();
    let Slot(lazy) = slot.ok_or(Missing::Layer)?;
    let headers = request.headers();
    if !lazy.is_of(headers) {
        return Err(Missing::Values);
    }
    let session = lazy.session.get_or_init(|| lazy.codec.load(headers));
    Ok(session.clone())
}

/// What the layer and the handlers of a request share.
pub(super) struct Slot<T>(Arc<Lazy<T>>);

struct Lazy<T> {
    codec: Codec<T>,
    /// The values of the request header, which tell this request from one that got its extensions.
    first: Option<HeaderValue>,
    more: Vec<HeaderValue>,
    session: OnceLock<Session<T>>,
}

impl<T> Slot<T> {
    pub(super) fn new(codec: &Codec<T>, headers: &HeaderMap) -> Slot<T> {
        // A clone shares the octets with the request.
        let mut values = headers
            .get_all(&codec.engine().headers.request)
            .iter()
            .cloned();
        Slot(Arc::new(Lazy {
            codec: codec.clone(),
            first: values.next(),
            more: values.collect(),
            session: OnceLock::new(),
        }))
    }

    pub(super) fn codec(&self) -> &Codec<T> {
        &self.0.codec
    }

    /// Whether this is the slot of a request with these headers.
    pub(super) fn is_of(&self, headers: &HeaderMap) -> bool {
        self.0.is_of(headers)
    }

    /// The session, if anyone asked for it.
    pub(super) fn opened(&self) -> Option<&Session<T>> {
        self.0.session.get()
    }
}

impl<T> Lazy<T> {
    fn is_of(&self, headers: &HeaderMap) -> bool {
        let values = headers.get_all(&self.codec.engine().headers.request);
        values.iter().eq(self.first.iter().chain(&self.more))
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Slot<T> {
        Slot(Arc::clone(&self.0))
    }
}
