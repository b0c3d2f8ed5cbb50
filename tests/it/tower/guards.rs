//! Guards around routes, and handlers that ask for a proof that is not old.

use axum::routing::post;
use haversack::{Fresh, Required, adapter::MissingLayer};

use super::*;

const LOCATION: &str = "location";

/// `/page` behind a guard, over a session that started some seconds ago.
fn guarded(guard: impl Fn(Required<Login>) -> Required<Login>) -> (Router, Codec<Login>) {
    let codec = login_codec();
    let app = Router::new()
        .route("/page", any(async || "the page"))
        .route("/login", get(async || "sign in"))
        .route_layer(guard(codec.required()))
        .layer(codec.layer());
    (app, codec)
}

/// The request of a user who signed in so many seconds ago.
fn signed_in_before(seconds: u64) -> Request<Body> {
    let codec = Codec::sealed("login", ring(1)).clock(move || NOW - seconds);
    signed_in(&codec.build().unwrap())
}

fn with(mut request: Request<Body>, headers: &[(&'static str, &str)]) -> Request<Body> {
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

const NAVIGATION: &[(&str, &str)] = &[("sec-fetch-mode", "navigate")];

#[tokio::test]
async fn only_a_live_session_is_let_through() {
    let (app, codec) = guarded(|guard| guard);
    let response = send(&app, "/page", signed_in(&codec)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, "the page");
    let response = send(&app, "/page", request([])).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(values(response.headers(), WWW_AUTHENTICATE), [""; 0]);
    assert_eq!(text(response).await, "no live session");
    let junk = request([(COOKIE, "__Host-Http-login=x")]);
    let response = send(&app, "/page", junk).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(set(&response), [""; 0], "a refusal writes nothing");
}

#[tokio::test]
async fn nothing_behind_a_guard_is_kept_by_caches_unless_the_handler_says_so() {
    let (app, codec) = guarded(|guard| guard.or_redirect("/login"));
    for (request, status) in [
        (signed_in(&codec), StatusCode::OK),
        (request([]), StatusCode::UNAUTHORIZED),
        (with(request([]), NAVIGATION), StatusCode::SEE_OTHER),
    ] {
        let response = send(&app, "/page", request).await;
        assert_eq!(response.status(), status);
        assert_eq!(values(response.headers(), "cache-control"), ["no-store"]);
        assert_eq!(values(response.headers(), VARY), ["cookie"]);
    }
    let said = Router::new()
        .route(
            "/page",
            get(async || ([(CACHE_CONTROL, "private, max-age=60")], "the page")),
        )
        .route_layer(codec.required())
        .layer(codec.layer());
    let response = send(&said, "/page", signed_in(&codec)).await;
    assert_eq!(
        values(response.headers(), CACHE_CONTROL),
        ["private, max-age=60"]
    );
}

#[tokio::test]
async fn a_bearer_gets_the_challenge_for_each_refusal() {
    let codec = Codec::<Login>::sealed("login", ring(1)).bearer("x-session");
    let codec = codec.clock(|| NOW).build().unwrap();
    let app = Router::new()
        .route("/page", get(async || "the page"))
        .route("/admin", get(async || "the page"))
        .route_layer(codec.required().when(|login| login.user != 8).fresh(300))
        .layer(codec.layer());
    let earlier = Codec::sealed("login", ring(1))
        .clock(|| NOW - 301)
        .build()
        .unwrap();
    let bearer = |token: String| request([(AUTHORIZATION, &*format!("Bearer {token}"))]);
    let other = Login { user: 8, ..login() };
    for (request, status, challenge, word) in [
        (request([]), 401, "Bearer", "no live session"),
        (
            bearer("x".into()),
            401,
            r#"Bearer error="invalid_token""#,
            "no live session",
        ),
        (
            bearer(earlier.seal(&login()).unwrap()),
            401,
            r#"Bearer error="insufficient_user_authentication", max_age="300""#,
            "authentication too old",
        ),
        (
            bearer(codec.seal(&other).unwrap()),
            403,
            r#"Bearer error="insufficient_scope""#,
            "not allowed",
        ),
    ] {
        let response = send(&app, "/page", request).await;
        assert_eq!(response.status(), status, "{word}");
        assert_eq!(values(response.headers(), WWW_AUTHENTICATE), [challenge]);
        assert_eq!(text(response).await, word);
    }
    let response = send(&app, "/page", bearer(codec.seal(&login()).unwrap())).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_person_is_sent_to_the_sign_in_with_the_page_that_they_wanted() {
    let (app, _) = guarded(|guard| guard.or_redirect("/login"));
    let html = &[("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")][..];
    for (path, headers, location) in [
        ("/page", NAVIGATION, "/login?next=/page"),
        ("/page", html, "/login?next=/page"),
        (
            "/page?a=b&c=d",
            NAVIGATION,
            "/login?next=/page%3Fa%3Db%26c%3Dd",
        ),
        ("/page?q=%26%23", html, "/login?next=/page%3Fq%3D%2526%2523"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let mut request = with(request([]), headers);
            *request.method_mut() = method;
            let response = send(&app, path, request).await;
            assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
            assert_eq!(values(response.headers(), LOCATION), [location]);
        }
    }
    let mut form = with(request([]), NAVIGATION);
    *form.method_mut() = Method::POST;
    let response = send(&app, "/page", form).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        values(response.headers(), LOCATION),
        ["/login"],
        "a form is not sent again"
    );
}

#[tokio::test]
async fn a_script_gets_a_401_and_no_page() {
    let (app, _) = guarded(|guard| guard.or_redirect("/login"));
    for headers in [
        &[][..],
        &[("accept", "*/*")],
        &[("accept", "application/json")],
        &[("sec-fetch-mode", "cors"), ("accept", "text/html")],
        &[("sec-fetch-mode", "no-cors"), ("accept", "image/*")],
        &[("sec-fetch-mode", "same-origin")],
        &[("sec-fetch-mode", "websocket")],
    ] {
        let response = send(&app, "/page", with(request([]), headers)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{headers:?}");
        assert_eq!(values(response.headers(), LOCATION), [""; 0]);
    }
    let mut form = with(request([]), &[("accept", "text/html")]);
    *form.method_mut() = Method::POST;
    let response = send(&app, "/page", form).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_goes_in_circles_on_the_sign_in_page() {
    let (app, codec) = guarded(|guard| guard.or_redirect("/login?from=guard").fresh(0));
    for request in [
        with(request([]), NAVIGATION),
        with(signed_in_before(60), NAVIGATION),
    ] {
        let response = send(&app, "/login?from=guard", request).await;
        assert!(response.status().is_client_error());
        assert_eq!(values(response.headers(), LOCATION), [""; 0]);
    }
    let response = send(&app, "/login", signed_in(&codec)).await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = send(&app, "/page", with(request([]), NAVIGATION)).await;
    let location = values(response.headers(), LOCATION)[0];
    assert_eq!(location, "/login?from=guard&next=/page");
}

#[tokio::test]
async fn a_hostile_path_is_never_where_a_sign_in_goes_on_to() {
    let codec = login_codec();
    let app = Router::new()
        .fallback(async || "the page")
        .layer(codec.required().or_redirect("/login"))
        .layer(codec.layer());
    for path in [
        "//evil.example/",
        "/%5cevil.example",
        "/.//evil.example",
        "/a%0d%0ab",
    ] {
        let response = send(&app, path, with(request([]), NAVIGATION)).await;
        assert_eq!(values(response.headers(), LOCATION), ["/login"], "{path}");
    }
}

#[tokio::test]
async fn who_may_not_is_a_403_whether_redirected_or_not() {
    for redirected in [false, true] {
        let (app, codec) = guarded(|guard| {
            let guard = guard
                .when(|login| login.user == 8)
                .when(|login| login.name != "Ada");
            if redirected {
                guard.or_redirect("/login")
            } else {
                guard
            }
        });
        let response = send(&app, "/page", with(signed_in(&codec), NAVIGATION)).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(text(response).await, "not allowed");
    }
}

#[tokio::test]
async fn a_proof_that_is_too_old_is_told_apart_from_no_session() {
    let (app, _) = guarded(|guard| guard.fresh(300));
    let response = send(&app, "/page", signed_in_before(300)).await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = send(&app, "/page", signed_in_before(301)).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(text(response).await, "authentication too old");

    let (app, _) = guarded(|guard| guard.fresh(300).or_redirect("/login"));
    let response = send(&app, "/page", with(signed_in_before(301), NAVIGATION)).await;
    assert_eq!(values(response.headers(), LOCATION), ["/login?next=/page"]);
}

#[tokio::test]
async fn a_guard_renews_a_session_once_and_writes_it_once() {
    let codec = Codec::<Login>::sealed("login", ring(1)).clock(|| NOW);
    let codec = codec.lifetime(Lifetime::sliding(HALF_AN_HOUR, 8 * HALF_AN_HOUR));
    let codec = codec.build().unwrap();
    let app = Router::new()
        .route(
            "/page",
            get(async |login: Active<Login>| login.name.clone()),
        )
        .route_layer(codec.required())
        .route_layer(codec.required().fresh(9999))
        .layer(codec.layer());
    let earlier = Codec::<Login>::sealed("login", ring(1)).clock(|| NOW - 1000);
    let earlier = earlier.lifetime(Lifetime::sliding(HALF_AN_HOUR, 8 * HALF_AN_HOUR));
    let request = signed_in(&earlier.build().unwrap());
    let response = send(&app, "/page", request).await;
    assert_eq!(set(&response), ["__Host-Http-login"]);
}

const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

#[tokio::test]
async fn a_guard_without_its_layer_lets_nobody_through() {
    let codec = login_codec();
    let app = Router::new()
        .route("/page", get(async || "the page"))
        .route_layer(codec.required().or_redirect("/login"));
    for request in [signed_in(&codec), with(request([]), NAVIGATION)] {
        let response = send(&app, "/page", request).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(values(response.headers(), CACHE_CONTROL), ["no-store"]);
        let error = response.extensions().get::<MissingLayer>().unwrap();
        let error = error.to_string();
        assert!(error.contains("codec.layer()"), "{error}");
        let expected = if cfg!(debug_assertions) { &*error } else { "" };
        assert_eq!(text(response).await, expected);
    }
}

#[tokio::test]
async fn a_handler_may_ask_for_a_proof_that_is_not_old() {
    let codec = login_codec();
    let app = Router::new()
        .route(
            "/email",
            get(async |login: Fresh<Login, 300>| login.name.clone()),
        )
        .route(
            "/confirm",
            post(async |login: Active<Login>| login.session().confirm()),
        )
        .layer(codec.layer());
    let response = send(&app, "/email", signed_in_before(300)).await;
    assert_eq!(text(response).await, "Ada");
    let response = send(&app, "/email", signed_in_before(301)).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(values(response.headers(), CACHE_CONTROL), ["no-store"]);
    assert_eq!(text(response).await, "authentication too old");
    let response = send(&app, "/email", request([])).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);

    let mut confirmed = signed_in_before(301);
    *confirmed.method_mut() = Method::POST;
    let response = send(&app, "/confirm", confirmed).await;
    let line = values(response.headers(), SET_COOKIE)[0];
    let cookie = line.split(';').next().unwrap();
    let response = send(&app, "/email", request([(COOKIE, cookie)])).await;
    assert_eq!(text(response).await, "Ada");
}

#[tokio::test]
async fn a_handler_can_be_called_with_a_session_of_no_request() {
    async fn me(login: Active<Login>) -> String {
        login.session().update(|login| login.user = 8);
        login.name.clone()
    }
    let active = Active::new(login());
    let session = active.session().clone();
    assert_eq!(me(active).await, "Ada");
    assert_eq!(session.get().unwrap().user, 8);
    assert!(session.authenticated_within(60));
}

#[tokio::test]
async fn a_guard_lets_no_session_of_another_codec_or_context_through() {
    let signed_in = login_codec();
    let visitor = Codec::<Login>::sealed("visitor", ring(1))
        .clock(|| NOW)
        .build()
        .unwrap();
    let tenant = |name: &str| signed_in.context(name).unwrap();
    for (guard, layer, passes) in [
        (&signed_in, &visitor, false),
        (&tenant("a"), &tenant("b"), false),
        (&tenant("a"), &signed_in, false),
        (&tenant("a"), &tenant("a"), true),
        // Of whatever tenant the layer of this request is.
        (&signed_in, &tenant("a"), true),
        (&signed_in, &signed_in, true),
    ] {
        let app = Router::new()
            .route("/page", get(async || "the page"))
            .route_layer(guard.required())
            .layer(layer.layer());
        let (_, cookie) = layer.request_header_for(&login()).unwrap();
        let response = send(&app, "/page", request([(COOKIE, &*cookie)])).await;
        let status = if passes { 200 } else { 500 };
        assert_eq!(response.status(), status, "{guard:?} {layer:?}");
    }
}

#[tokio::test]
async fn nobody_goes_in_circles_in_a_nest_or_on_a_page_without_a_slash() {
    for page in ["/app/login", "/login", "login", "app/login?a=b"] {
        let codec = login_codec();
        let inner = Router::new()
            .route("/login", get(async || "sign in"))
            .route_layer(codec.required().or_redirect(page));
        let app = Router::new().nest("/app", inner).layer(codec.layer());
        let response = send(&app, "/app/login", with(request([]), NAVIGATION)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{page}");
    }
    let (app, _) = guarded(|guard| guard.or_redirect("login"));
    let response = send(&app, "/page", with(request([]), NAVIGATION)).await;
    assert_eq!(values(response.headers(), LOCATION), ["/login?next=/page"]);
}
