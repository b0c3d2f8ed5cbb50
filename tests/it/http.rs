//! Sessions in the headers of the `http` crate.

pub(crate) mod caching;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use ::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, SET_COOKIE, VARY},
};
use haversack::{
    Codec, CryptoProvider, JwtKey, JwtKeys, Lifetime, Random, RandomError, SaveError, Session,
};
use jsonwebtoken::{crypto::KeyUtils, errors::ErrorKind};
use serde_json::json;

use crate::{
    jwt_keys::{AWS_LC, edited},
    support::{Carrier, HOUR, NOW, SetCookie, TestClock, Twin, jwt_key, jwt_keys, ring, twins},
};

/// A codec, its clock, and a request with a live session for user 7 issued at `NOW`.
fn live(twin: Twin) -> (Codec<u64>, TestClock, HeaderMap) {
    let clock = TestClock::at(NOW);
    let (idle, cap) = (Duration::from_secs(HOUR), Duration::from_secs(8 * HOUR));
    let codec = twin
        .builder("login", &[1])
        .lifetime(Lifetime::sliding(idle, cap))
        .clock(clock.clone())
        .build()
        .unwrap();
    let value = twin.carry(&codec, &codec.seal(&7).unwrap());
    let request = headers(&[(codec.request_header(), &value)]);
    (codec, clock, request)
}

fn cookie_codec() -> Codec<u64> {
    let builder = Codec::sealed("login", ring(1));
    builder.clock(|| NOW).build().unwrap()
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, value.parse().unwrap());
    }
    headers
}

fn values(headers: &HeaderMap, name: impl ::http::header::AsHeaderName) -> Vec<&str> {
    let values = headers.get_all(name).into_iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

/// All that there is to know of a header map.
fn snapshot(headers: &HeaderMap) -> Vec<(HeaderName, Vec<u8>, bool)> {
    let facts = |(name, value): (&HeaderName, &HeaderValue)| {
        let octets = value.as_bytes().to_vec();
        (name.clone(), octets, value.is_sensitive())
    };
    headers.iter().map(facts).collect()
}

type Step = (&'static str, fn(&Session<u64>));

/// What an application does to a session in one request.
const STEPS: [Step; 4] = [
    ("start", |session| session.start(8)),
    ("update", |session| {
        session.update(|user| *user += 10);
    }),
    ("renew", Session::renew),
    ("end", Session::end),
];

#[test]
fn there_is_one_set_cookie_a_name_whatever_was_done_and_saved_how_often() {
    let codec = cookie_codec();
    let others = [
        "a=1; Path=/",
        "__Host-Http-login2=x",
        "login=y",
        "__host-login=z",
        "__Host-Http-login",
    ];
    let token = codec.seal(&7).unwrap();
    let empty = HeaderMap::new();
    let signed_in = headers(&[("cookie", &format!("__Host-Http-login={token}"))]);
    // Four digits of base 5: one of the steps each, or none.
    for (request, digits) in [empty, signed_in]
        .iter()
        .flat_map(|r| (0..625).map(move |d| (r, d)))
    {
        for saves_between in [false, true] {
            let session = codec.load(request);
            let mut response = HeaderMap::new();
            let (mut done, mut ended, mut written) = (Vec::new(), false, false);
            for place in 0..4 {
                response.append(SET_COOKIE, HeaderValue::from_static(others[place as usize]));
                if let Some((name, step)) = STEPS.get(digits / 5_usize.pow(place) % 5) {
                    step(&session);
                    done.push(*name);
                    ended = *name == "end" || ended && *name != "start";
                    written |= *name == "start" || session.get().is_some();
                }
                if saves_between {
                    session.save(&mut response).unwrap();
                }
            }
            response.append(SET_COOKIE, HeaderValue::from_static(others[4]));
            for _ in 0..3 {
                session.save(&mut response).unwrap();
            }

            let lines = values(&response, SET_COOKIE);
            assert_eq!(lines[..5], others, "{done:?}");
            let own = lines[5..].iter().map(|line| SetCookie::parse(line));
            let own: Vec<_> = own
                .inspect(|own| assert_eq!(own.name, "__Host-Http-login"))
                .collect();
            match (&*own, session.get()) {
                ([], _) => assert!(!ended && !written, "{done:?}"),
                ([removal], None) => {
                    assert!(ended, "{done:?}");
                    assert_eq!(
                        (removal.value, removal.attributes["Max-Age"]),
                        ("", Some("0"))
                    );
                }
                ([cookie], Some(value)) => {
                    assert!(written && !ended, "{done:?}");
                    assert_eq!(codec.open(cookie.value).unwrap().value(), &*value);
                }
                _ => panic!("{done:?}: {lines:?}"),
            }
        }
    }
}

#[test]
fn a_set_cookie_of_the_same_name_is_replaced_and_only_by_what_is_written() {
    let codec = cookie_codec();
    let planted = "__Host-Http-login=planted; Path=/; Secure";
    let lines = [
        "a=1",
        planted,
        "b=2",
        "__Host-Http-login=; Max-Age=0",
        "c=3",
    ];
    let lines = lines.map(|line| ("set-cookie", line));

    let mut response = headers(&lines);
    codec.load(&HeaderMap::new()).save(&mut response).unwrap();
    assert_eq!(values(&response, SET_COOKIE), lines.map(|(_, line)| line));

    let session = codec.load(&HeaderMap::new());
    session.start(8);
    session.save(&mut response).unwrap();
    let written = values(&response, SET_COOKIE);
    assert_eq!(written[..3], ["a=1", "b=2", "c=3"]);
    assert_eq!(written.len(), 4);
    assert_eq!(
        codec
            .open(SetCookie::parse(written[3]).value)
            .unwrap()
            .value(),
        &8
    );
    let sensitive: Vec<_> = response
        .get_all(SET_COOKIE)
        .iter()
        .map(HeaderValue::is_sensitive)
        .collect();
    assert_eq!(sensitive, [false, false, false, true]);
}

/// A source that has no randomness.
struct Dry;

impl Random for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError::new())
    }
}

#[test]
fn a_session_that_cannot_be_written_leaves_the_headers_as_they_were() {
    /// JSON has no such keys.
    type Unwritable = BTreeMap<(u8, u8), u8>;
    let mut before = headers(&[
        ("set-cookie", "__Host-Http-login=old; Path=/"),
        ("cache-control", "public"),
        ("vary", "Accept"),
        ("x-session", "old"),
        ("set-cookie", "a=1"),
        ("x-other", ""),
    ]);
    before.get_mut("x-other").unwrap().set_sensitive(true);
    for twin in twins() {
        let large = twin
            .builder::<String>("login", &[1])
            .build()
            .unwrap()
            .load(&before);
        large.start("x".repeat(4096));
        let unwritable = twin.builder("login", &[1]).build().unwrap().load(&before);
        unwritable.start(Unwritable::from([((1, 2), 3)]));
        let dry = twin
            .builder("login", &[1])
            .random(Dry)
            .build()
            .unwrap()
            .load(&before);
        dry.start(7_u64);
        assert_eq!(dry.get(), None, "what could not start is not there");

        let mut after = before.clone();
        let error = large.save(&mut after).unwrap_err();
        let SaveError::TooLarge {
            octets,
            limit: 4096,
            ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert!(octets > 4096 && error.to_string().contains(&octets.to_string()));
        let error = unwritable.save(&mut after).unwrap_err();
        assert!(matches!(error, SaveError::Value(_)), "{error:?}");
        let error = dry.save(&mut after).unwrap_err();
        assert!(matches!(error, SaveError::Random(_)), "{error:?}");
        assert_eq!(snapshot(&after), snapshot(&before), "{twin:?}");
    }
}

#[test]
fn no_error_in_saving_changes_a_header_that_is_there() {
    static FAILS: AtomicBool = AtomicBool::new(false);
    static BACK_END: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| match FAILS.load(Ordering::SeqCst) {
            true => Err(ErrorKind::InvalidEddsaKey.into()),
            false => (AWS_LC.signer_factory)(algorithm, key),
        },
        verifier_factory: |algorithm, key| (AWS_LC.verifier_factory)(algorithm, key),
        key_utils: KeyUtils::new_unimplemented(),
    };
    let jwk = include_str!("../keys/ed25519.jwk.json");
    let jwk = edited(jwk, json!({"alg": "EdDSA"}));
    let signs = JwtKeys::new(JwtKey::jwk(&jwk, Some(&BACK_END)).unwrap());
    let sealed = || Codec::<String>::sealed("login", ring(1)).clock(|| NOW);
    let verifies = JwtKeys::verifying(jwt_key(1));
    let codecs = [
        ("TooLarge", sealed()),
        ("TooManyPieces", sealed().chunked()),
        ("Random", sealed().random(Dry)),
        ("CannotSeal", Codec::jwt("login", verifies.clone())),
        ("Sign", Codec::jwt("login", signs.clone())),
        (
            "CannotSeal",
            Codec::jwt("login", verifies).header("x-session"),
        ),
        ("Sign", Codec::jwt("login", signs).bearer("x-session")),
        ("TooLarge", sealed().bearer("x-session")),
        ("TooLarge", sealed().sticky_end()),
    ]
    .map(|(kind, builder)| (kind, builder.build().unwrap()));
    FAILS.store(true, Ordering::SeqCst);

    // What was written for the session before stays, too.
    let mut before = headers(&[("vary", "accept"), ("x-session", "old")]);
    let earlier = sealed().build().unwrap().load(&HeaderMap::new());
    earlier.start("small".into());
    earlier.save(&mut before).unwrap();
    before.append(SET_COOKIE, HeaderValue::from_static("a=1"));
    for (kind, codec) in codecs {
        let length = if kind.starts_with("Too") { 20_000 } else { 1 };
        let mut after = before.clone();
        let session = codec.load(&HeaderMap::new());
        session.start("x".repeat(length));
        for _ in 0..2 {
            let error = session.save(&mut after).unwrap_err();
            assert!(format!("{error:?}").starts_with(kind), "{kind}: {error:?}");
            assert_eq!(snapshot(&after), snapshot(&before), "{kind}");
        }
    }
}

#[test]
fn a_header_carrier_is_one_header_that_an_end_empties() {
    for twin in twins().filter(|twin| twin.carrier != Carrier::Cookie) {
        let (codec, _, request) = live(twin);
        let bearer = twin.carrier == Carrier::Bearer;
        assert_eq!(request.contains_key(AUTHORIZATION), bearer);
        let session = codec.load(&request);
        session.start(8);
        let mut response = headers(&[("x-session", "a"), ("x-session", "b")]);
        session.save(&mut response).unwrap();
        session.save(&mut response).unwrap();
        let tokens = values(&response, "x-session");
        assert_eq!(tokens.len(), 1, "{twin:?}");
        assert_eq!(codec.open(tokens[0]).unwrap().value(), &8);
        assert!(!response.contains_key(AUTHORIZATION) && !response.contains_key(SET_COOKIE));

        session.end();
        session.save(&mut response).unwrap();
        assert_eq!(values(&response, "x-session"), [""], "{twin:?}");
        assert_eq!(values(&response, CACHE_CONTROL), ["no-store"]);
    }
}

#[test]
fn every_header_name_that_is_accepted_can_be_written_and_read() {
    for tchar in "!#$%&'*+-.^_`|~09azAZ".chars() {
        let name = format!("X{tchar}");
        let builder = Codec::<u64>::sealed("login", ring(1)).header(&name);
        let codec = builder.clock(|| NOW).build().unwrap();
        let session = codec.load(&HeaderMap::new());
        session.start(7);
        let mut response = HeaderMap::new();
        session.save(&mut response).unwrap();
        assert_eq!(values(&response, VARY), [name.to_ascii_lowercase()]);
        assert_eq!(codec.load(&response).get().as_deref(), Some(&7), "{name}");
    }
}

#[test]
fn sessions_over_every_carrier_share_a_request_and_a_response() {
    let sealed = |name| Codec::<u64>::sealed(name, ring(1)).clock(|| NOW);
    let jwt = |name| Codec::<u64>::jwt(name, jwt_keys(1)).clock(|| NOW);
    let codecs = [
        sealed("login"),
        jwt("cart"),
        sealed("device").header("x-device"),
        jwt("api").bearer("x-api"),
        sealed("old").exact_name("SID").path("/app"),
    ]
    .map(|builder| builder.build().unwrap());

    let mut response = HeaderMap::new();
    for (codec, user) in codecs.iter().zip(10..) {
        let session = codec.load(&HeaderMap::new());
        session.start(user);
        session.save(&mut response).unwrap();
    }
    assert_eq!(values(&response, VARY), ["cookie, x-device, authorization"]);
    assert_eq!(values(&response, CACHE_CONTROL), ["no-store"]);

    let cookies = values(&response, SET_COOKIE)
        .into_iter()
        .map(SetCookie::parse);
    let cookies = cookies.map(|cookie| format!("{}={}", cookie.name, cookie.value));
    let cookies: Vec<_> = cookies.collect();
    assert_eq!(cookies.len(), 3);
    let mut request = headers(&[
        (
            "authorization",
            &format!("Bearer {}", values(&response, "x-api")[0]),
        ),
        ("x-device", values(&response, "x-device")[0]),
    ]);
    for cookie in cookies {
        request.append(COOKIE, cookie.parse().unwrap());
    }
    for (codec, user) in codecs.iter().zip(10..) {
        let session = codec.load(&request);
        assert_eq!(session.get().as_deref(), Some(&user), "{}", codec.name());
        assert_eq!(session.rejected(), None);
    }
}
