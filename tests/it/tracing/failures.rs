//! What operators see of mistakes of the program.

use ::tower::ServiceExt as _;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::get,
};
use haversack::Codec;

use super::recorder::{Event, record};
use crate::support::ring;

/// The events of one request, and the status of its answer.
fn request(app: Router) -> (Vec<Event>, StatusCode) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut status = None;
    let events = record(|| {
        let response = runtime.block_on(app.oneshot(Request::new(Body::empty())));
        status = Some(response.unwrap().status());
    });
    (events, status.unwrap())
}

#[test]
fn two_sessions_of_one_type_are_an_error_event_that_names_both() {
    let codec = |name| Codec::<u64>::sealed(name, ring(1)).build().unwrap();
    let app = Router::new().route("/", get(async || ()));
    let app = app
        .layer(codec("cart").layer())
        .layer(codec("login").layer());
    let (events, status) = request(app);
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let error = "layer: the sessions login and cart of one request both have the type u64; \
                 give each a type of its own, such as a newtype";
    assert_eq!(
        events,
        [Event::failed("request refused", Some("cart"), error)]
    );
}
