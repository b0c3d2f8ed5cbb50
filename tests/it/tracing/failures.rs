//! What operators see of mistakes of the program, and of sessions that cannot be written.

use std::any::type_name;

use ::tower::ServiceExt as _;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::get,
};
use haversack::{Active, Codec, JwtKeys, Random, RandomError, Session, adapter::ExtractError};
use serde::{Serialize, Serializer, ser::Error as _};

use super::recorder::{Event, record};
use crate::{
    support::{Format, Login, NOW, Twin, jwt_key, ring},
    tower::failures::missing_layer,
};

const VALUE: &str = "canary-in-the-value";

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

/// A source that has no randomness.
struct Dry;

impl Random for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError::new())
    }
}

/// A value whose error in serializing tells of it.
#[derive(Clone, serde::Deserialize)]
struct Telling(String);

impl Serialize for Telling {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom(&self.0))
    }
}

#[test]
fn a_session_that_cannot_be_written_is_one_error_event_with_its_name_and_without_its_value() {
    let start = async |session: Session<String>| session.start(VALUE.repeat(300));
    let large = Codec::<String>::sealed("large", ring(1)).build().unwrap();
    let dry = Codec::<String>::sealed("dry", ring(1)).random(Dry);
    let dry = dry.build().unwrap();
    let verifies = Codec::<String>::jwt("verifies", JwtKeys::verifying(jwt_key(1)));
    let verifies = verifies.build().unwrap();
    let telling = Codec::<Telling>::sealed("telling", ring(1))
        .build()
        .unwrap();
    let start_telling = async |session: Session<Telling>| session.start(Telling(VALUE.into()));
    let route = || Router::new().route("/", get(start));
    for (app, session, error) in [
        (route().layer(large.layer()), "large", "name and token are "),
        (
            route().layer(dry.layer()),
            "dry",
            "no randomness for a new token; ",
        ),
        (
            route().layer(verifies.layer()),
            "verifies",
            "the session has keys that only open; ",
        ),
        (
            Router::new()
                .route("/", get(start_telling))
                .layer(telling.layer()),
            "telling",
            "the value has no form in JSON",
        ),
    ] {
        let (events, status) = request(app);
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        let [event] = &events[..] else {
            panic!("{session}: {events:?}");
        };
        assert!(!format!("{event:?}").contains(VALUE));
        let text = event.error().unwrap();
        assert!(text.starts_with(error), "{session}: {text}");
        assert_eq!(
            *event,
            Event::failed("session not saved", Some(session), text)
        );
    }
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

#[test]
fn a_layer_that_is_missing_is_an_error_event_that_says_what_to_add() {
    let app = Router::new()
        .route("/", get(async |_: Session<Login>| ()))
        .route("/active", get(async |_: Active<Login>| ()))
        .route("/option", get(async |_: Option<Active<Login>>| ()));
    let text = missing_layer(type_name::<Login>());
    let (events, status) = request(app);
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        events,
        [Event::failed("no session for a handler", None, &text)]
    );

    let own_answer = async |session: Result<Active<Login>, ExtractError>| {
        assert!(matches!(session, Err(ExtractError::MissingLayer(_))));
    };
    let (events, _) = request(Router::new().route("/", get(own_answer)));
    assert_eq!(
        events,
        [],
        "a handler that answers for itself has the error"
    );
}

#[test]
fn an_insecure_cookie_is_a_warning_in_a_release_build() {
    for format in [Format::Sealed, Format::Jwt] {
        let builder = || Twin::cookie(format).builder::<u64>("login", &[1]);
        let events = record(|| {
            let codec = builder().clock(|| NOW).insecure().build().unwrap();
            drop((codec.clone(), codec.context("tenant-42").unwrap()));
            codec.open(codec.seal(&7).unwrap()).unwrap();
        });
        let expected = match cfg!(debug_assertions) {
            true => vec![],
            false => vec![Event::insecure("login")],
        };
        assert_eq!(events, expected, "{format:?}");

        let events = record(|| {
            builder().build().unwrap();
            builder().insecure().partitioned().build().unwrap_err();
        });
        assert_eq!(events, []);
    }
}
