//! What a session costs in actix-web: ours, and the cookie store of actix-session, in the same program.
//!
//! ```text
//! cargo bench --features actix
//! ```

mod turns;
#[path = "../../benches/src/values.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "nothing is changed here, and nothing is handed on"
)]
mod values;

use std::hint::black_box;

use actix_http::Request;
use actix_session::{SessionMiddleware, storage::CookieSessionStore};
use actix_web::{
    App, Error, cookie,
    dev::{Service, ServiceResponse},
    error::ErrorUnauthorized,
    test::{TestRequest, init_service},
    web::{ServiceConfig, get},
};
use haversack::{Active, Codec, Key, KeyRing};

use crate::{
    turns::{Work, among_others, best, ready, work},
    values::Value,
};

/// An app is of a type of its own with each middleware.
macro_rules! in_app {
    ($app:expr, $path:expr, $cookie:expr) => {
        asked(ready(init_service($app)), $path, $cookie)
    };
}

fn main() {
    println!(
        "| | no middleware | an empty one | haversack | actix-session | haversack / actix-session |"
    );
    println!("|---|---|---|---|---|---|");
    measure("S", values::small());
    measure("M", values::medium());
    measure("L", values::large());
}

/// Prints a line for a request that reads its session, and one for a request that has one and whose
/// handler does not ask for it.
fn measure<T: Value>(size: &str, value: T) {
    let codec = codec::<T>();
    let (_, ours) = codec.request_header_for(&value).expect("a session");
    let theirs = theirs(value);
    for (path, says) in [("/reads", "is read"), ("/ignores", "is not asked for")] {
        let works = [
            Some(in_app!(App::new().configure(routes_bare), path, &ours)),
            Some(in_app!(
                App::new()
                    .configure(routes_bare)
                    .wrap_fn(|request, inner| inner.call(request)),
                path,
                &ours
            )),
            Some(in_app!(
                App::new().configure(routes_ours::<T>).wrap(codec.layer()),
                path,
                &ours
            )),
            theirs.as_ref().map(|(key, cookie)| {
                in_app!(
                    App::new()
                        .configure(routes_theirs::<T>)
                        .wrap(middleware(key)),
                    path,
                    cookie
                )
            }),
        ];
        let [bare, empty, ours, theirs] = best(works);
        let ratio = (ours - bare) / (theirs - bare);
        println!(
            "| {size} {says} | {bare:.0} ns | {empty:.0} ns | {ours:.0} ns | {theirs:.0} ns | {ratio:.2} |"
        );
    }
}

fn asked<S, B>(app: S, path: &'static str, cookie: &str) -> Work
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
{
    let cookie = among_others(cookie);
    let request = move || {
        let request = TestRequest::get().uri(path);
        let request = request.insert_header(("host", "example.com"));
        request.insert_header(("cookie", &*cookie)).to_request()
    };
    let status = ready(app.call(request())).map(|response| response.status().as_u16());
    assert_eq!(status.ok(), Some(200), "{path}");
    work(request, move |request| {
        drop(black_box(ready(app.call(request))));
    })
}

fn routes_bare(config: &mut ServiceConfig) {
    for path in ["/reads", "/ignores"] {
        config.route(path, get().to(async || "in"));
    }
}

fn routes_ours<T: Value>(config: &mut ServiceConfig) {
    config
        .route(
            "/reads",
            get().to(async |value: Active<T>| {
                black_box(&*value);
                "in"
            }),
        )
        .route("/ignores", get().to(async || "in"));
}

fn routes_theirs<T: Value>(config: &mut ServiceConfig) {
    config
        .route(
            "/reads",
            get().to(async |session: actix_session::Session| {
                black_box(
                    session
                        .get::<T>("value")?
                        .ok_or_else(|| ErrorUnauthorized("none"))?,
                );
                Ok::<_, Error>("in")
            }),
        )
        .route("/ignores", get().to(async || "in"));
}

fn codec<T>() -> Codec<T> {
    let keys = KeyRing::new(Key::generate().expect("a key"));
    Codec::sealed("session", keys).build().expect("a codec")
}

fn middleware(key: &cookie::Key) -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::new(CookieSessionStore::default(), key.clone())
}

/// A key, and the cookie with the value; `None` if it is too large for one.
fn theirs<T: Value>(value: T) -> Option<(cookie::Key, String)> {
    let key = cookie::Key::generate();
    let starts = move |session: actix_session::Session| {
        let value = value.clone();
        async move { session.insert("value", value).map(|()| "in") }
    };
    let app = App::new()
        .route("/", get().to(starts))
        .wrap(middleware(&key));
    let app = ready(init_service(app));
    let response = ready(app.call(TestRequest::get().to_request())).ok()?;
    let set = response.headers().get("set-cookie")?.to_str().ok()?;
    Some((key, set.split(';').next()?.to_owned()))
}
