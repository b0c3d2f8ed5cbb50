//! The library itself, in each of its three rings: strings, `http` and an axum router.

use haversack::Codec;
use haversack_benches::{
    apps::ours::{builder, codec, name, router, secret},
    carried::{pair, request_cookies},
    compared::{Kind, Size, Use},
    values::Value,
};
use http::{HeaderMap, HeaderValue, header};

use crate::{
    measure::{Contender, Group, Work, contender, repeat, repeat_on},
    requests::Subject,
};

pub(crate) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let mut all = Vec::new();
    for kind in [Kind::Encrypts, Kind::Jwt] {
        all.extend(cookies(size, value, kind));
        all.extend(headers(size, value, kind));
        all.extend(http_types(size, value, kind));
        all.extend(requests(size, value, kind));
    }
    all
}

fn cookies<T: Value>(size: Size, value: &T, kind: Kind) -> [Contender; 2] {
    let own = (name(kind), kind);
    let codec = codec::<T>(kind);
    let set_cookie = started(&codec, value.clone());
    let octets = pair(&set_cookie).len();
    let header = request_cookies(pair(&set_cookie));
    assert_eq!(codec.session([&header]).get().as_deref(), Some(value));
    let [read, write] = in_and_out(codec, value, header);
    [
        contender(Group::ReadCookie, own, size, octets, read),
        contender(Group::WriteCookie, own, size, octets, write),
    ]
}

fn headers<T: Value>(size: Size, value: &T, kind: Kind) -> [Contender; 2] {
    let own = (name(kind), kind);
    let codec = builder::<T>(kind, &secret()).bearer("x-session").build();
    let codec = codec.expect("a good configuration");
    let token = started(&codec, value.clone());
    let header = format!("Bearer {token}");
    assert!(codec.session([&header]).get().is_some());
    let [read, write] = in_and_out(codec, value, header);
    [
        contender(Group::ReadHeader, own, size, token.len(), read),
        contender(Group::WriteHeader, own, size, token.len(), write),
    ]
}

/// The value in a request's header, and the headers of a response that starts a session.
fn in_and_out<T: Value>(codec: Codec<T>, value: &T, header: String) -> [Work; 2] {
    let (reads, value) = (codec.clone(), value.clone());
    let read = repeat(move || reads.session([&header]).get());
    let write = repeat_on(
        move || value.clone(),
        move |value| {
            let session = codec.session(&None::<String>);
            session.start(value);
            session.response_headers().map(drop)
        },
    );
    [read, write]
}

/// The response header's value with a session that starts.
pub(crate) fn started<T: Value>(codec: &Codec<T>, value: T) -> String {
    let session = codec.session(&None::<String>);
    session.start(value);
    let headers = session.response_headers().expect("a value that fits");
    let (_, value) = headers.into_iter().next().expect("a token");
    value
}

fn http_types<T: Value>(size: Size, value: &T, kind: Kind) -> [Contender; 2] {
    let own = (name(kind), kind);
    let codec = codec::<T>(kind);
    let set_cookie = started(&codec, value.clone());
    let octets = pair(&set_cookie).len();
    let cookies = HeaderValue::try_from(request_cookies(pair(&set_cookie)));
    let mut request = HeaderMap::new();
    request.insert(header::COOKIE, cookies.expect("visible ASCII"));
    let (reads, value) = (codec.clone(), value.clone());
    let load = repeat(move || reads.load(&request).get());
    let empty = HeaderMap::new();
    let save = repeat_on(
        move || value.clone(),
        move |value| {
            let mut response = HeaderMap::new();
            let session = codec.load(&empty);
            session.start(value);
            session.save(&mut response).map(|()| response)
        },
    );
    [
        contender(Group::Load, own, size, octets, load),
        contender(Group::Save, own, size, octets, save),
    ]
}

fn requests<T: Value>(size: Size, value: &T, kind: Kind) -> Vec<Contender> {
    let codec = codec::<T>(kind);
    let router = router(&codec, value);
    let (name, uses) = (
        name(kind),
        [Use::Empty, Use::Read, Use::Change, Use::Ignore],
    );
    let subject = Subject {
        name,
        kind,
        size,
        router,
    };
    subject.contenders(&uses)
}
