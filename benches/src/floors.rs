//! The least that a token can cost: the same primitives on the same octets, and nothing around them.

use std::{
    hint::black_box,
    time::{SystemTime, UNIX_EPOCH},
};

use aes_gcm::{AeadInOut as _, aead::inout::InOutBuf};
use base64::{
    Engine as _,
    engine::{Simd, general_purpose::NO_PAD},
};
use haversack_benches::{
    compared::{Kind, Size},
    primitives::{BODY, HEAD, NONCE, TAG, Xaes},
    values::Value,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::measure::{Contender, Group, Work, repeat};

/// What the four sums are made of.
pub(crate) const OPEN_SEALED: [&str; 5] = [BASE64_IN, XAES_OPEN, JSON_IN, CLOCK, WIPE];
pub(crate) const SEAL_SEALED: [&str; 6] = [JSON_OUT, RANDOM_40, XAES_SEAL, BASE64_OUT, CLOCK, WIPE];
pub(crate) const OPEN_JWT: [&str; 4] = [CLAIMS_BASE64_IN, HMAC, CLAIMS_IN, CLOCK];
pub(crate) const SEAL_JWT: [&str; 5] = [CLAIMS_OUT, RANDOM_16, CLAIMS_BASE64_OUT, HMAC, CLOCK];

pub(crate) const JSON_IN: &str = "JSON in, with its UTF-8 check";
pub(crate) const JSON_OUT: &str = "JSON out";
pub(crate) const XAES_OPEN: &str = "XAES-256-GCM decryption, with its key";
pub(crate) const XAES_SEAL: &str = "XAES-256-GCM encryption, with its key";
pub(crate) const HMAC: &str = "HMAC-SHA-256 with a prepared key";
const BASE64_IN: &str = "base64 in";
const BASE64_OUT: &str = "base64 out";
const CLAIMS_IN: &str = "JSON of the claims in, with its UTF-8 check";
const CLAIMS_OUT: &str = "JSON of the claims out";
const CLAIMS_BASE64_IN: &str = "base64 of claims and signature in";
const CLAIMS_BASE64_OUT: &str = "base64 of claims and signature out";
const RANDOM_40: &str = "40 random bytes";
const RANDOM_16: &str = "16 random bytes";
const CLOCK: &str = "clock";
const WIPE: &str = "wiping of the plaintext";

pub(crate) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let json = serde_json::to_string(value).expect("JSON");
    let claims = serde_json::to_string(&Claims::new(value)).expect("JSON");
    let body = [vec![0; BODY], json.clone().into_bytes()].concat();
    let sealed = [vec![0; HEAD + TAG], body.clone()].concat();
    let signature = vec![7; 32];
    let message = vec![b'A'; JOSE_HEADER + (claims.len() * 4).div_ceil(3)];
    let owned = value.clone();
    let parts = vec![claims.clone().into_bytes(), signature];
    let floor = |name, work| Contender {
        group: Group::Floor,
        name,
        kind: Kind::Neither,
        size,
        octets: None,
        work: Ok(work),
    };
    vec![
        floor(JSON_IN, json_in::<T>(json)),
        floor(JSON_OUT, json_out(value.clone())),
        floor(CLAIMS_IN, claims_in::<T>(claims)),
        floor(CLAIMS_OUT, claims_out(owned)),
        floor(XAES_OPEN, xaes_open(body.clone())),
        floor(XAES_SEAL, xaes_seal(body.clone())),
        floor(HMAC, hmac(message)),
        floor(BASE64_IN, base64_in(std::slice::from_ref(&sealed))),
        floor(BASE64_OUT, base64_out(vec![sealed])),
        floor(CLAIMS_BASE64_IN, base64_in(&parts)),
        floor(CLAIMS_BASE64_OUT, base64_out(parts)),
        floor(RANDOM_40, random::<40>()),
        floor(RANDOM_16, random::<16>()),
        floor(
            CLOCK,
            repeat(|| SystemTime::now().duration_since(UNIX_EPOCH)),
        ),
        floor(WIPE, wipe(body)),
    ]
}

/// The claims of a signed session, as one type.
#[derive(Serialize, Deserialize)]
struct Claims<'c, T> {
    val: T,
    sid: &'c str,
    iat: u64,
    exp: u64,
    auth_time: u64,
    end: u64,
    ver: u32,
    ses: &'c str,
}

impl<T> Claims<'_, T> {
    fn new(val: T) -> Self {
        let (iat, exp) = (1_800_000_000, 1_800_086_400);
        Claims {
            val,
            sid: "AAAAAAAAAAAAAAAAAAAAAA",
            iat,
            exp,
            auth_time: iat,
            end: exp,
            ver: 0,
            ses: "session",
        }
    }
}

fn json_in<T: Value>(json: String) -> Work {
    repeat(move || {
        let json = std::str::from_utf8(black_box(json.as_bytes())).ok()?;
        serde_json::from_str::<T>(json).ok()
    })
}

fn claims_in<T: Value>(json: String) -> Work {
    repeat(move || {
        let json = std::str::from_utf8(black_box(json.as_bytes())).ok()?;
        let claims = serde_json::from_str::<Claims<'_, T>>(json).ok()?;
        black_box((
            claims.sid,
            claims.iat,
            claims.exp,
            claims.auth_time,
            claims.end,
        ));
        black_box((claims.ver, claims.ses));
        Some(claims.val)
    })
}

fn json_out<T: Value>(value: T) -> Work {
    let mut out = Vec::with_capacity(4096);
    repeat(move || {
        out.clear();
        serde_json::to_writer(&mut out, black_box(&value)).map(|()| out.len())
    })
}

fn claims_out<T: Value>(value: T) -> Work {
    let mut out = Vec::with_capacity(4096);
    repeat(move || {
        out.clear();
        serde_json::to_writer(&mut out, &Claims::new(black_box(&value))).map(|()| out.len())
    })
}

fn xaes_seal(mut text: Vec<u8>) -> Work {
    let xaes = Xaes::default();
    repeat(move || {
        let (gcm, nonce) = xaes.derive(black_box(&[3; NONCE]));
        let text = InOutBuf::from(&mut text[..]);
        gcm.encrypt_inout_detached(&nonce, &[0; HEAD], text)
    })
}

fn xaes_open(mut text: Vec<u8>) -> Work {
    let xaes = Xaes::default();
    let (gcm, nonce) = xaes.derive(&[3; NONCE]);
    let tag = gcm.encrypt_inout_detached(&nonce, &[0; HEAD], InOutBuf::from(&mut text[..]));
    let tag = tag.expect("a short text");
    let mut plain = vec![0; text.len()];
    repeat(move || {
        let (gcm, nonce) = xaes.derive(black_box(&[3; NONCE]));
        let text = InOutBuf::new(&text, &mut plain).expect("the same length");
        let opened = gcm.decrypt_inout_detached(&nonce, &[0; HEAD], text, &tag);
        assert!(opened.is_ok());
    })
}

fn hmac(message: Vec<u8>) -> Work {
    let prepared = Hmac::<Sha256>::new_from_slice(&[1; 32]).expect("any key");
    repeat(move || {
        prepared
            .clone()
            .chain_update(black_box(&message))
            .finalize()
    })
}

fn base64_in(parts: &[Vec<u8>]) -> Work {
    let engine = Simd::url_safe(NO_PAD);
    let texts: Vec<String> = parts.iter().map(|part| engine.encode(part)).collect();
    let mut out = vec![0; 4096];
    repeat(move || {
        for text in &texts {
            let decoded = engine.decode_slice(black_box(text), &mut out);
            assert!(black_box(decoded).is_ok());
        }
    })
}

fn base64_out(parts: Vec<Vec<u8>>) -> Work {
    let engine = Simd::url_safe(NO_PAD);
    let mut out = vec![0; 8192];
    repeat(move || {
        for part in &parts {
            let encoded = engine.encode_slice(black_box(part), &mut out);
            assert!(black_box(encoded).is_ok());
        }
    })
}

fn random<const N: usize>() -> Work {
    repeat(|| {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).map(|()| bytes)
    })
}

fn wipe(mut bytes: Vec<u8>) -> Work {
    repeat(move || {
        bytes.fill(0);
        zeroize::optimization_barrier(&bytes[..]);
    })
}

/// The encoded header of a signed token, and the dot behind it.
const JOSE_HEADER: usize = 80;
