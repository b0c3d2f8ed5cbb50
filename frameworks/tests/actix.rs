//! What of actix-web does not show over the wire of one program.

use actix_session::{SessionMiddleware, storage::CookieSessionStore};
use actix_web::{
    App, Error, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    cookie,
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorForbidden,
    http::{StatusCode, header::HeaderMap},
    middleware::{Next, from_fn},
    test::{TestRequest, init_service, try_call_service},
    web::{self, get},
};
use haversack::{
    Active, Answer, Codec, ConfigError, Key, KeyRing, SaveError, Session, adapter::ExtractError,
};

macro_rules! ask {
    ($app:expr, $request:expr) => {
        answer(try_call_service(&$app, $request.to_request()).await).await
    };
}

#[actix_web::test]
async fn a_layer_around_a_scope_is_for_that_scope() {
    let login = codec::<u64>("login");
    let inner = web::scope("/inner")
        .route("/login", get().to(sign_in))
        .wrap(login.layer());
    let app = App::new().service(inner).route("/me", get().to(me));
    let app = init_service(app).await;
    let inside = ask!(app, at("/inner/login"));
    assert_eq!(inside.status, StatusCode::OK);
    assert_eq!(inside.cookies(), ["__Host-Http-login"]);
    let outside = ask!(app, at("/me"));
    assert_eq!(outside.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        outside.body.contains(".wrap(codec.layer())"),
        cfg!(debug_assertions)
    );
    assert_eq!(
        ask!(app, at("/inner/nothing")).status,
        StatusCode::NOT_FOUND
    );
}

#[actix_web::test]
async fn a_guard_around_a_scope_knows_the_whole_path() {
    let login = codec::<u64>("login");
    let inner = web::scope("/inner")
        .route("/page", get().to(me))
        .wrap(login.required().or_redirect("/login"));
    let app = App::new().service(web::scope("/outer").service(inner));
    let app = init_service(app.wrap(login.layer())).await;
    let page = at("/outer/inner/page").insert_header(("accept", "text/html"));
    let sent = ask!(app, page);
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(
        sent.value("location"),
        Some("/login?next=/outer/inner/page")
    );
    let signed_in = at("/outer/inner/page").insert_header(login.request_header_for(&7).unwrap());
    let read = ask!(app, signed_in);
    assert_eq!((read.status, &*read.body), (StatusCode::OK, "user 7"));
    assert_eq!(read.value("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn a_guard_without_its_layer_is_a_500() {
    let (login, other) = (codec::<u64>("login"), codec::<u64>("other"));
    let page = web::resource("/")
        .to(async || "page")
        .wrap(login.required());
    let app = init_service(App::new().service(page).wrap(other.layer())).await;
    assert_eq!(ask!(app, at("/")).status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[actix_web::test]
async fn the_same_layer_twice_is_one_session() {
    let login = codec::<u64>("login");
    let scope = web::scope("/inner").route("/login", get().to(sign_in));
    let app = App::new().service(scope.wrap(login.layer()).wrap(login.layer()));
    let app = init_service(app.wrap(login.layer())).await;
    let response = ask!(app, at("/inner/login"));
    assert_eq!(response.cookies(), ["__Host-Http-login"]);
    assert_eq!(response.value("vary"), Some("cookie"));
}

#[actix_web::test]
async fn two_names_of_one_type_are_a_500_that_reaches_no_handler() {
    let (login, other) = (codec::<u64>("login"), codec::<u64>("other"));
    let handler = async || -> &'static str { panic!("the handler is reached") };
    let app = App::new().route("/", get().to(handler));
    let app = init_service(app.wrap(login.layer()).wrap(other.layer())).await;
    let response = try_call_service(&app, at("/").to_request()).await.unwrap();
    assert!(response.response().extensions().contains::<ConfigError>());
    let response = answer(Ok(response)).await;
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.value("cache-control"), Some("no-store"));
    assert_eq!(response.body, "");
}

#[actix_web::test]
async fn of_two_contexts_the_inner_one_counts() {
    let login = codec::<u64>("login");
    let inner = login.context("inner").unwrap();
    let app = App::new().route("/me", get().to(me)).wrap(inner.layer());
    let app = init_service(app.wrap(login.layer())).await;
    let signed_in =
        |codec: &Codec<u64>| at("/me").insert_header(codec.request_header_for(&7).unwrap());
    assert_eq!(ask!(app, signed_in(&inner)).body, "user 7");
    assert_eq!(
        ask!(app, signed_in(&login)).status,
        StatusCode::UNAUTHORIZED
    );
}

#[actix_web::test]
async fn actix_session_goes_beside_it() {
    async fn both(session: Session<u64>, map: actix_session::Session) -> Result<String, Error> {
        session.update_or_start(0, |count| *count += 1);
        map.insert("count", map.get::<u64>("count")?.unwrap_or(10) + 1)?;
        let (ours, theirs) = (session.get().unwrap(), map.get::<u64>("count")?.unwrap());
        Ok(format!("{ours} {theirs}"))
    }
    let count = codec::<u64>("count");
    let other = || {
        let store = CookieSessionStore::default();
        SessionMiddleware::new(store, cookie::Key::from(&[7; 64]))
    };
    let inside = App::new()
        .route("/", get().to(both))
        .wrap(other())
        .wrap(count.layer());
    let outside = App::new()
        .route("/", get().to(both))
        .wrap(count.layer())
        .wrap(other());
    let (inside, outside) = (init_service(inside).await, init_service(outside).await);
    let first = ask!(inside, at("/"));
    assert_eq!(first.body, "1 11");
    let mut names = first.cookies();
    names.sort();
    assert_eq!(names, ["__Host-Http-count", "id"]);
    let cookies = first.headers.get_all("set-cookie");
    let pairs = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    let cookie = pairs.collect::<Vec<_>>().join("; ");
    let second = ask!(outside, at("/").insert_header(("cookie", cookie)));
    assert_eq!(second.body, "2 12");
    assert_eq!(second.cookies().len(), 2);
}

#[actix_web::test]
async fn middleware_takes_the_session_and_its_error_has_the_headers() {
    async fn closes<B: MessageBody + 'static>(
        mut request: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<B>, Error> {
        let session = request.extract::<Session<String>>().await?;
        match request.path() {
            "/open" => return next.call(request).await,
            "/closed" => session.start("an attempt".into()),
            _ => session.start("too large".repeat(500)),
        }
        Err(ErrorForbidden("closed"))
    }
    let attempts = codec::<String>("attempts");
    let app = App::new()
        .route("/open", get().to(async || "open"))
        .wrap(from_fn(closes))
        .wrap(attempts.layer());
    // Another session outside, which nobody looks at.
    let app = init_service(app.wrap(codec::<u64>("login").layer())).await;
    let open = ask!(app, at("/open"));
    assert_eq!((&*open.body, open.value("vary")), ("open", Some("cookie")));

    let closed = ask!(app, at("/closed"));
    assert_eq!(
        (closed.status, &*closed.body),
        (StatusCode::FORBIDDEN, "closed")
    );
    assert_eq!(closed.value("cache-control"), Some("no-store"));
    let cookies = closed
        .headers
        .get_all("set-cookie")
        .map(|value| value.as_bytes());
    let written = attempts.read_response(cookies).unwrap();
    assert!(matches!(written, Answer::Written(opened) if opened.value() == "an attempt"));

    let lost = ask!(app, at("/lost"));
    assert_eq!(
        (lost.status, &*lost.body),
        (StatusCode::INTERNAL_SERVER_ERROR, "")
    );
    assert_eq!(
        (lost.cookies().len(), lost.value("content-type")),
        (0, None)
    );
}

#[actix_web::test]
async fn an_error_that_nobody_looked_at_a_session_for_stays_as_it_is() {
    #[derive(Debug)]
    struct Mine;
    impl std::fmt::Display for Mine {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("mine")
        }
    }
    impl actix_web::ResponseError for Mine {}
    let app = App::new()
        .route("/", get().to(async || ""))
        .wrap(from_fn(async |_: ServiceRequest, _: Next<BoxBody>| {
            Err::<ServiceResponse, Error>(Mine.into())
        }))
        .wrap(codec::<u64>("login").layer());
    let error = try_call_service(&init_service(app).await, at("/").to_request()).await;
    let error = error.err().unwrap();
    assert!(error.as_error::<Mine>().is_some());
}

#[actix_web::test]
async fn why_a_session_was_not_saved_is_with_the_response() {
    let attempts = codec::<String>("attempts");
    let fills = async |session: Session<String>| {
        session.start("x".repeat(5000));
        HttpResponse::Created()
            .insert_header(("etag", "\"1\""))
            .body("filled")
    };
    let app = App::new()
        .route("/", get().to(fills))
        .wrap(attempts.layer());
    let app = init_service(app).await;
    let response = try_call_service(&app, at("/").to_request()).await.unwrap();
    assert!(response.response().extensions().contains::<SaveError>());
    let response = answer(Ok(response)).await;
    assert_eq!(
        (response.status, &*response.body),
        (StatusCode::INTERNAL_SERVER_ERROR, "")
    );
    assert_eq!(response.value("etag"), None);
}

#[actix_web::test]
async fn an_option_and_a_result_of_an_extractor() {
    let login = codec::<u64>("login");
    let option = async |user: Option<Active<u64>>| user.is_some().to_string();
    let result = async |user: Result<Active<u64>, ExtractError>| match user {
        Ok(_) => "in",
        Err(ExtractError::Denied(_)) => "denied",
        Err(_) => "a mistake",
    };
    let routes = |config: &mut web::ServiceConfig| {
        config
            .route("/option", get().to(option))
            .route("/result", get().to(result));
    };
    let app = init_service(App::new().configure(routes).wrap(login.layer())).await;
    assert_eq!(ask!(app, at("/option")).body, "false");
    assert_eq!(ask!(app, at("/result")).body, "denied");
    let bare = init_service(App::new().configure(routes)).await;
    assert_eq!(ask!(bare, at("/option")).body, "false");
    assert_eq!(ask!(bare, at("/result")).body, "a mistake");
}

async fn sign_in(session: Session<u64>) -> &'static str {
    session.start(7);
    "signed in"
}

async fn me(user: Active<u64>) -> String {
    format!("user {}", *user)
}

fn codec<T>(name: &str) -> Codec<T> {
    let keys = KeyRing::new(Key::generate().unwrap());
    Codec::sealed(name, keys).build().unwrap()
}

fn at(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Response {
    fn value(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The names of the cookies that it sets.
    fn cookies(&self) -> Vec<&str> {
        let cookies = self.headers.get_all("set-cookie");
        let pairs = cookies.map(|cookie| cookie.to_str().unwrap().split_once('='));
        pairs.map(|pair| pair.unwrap().0).collect()
    }
}

/// The response, or what a server makes of the error.
async fn answer<B: MessageBody + 'static>(tried: Result<ServiceResponse<B>, Error>) -> Response {
    let response = match tried {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.unwrap();
    let body = String::from_utf8(body.into()).unwrap();
    Response {
        status,
        headers,
        body,
    }
}
