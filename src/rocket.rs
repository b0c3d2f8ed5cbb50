//! Sessions for Rocket 0.5: a fairing and request guards.
//!
//! [`codec.layer()`](crate::Codec::layer) is a fairing. With it attached, handlers take a
//! [`Session`](crate::Session), an [`Active`](crate::Active), an `Option` of that, or a
//! [`Fresh`](crate::Fresh), as request guards. The session is written to every response, also to that of a
//! catcher.
//!
//! ```no_run
//! use haversack::{Active, Codec, KeySource, Session};
//! use rocket::{get, launch, post, response::Redirect, routes};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Login { user: u64 }
//!
//! #[post("/login")]
//! fn sign_in(session: Session<Login>) -> Redirect {
//!     session.start(Login { user: 7 }); // after checking a password
//!     Redirect::to("/me")
//! }
//!
//! #[post("/logout")]
//! fn sign_out(session: Session<Login>) -> Redirect {
//!     session.end();
//!     Redirect::to("/")
//! }
//!
//! #[get("/me")]
//! fn me(login: Active<Login>) -> String { // 401 without a live session
//!     format!("user {}", login.user)
//! }
//!
//! #[launch]
//! fn rocket() -> _ {
//!     let keys = KeySource::variable("SESSION_KEYS").read().expect("keys");
//!     let login = Codec::<Login>::sealed("login", keys).build().expect("a codec");
//!     rocket::build().attach(login.layer()).mount("/", routes![sign_in, sign_out, me])
//! }
//! ```
//!
//! # Requests that are not let through
//!
//! Without a live session, `Active` and `Fresh` forward with the status of [`Denied`]: 401 or 403. So a
//! route of a later rank can answer, and if there is none, the catcher of that status does. A catch-all
//! route, such as that of a `FileServer`, is one of a later rank too.
//!
//! ```
//! # use haversack::{Active, adapter::Denied};
//! # use rocket::{catch, get, response::Redirect};
//! #[get("/")]
//! fn account(user: Active<u64>) -> String {
//!     format!("user {}", *user)
//! }
//!
//! #[get("/", rank = 2)]
//! fn stranger() -> Redirect {
//!     Redirect::to("/login")
//! }
//!
//! // For an API: "no live session", rather than Rocket's page. `catchers![..]` takes it.
//! #[catch(401)]
//! async fn unauthorized(request: &rocket::Request<'_>) -> Result<Denied, &'static str> {
//!     request.guard().await.succeeded().ok_or("unauthorized")
//! }
//! ```
//!
//! Whoever answers with that status, the response is made to be stored by no cache, and has the challenge
//! if the codec is a [`bearer`](crate::CodecBuilder::bearer).
//!
//! Rocket lays nothing around routes, so a [guard](crate::Codec::required) goes around them where they are
//! mounted: [`Required::around`](crate::Required::around).
//!
//! Rocket reads a name among a type's arguments as that of a type: a constant for `Fresh` is in braces, such as
//! `Fresh<Login, { SECONDS }>`.
//!
//! # Mistakes
//!
//! They stop the launch, with the reason in Rocket's log: a route that takes a session whose layer is not
//! attached, and layers of two codecs with one type. The same layer twice is one.
//!
//! # Tenants
//!
//! The codec of a request is the one in its local cache, if there is one. A fairing that leaves a
//! [context](crate::Codec::context) there chooses the tenant; a request that it leaves none has the session
//! of no context.
//!
//! ```
//! use haversack::{Codec, Key, KeyRing};
//! use rocket::fairing::AdHoc;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let notes = Codec::<Vec<String>>::sealed("notes", KeyRing::new(Key::generate()?)).build()?;
//! let rocket = rocket::build()
//!     .attach(notes.layer())
//!     .attach(AdHoc::on_request("tenant", move |request, _| {
//!         let host = request.host().map_or("", |host| host.domain().as_str());
//!         let tenant = host.split('.').next().unwrap_or_default();
//!         if let Ok(codec) = notes.context(tenant) {
//!             request.local_cache(|| codec);
//!         }
//!         Box::pin(async {})
//!     }));
//! # Ok(())
//! # }
//! ```
//!
//! # Tests of handlers
//!
//! A tracked client keeps the cookies of a sign-in. The header of somebody who is signed in already is
//! [`request_header_for`](crate::Codec::request_header_for):
//!
//! ```
//! use haversack::{Active, Codec, Key, KeyRing};
//! use rocket::{get, http::Header, local::blocking::Client, routes};
//!
//! #[get("/me")]
//! fn me(user: Active<u64>) -> String {
//!     format!("user {}", *user)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
//! let app = rocket::build().attach(login.layer()).mount("/", routes![me]);
//! let client = Client::tracked(app)?;
//!
//! let (name, value) = login.request_header_for(&7)?;
//! let response = client.get("/me").header(Header::new(name.to_owned(), value)).dispatch();
//! assert_eq!(response.into_string().as_deref(), Some("user 7"));
//! # Ok(())
//! # }
//! ```

mod guards;
mod head;
mod required;
mod slot;

use std::any::type_name;

use ::rocket::{
    Build, Request, Response, Rocket,
    fairing::{self, Fairing, Info, Kind},
    http::Status,
    response::{self, Responder},
};
use serde::{Serialize, de::DeserializeOwned};

use self::slot::{Attached, Refusal, Slot};
use crate::{
    adapter::{Denied, ExtractError, LazySession, MissingLayer, layer::SessionLayer},
    codec::Codec,
};

#[::rocket::async_trait]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Fairing for SessionLayer<T> {
    fn info(&self) -> Info {
        Info {
            name: type_name::<SessionLayer<T>>(),
            kind: Kind::Ignite | Kind::Response,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let Some(Attached(other)) = rocket.state() else {
            return Ok(rocket.manage(Attached(self.codec.clone())));
        };
        match attached_twice(other, &self.codec) {
            None => Ok(rocket),
            Some(problem) => {
                ::rocket::error!("{problem}");
                Err(rocket)
            }
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let asked = Slot::<T>::take(request);
        if asked.is_refused
            && let Some(denied) = Refusal::of(request).take()
            && status(&denied) == response.status()
        {
            denied.write_to_page(response);
        }
        if let Some(session) = asked.session
            && let Err(error) = session.finish(response)
        {
            ::rocket::error_!("session not saved: {error}");
            fail(response);
        }
    }
}

/// What is wrong with two layers of one type, if there is anything.
fn attached_twice<T>(there: &Codec<T>, codec: &Codec<T>) -> Option<String> {
    match LazySession::new(there).is_for(codec) {
        Ok(true) => None,
        // Fairings are beside each other, so that no context is the inner one.
        Ok(false) => Some(format!(
            "two codecs of the session {} are attached; attach one, and leave its context in the local \
             cache of each request",
            codec.name()
        )),
        Err(error) => Some(error.to_string()),
    }
}

fn status(denied: &Denied) -> Status {
    Status::new(denied.status())
}

/// Makes a response an empty 500 with the headers that it has, which switches to no other protocol.
fn fail(response: &mut Response<'_>) {
    let mut failed = Response::new();
    failed.set_status(Status::InternalServerError);
    for header in response.headers().iter() {
        let (name, value) = (header.name.into_string(), header.value.into_owned());
        failed.adjoin_raw_header(name, value);
    }
    *response = failed;
}

impl<'r> Responder<'r, 'static> for Denied {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        ExtractError::from(self).respond_to(request)
    }
}

impl<'r> Responder<'r, 'static> for MissingLayer {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        ExtractError::from(self).respond_to(request)
    }
}

impl<'r> Responder<'r, 'static> for ExtractError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = self.text().respond_to(request)?;
        response.set_status(Status::new(self.status()));
        self.write(&mut response);
        Ok(response)
    }
}
