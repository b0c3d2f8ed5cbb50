//! Codecs with fixed keys, a clock that stands still, and randomness that depends on nothing.

#![allow(dead_code)]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{
    Codec, CodecBuilder, JwtKey, JwtKeys, Key, KeyRing, Opened, Random, RandomError, Rejected,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

pub const NOW: u64 = 1_800_000_000;

/// Makes runs repeatable; sealing with it is for tests only.
pub struct Fixed;

impl Random for Fixed {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes
            .iter_mut()
            .zip(7_u8..)
            .for_each(|(byte, n)| *byte = n.wrapping_mul(37));
        Ok(())
    }
}

pub fn secret(number: u8) -> [u8; 32] {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(u64::from(number) + 1);
    std::array::from_fn(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
}

pub fn ring() -> KeyRing {
    let key = |number| Key::from_bytes(&secret(number)).unwrap();
    KeyRing::new(key(1)).also_opens(key(2)).also_opens(key(3))
}

pub fn jwt_keys() -> JwtKeys {
    let key = |number| JwtKey::hs256(secret(number)).unwrap();
    JwtKeys::new(key(1)).also_opens(key(2)).also_opens(key(3))
}

fn fixed(builder: CodecBuilder<Value>) -> CodecBuilder<Value> {
    builder.clock(|| NOW).random(Fixed)
}

pub fn sealed() -> CodecBuilder<Value> {
    fixed(Codec::sealed("login", ring()))
}

pub fn jwt() -> CodecBuilder<Value> {
    fixed(Codec::jwt("login", jwt_keys()))
}

/// Opens these claims under a good signature.
pub fn open_claims(codec: &Codec<Value>, claims: &str) -> Result<Opened<Value>, Rejected> {
    let token = codec.seal(&Value::Null).unwrap();
    let header = token.split('.').next().unwrap();
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let mac = Hmac::<Sha256>::new_from_slice(&secret(1)).unwrap();
    let mac = mac.chain_update(&signed).finalize().into_bytes();
    codec.open(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac)))
}

/// Both formats, over a cookie that may be cut and in a header.
pub fn all() -> Vec<Codec<Value>> {
    let cookie =
        |builder: CodecBuilder<Value>| builder.chunked_up_to(16_384).sticky_end().build().unwrap();
    let header = |builder: CodecBuilder<Value>| builder.bearer("x-session").build().unwrap();
    vec![
        cookie(sealed()),
        cookie(jwt()),
        header(sealed()),
        header(jwt()),
    ]
}
