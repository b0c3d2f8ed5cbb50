//! Extractors, and what is answered where there is nothing to extract.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError, body::BoxBody, dev::Payload,
    http::StatusCode,
};
use serde::de::DeserializeOwned;

use super::slot;
use crate::{
    adapter::{Denied, ExtractError, MissingLayer, active::Active, fresh::Fresh},
    session::Session,
};

impl<T: DeserializeOwned + 'static> FromRequest for Session<T> {
    type Error = MissingLayer;
    type Future = Ready<Result<Session<T>, MissingLayer>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Active<T> {
    type Error = ExtractError;
    type Future = Ready<Result<Active<T>, ExtractError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let session = find(request).map_err(ExtractError::from);
        ready(session.and_then(|session| Ok(session.active()?)))
    }
}

impl<T: DeserializeOwned + 'static, const SECONDS: u64> FromRequest for Fresh<T, SECONDS> {
    type Error = ExtractError;
    type Future = Ready<Result<Fresh<T, SECONDS>, ExtractError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let session = find(request).map_err(ExtractError::from);
        ready(session.and_then(|session| Ok(session.fresh()?)))
    }
}

fn find<T: DeserializeOwned + 'static>(request: &HttpRequest) -> Result<Session<T>, MissingLayer> {
    let session = slot::find(request);
    // An `Option` drops the error unseen.
    session
        .ok_or_else(|| MissingLayer::of::<T>(".wrap(codec.layer())"))
        .inspect_err(MissingLayer::tell)
}

impl ResponseError for Denied {
    fn status_code(&self) -> StatusCode {
        ExtractError::from(self.clone()).status_code()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        ExtractError::from(self.clone()).error_response()
    }
}

impl ResponseError for MissingLayer {
    fn error_response(&self) -> HttpResponse<BoxBody> {
        ExtractError::from(self.clone()).error_response()
    }
}

impl ResponseError for ExtractError {
    fn status_code(&self) -> StatusCode {
        // It is one of four, so the fallback is never used; it lets nobody in.
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let body = BoxBody::new(self.text());
        let mut response = HttpResponse::with_body(self.status_code(), body);
        self.write(response.headers_mut());
        response
    }
}
