//! What all frameworks share: sessions for a server that this crate does not know.
//!
//! [`Session::save`](crate::Session::save) writes to the headers of any response that is a [`ResponseHead`],
//! and a [`LazySession`] is read from any [`RequestHead`] when a handler asks for it first. Every rule of
//! what caches are told, what is written and what is not, is behind these two: an adapter only carries
//! headers to and fro. The adapters of this crate are built on them.
//!
//! An adapter does four things:
//!
//! 1. it makes a [`LazySession`] for each request, and leaves it where handlers of the request find it;
//! 2. for a handler that asks, it gives [`LazySession::open`], or of that
//!    [`Session::active`](crate::Session::active) and [`Session::fresh`](crate::Session::fresh), and
//!    answers with the [`Denied`] if there is no live session;
//! 3. when the response is there, it calls [`LazySession::finish`];
//! 4. if that is an error, it makes the response an empty 500, whose headers are right by then; [`fail`] makes
//!    those of other errors so.
//!
//! A guard around handlers asks [`Required::check`](crate::Required::check). Its [`ExtractError`] says what
//! to answer as a [`Denied`] does, also where the session is missing in the request.
//!
//! # Examples
//!
//! All of it, for a server whose requests and responses are these:
//!
//! ```
//! use haversack::{Codec, Key, KeyRing, Session};
//! use haversack::adapter::{Headers, LazySession, RequestHead};
//!
//! struct Request { path: &'static str, headers: Vec<(String, String)> }
//! struct Response { status: u16, headers: Headers, body: String }
//!
//! impl RequestHead for Request {
//!     fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
//!         let of_that_name = self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name));
//!         of_that_name.map(|(_, value)| value.as_bytes())
//!     }
//! }
//!
//! fn serve(codec: &Codec<u64>, request: &Request, handler: fn(&Request, &LazySession<u64>) -> Response) -> Response {
//!     let session = LazySession::new(codec);
//!     let mut response = handler(request, &session);
//!     if session.finish(&mut response.headers).is_err() {
//!         response.status = 500;
//!         response.body.clear();
//!     }
//!     response
//! }
//!
//! fn handler(request: &Request, session: &LazySession<u64>) -> Response {
//!     let mut response = Response { status: 200, headers: Headers::new(), body: String::new() };
//!     match request.path {
//!         "/login" => session.open(request).start(7),
//!         "/me" => match session.open(request).active() {
//!             Ok(user) => response.body = format!("user {}", *user),
//!             Err(denied) => {
//!                 denied.write(&mut response.headers);
//!                 response.status = denied.status();
//!                 response.body = denied.body().into();
//!             }
//!         },
//!         _ => response.status = 404, // asks for no session, so nothing is read and nothing is written
//!     }
//!     response
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
//! let ask = |path, headers| serve(&login, &Request { path, headers }, handler);
//!
//! let response = ask("/login", vec![]);
//! let (_, cookie) = response.headers.iter().find(|(name, _)| name == "set-cookie").unwrap();
//! let cookie = cookie.split(';').next().unwrap().to_owned();
//! assert_eq!(ask("/me", vec![("Cookie".into(), cookie)]).body, "user 7");
//! assert_eq!(ask("/me", vec![]).status, 401);
//! assert!(ask("/", vec![]).headers.is_empty());
//! # Ok(())
//! # }
//! ```

pub(crate) mod active;
pub(crate) mod caching;
pub(crate) mod denied;
pub(crate) mod extract;
pub(crate) mod failure;
pub(crate) mod fresh;
pub(crate) mod head;
pub(crate) mod layer;
pub(crate) mod lazy;
pub(crate) mod missing;
pub(crate) mod required;
mod save;
mod sign_in;

pub use self::{
    denied::{Denial, Denied},
    extract::ExtractError,
    failure::fail,
    head::{GuardedRequest, Headers, RequestHead, ResponseHead},
    lazy::LazySession,
    missing::MissingLayer,
};
