//! What only Rocket has: launches that fail, routes of a later rank, catchers, and its local client.

use haversack::{
    Active, Codec, CodecBuilder, Fresh, Key, KeyRing, Lifetime, Session, adapter::Denied,
};
use rocket::{
    Build, Request, Response, Rocket, async_trait, catch, catchers,
    error::ErrorKind,
    fairing::{AdHoc, Fairing, Info, Kind},
    get,
    http::{Header, Status},
    local::blocking::{Client, LocalResponse},
    post,
    response::Redirect,
    routes,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct User(u64);

fn builder(name: &str) -> CodecBuilder<User> {
    Codec::sealed(name, KeyRing::new(Key::generate().unwrap()))
}

fn codec(name: &str) -> Codec<User> {
    builder(name).build().unwrap()
}

fn quiet() -> Rocket<Build> {
    rocket::custom(rocket::Config {
        log_level: rocket::config::LogLevel::Off,
        ..rocket::Config::debug_default()
    })
}

fn client(rocket: Rocket<Build>) -> Client {
    Client::tracked(rocket).unwrap()
}

fn all<'r>(response: &'r LocalResponse<'_>, name: &str) -> Vec<&'r str> {
    response.headers().get(name).collect()
}

#[post("/login")]
fn sign_in(session: Session<User>) -> &'static str {
    session.start(User(7));
    "signed in"
}

#[get("/")]
fn account(user: Active<User>) -> String {
    format!("user {}", user.0)
}

#[get("/", rank = 2)]
fn stranger() -> &'static str {
    "a stranger"
}

#[post("/count")]
fn count(user: Active<User>) -> String {
    let next = user.session().update(|user| {
        user.0 += 1;
        user.0
    });
    next.unwrap().to_string()
}

#[test]
fn the_local_client_keeps_the_cookie() {
    let rocket = quiet()
        .attach(codec("login").layer())
        .mount("/", routes![sign_in, account]);
    let client = client(rocket);
    assert_eq!(client.get("/").dispatch().status(), Status::Unauthorized);
    let response = client.post("/login").dispatch();
    assert_eq!(all(&response, "set-cookie").len(), 1);
    assert_eq!(all(&response, "cache-control"), ["no-store"]);
    assert_eq!(all(&response, "vary"), ["cookie"]);
    drop(response);
    let response = client.get("/").dispatch();
    assert_eq!(all(&response, "cache-control"), ["private"]);
    assert_eq!(response.into_string().unwrap(), "user 7");
}

#[test]
fn a_local_request_that_is_dispatched_again_begins_anew() {
    let rocket = quiet()
        .attach(codec("login").layer())
        .mount("/", routes![sign_in, count]);
    let client = client(rocket);
    client.post("/login").dispatch();
    let request = client.post("/count");
    for _ in 0..2 {
        let response = request.clone().dispatch();
        assert_eq!(all(&response, "set-cookie").len(), 1);
        assert_eq!(response.into_string().unwrap(), "8");
    }
}

#[test]
fn a_route_of_a_later_rank_answers_who_is_not_let_through() {
    let rocket = quiet()
        .attach(codec("login").layer())
        .mount("/", routes![sign_in, account, stranger]);
    let client = client(rocket);
    let response = client.get("/").dispatch();
    assert_eq!(all(&response, "cache-control"), ["private"]);
    assert_eq!(response.into_string().unwrap(), "a stranger");
    assert_eq!(client.head("/").dispatch().status(), Status::Ok);
    client.post("/login").dispatch();
    assert_eq!(client.get("/").dispatch().into_string().unwrap(), "user 7");
}

#[get("/email")]
fn change(user: Fresh<User, 300>) -> String {
    format!("a new address for user {}", user.0)
}

#[get("/email", rank = 2)]
fn confirm_first(_user: Active<User>, why: Denied) -> String {
    format!("{why}: the password, please")
}

#[get("/email", rank = 3)]
fn sign_in_first() -> Redirect {
    Redirect::to("/login")
}

#[test]
fn ranks_ask_for_a_proof_and_then_for_a_sign_in() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NOW: AtomicU64 = AtomicU64::new(1_800_000_000);
    let login = builder("login").clock(|| NOW.load(Ordering::Relaxed));
    let rocket = quiet()
        .attach(login.build().unwrap().layer())
        .mount("/", routes![sign_in, change, confirm_first, sign_in_first]);
    let client = client(rocket);
    let email = || client.get("/email").dispatch();
    assert_eq!(email().status(), Status::SeeOther);
    client.post("/login").dispatch();
    assert_eq!(email().into_string().unwrap(), "a new address for user 7");
    NOW.fetch_add(301, Ordering::Relaxed);
    assert_eq!(
        email().into_string().unwrap(),
        "authentication too old: the password, please"
    );
}

#[test]
fn rockets_own_catcher_has_the_headers_of_a_denial() {
    let login = builder("login").bearer("x-session").build().unwrap();
    let rocket = quiet().attach(login.layer()).mount("/", routes![account]);
    let client = client(rocket);
    let response = client.get("/").dispatch();
    assert_eq!(response.status(), Status::Unauthorized);
    assert_eq!(all(&response, "www-authenticate"), ["Bearer"]);
    assert_eq!(all(&response, "cache-control"), ["no-store"]);
    assert_eq!(all(&response, "vary"), ["authorization"]);
    assert!(response.into_string().unwrap().contains("<html"));
    let refused = client
        .get("/")
        .header(Header::new("Authorization", "Bearer nonsense"));
    let response = refused.dispatch();
    assert_eq!(
        all(&response, "www-authenticate"),
        [r#"Bearer error="invalid_token""#]
    );
}

#[derive(Serialize, Deserialize)]
struct Caller(u64);

#[get("/api")]
fn api(_user: Active<User>, caller: Active<Caller>) -> String {
    format!("caller {}", caller.0)
}

#[test]
fn of_two_sessions_the_one_that_is_missing_challenges_at_each_dispatch() {
    let login = codec("login");
    let keys = KeyRing::new(Key::generate().unwrap());
    let caller = Codec::<Caller>::sealed("caller", keys);
    let caller = caller.bearer("x-session").build().unwrap();
    let (_, cookie) = login.request_header_for(&User(7)).unwrap();
    for rocket in [
        quiet().attach(login.layer()).attach(caller.layer()),
        quiet().attach(caller.layer()).attach(login.layer()),
    ] {
        let client = client(rocket.mount("/", routes![api]));
        let cookie = Header::new("Cookie", cookie.clone());
        let signed_in = client.get("/api").header(cookie);
        for _ in 0..2 {
            let response = signed_in.clone().dispatch();
            assert_eq!(response.status(), Status::Unauthorized);
            assert_eq!(all(&response, "www-authenticate"), ["Bearer"]);
            assert_eq!(all(&response, "cache-control"), ["no-store"]);
        }
        // Of the other session there is nothing to challenge with.
        let response = client.get("/api").dispatch();
        assert_eq!(response.status(), Status::Unauthorized);
        assert!(all(&response, "www-authenticate").is_empty());
    }
}

#[catch(401)]
async fn in_words(request: &Request<'_>) -> Result<Denied, &'static str> {
    request.guard().await.succeeded().ok_or("no guard")
}

#[get("/by-hand")]
fn by_hand() -> Status {
    Status::Unauthorized
}

#[test]
fn a_catcher_is_told_why() {
    let rocket = quiet()
        .attach(codec("login").layer())
        .mount("/", routes![account, by_hand])
        .register("/", catchers![in_words]);
    let client = client(rocket);
    let response = client.get("/").dispatch();
    assert_eq!(response.status(), Status::Unauthorized);
    assert_eq!(
        all(&response, "content-type"),
        ["text/plain; charset=utf-8"]
    );
    assert_eq!(response.into_string().unwrap(), "no live session");

    let response = client.get("/by-hand").dispatch();
    assert_eq!(response.status(), Status::Unauthorized);
    assert!(all(&response, "vary").is_empty());
    assert!(all(&response, "cache-control").is_empty());
    assert_eq!(response.into_string().unwrap(), "no guard");
}

#[catch(418)]
async fn a_catcher_that_signs_in(request: &Request<'_>) -> String {
    let session = request.guard::<Session<User>>().await.unwrap();
    session.start(User(8));
    "welcome".into()
}

#[get("/teapot")]
fn teapot(session: Session<User>) -> Status {
    session.start(User(7));
    Status::ImATeapot
}

#[test]
fn what_a_catcher_does_is_written_too() {
    let rocket = quiet()
        .attach(codec("login").layer())
        .mount("/", routes![teapot, account])
        .register("/", catchers![a_catcher_that_signs_in]);
    let client = client(rocket);
    let response = client.get("/teapot").dispatch();
    assert_eq!(response.status(), Status::ImATeapot);
    assert_eq!(all(&response, "set-cookie").len(), 1);
    drop(response);
    assert_eq!(client.get("/").dispatch().into_string().unwrap(), "user 8");
}

#[get("/guarded")]
fn guarded() -> Status {
    Status::ImATeapot
}

#[get("/guarded", rank = 2)]
fn behind() -> &'static str {
    "not reached"
}

#[test]
fn a_guard_around_routes_is_the_end_of_it() {
    let login = codec("login");
    let routes = login.required().around(routes![guarded]);
    let rocket = quiet()
        .attach(login.layer())
        .mount("/", routes)
        .mount("/", routes![sign_in, behind]);
    let client = client(rocket);
    assert_eq!(
        client.get("/guarded").dispatch().status(),
        Status::Unauthorized
    );
    client.post("/login").dispatch();
    // Also what a catcher says of a request that was let through is nothing for caches.
    let response = client.get("/guarded").dispatch();
    assert_eq!(response.status(), Status::ImATeapot);
    assert_eq!(all(&response, "cache-control"), ["no-store"]);
}

#[test]
fn a_guard_without_its_layer_is_a_500() {
    let routes = codec("login").required().around(routes![guarded]);
    let client = client(quiet().attach(codec("login").layer()).mount("/", routes));
    let response = client.get("/guarded").dispatch();
    assert_eq!(response.status(), Status::InternalServerError);
}

fn fails(rocket: Rocket<Build>) -> Option<bool> {
    let error = Client::untracked(rocket).err()?;
    match error.kind() {
        ErrorKind::SentinelAborts(_) => Some(true),
        ErrorKind::FailedFairings(_) => Some(false),
        other => panic!("{other}"),
    }
}

#[get("/optional")]
fn optional(_user: Option<Active<User>>) {}

#[get("/fresh")]
fn fresh(_user: Fresh<User, 300>) {}

#[test]
fn a_route_without_its_layer_stops_the_launch() {
    for route in [routes![sign_in], routes![optional], routes![fresh]] {
        assert_eq!(fails(quiet().mount("/", route.clone())), Some(true));
        let attached = quiet().mount("/", route).attach(codec("login").layer());
        assert_eq!(fails(attached), None);
    }
}

/// A session that Rocket does not see in a route.
#[catch(404)]
async fn not_found(request: &Request<'_>) -> String {
    let (_, missing) = request.guard::<Session<u64>>().await.failed().unwrap();
    missing.to_string()
}

#[test]
fn a_catcher_without_its_layer_is_told_what_to_attach() {
    let client = client(quiet().register("/", catchers![not_found]));
    let text = client.get("/").dispatch().into_string().unwrap();
    let expected = "no session of type u64 for this route; add the layer of its Codec<u64>: \
                    .attach(codec.layer())";
    assert_eq!(text, expected);
}

#[test]
fn two_codecs_of_one_type_stop_the_launch() {
    let login = codec("login");
    let two = |other: &Codec<User>| quiet().attach(login.layer()).attach(other.layer());
    assert_eq!(fails(two(&codec("other"))), Some(false));
    assert_eq!(fails(two(&login.context("tenant").unwrap())), Some(false));
    assert_eq!(fails(two(&codec("login"))), Some(false));
}

#[test]
fn the_same_layer_twice_is_one() {
    let login = codec("login");
    let rocket = quiet()
        .attach(login.layer())
        .attach(login.clone().layer())
        .mount("/", routes![sign_in]);
    let client = client(rocket);
    let response = client.post("/login").dispatch();
    assert_eq!(all(&response, "set-cookie").len(), 1);
}

#[test]
fn a_fairing_chooses_the_context() {
    let login = codec("login");
    let tenants = login.clone();
    let other = codec("other");
    let choose = AdHoc::on_request("tenant", move |request, _| {
        match request.headers().get_one("x-tenant") {
            Some("other") => request.local_cache(|| other.clone()),
            Some(tenant) => request.local_cache(|| tenants.context(tenant).unwrap()),
            None => &other,
        };
        Box::pin(async {})
    });
    let rocket = quiet()
        .attach(login.layer())
        .attach(choose)
        .mount("/", routes![sign_in, account]);
    let client = Client::untracked(rocket).unwrap();
    let tenant = |name: &'static str| Header::new("x-tenant", name);
    let response = client.post("/login").header(tenant("red")).dispatch();
    let cookie = all(&response, "set-cookie")[0].split(';').next().unwrap();
    let cookie = || Header::new("Cookie", cookie.to_owned());
    let status = |tenant| {
        let request = client.get("/").header(cookie()).header(tenant);
        request.dispatch().status()
    };
    assert_eq!(status(tenant("red")), Status::Ok);
    assert_eq!(status(tenant("blue")), Status::Unauthorized);
    // The codec of another session is no context of this one.
    assert_eq!(status(tenant("other")), Status::InternalServerError);
    let none = client.get("/").header(cookie()).dispatch();
    assert_eq!(none.status(), Status::Unauthorized);
}

/// Says of each response what shared caches may do with it.
struct Shared;

#[async_trait]
impl Fairing for Shared {
    fn info(&self) -> Info {
        Info {
            name: "shared",
            kind: Kind::Response,
        }
    }

    async fn on_response<'r>(&self, _: &'r Request<'_>, response: &mut Response<'r>) {
        response.set_raw_header("Cache-Control", "public, max-age=60");
        response.set_raw_header("CDN-Cache-Control", "max-age=60");
        response.set_raw_header("Vary", "Accept");
        response.adjoin_raw_header("Vary", "Accept-Encoding");
        response.adjoin_raw_header("Set-Cookie", "theme=dark");
        response.adjoin_raw_header("Set-Cookie", "__Host-Http-login=planted");
    }
}

#[test]
fn what_was_said_of_caches_before_is_replaced() {
    let rocket = quiet()
        .attach(Shared)
        .attach(codec("login").layer())
        .mount("/", routes![sign_in, account]);
    let client = client(rocket);
    let response = client.post("/login").dispatch();
    assert_eq!(all(&response, "cache-control"), ["no-store"]);
    assert!(all(&response, "cdn-cache-control").is_empty());
    assert_eq!(all(&response, "vary"), ["Accept, Accept-Encoding, cookie"]);
    let cookies = all(&response, "set-cookie");
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    assert_eq!(cookies[0], "theme=dark");
}

#[post("/large")]
fn large(session: Session<Vec<u64>>) -> (Status, &'static str) {
    session.start(vec![u64::MAX; 500]);
    (Status::Created, "done")
}

#[test]
fn a_session_that_cannot_be_saved_is_an_empty_500() {
    let keys = KeyRing::new(Key::generate().unwrap());
    let codec = Codec::<Vec<u64>>::sealed("large", keys)
        .lifetime(Lifetime::fixed(std::time::Duration::from_secs(60)))
        .build()
        .unwrap();
    let client = client(quiet().attach(codec.layer()).mount("/", routes![large]));
    let response = client.post("/large").dispatch();
    assert_eq!(response.status(), Status::InternalServerError);
    assert_eq!(all(&response, "cache-control"), ["no-store"]);
    assert!(all(&response, "content-type").is_empty());
    // What Rocket adds to every response is still there.
    assert_eq!(all(&response, "x-content-type-options"), ["nosniff"]);
    assert_eq!(response.into_string().unwrap_or_default(), "");
}
