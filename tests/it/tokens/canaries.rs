//! What is shown to people who read logs, error pages and crash reports: no secret.

use std::{
    any::Any,
    collections::BTreeMap,
    error::Error,
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind},
};

use axum::{Router, body::Body, extract::Request, routing::get};
use haversack::{
    Active, Codec, JwtKey, JwtKeys, Key, KeyRing, KeySource, Random, RandomError, SaveError,
    Session,
};
use http::HeaderMap;
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};

use super::shows;
use crate::support::{Format, Twin, bytes, jwt_key, key, ring, twins};

const VALUE: &str = "a canary in the value";

/// An error as each kind of reader sees it: of `{}`, of `{:?}`, of its causes, and of a panic.
fn all_of(error: impl Error + Clone + 'static) -> Vec<String> {
    let mut shown = vec![format!("{error} {error:?} {error:#?}")];
    let mut cause = error.source();
    while let Some(next) = cause {
        shown.push(format!("{next} {next:?}"));
        cause = next.source();
    }
    let unwrapped = |result: Result<(), _>| result.unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| unwrapped(Err(error))));
    shown.push(message(panic.unwrap_err()));
    shown
}

fn message(panic: Box<dyn Any + Send>) -> String {
    *panic.downcast::<String>().unwrap()
}

/// Checks that nothing of the keys 1 and 2, of the value or of these tokens is in there.
#[track_caller]
fn assert_no_secret<'t>(shown: &[String], tokens: impl IntoIterator<Item = &'t str>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for text in shown {
        assert!(!text.contains("canary"), "{text}");
        assert!(!shows(text, &bytes(1)) && !shows(text, &bytes(2)), "{text}");
        for token in &tokens {
            let mut parts = (0..token.len() - 12).map(|start| &token[start..start + 12]);
            assert!(parts.all(|part| !text.contains(part)), "{text}");
        }
    }
}

struct Dry;

impl Random for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError::new())
    }
}

#[test]
fn an_error_in_writing_a_session_shows_nothing_of_it() {
    fn failed<T: serde::Serialize + serde::de::DeserializeOwned>(
        codec: &Codec<T>,
        value: T,
    ) -> SaveError {
        let session = codec.session([""; 0]);
        session.start(value);
        session.response_headers().unwrap_err()
    }
    let (large, huge) = (VALUE.repeat(400), VALUE.repeat(4000));
    for twin in twins() {
        let builder = || twin.builder::<String>("login", &[1, 2]);
        let dry = builder().random(Dry).build().unwrap();
        let mut errors = vec![
            failed(&builder().build().unwrap(), large.clone()),
            failed(&dry, VALUE.into()),
        ];
        // JSON has no such keys.
        let unwritable = twin.builder("login", &[1]).build().unwrap();
        errors.push(failed(
            &unwritable,
            BTreeMap::from([((VALUE.to_owned(), 1_u8), VALUE.to_owned())]),
        ));
        if let Ok(chunked) = builder().chunked().build() {
            errors.push(failed(&chunked, huge.clone()));
        }
        if twin.format == Format::Jwt {
            let verifies = Codec::jwt("login", JwtKeys::verifying(jwt_key(1)));
            errors.push(failed(&verifies.build().unwrap(), VALUE.to_owned()));
        }
        assert!(errors.len() > 2);
        for error in errors {
            assert_no_secret(&all_of(error), []);
        }
    }
}

#[test]
fn an_error_in_keys_shows_nothing_of_them() {
    let text = key(1).to_text();
    let twice = |text: &str| format!("{text},{text}");
    for bad in [
        format!("{text}="),
        text[1..].to_owned(),
        text.replace(&text[3..4], "!"),
        format!("{text} {text}"),
    ] {
        assert_no_secret(&all_of(bad.parse::<Key>().unwrap_err()), []);
        assert_no_secret(&all_of(bad.parse::<KeyRing>().unwrap_err()), []);
    }
    assert_no_secret(&all_of(twice(&text).parse::<KeyRing>().unwrap_err()), []);
    assert_no_secret(&all_of(Key::from_bytes(&bytes(1)[1..]).unwrap_err()), []);
    assert_no_secret(&all_of(JwtKey::hs256(&bytes(1)[1..]).unwrap_err()), []);
    assert_no_secret(&all_of(JwtKey::hs256(VALUE.repeat(3)).unwrap_err()), []);
    let jwk = format!(r#"{{"kty":"oct","alg":"HS512","k":"{text}"}}"#);
    assert_no_secret(&all_of(JwtKey::jwk(&jwk, None).unwrap_err()), []);

    let codec = Codec::<()>::sealed("login", ring(1)).build().unwrap();
    let other = codec.rotate(JwtKeys::new(jwt_key(2))).unwrap_err();
    let source = codec.reload(&KeySource::file("no such file")).unwrap_err();
    for error in [other, source] {
        assert_no_secret(&all_of(error), []);
    }
}

#[test]
fn the_reason_of_a_rejection_shows_nothing_of_the_token() {
    for twin in twins() {
        let codec = twin.builder::<String>("login", &[1]).build().unwrap();
        let numbers = twin.builder::<u64>("login", &[1]).build().unwrap();
        let other = twin.builder::<String>("cart", &[2, 1]).build().unwrap();
        let token = codec.seal(&VALUE.to_owned()).unwrap();
        let reasons = [
            numbers.open(&token).unwrap_err(),
            other.open(&token).unwrap_err(),
            codec.open(&token[1..]).unwrap_err(),
            codec.open(token.repeat(40)).unwrap_err(),
        ];
        for reason in reasons {
            assert_no_secret(&all_of(reason), [&*token]);
        }
    }
}

#[tokio::test]
async fn middleware_headers_and_extractors_show_no_token_and_no_value() {
    fn debug(value: &impl Debug) -> String {
        format!("{value:?} {value:#?}")
    }
    for twin in twins() {
        let codec = twin.builder::<String>("login", &[1, 2]).build().unwrap();
        let token = codec.seal(&VALUE.to_owned()).unwrap();
        let header = twin.carry(&codec, &token);

        let service = service_fn(async |_: Request| {
            Ok::<_, axum::Error>(axum::response::Response::new(Body::empty()))
        });
        let mut service = codec.layer().layer(service);
        let future = service.call(Request::new(Body::empty()));
        let mut shown = vec![debug(&codec.layer()), debug(&future)];
        drop(future);

        let session = codec.session([&header]);
        session.renew();
        let mut headers = HeaderMap::new();
        session.save(&mut headers).unwrap();
        let value = headers[codec.response_header()].to_str().unwrap();
        let renewed = twin.token(value).to_owned();
        shown.extend([debug(&session), debug(&headers)]);

        let show = async |login: Result<Active<String>, haversack::adapter::ExtractError>,
                          session: Session<String>| {
            let text = match &login {
                Ok(login) => debug(login),
                Err(error) => all_of(error.clone()).concat(),
            };
            format!("{text} {session:?}")
        };
        let router = Router::new().route("/", get(show));
        let layered = router.clone().layer(codec.layer());
        for (app, sends) in [
            (&layered, &header),
            (&layered, &header[..header.len() - 1].to_owned()),
        ] {
            let request = Request::builder().header(codec.request_header(), sends);
            let request = request.body(Body::empty()).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            shown.push(debug(&response));
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
            shown.push(String::from_utf8(body.unwrap().into()).unwrap());
        }
        assert_no_secret(&shown, [&*token, &*renewed]);
    }
}

#[test]
fn a_hook_that_prints_the_facts_prints_no_secret() {
    let printed = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    for format in [Format::Sealed, Format::Jwt] {
        let prints = std::sync::Arc::clone(&printed);
        let builder = Twin::cookie(format).builder::<String>("login", &[1, 2]);
        let codec = builder.accept_if(move |_, facts| {
            prints.lock().unwrap().push(format!("{facts:?} {facts:#?}"));
            true
        });
        let codec = codec.build().unwrap();
        let token = codec.seal(&VALUE.to_owned()).unwrap();
        codec.open(&token).unwrap();
        let printed: Vec<_> = printed.lock().unwrap().drain(..).collect();
        assert_eq!(printed.len(), 1);
        assert_no_secret(&printed, [&*token]);
    }
}
