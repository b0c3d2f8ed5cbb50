//! What caches are told about responses that come out of layers.

use ::http::header::{CACHE_CONTROL, VARY};
use axum::{Router, body::Body, http::Response, response::AppendHeaders, routing::get};
use haversack::{Codec, Session};

use super::{login_codec, request, send, signed_in, values};
use crate::{
    http::caching::TARGETED,
    support::{Login, NOW, login, ring},
};

#[tokio::test]
async fn layers_of_different_carriers_make_one_vary_in_any_order() {
    let cookie = login_codec();
    let bearer = Codec::<u64>::sealed("api", ring(1)).bearer("x-api");
    let bearer = bearer.clock(|| NOW).build().unwrap();
    let header = Codec::<String>::sealed("device", ring(1)).header("x-device");
    let header = header.clock(|| NOW).build().unwrap();
    let routes = || {
        let all = async |_: Session<Login>, _: Session<u64>, _: Session<String>| {
            AppendHeaders([("vary", "Accept"), ("vary", "Origin")])
        };
        Router::new().route("/", get(all))
    };
    let (one, two, three) = (cookie.layer(), bearer.layer(), header.layer());
    let (a, b, c) = ("cookie", "authorization", "x-device");
    for (app, own) in [
        (
            routes()
                .layer(one.clone())
                .layer(two.clone())
                .layer(three.clone()),
            [a, b, c],
        ),
        (
            routes()
                .layer(two.clone())
                .layer(three.clone())
                .layer(one.clone()),
            [b, c, a],
        ),
        (routes().layer(three).layer(one).layer(two), [c, a, b]),
    ] {
        let response = send(&app, "/", request([])).await;
        let expected = format!("Accept, Origin, {}", own.join(", "));
        assert_eq!(values(response.headers(), VARY), [expected]);
    }
}

#[tokio::test]
async fn what_a_handler_shows_of_a_live_session_is_private_and_to_others_what_it_says() {
    let codec = login_codec();
    let routes = Router::new()
        .route("/silent", get(async |_: Session<Login>| "hello Ada"))
        .route(
            "/public",
            get(async |_: Session<Login>| [("cache-control", "public, max-age=60")]),
        )
        .route("/static", get(async || "hello all"));
    let app = routes.layer(codec.layer());
    for (path, to_others, to_the_user) in [
        ("/silent", &["private"][..], &["private"][..]),
        ("/public", &["public, max-age=60"], &["private, max-age=60"]),
        ("/static", &[], &[]),
    ] {
        for (request, expected) in [(request([]), to_others), (signed_in(&codec), to_the_user)] {
            let response = send(&app, path, request).await;
            let said = values(response.headers(), CACHE_CONTROL);
            assert_eq!(said, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn beside_a_token_the_layer_leaves_no_permission_to_store() {
    async fn sign_in(session: Session<Login>) -> Response<Body> {
        session.start(login());
        let mut response = Response::builder().header("cache-control", "no-store, must-understand");
        for (name, value) in TARGETED {
            response = response.header(name, value);
        }
        response.body(Body::empty()).unwrap()
    }
    let app = Router::new()
        .route("/", get(sign_in))
        .layer(login_codec().layer());
    let response = send(&app, "/", request([])).await;
    assert_eq!(values(response.headers(), CACHE_CONTROL), ["no-store"]);
    for (name, _) in TARGETED {
        assert!(!response.headers().contains_key(name), "{name}");
    }
}
