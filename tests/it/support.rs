//! What the tests share: keys, a clock that stands still, and every kind of codec.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{
    AnyKeys, Clock, Codec, CodecBuilder, JwtKey, JwtKeys, Key, KeyRing, Rejected, SaveError,
    Session,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
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

impl Format {
    /// Keys whose first number seals and whose others only open.
    pub(crate) fn keys(self, numbers: &[u8]) -> AnyKeys {
        let (seals, others) = (numbers[0], numbers[1..].iter().copied());
        match self {
            Format::Sealed => others
                .map(key)
                .fold(ring(seals), KeyRing::also_opens)
                .into(),
            Format::Jwt => others
                .map(jwt_key)
                .fold(jwt_keys(seals), JwtKeys::also_opens)
                .into(),
        }
    }

    /// The name of the key that a token says it was made with.
    pub(crate) fn key_id(self, token: &str) -> String {
        match self {
            Format::Sealed => {
                let octets = URL_SAFE_NO_PAD.decode(token).unwrap();
                octets[1..5].iter().map(|o| format!("{o:02x}")).collect()
            }
            Format::Jwt => {
                let (header, _) = token.split_once('.').unwrap();
                let header = URL_SAFE_NO_PAD.decode(header).unwrap();
                let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
                header["kid"].as_str().unwrap().to_owned()
            }
        }
    }

    /// The name of the key with this number.
    pub(crate) fn name_of_key(self, number: u8) -> String {
        let carrier = Carrier::Cookie;
        let codec = Twin {
            format: self,
            carrier,
        };
        let codec = codec.builder("any", &[number]).build().unwrap();
        self.key_id(&codec.seal(&()).unwrap())
    }
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

/// Runs one test, named by its path, in a process of its own with these variables.
pub(crate) fn start_alone(test: &str, variables: &[(&str, &OsStr)]) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(ALONE, "1")
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Whether this is a process of [`start_alone`].
pub(crate) fn is_alone() -> bool {
    env::var_os(ALONE).is_some()
}

/// Has one test pass in a process of its own; `false` in that process, where it is to run.
pub(crate) fn passed_alone(test: &str) -> bool {
    let elsewhere = !is_alone();
    if elsewhere {
        finish(start_alone(test, &[]));
    }
    elsewhere
}

const ALONE: &str = "HAVERSACK_TEST_ALONE";

/// What a process of [`start_alone`] printed, once its test has passed.
pub(crate) fn finish(process: Child) -> String {
    let output = process.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("1 passed"), "{printed}");
    printed
}

/// Both formats over every carrier.
pub(crate) fn twins() -> impl Iterator<Item = Twin> {
    [Format::Sealed, Format::Jwt]
        .into_iter()
        .flat_map(|format| {
            [Carrier::Cookie, Carrier::Header, Carrier::Bearer]
                .into_iter()
                .map(move |carrier| Twin { format, carrier })
        })
}

impl Twin {
    pub(crate) fn cookie(format: Format) -> Twin {
        Twin {
            format,
            carrier: Carrier::Cookie,
        }
    }

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

    /// The token in a response header's value.
    pub(crate) fn token(self, response_value: &str) -> &str {
        match self.carrier {
            Carrier::Cookie => {
                let (pair, _) = response_value.split_once(';').unwrap();
                pair.split_once('=').unwrap().1
            }
            Carrier::Header | Carrier::Bearer => response_value,
        }
    }

    /// The request header's value that carries this token.
    pub(crate) fn carry<T>(self, codec: &Codec<T>, token: &str) -> String {
        match self.carrier {
            Carrier::Cookie => format!("__Host-Http-{}={token}", codec.name()),
            Carrier::Header => token.to_owned(),
            Carrier::Bearer => format!("Bearer {token}"),
        }
    }
}

/// A client that follows what responses say.
pub(crate) struct Client<'c, T> {
    pub(crate) twin: Twin,
    pub(crate) codec: &'c Codec<T>,
    /// The value of the request header.
    pub(crate) sends: Option<String>,
}

impl<'c, T: Serialize + DeserializeOwned> Client<'c, T> {
    pub(crate) fn new(twin: Twin, codec: &'c Codec<T>) -> Client<'c, T> {
        Client {
            twin,
            codec,
            sends: None,
        }
    }

    /// The session that a request would have.
    pub(crate) fn session(&self) -> Session<T> {
        self.codec.session(&self.sends)
    }

    /// One request; returns the value of the response header, if there is one.
    pub(crate) fn request<R>(&mut self, handler: impl FnOnce(&Session<T>) -> R) -> Option<String> {
        let session = self.session();
        handler(&session);
        let value = written(&session, self.codec)?;
        self.sends = self.twin.answer(&value);
        Some(value)
    }
}

/// The token with one character in the middle of its last part replaced.
pub(crate) fn tampered(token: &str) -> String {
    let at = token.len() - 10;
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}

/// The value of the only response header that carries or removes the token, if there is one.
pub(crate) fn written<T: Serialize + DeserializeOwned>(
    session: &Session<T>,
    codec: &Codec<T>,
) -> Option<String> {
    let headers = session.response_headers().unwrap();
    let own = headers
        .into_iter()
        .filter(|(name, _)| *name == codec.response_header());
    let mut values: Vec<_> = own.map(|(_, value)| value).collect();
    assert!(values.len() < 2, "{values:?}");
    values.pop()
}

/// A `Set-Cookie` as a server may write it (RFC 6265bis, section 4.1.1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SetCookie<'l> {
    pub(crate) name: &'l str,
    pub(crate) value: &'l str,
    pub(crate) attributes: BTreeMap<&'l str, Option<&'l str>>,
}

impl<'l> SetCookie<'l> {
    /// Panics where the line leaves the grammar.
    pub(crate) fn parse(line: &'l str) -> SetCookie<'l> {
        let is_separator = |byte: u8| b"\"(),/:;<=>?@[\\]{}".contains(&byte);
        let is_token = |text: &str| {
            let is_tchar = |byte| matches!(byte, b'!'..=b'~') && !is_separator(byte);
            !text.is_empty() && text.bytes().all(is_tchar)
        };
        let is_cookie_octet = |byte| matches!(byte, b'!'..=b'~') && !b"\",;\\".contains(&byte);
        let is_av_octet = |byte| matches!(byte, b' '..=b'~') && byte != b';';

        let mut parts = line.split("; ");
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        assert!(is_token(name), "{line}");
        assert!(value.bytes().all(is_cookie_octet), "{line}");
        let mut attributes = BTreeMap::new();
        for part in parts {
            let (attribute, value) = match part.split_once('=') {
                Some((attribute, value)) => (attribute, Some(value)),
                None => (part, None),
            };
            assert!(is_token(attribute), "{line}");
            assert!(value.unwrap_or_default().bytes().all(is_av_octet), "{line}");
            assert!(attributes.insert(attribute, value).is_none(), "{line}");
        }
        SetCookie {
            name,
            value,
            attributes,
        }
    }
}

/// Choices that look random and are the same in every run.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new() -> Noise {
        Noise(0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }

    pub(crate) fn octets(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| self.below(256) as u8).collect()
    }

    /// Up to `most` parts of a hostile header: one of `parts`, or a few octets.
    pub(crate) fn header(&mut self, most: usize, parts: &[&[u8]]) -> Vec<u8> {
        let mut header = Vec::new();
        for _ in 0..self.below(most + 1) {
            match parts.get(self.below(parts.len() + 1)) {
                Some(part) => header.extend_from_slice(part),
                None => header.extend(self.octets(4)),
            }
        }
        header
    }
}

/// One header's value in, and one out, for tests that are not about sessions.
pub(crate) trait OneHeader<T> {
    /// The live session in a value of the request header; none when there is no token in it.
    fn read(&self, value: impl AsRef<[u8]>) -> Result<Option<Live<T>>, Rejected>;

    /// The first value of the response header for a session that starts with this value.
    fn write(&self, value: &T) -> Result<String, SaveError>
    where
        T: Clone;
}

impl<T: Serialize + DeserializeOwned> OneHeader<T> for Codec<T> {
    fn read(&self, value: impl AsRef<[u8]>) -> Result<Option<Live<T>>, Rejected> {
        let session = self.session([value.as_ref()]);
        match (session.get(), session.rejected()) {
            (None, Some(reason)) => Err(reason),
            (value, _) => Ok(value.map(Live)),
        }
    }

    fn write(&self, value: &T) -> Result<String, SaveError>
    where
        T: Clone,
    {
        let session = self.session(&None::<String>);
        session.start(value.clone());
        let headers = session.response_headers()?;
        let name = self.response_header();
        let mut values = headers.into_iter().filter(|(header, _)| *header == name);
        Ok(values.next().unwrap().1)
    }
}

/// What [`OneHeader::read`] gives.
#[derive(Debug)]
pub(crate) struct Live<T>(Arc<T>);

impl<T> Live<T> {
    pub(crate) fn value(&self) -> &T {
        &self.0
    }

    pub(crate) fn into_value(self) -> T
    where
        T: Clone,
    {
        T::clone(&self.0)
    }
}
