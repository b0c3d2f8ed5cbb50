//! The jars of `cookie`, and the one of `axum-extra` around it.

use axum::response::IntoResponse;
use axum_extra::extract::{PrivateCookieJar, cookie::Key};
use cookie::{Cookie, CookieJar};
use haversack_benches::{
    apps::jar,
    carried::{NAME, cookie, find, pair, request_cookies},
    compared::{Kind, Size, Use},
    values::Value,
};
use http::{HeaderMap, HeaderValue, header};

use crate::{
    measure::{Contender, Group, contender, repeat},
    requests::Subject,
};

/// Not what the jar is for: one cookie is looked for, and only it gets into the jar.
pub(crate) const BY_HAND: &str = "cookie, private jar, one picked by hand";

pub(super) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let mut all = Vec::new();
    all.extend(private(size, value));
    all.extend(signed(size, value));
    all.extend(extra(size, value));
    all.extend(extra_requests(size, value));
    all
}

fn private<T: Value>(size: Size, value: &T) -> [Contender; 3] {
    let own = ("cookie, private jar", Kind::Encrypts);
    let key = cookie::Key::generate();
    let write = {
        let (key, value) = (key.clone(), value.clone());
        move || {
            let mut jar = CookieJar::new();
            let json = serde_json::to_string(&value)?;
            jar.private_mut(&key).add(cookie(json));
            Ok::<_, serde_json::Error>(jar.get(NAME).map(ToString::to_string))
        }
    };
    let by_hand = {
        let key = key.clone();
        move |header: &str| {
            let found = find(header)?.into_owned();
            let opened = CookieJar::new().private(&key).decrypt(found)?;
            serde_json::from_str::<T>(opened.value()).ok()
        }
    };
    let read = move |header: &str| {
        let mut jar = CookieJar::new();
        for cookie in Cookie::split_parse(header).flatten() {
            jar.add_original(cookie.into_owned());
        }
        let opened = jar.private(&key).get(NAME)?;
        serde_json::from_str::<T>(opened.value()).ok()
    };
    let [mut by_hand, _] = pair_of(own, size, value, write.clone(), by_hand);
    by_hand.name = BY_HAND;
    let [read, write] = pair_of(own, size, value, write, read);
    [read, by_hand, write]
}

fn signed<T: Value>(size: Size, value: &T) -> [Contender; 2] {
    let own = ("cookie, signed jar", Kind::Signs);
    let key = cookie::Key::generate();
    let write = {
        let (key, value) = (key.clone(), value.clone());
        move || {
            let mut jar = CookieJar::new();
            let json = serde_json::to_string(&value)?;
            jar.signed_mut(&key).add(cookie(json));
            // JSON has characters that a cookie has not.
            Ok(jar.get(NAME).map(|cookie| cookie.encoded().to_string()))
        }
    };
    let read = move |header: &str| {
        let mut jar = CookieJar::new();
        for cookie in Cookie::split_parse_encoded(header).flatten() {
            jar.add_original(cookie.into_owned());
        }
        let opened = jar.signed(&key).get(NAME)?;
        serde_json::from_str::<T>(opened.value()).ok()
    };
    pair_of(own, size, value, write, read)
}

fn pair_of<T: Value>(
    own: (&'static str, Kind),
    size: Size,
    value: &T,
    write: impl Fn() -> Result<Option<String>, serde_json::Error> + 'static,
    read: impl Fn(&str) -> Option<T> + 'static,
) -> [Contender; 2] {
    let set_cookie = write().ok().flatten().expect("a cookie");
    let octets = pair(&set_cookie).len();
    let header = request_cookies(pair(&set_cookie));
    assert_eq!(read(&header).as_ref(), Some(value), "{own:?}");
    [
        contender(
            Group::ReadCookie,
            own,
            size,
            octets,
            repeat(move || read(&header)),
        ),
        contender(Group::WriteCookie, own, size, octets, repeat(write)),
    ]
}

fn extra<T: Value>(size: Size, value: &T) -> [Contender; 2] {
    let own = ("axum-extra, private jar", Kind::Encrypts);
    let (key, value) = (Key::generate(), value.clone());
    let write = {
        let (key, value, empty) = (key.clone(), value.clone(), HeaderMap::new());
        move || {
            let jar = PrivateCookieJar::from_headers(&empty, key.clone());
            let json = serde_json::to_string(&value).expect("JSON");
            jar.add(cookie(json)).into_response()
        }
    };
    let response = write();
    let set_cookie = response.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap_or_default();
    let octets = pair(set_cookie).len();
    let cookies = HeaderValue::try_from(request_cookies(pair(set_cookie)));
    let mut request = HeaderMap::new();
    request.insert(header::COOKIE, cookies.expect("visible ASCII"));
    let read = move || {
        let jar = PrivateCookieJar::from_headers(&request, key.clone());
        serde_json::from_str::<T>(jar.get(NAME)?.value()).ok()
    };
    assert_eq!(read().as_ref(), Some(&value));
    [
        contender(Group::Load, own, size, octets, repeat(read)),
        contender(Group::Save, own, size, octets, repeat(write)),
    ]
}

fn extra_requests<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let subject = Subject {
        name: "axum-extra, private jar",
        kind: Kind::Encrypts,
        size,
        router: jar::router(value),
    };
    subject.contenders(&[Use::Empty, Use::Read, Use::Change])
}
