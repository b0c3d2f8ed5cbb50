//! Extractors for axum 0.8.

use ::http::request::Parts;
use axum_core::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;

use crate::{
    adapter::{Denied, ExtractError, MissingLayer, active::Active, fresh::Fresh},
    http::slot::sealed::Holder,
    session::Session,
    tower::answer,
};

impl<T, S> FromRequestParts<S> for Session<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Session<T>, MissingLayer> {
        parts.session()
    }
}

impl<T, S> FromRequestParts<S> for Active<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = ExtractError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Active<T>, ExtractError> {
        Ok(parts.session()?.active()?)
    }
}

impl<T, S> OptionalFromRequestParts<S> for Active<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = MissingLayer;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Active<T>>, MissingLayer> {
        Ok(parts.session()?.active().ok())
    }
}

impl<T, S, const SECONDS: u64> FromRequestParts<S> for Fresh<T, SECONDS>
where
    T: DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = ExtractError;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Fresh<T, SECONDS>, ExtractError> {
        Ok(parts.session()?.fresh()?)
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        ExtractError::from(self).into_response()
    }
}

impl IntoResponse for MissingLayer {
    fn into_response(self) -> Response {
        ExtractError::from(self).into_response()
    }
}

impl IntoResponse for ExtractError {
    fn into_response(self) -> Response {
        answer(&self)
    }
}
