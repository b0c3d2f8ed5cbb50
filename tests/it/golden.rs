//! Golden tokens, which every version opens, or rejects for the same reason, and writes the same.

mod explained;
mod requests;
mod tickets;

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use haversack::{
    Codec, CodecBuilder, JwtKey, JwtKeys, Key, KeyRing, Lifetime, Random, RandomError,
};
use serde::{Deserialize, Serialize};

/// What the good cases hold; another shape is a value of another type.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    Nothing(()),
    Text(String),
    // Before the structs, which are read from lists too.
    List(Vec<Value>),
    User { user: u64 },
    Empty(Empty),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

struct Case {
    name: String,
    lines: Vec<(String, String)>,
}

impl Case {
    /// The cases in a folder beside this one's.
    fn all(folder: &str) -> Vec<Case> {
        let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
        let cases = fs::read_dir(vectors.join(folder)).unwrap().map(|file| {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let line = |line: &str| {
                let (name, value) = line.split_once(':').unwrap();
                (name.to_owned(), value.trim_start_matches(' ').to_owned())
            };
            Case {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                lines: text.lines().map(line).collect(),
            }
        });
        cases.collect()
    }

    fn lines(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.lines.iter().filter(move |line| line.0 == name);
        lines.map(|(_, value)| value.as_str())
    }

    fn get(&self, line: &str) -> &str {
        self.lines(line).next().unwrap()
    }

    fn number(&self, line: &str) -> Option<u64> {
        Some(self.get(line))
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().unwrap())
    }

    fn codec(&self, random: impl Random) -> Codec<Value> {
        self.builder().random(random).build().unwrap()
    }

    fn ring(&self) -> KeyRing {
        let mut keys = self.get("keys").split(", ");
        let first = KeyRing::new(keys.next().unwrap().parse().unwrap());
        let add = |ring: KeyRing, key: &str| ring.also_opens(key.parse::<Key>().unwrap());
        keys.fold(first, add)
    }

    fn jwt_keys(&self) -> JwtKeys {
        let mut keys = self.get("keys").split(", ");
        let first = JwtKeys::new(jwt_key(keys.next().unwrap()));
        let add = |all: JwtKeys, key: &str| all.also_opens(jwt_key(key));
        keys.fold(first, add)
    }

    fn builder(&self) -> CodecBuilder<Value> {
        let builder = if self.get("format") == "sealed" {
            Codec::sealed(self.get("name"), self.ring())
        } else {
            let builder = Codec::jwt(self.get("name"), self.jwt_keys());
            match self.get("issuer") {
                "" => builder,
                issuer => builder.issuer(issuer),
            }
        };
        let builder = match self.get("context") {
            "" => builder,
            context => builder.context(context),
        };
        let cap = Duration::from_secs(self.number("absolute").unwrap());
        let lifetime = match self.number("idle") {
            Some(idle) => Lifetime::sliding(Duration::from_secs(idle), cap),
            None => Lifetime::fixed(cap),
        };
        builder
            .lifetime(lifetime)
            .skew(Duration::from_secs(self.number("skew").unwrap()))
            .clock({
                let now = self.number("now").unwrap();
                move || now
            })
    }
}

fn jwt_key(text: &str) -> JwtKey {
    let mut parts = text.split(' ');
    let algorithm = parts.next().unwrap();
    let mut octets = parts.map(|part| BASE64URL.decode(part).unwrap());
    let secret = octets.next().unwrap();
    let key = match algorithm {
        "HS256" => JwtKey::hs256(secret).unwrap(),
        "HS384" => JwtKey::hs384(secret).unwrap(),
        _ => JwtKey::hs512(secret).unwrap(),
    };
    match octets.next() {
        Some(kid) => key.kid(std::str::from_utf8(&kid).unwrap()),
        None => key,
    }
}

/// Gives these octets and no others.
struct Replay(Vec<u8>, AtomicUsize);

impl Random for Replay {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let start = self.1.fetch_add(bytes.len(), Ordering::SeqCst);
        let next = self.0.get(start..start + bytes.len());
        bytes.copy_from_slice(next.ok_or_else(RandomError::new)?);
        Ok(())
    }
}

#[test]
fn golden_tokens_open_or_are_rejected_for_their_reason() {
    let cases = Case::all("golden");
    assert!(cases.len() >= 234, "some are missing");
    let mut others = Vec::new();
    for case in cases {
        let nothing = Replay(Vec::new(), AtomicUsize::new(0));
        let codec = case.codec(nothing);
        match codec.open(case.get("token")) {
            Ok(opened) => {
                assert_eq!("ok", case.get("expect"), "{}", case.name);
                let value: Value = serde_json::from_str(case.get("value")).unwrap();
                assert_eq!(*opened.value(), value, "{}", case.name);
                assert_eq!(opened.id().to_string(), case.get("id"), "{}", case.name);
                let facts = opened.facts();
                let times = [facts.started_at, facts.authenticated_at, facts.issued_at];
                let times = times.map(|time| time.to_string()).join(", ");
                assert!(case.get("times").starts_with(&times), "{}", case.name);
                let remembered = if facts.remembered { "yes" } else { "no" };
                assert_eq!(remembered, case.get("remembered"), "{}", case.name);
            }
            Err(reason) if reason.code() == case.get("expect") => {}
            Err(reason) => others.push(format!("{}: {}", case.name, reason.code())),
        }
    }
    assert_eq!(others, [""; 0]);
}

#[test]
fn golden_tokens_are_written_the_same_again() {
    let plain = [
        "good",
        "empty-object",
        "null",
        "text",
        "large",
        "context",
        "long-context",
        "every-character-of-a-name",
        "every-letter-of-a-name",
        "deepest-value",
    ];
    let only_jwt = [
        "issuer",
        "kid-with-quotes",
        "kid-with-control-characters",
        "kid-not-ascii",
    ];
    let mut written = 0;
    for case in Case::all("golden") {
        let (format, name) = case.name.split_once('-').unwrap();
        if !plain.contains(&name) && !only_jwt.contains(&name) {
            continue;
        }
        let id = BASE64URL.decode(case.get("id")).unwrap();
        let nonce = match format {
            "sealed" => BASE64URL.decode(case.get("token")).unwrap()[5..29].to_vec(),
            _ => Vec::new(),
        };
        let random = Replay([id, nonce].concat(), AtomicUsize::new(0));
        let codec = case.codec(random);
        let value: Value = serde_json::from_str(case.get("value")).unwrap();
        assert_eq!(
            codec.seal(&value).unwrap(),
            case.get("token"),
            "{}",
            case.name
        );
        written += 1;
    }
    assert_eq!(written, 2 * plain.len() + only_jwt.len());
}
