//! Layers whose sessions have one type.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use ::http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, COOKIE, SET_COOKIE},
};
use ::tower::{Layer as _, ServiceExt, service_fn};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::Response,
    middleware::{Next, from_fn},
    routing::{any, get},
};
use haversack::{Codec, ConfigError, Session, Values};

use super::{request, send, set, text};
use crate::support::{Carrier, NOW, SetCookie, ring, twins};

fn codec<T>(name: &str) -> Codec<T> {
    let builder = Codec::sealed(name, ring(1));
    builder.clock(|| NOW).build().unwrap()
}

#[tokio::test]
async fn two_sessions_of_one_type_are_a_500_that_reaches_no_handler() {
    let reached = Arc::new(AtomicBool::new(false));
    let routes = || {
        let reached = Arc::clone(&reached);
        let handler = async move || reached.store(true, Ordering::SeqCst);
        Router::new().route("/", any(handler))
    };
    let (login, cart) = (codec::<u64>("login"), codec::<u64>("cart"));
    let in_a_header = Codec::<u64>::sealed("api", ring(1)).bearer("x-api");
    let in_a_header = in_a_header.build().unwrap();
    let other = codec::<String>("other");
    let admin = format!("__Host-Http-cart={}", cart.seal(&1).unwrap());
    for (app, names) in [
        (
            routes().layer(login.layer()).layer(cart.layer()),
            ["cart", "login"],
        ),
        (
            routes().layer(cart.layer()).layer(login.layer()),
            ["login", "cart"],
        ),
        (
            routes()
                .layer(cart.layer())
                .layer(other.layer())
                .layer(login.layer()),
            ["login", "cart"],
        ),
        (
            routes().layer(in_a_header.layer()).layer(login.layer()),
            ["login", "api"],
        ),
        (
            Router::new()
                .fallback_service(routes().layer(cart.layer()))
                .layer(login.layer()),
            ["login", "cart"],
        ),
    ] {
        for request in [request([]), request([(COOKIE, &*admin)])] {
            let response = send(&app, "/", request).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let mut headers = response.headers().clone();
            headers.remove(CONTENT_LENGTH);
            let no_store = HeaderValue::from_static("no-store");
            assert_eq!(headers, HeaderMap::from_iter([(CACHE_CONTROL, no_store)]));
            let error = response.extensions().get::<ConfigError>().unwrap();
            assert_eq!(error.setting(), "layer");
            let [outer, inner] = names;
            let expected = format!(
                "layer: the sessions {outer} and {inner} of one request both have the type u64; \
                 give each a type of its own, such as a newtype"
            );
            assert_eq!(error.to_string(), expected);
            assert_eq!(text(response).await, "");
        }
    }
    assert!(!reached.load(Ordering::SeqCst));
}

#[tokio::test]
async fn two_sessions_of_values_are_a_500_in_any_service() {
    let (login, cart) = (codec::<Values>("login"), codec::<Values>("cart"));
    let service = service_fn(async |_: Request<()>| Ok::<_, ()>(Response::new("reached")));
    let service = login.layer().layer(cart.layer().layer(service));
    let response = service.oneshot(Request::new(())).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(*response.body(), "");
}

#[tokio::test]
async fn two_types_around_one_kind_of_value_are_two_sessions() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Admin(u64);

    let (login, admin) = (codec::<u64>("login"), codec::<Admin>("admin"));
    let app = Router::new()
        .route(
            "/",
            get(async |login: Session<u64>, admin: Session<Admin>| {
                login.start(7);
                admin.start(Admin(8));
            }),
        )
        .layer(login.layer())
        .layer(admin.layer());
    let response = send(&app, "/", request([])).await;
    assert_eq!(set(&response), ["__Host-Http-login", "__Host-Http-admin"]);
}

#[tokio::test]
async fn of_two_codecs_of_one_name_the_inner_one_is_the_handlers() {
    let start = async |session: Session<u64>| session.start(7);
    for twin in twins().filter(|twin| twin.carrier == Carrier::Cookie) {
        let builder = || twin.builder::<u64>("login", &[1]).clock(|| NOW);
        let plain = builder().build().unwrap();
        let one = plain.context("tenant-1").unwrap();
        let two = plain.context("tenant-2").unwrap();
        let built = builder().context("tenant-1").build().unwrap();
        for (inner, outer) in [
            (&one, &two),
            (&two, &one),
            (&plain, &one),
            (&one, &plain),
            (&built, &plain),
            (&plain, &built),
            (&two, &built),
        ] {
            let routes = Router::new().route("/", get(start));
            let app = routes.layer(inner.layer()).layer(outer.layer());
            let response = send(&app, "/", request([])).await;
            assert_eq!(set(&response), ["__Host-Http-login"]);
            let line = response.headers()[SET_COOKIE].to_str().unwrap();
            let token = SetCookie::parse(line).value;
            assert!(inner.open(token).is_ok());
            assert!(outer.open(token).is_err());
        }
    }
}

#[tokio::test]
async fn middleware_between_two_contexts_has_the_outer_session() {
    async fn look(request: Request, next: Next) -> Response<Body> {
        let session = Session::<u64>::of(&request).unwrap();
        let mut response = next.run(request).await;
        let user = session.get().as_deref().copied().unwrap_or_default();
        response.headers_mut().insert("x-outer", user.into());
        response
    }
    let plain = codec::<u64>("login");
    let (one, two) = (plain.context("one").unwrap(), plain.context("two").unwrap());
    let show = async |session: Session<u64>| session.get().is_some().to_string();
    let app = Router::new()
        .route("/", get(show))
        .layer(one.layer())
        .layer(from_fn(look))
        .layer(two.layer());
    let cookie = format!("__Host-Http-login={}", two.seal(&7).unwrap());
    let response = send(&app, "/", request([(COOKIE, &*cookie)])).await;
    assert_eq!(response.headers()["x-outer"], "7");
    assert_eq!(text(response).await, "false");
}
