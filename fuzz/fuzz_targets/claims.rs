//! Any claims under a good signature: a key that another service holds too must not hurt.

#![no_main]

mod common;

use std::sync::LazyLock;

use haversack::{Codec, Opened, Rejected};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static CODEC: LazyLock<Codec<Value>> = LazyLock::new(|| common::jwt().build().unwrap());

fn open(claims: &str) -> Result<Opened<Value>, Rejected> {
    common::open_claims(&CODEC, claims)
}

// What opens is what the claims say, in whatever order they say it.
fuzz_target!(|text: &str| {
    if let Ok(opened) = open(text) {
        // Claims that mean nothing here may be no more than the grammar of JSON.
        let Ok(claims) = serde_json::from_str::<Value>(text) else {
            return;
        };
        assert_eq!(claims["val"], *opened.value());
        assert_eq!(claims["sid"], opened.id().to_string());
        assert_eq!(claims["ver"], opened.facts().version);
        let facts = opened.facts();
        assert_eq!(claims["start"], facts.started_at);
        assert_eq!(claims["auth_time"], facts.authenticated_at);
        assert_eq!(claims["iat"], facts.issued_at);
        assert!(claims["exp"].as_u64() >= Some(facts.expires_at));
        assert!(claims["end"].as_u64() >= Some(facts.ends_at));
        assert_eq!(claims.get("rem") == Some(&json!(true)), facts.remembered);
        assert_eq!(claims["ses"], "login");
        // The map is sorted, so the value is not in front.
        let sorted = open(&claims.to_string()).unwrap();
        assert_eq!((sorted.value(), sorted.id()), (opened.value(), opened.id()));
    }

    // Claims that go in as a value come out as the same value, whatever they look like.
    let value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    if let Ok(token) = CODEC.seal(&value) {
        assert_eq!(*CODEC.open(&token).unwrap().value(), value);
        assert_eq!(
            CODEC.open(token.rsplit_once('.').unwrap().0).unwrap_err(),
            Rejected::Malformed
        );
    }
});
