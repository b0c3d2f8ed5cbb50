//! A guard for an app, a scope or a resource.

use std::{
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{
    Error,
    body::EitherBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
};
use serde::de::DeserializeOwned;

use super::{response::ResponseFuture, slot::find};
use crate::adapter::{ExtractError, required::Required};

impl<S, T, B> Transform<S, ServiceRequest> for Required<T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    T: DeserializeOwned + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RequiredService<S, T>;
    type InitError = ();
    type Future = Ready<Result<RequiredService<S, T>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let guard = Rc::new(self.clone());
        ready(Ok(RequiredService { inner, guard }))
    }
}

/// The service of a [`Required`].
#[derive(Debug)]
pub struct RequiredService<S, T> {
    inner: S,
    guard: Rc<Required<T>>,
}

impl<S, T, B> Service<ServiceRequest> for RequiredService<S, T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    T: DeserializeOwned + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, ()>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        match self.guard.check(find(&request), &request) {
            Ok(()) => ResponseFuture::served(self.inner.call(request), ()),
            Err(error) => {
                if let ExtractError::MissingLayer(missing) = &error {
                    missing.tell();
                }
                ResponseFuture::refused(request.error_response(error))
            }
        }
    }
}
