//! What handlers take.

use ::rocket::{
    Ignite, Request, Rocket, Sentinel,
    http::Status,
    request::{FromRequest, Outcome},
};
use serde::de::DeserializeOwned;

use super::{
    slot::{Attached, Refusal, Slot, find, missing_layer},
    status,
};
use crate::{
    adapter::{Denied, MissingLayer, active::Active, fresh::Fresh},
    session::Session,
};

#[::rocket::async_trait]
impl<'r, T: DeserializeOwned + Send + Sync + 'static> FromRequest<'r> for Session<T> {
    type Error = MissingLayer;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Session<T>, MissingLayer> {
        match find(request) {
            Ok(session) => Outcome::Success(session),
            Err(missing) => {
                missing.tell();
                Outcome::Error((Status::InternalServerError, missing))
            }
        }
    }
}

#[::rocket::async_trait]
impl<'r, T: DeserializeOwned + Send + Sync + 'static> FromRequest<'r> for Active<T> {
    type Error = MissingLayer;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Active<T>, MissingLayer> {
        let session = Session::from_request(request).await;
        session.and_then(|session| unless_denied::<T, _>(request, session.active()))
    }
}

#[::rocket::async_trait]
impl<'r, T, const SECONDS: u64> FromRequest<'r> for Fresh<T, SECONDS>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    type Error = MissingLayer;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Fresh<T, SECONDS>, MissingLayer> {
        let session = Session::from_request(request).await;
        session.and_then(|session| unless_denied::<T, _>(request, session.fresh()))
    }
}

fn unless_denied<T, V>(request: &Request<'_>, value: Result<V, Denied>) -> Outcome<V, MissingLayer>
where
    T: Send + Sync + 'static,
{
    match value {
        Ok(value) => Outcome::Success(value),
        Err(denied) => {
            let status = status(&denied);
            Slot::<T>::refuse(request, denied);
            Outcome::Forward(status)
        }
    }
}

/// Why a guard of this crate did not let the request through, for catchers and for routes of a later
/// rank. There is none if all did.
#[::rocket::async_trait]
impl<'r> FromRequest<'r> for Denied {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Denied, Self::Error> {
        match Refusal::of(request).clone() {
            Some(denied) => Outcome::Success(denied),
            None => Outcome::Forward(Status::NotFound),
        }
    }
}

impl<T: Send + Sync + 'static> Sentinel for Session<T> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        is_not_attached::<T>(rocket)
    }
}

impl<T: Send + Sync + 'static> Sentinel for Active<T> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        is_not_attached::<T>(rocket)
    }
}

impl<T: Send + Sync + 'static, const SECONDS: u64> Sentinel for Fresh<T, SECONDS> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        is_not_attached::<T>(rocket)
    }
}

fn is_not_attached<T: Send + Sync + 'static>(rocket: &Rocket<Ignite>) -> bool {
    if rocket.state::<Attached<T>>().is_some() {
        return false;
    }
    ::rocket::error!("{}", missing_layer::<T>());
    true
}
