//! `pasetors` and `branca`: other formats of encrypted tokens.

use std::time::Duration;

use haversack_benches::{
    compared::{Kind, Size},
    values::Value,
};
use pasetors::{
    Local,
    claims::{Claims, ClaimsValidationRules},
    keys::{Generate as _, SymmetricKey},
    local,
    token::UntrustedToken,
    version4::{LocalToken, V4},
};

use super::jwts::{DAY, four, now};
use crate::measure::Contender;

pub(super) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let mut all = Vec::new();
    all.extend(claims(size, value));
    all.extend(payload(size, value));
    all.extend(branca(size, value));
    all
}

/// The value as a claim, with the library's own check of the expiry.
fn claims<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let own = ("pasetors v4.local", Kind::Encrypts);
    let key = SymmetricKey::<V4>::generate().expect("randomness");
    let (seals, owned) = (key.clone(), value.clone());
    let encode = move || {
        let mut claims = Claims::new_expires_in(&Duration::from_secs(DAY)).expect("claims");
        let json = serde_json::to_value(&owned).expect("JSON");
        claims.add_additional("val", json).expect("a free name");
        local::encrypt(&seals, &claims, None, None).expect("a token")
    };
    let rules = ClaimsValidationRules::new();
    let decode = move |token: &str| {
        let token = UntrustedToken::<Local, V4>::try_from(token).ok()?;
        let token = local::decrypt(&key, &token, &rules, None, None).ok()?;
        T::deserialize(token.payload_claims()?.get_claim("val")?).ok()
    };
    four(own, size, value, encode, decode)
}

/// The value as the whole payload: nothing of PASETO's claims, and no expiry.
fn payload<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let own = ("pasetors v4.local, payload only", Kind::Encrypts);
    let key = SymmetricKey::<V4>::generate().expect("randomness");
    let (seals, owned) = (key.clone(), value.clone());
    let encode = move || {
        let json = serde_json::to_vec(&owned).expect("JSON");
        LocalToken::encrypt(&seals, &json, None, None).expect("a token")
    };
    let decode = move |token: &str| {
        let token = UntrustedToken::<Local, V4>::try_from(token).ok()?;
        let token = LocalToken::decrypt(&key, &token, None, None).ok()?;
        serde_json::from_str(token.payload()).ok()
    };
    four(own, size, value, encode, decode)
}

fn branca<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let own = ("branca", Kind::Encrypts);
    let mut key = [0; 32];
    getrandom::fill(&mut key).expect("randomness");
    let owned = value.clone();
    let encode = move || {
        let json = serde_json::to_vec(&owned).expect("JSON");
        branca::encode(&json, &key, now() as u32).expect("a token")
    };
    let decode = move |token: &str| {
        let json = branca::decode(token, &key, DAY as u32).ok()?;
        serde_json::from_slice(&json).ok()
    };
    four(own, size, value, encode, decode)
}
