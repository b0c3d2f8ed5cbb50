//! What a layer costs a request that has a session and whose handler does not ask for it, in each framework:
//! ours, against an empty layer and none.
//!
//! ```text
//! cargo bench --all-features --bench ignored
//! ```
//!
//! actix-web is in the other benchmark, as what its sessions are measured against is.

mod turns;

use std::hint::black_box;

use haversack::{Codec, Key, KeyRing};

use crate::turns::{Work, among_others, best, ready, work};

fn main() {
    let keys = KeyRing::new(Key::generate().expect("a key"));
    let codec = Codec::sealed("session", keys).build().expect("a codec");
    let (_, ours) = codec.request_header_for(&7).expect("a session");
    let cookie = among_others(&ours);
    println!("| | no layer | an empty one | haversack's | over the empty one |");
    println!("|---|---|---|---|---|");
    print("axum", axum::works(&codec, &cookie));
    print("poem", poem::works(&codec, &cookie));
    print("Rocket", rocket::works(&codec, &cookie));
    print("salvo", salvo::works(&codec, &cookie));
}

/// Prints a line: without a layer, with an empty one, with ours.
fn print(framework: &str, works: [Work; 3]) {
    let [bare, empty, ours] = best(works.map(Some));
    let over = ours - empty;
    println!("| {framework} | {bare:.0} ns | {empty:.0} ns | {ours:.0} ns | {over:.0} ns |");
}

mod axum {
    use axum::{
        Router,
        body::{Body, Bytes},
        http::{HeaderValue, Request},
        middleware::{Next, from_fn},
        response::Response,
        routing::get,
    };
    use tower::Service as _;

    use super::{Codec, Work, black_box, ready, work};

    pub(super) fn works(codec: &Codec<u64>, cookie: &str) -> [Work; 3] {
        let routes = || Router::new().route("/", get(async || "in"));
        [
            asked(routes(), cookie),
            asked(routes().layer(from_fn(empty)), cookie),
            asked(routes().layer(codec.layer()), cookie),
        ]
    }

    async fn empty(request: Request<Body>, next: Next) -> Response {
        next.run(request).await
    }

    fn asked(mut app: Router, cookie: &str) -> Work {
        // As hyper makes it: the head's octets are shared by all that is in it.
        let octets = Bytes::from(cookie.to_owned());
        let request = move || {
            let cookie = HeaderValue::from_maybe_shared(octets.clone()).expect("a header");
            let request = Request::get("/").header("cookie", cookie);
            request.body(Body::empty()).expect("a request")
        };
        let answer = move |request: Request<Body>| {
            let response = ready(app.call(request)).expect("a response");
            assert!(black_box(response).status().is_success());
        };
        work(request, answer)
    }
}

mod poem {
    use poem::{Endpoint, EndpointExt as _, Request, Route, get, handler, http::HeaderValue};

    use super::{Codec, Work, black_box, ready, work};

    #[handler]
    fn page() -> &'static str {
        "in"
    }

    pub(super) fn works(codec: &Codec<u64>, cookie: &str) -> [Work; 3] {
        let routes = || Route::new().at("/", get(page));
        let empty = routes().around(async |inner, request| inner.call(request).await);
        [
            asked(routes(), cookie),
            asked(empty, cookie),
            asked(routes().with(codec.layer()), cookie),
        ]
    }

    fn asked(app: impl Endpoint + 'static, cookie: &str) -> Work {
        let cookie = HeaderValue::from_str(cookie).expect("a header");
        let request = move || {
            let request = Request::builder().uri_str("/");
            request.header("cookie", cookie.clone()).finish()
        };
        let answer = move |request| {
            let response = ready(app.get_response(request));
            assert!(black_box(response).is_success());
        };
        work(request, answer)
    }
}

mod rocket {
    use rocket::{
        Build, Rocket, fairing::AdHoc, get, http::Header, local::asynchronous::Client, routes,
        tokio::runtime::Builder,
    };

    use super::{Codec, Work, black_box, work};

    #[get("/")]
    fn page() -> &'static str {
        "in"
    }

    pub(super) fn works(codec: &Codec<u64>, cookie: &str) -> [Work; 3] {
        let routes = || {
            let figment = rocket::Config::figment().merge(("log_level", "off"));
            rocket::custom(figment).mount("/", routes![page])
        };
        let empty = AdHoc::on_response("empty", |_, _| Box::pin(async {}));
        [
            asked(routes(), cookie),
            asked(routes().attach(empty), cookie),
            asked(routes().attach(codec.layer()), cookie),
        ]
    }

    fn asked(app: Rocket<Build>, cookie: &str) -> Work {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let client = runtime.block_on(Client::untracked(app)).expect("an app");
        let client: &'static Client = Box::leak(Box::new(client));
        let cookie = cookie.to_owned();
        let request = move || {
            client
                .get("/")
                .header(Header::new("cookie", cookie.clone()))
        };
        let answer = move |request: rocket::local::asynchronous::LocalRequest<'static>| {
            let response = runtime.block_on(request.dispatch());
            assert_eq!(black_box(response).status().code, 200);
        };
        work(request, answer)
    }
}

mod salvo {
    use salvo::{
        ConnCtrl, Depot, FlowCtrl, Request, Response, Router, Service, handler,
        http::{HeaderValue, StatusCode, uri::Scheme},
    };

    use super::{Codec, Work, black_box, ready, work};

    #[handler]
    async fn page() -> &'static str {
        "in"
    }

    #[handler]
    async fn empty(
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        flow: &mut FlowCtrl,
    ) {
        flow.call_next(request, depot, response).await;
    }

    pub(super) fn works(codec: &Codec<u64>, cookie: &str) -> [Work; 3] {
        [
            asked(Router::new().get(page), cookie),
            asked(Router::with_hoop(empty).get(page), cookie),
            asked(Router::with_hoop(codec.layer()).get(page), cookie),
        ]
    }

    fn asked(router: Router, cookie: &str) -> Work {
        let cookie = HeaderValue::from_str(cookie).expect("a header");
        let request = move || {
            let mut request = Request::new();
            request.headers_mut().insert("cookie", cookie.clone());
            request
        };
        let (service, some) = (Service::new(router), Request::new());
        let (local, remote) = (some.local_addr().clone(), some.remote_addr().clone());
        let app = service.hyper_handler(local, remote, Scheme::HTTP, None, ConnCtrl::new(), None);
        let answer = move |request| {
            let response = ready(app.handle(request));
            assert_eq!(black_box(response).status_code, Some(StatusCode::OK));
        };
        work(request, answer)
    }
}
