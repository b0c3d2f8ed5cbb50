//! `jsonwebtoken` with either back end, and `jwt-simple`: HS256, the value among the claims.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use haversack_benches::{
    carried::{cookie, find, pair, request_cookies},
    compared::{Kind, Size},
    values::Value,
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, KeyUtils, aws_lc, rust_crypto},
};
use jwt_simple::{
    algorithms::{HS256Key, MACLike as _},
    claims,
};
use serde::{Deserialize, Serialize};

use crate::measure::{Contender, Group, Work, contender, repeat};

pub(super) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let mut all = Vec::new();
    // It stays from the first time on.
    let _ = BY_SWITCH.install_default();
    all.extend(jsonwebtoken(
        size,
        value,
        "jsonwebtoken, rust_crypto",
        false,
    ));
    all.extend(jsonwebtoken(size, value, "jsonwebtoken, aws_lc_rs", true));
    all.extend(jwt_simple(size, value));
    all
}

#[derive(Serialize, Deserialize)]
struct Claims<T> {
    val: T,
    iat: u64,
    exp: u64,
}

fn jsonwebtoken<T: Value>(
    size: Size,
    value: &T,
    name: &'static str,
    with_aws_lc: bool,
) -> Vec<Contender> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).expect("randomness");
    let (encoding, decoding) = (
        EncodingKey::from_secret(&secret),
        DecodingKey::from_secret(&secret),
    );
    let (header, validation) = (Header::default(), Validation::new(Algorithm::HS256));
    let owned = value.clone();
    let encode = move || {
        let now = now();
        let claims = Claims {
            val: &owned,
            iat: now,
            exp: now + DAY,
        };
        jsonwebtoken::encode(&header, &claims, &encoding).expect("a token")
    };
    let decode = move |token: &str| {
        let data = jsonwebtoken::decode::<Claims<T>>(token, &decoding, &validation);
        data.ok().map(|data| data.claims.val)
    };
    WITH_AWS_LC.store(with_aws_lc, Ordering::Relaxed);
    let mut all = four((name, Kind::Jwt), size, value, encode, decode);
    for contender in &mut all {
        contender.work = match std::mem::replace(&mut contender.work, Ok(repeat(|| ()))) {
            Ok(work) => Ok(with(with_aws_lc, work)),
            unable => unable,
        };
    }
    all
}

fn jwt_simple<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let key = HS256Key::generate();
    let (signs, owned) = (key.clone(), value.clone());
    let encode = move || {
        let claims = claims::Claims::with_custom_claims(
            &owned,
            jwt_simple::prelude::Duration::from_secs(DAY),
        );
        signs.authenticate(claims).expect("a token")
    };
    let decode = move |token: &str| {
        let claims = key.verify_token::<T>(token, None).ok()?;
        Some(claims.custom)
    };
    four(("jwt-simple", Kind::Jwt), size, value, encode, decode)
}

/// Reads and writes of a token in a cookie and in a header.
pub(super) fn four<T: Value>(
    own: (&'static str, Kind),
    size: Size,
    value: &T,
    encode: impl Fn() -> String + Clone + 'static,
    decode: impl Fn(&str) -> Option<T> + Clone + 'static,
) -> Vec<Contender> {
    let token = encode();
    assert_eq!(decode(&token).as_ref(), Some(value), "{own:?}");
    let set_cookie = cookie(token.clone()).to_string();
    let own_pair = pair(&set_cookie);
    let (cookies, bearer) = (request_cookies(own_pair), format!("Bearer {token}"));
    let (from_header, into_header) = (decode.clone(), encode.clone());
    let read_cookie = repeat(move || decode(find(&cookies)?.value()));
    let write_cookie = repeat(move || cookie(encode()).to_string());
    let read_header = repeat(move || from_header(bearer.strip_prefix("Bearer ")?));
    let write_header = repeat(into_header);
    let (in_cookie, in_header) = (own_pair.len(), token.len());
    vec![
        contender(Group::ReadCookie, own, size, in_cookie, read_cookie),
        contender(Group::WriteCookie, own, size, in_cookie, write_cookie),
        contender(Group::ReadHeader, own, size, in_header, read_header),
        contender(Group::WriteHeader, own, size, in_header, write_header),
    ]
}

pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("a time after 1970").as_secs()
}

/// Switches the back end before the work.
fn with(aws_lc: bool, mut work: Work) -> Work {
    Box::new(move |times| {
        WITH_AWS_LC.store(aws_lc, Ordering::Relaxed);
        work(times)
    })
}

fn provider() -> &'static CryptoProvider {
    if WITH_AWS_LC.load(Ordering::Relaxed) {
        &aws_lc::DEFAULT_PROVIDER
    } else {
        &rust_crypto::DEFAULT_PROVIDER
    }
}

/// `jsonwebtoken` has one back end for the whole process. This one is either of them, for the price
/// of a load, so that both are measured in turns and through `encode` and `decode`.
static BY_SWITCH: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| (provider().signer_factory)(algorithm, key),
    verifier_factory: |algorithm, key| (provider().verifier_factory)(algorithm, key),
    key_utils: KeyUtils::new_unimplemented(),
};

static WITH_AWS_LC: AtomicBool = AtomicBool::new(false);

pub(super) const DAY: u64 = 24 * 60 * 60;
