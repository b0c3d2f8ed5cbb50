//! What of salvo does not show over the wire of one program.

use haversack::{
    Active, Codec, ConfigError, Key, KeyRing, SaveError, Session,
    adapter::{Denied, ExtractError},
};
use salvo::{
    ConnCtrl, Depot, Extractible, FlowCtrl, Request, Response, Router, Service,
    catcher::Catcher,
    handler,
    http::{HeaderMap, HeaderName, ResBody, StatusCode, StatusError, uri::Scheme},
    prelude::Writer,
};

#[handler]
async fn me(user: Active<u64>) -> String {
    format!("user {}", *user)
}

#[handler]
async fn sign_in(session: Session<u64>) {
    session.start(7);
}

#[handler]
async fn sign_in_and_fail(session: Session<u64>) -> Result<(), StatusError> {
    session.start(7);
    Err(StatusError::not_found())
}

#[handler]
async fn fail() -> Result<(), StatusError> {
    Err(StatusError::not_found())
}

#[handler]
async fn by_hand(session: Session<u64>) -> Result<String, Denied> {
    Ok(session.active()?.to_string())
}

#[handler]
async fn extracted_by_hand(
    request: &mut Request,
    depot: &mut Depot,
) -> Result<String, ExtractError> {
    Ok(Active::<u64>::extract(request, depot).await?.to_string())
}

#[handler]
async fn of_depot(depot: &mut Depot) -> String {
    let user = Session::<u64>::of(depot).and_then(|session| session.get());
    format!("{:?}", user.as_deref())
}

#[handler]
async fn too_large(session: Session<String>) -> &'static str {
    session.start("x".repeat(5000));
    "signed in"
}

#[handler]
async fn never() -> &'static str {
    panic!("the handler is reached")
}

#[tokio::test]
async fn a_hoop_of_a_router_is_for_what_is_in_it() {
    let login = codec::<u64>("login");
    let inner = Router::with_path("inner").hoop(login.layer());
    let inner = inner.push(Router::with_path("login").get(sign_in));
    let router = Router::new()
        .push(inner)
        .push(Router::with_path("me").get(me));
    let app = Service::new(router);
    assert_eq!(
        ask(&app, at("/inner/login")).await.cookies(),
        ["__Host-Http-login"]
    );
    let outside = ask(&app, at("/me")).await;
    assert_eq!(outside.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        outside.body.contains(".hoop(codec.layer())"),
        cfg!(debug_assertions)
    );
}

#[tokio::test]
async fn the_page_of_an_error_has_the_session() {
    let login = codec::<u64>("login");
    let router = Router::with_hoop(login.layer());
    let router = router
        .push(Router::with_path("read").get(sign_in_and_fail))
        .push(Router::with_path("unread").get(fail));
    let app = Service::new(router);
    let read = ask(&app, at("/read")).await;
    assert_eq!(read.status, StatusCode::NOT_FOUND);
    assert_eq!(read.cookies(), ["__Host-Http-login"]);
    assert!(!read.body.is_empty());
    let unread = ask(&app, at("/unread")).await;
    assert_eq!(unread.status, StatusCode::NOT_FOUND);
    assert_eq!((unread.cookies().len(), unread.value("vary")), (0, None));
}

#[tokio::test]
async fn what_fails_behind_a_guard_is_kept_by_no_cache() {
    let login = codec::<u64>("login");
    let router = Router::with_hoop(login.layer()).hoop(login.required());
    let app = Service::new(router.get(fail));
    let failed = ask(&app, signed_in(&login, "/")).await;
    assert_eq!(failed.status, StatusCode::NOT_FOUND);
    assert_eq!(failed.value("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn what_a_guard_refuses_reaches_no_handler() {
    let (login, other) = (codec::<u64>("login"), codec::<u64>("other"));
    let guard = || login.required().or_redirect("/login");
    let guarded = Router::with_path("inner").hoop(guard()).get(never);
    let app = Service::new(Router::with_hoop(login.layer()).push(guarded));
    assert_eq!(
        ask(&app, at("/inner")).await.status,
        StatusCode::UNAUTHORIZED
    );
    let mut page = at("/inner?tab=1");
    page.headers_mut()
        .insert("accept", "text/html".parse().unwrap());
    let sent = ask(&app, page).await;
    assert_eq!((sent.status, &*sent.body), (StatusCode::SEE_OTHER, ""));
    let next = Some("/login?next=/inner%3Ftab%3D1");
    assert_eq!(sent.value("location"), next);

    let guarded = Router::with_hoop(guard()).get(never);
    let app = Service::new(Router::with_hoop(other.layer()).push(guarded));
    let missing = ask(&app, at("/")).await;
    assert_eq!(missing.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn denials_are_results_too() {
    let login = codec::<u64>("login");
    let router = Router::with_hoop(login.layer())
        .push(Router::with_path("by-hand").get(by_hand))
        .push(Router::with_path("extracted").get(extracted_by_hand));
    let app = Service::new(router);
    for path in ["/by-hand", "/extracted"] {
        let denied = ask(&app, at(path)).await;
        assert_eq!(denied.status, StatusCode::UNAUTHORIZED);
        assert_eq!(denied.value("cache-control"), Some("no-store"));
        assert_eq!(denied.body, "no live session");
        assert_eq!(ask(&app, signed_in(&login, path)).await.body, "7");
    }
}

#[tokio::test]
async fn the_same_layer_twice_is_one_session() {
    let login = codec::<u64>("login");
    let router = Router::with_hoop(login.layer()).hoop(login.layer());
    let app = Service::new(router.get(sign_in)).hoop(login.layer());
    let response = ask(&app, at("/")).await;
    assert_eq!(response.cookies(), ["__Host-Http-login"]);
    assert_eq!(response.value("vary"), Some("cookie"));
}

#[tokio::test]
async fn two_names_of_one_type_are_a_500_that_reaches_no_handler() {
    let (login, other) = (codec::<u64>("login"), codec::<u64>("other"));
    let router = Router::with_hoop(login.layer()).hoop(other.layer());
    let response = respond(&Service::new(router.get(never)), at("/")).await;
    assert!(response.extensions.get::<ConfigError>().is_some());
    let response = answer(response);
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.value("cache-control"), Some("no-store"));
    assert_eq!(response.body, "");
}

#[tokio::test]
async fn of_two_contexts_the_inner_one_counts() {
    /// What it writes after the inner layer is for the outer session.
    #[handler]
    async fn between(
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        flow: &mut FlowCtrl,
    ) {
        flow.call_next(request, depot, response).await;
        let outer = Session::<u64>::of(depot).unwrap();
        response.body(format!("outer {:?}", outer.get().as_deref()));
    }
    let login = codec::<u64>("login");
    let inner = login.context("inner").unwrap();
    let router = Router::with_hoop(login.layer());
    let of_inner = Router::with_path("inner").hoop(inner.layer()).get(me);
    let of_both = Router::with_path("both").hoop(between);
    let of_both = of_both.push(Router::with_hoop(inner.layer()).get(sign_in));
    let app = Service::new(router.push(of_inner).push(of_both));
    assert_eq!(ask(&app, signed_in(&inner, "/inner")).await.body, "user 7");
    let outer = ask(&app, signed_in(&login, "/inner")).await;
    assert_eq!(outer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, at("/both")).await.body, "outer None");
}

#[tokio::test]
async fn what_cannot_be_saved_is_empty_under_a_catcher_too() {
    let notes = codec::<String>("notes");
    let app = Service::new(Router::with_hoop(notes.layer()).get(too_large));
    let app = app.catcher(Catcher::default());
    let response = respond(&app, at("/")).await;
    assert!(response.extensions.get::<SaveError>().is_some());
    let response = answer(response);
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        (&*response.body, response.value("content-type")),
        ("", None)
    );
}

#[tokio::test]
async fn the_depot_has_the_session_where_a_layer_is() {
    let login = codec::<u64>("login");
    let router = Router::with_hoop(login.layer()).get(of_depot);
    let app = Service::new(router.push(Router::with_path("me").get(of_depot)));
    assert_eq!(ask(&app, signed_in(&login, "/")).await.body, "Some(7)");
    let app = Service::new(Router::new().get(of_depot));
    assert_eq!(ask(&app, signed_in(&login, "/")).await.body, "None");
}

#[tokio::test]
async fn a_hoop_of_the_service_is_around_pages_that_are_not_found() {
    #[handler]
    async fn not_found(depot: &mut Depot, response: &mut Response, flow: &mut FlowCtrl) {
        Session::<u64>::of(depot).unwrap().start(7);
        response.body("nothing here");
        flow.skip_rest();
    }
    let login = codec::<u64>("login");
    let app = Service::new(Router::new())
        .hoop(login.layer())
        .hoop(not_found);
    let response = ask(&app, at("/nothing")).await;
    assert_eq!(
        (response.status, &*response.body),
        (StatusCode::NOT_FOUND, "nothing here")
    );
    assert_eq!(response.cookies(), ["__Host-Http-login"]);
}

#[tokio::test]
async fn a_handler_that_ceases_the_flow_keeps_its_session() {
    #[handler]
    async fn ceases(session: Session<u64>, flow: &mut FlowCtrl) {
        session.start(7);
        flow.cease();
    }
    let login = codec::<u64>("login");
    let app = Service::new(Router::with_hoop(login.layer()).get(ceases));
    let response = ask(&app, at("/")).await;
    assert_eq!(response.cookies(), ["__Host-Http-login"]);
}

fn codec<T>(name: &str) -> Codec<T> {
    let keys = KeyRing::new(Key::generate().unwrap());
    Codec::sealed(name, keys).build().unwrap()
}

fn at(path: &str) -> Request {
    let mut request = Request::new();
    request.set_uri(format!("http://localhost{path}").parse().unwrap());
    request
}

fn signed_in(codec: &Codec<u64>, path: &str) -> Request {
    let (name, value) = codec.request_header_for(&7).unwrap();
    let name: HeaderName = name.parse().unwrap();
    let mut request = at(path);
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn value(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The names of the cookies that are set.
    fn cookies(&self) -> Vec<&str> {
        let values = self.headers.get_all("set-cookie").iter();
        let names = values.map(|value| value.to_str().unwrap().split('=').next().unwrap());
        names.collect()
    }
}

async fn ask(app: &Service, request: Request) -> Answer {
    answer(respond(app, request).await)
}

async fn respond(app: &Service, request: Request) -> Response {
    let (local, remote) = (request.local_addr().clone(), request.remote_addr().clone());
    let handler = app.hyper_handler(local, remote, Scheme::HTTP, None, ConnCtrl::new(), None);
    handler.handle(request).await
}

fn answer(mut response: Response) -> Answer {
    let body = match response.take_body() {
        ResBody::None => String::new(),
        ResBody::Once(body) => String::from_utf8(body.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    };
    Answer {
        status: response.status_code.unwrap(),
        headers: response.headers().clone(),
        body,
    }
}
