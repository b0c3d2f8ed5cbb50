//! What the tests share: keys, a clock that stands still, and every kind of codec.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use haversack::{Clock, Codec, CodecBuilder, JwtKey, JwtKeys, Key, KeyRing};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// 2027-01-15T08:00:00Z.
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const HOUR: u64 = 3600;

/// A value like those that people keep in sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) user: u64,
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
}

pub(crate) fn login() -> Login {
    Login {
        user: 7,
        name: "Ada".into(),
        roles: vec!["admin".into(), "author".into()],
    }
}

/// A clock that moves only when it is told to.
#[derive(Clone, Debug)]
pub(crate) struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub(crate) fn at(now: u64) -> TestClock {
        TestClock(Arc::new(AtomicU64::new(now)))
    }

    pub(crate) fn set(&self, now: u64) {
        self.0.store(now, Ordering::SeqCst);
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// 32 bytes that look random and are the same for the same number.
pub(crate) fn bytes(number: u8) -> [u8; 32] {
    Sha256::digest([number]).into()
}

pub(crate) fn key(number: u8) -> Key {
    Key::from_bytes(&bytes(number)).unwrap()
}

pub(crate) fn ring(number: u8) -> KeyRing {
    KeyRing::new(key(number))
}

pub(crate) fn jwt_key(number: u8) -> JwtKey {
    JwtKey::hs256(bytes(number)).unwrap()
}

pub(crate) fn jwt_keys(number: u8) -> JwtKeys {
    JwtKeys::new(jwt_key(number))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Sealed,
    Jwt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Cookie,
    Header,
    Bearer,
}

/// A format and a carrier: what the twin suites run over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Twin {
    pub(crate) format: Format,
    pub(crate) carrier: Carrier,
}

/// Both formats over every carrier.
pub(crate) fn twins() -> impl Iterator<Item = Twin> {
    [Format::Sealed, Format::Jwt].into_iter().flat_map(|format| {
        [Carrier::Cookie, Carrier::Header, Carrier::Bearer]
            .into_iter()
            .map(move |carrier| Twin { format, carrier })
    })
}

impl Twin {
    /// A builder of this kind, whose first key number seals and whose others only open.
    pub(crate) fn builder<T>(self, name: &str, keys: &[u8]) -> CodecBuilder<T> {
        let builder = match self.format {
            Format::Sealed => {
                let older = keys[1..].iter().map(|number| key(*number));
                Codec::sealed(name, older.fold(ring(keys[0]), KeyRing::also_opens))
            }
            Format::Jwt => {
                let older = keys[1..].iter().map(|number| jwt_key(*number));
                Codec::jwt(name, older.fold(jwt_keys(keys[0]), JwtKeys::also_opens))
            }
        };
        match self.carrier {
            Carrier::Cookie => builder,
            Carrier::Header => builder.header("x-session"),
            Carrier::Bearer => builder.bearer("x-session"),
        }
    }

    /// The value of the request header with which a client answers a response header's value; `None`
    /// when the client was told to forget.
    pub(crate) fn answer(self, response_value: &str) -> Option<String> {
        let token = match self.carrier {
            Carrier::Cookie if response_value.contains("Max-Age=0") => return None,
            Carrier::Cookie => response_value.split(';').next().unwrap().to_owned(),
            Carrier::Header => response_value.to_owned(),
            Carrier::Bearer => format!("Bearer {response_value}"),
        };
        (!response_value.is_empty()).then_some(token)
    }

    /// The request header's value that carries this token.
    pub(crate) fn carry<T>(self, codec: &Codec<T>, token: &str) -> String {
        match self.carrier {
            Carrier::Cookie => format!("__Host-{}={token}", codec.name()),
            Carrier::Header => token.to_owned(),
            Carrier::Bearer => format!("Bearer {token}"),
        }
    }
}
