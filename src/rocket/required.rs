//! A guard around routes.

use std::sync::Arc;

use ::rocket::{
    Data, Request, Response, Route,
    http::Status,
    route::{Handler, Outcome},
};
use serde::de::DeserializeOwned;

use super::{
    head::Head,
    slot::{Slot, find},
    status,
};
use crate::adapter::{Denied, ExtractError, required::Required};

impl<T: DeserializeOwned + Send + Sync + 'static> Required<T> {
    /// The guard around some of Rocket's routes: they are as they were, but for requests that it doesn't
    /// let through. Those get a redirect if it says so, and otherwise go to the catcher of the status,
    /// 401 or 403. They do not go on to a route of a later rank.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    /// use rocket::{get, routes};
    ///
    /// #[get("/")]
    /// fn account() -> &'static str {
    ///     "your account"
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// let guard = login.required().or_redirect("/login");
    /// let rocket = rocket::build()
    ///     .attach(login.layer())
    ///     .mount("/account", guard.around(routes![account]));
    /// # Ok(())
    /// # }
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "rocket")))]
    #[must_use]
    pub fn around(&self, routes: impl Into<Vec<Route>>) -> Vec<Route> {
        let guard = Arc::new(self.clone());
        let mut routes = routes.into();
        for route in &mut routes {
            let guard = Arc::clone(&guard);
            let inner = route.handler.clone();
            route.handler = Box::new(Guarded { guard, inner });
        }
        routes
    }
}

/// A route's handler behind a guard.
struct Guarded<T> {
    guard: Arc<Required<T>>,
    inner: Box<dyn Handler>,
}

impl<T> Clone for Guarded<T> {
    fn clone(&self) -> Guarded<T> {
        Guarded {
            guard: Arc::clone(&self.guard),
            inner: self.inner.clone(),
        }
    }
}

#[::rocket::async_trait]
impl<T: DeserializeOwned + Send + Sync + 'static> Handler for Guarded<T> {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        match self
            .guard
            .check(find(request).ok(), &Head::guarded(request))
        {
            Ok(()) => self.inner.handle(request, data).await,
            Err(ExtractError::Denied(denied)) => refuse::<T>(request, denied),
            Err(ExtractError::MissingLayer(missing)) => {
                missing.tell();
                ::rocket::error_!("{missing}");
                Outcome::Error(Status::InternalServerError)
            }
        }
    }
}

fn refuse<'r, T: Send + Sync + 'static>(request: &'r Request<'_>, denied: Denied) -> Outcome<'r> {
    let status = status(&denied);
    if status == Status::SeeOther {
        let mut response = Response::new();
        response.set_status(status);
        denied.write(&mut response);
        return Outcome::Success(response);
    }
    Slot::<T>::refuse(request, denied);
    Outcome::Error(status)
}
