//! Every cookie that the originals made reads as it must.

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};
use haversack_migrate::{
    Hash,
    authjs::AuthJs,
    cookie_rs::{CookieRs, Key},
    cookie_session::{CookieSession, Encoding},
    django::Django,
    fastify_secure_session::SecureSession,
    flask::{Derivation, Flask},
    gorilla::Gorilla,
    iron_session::IronSession,
    nextjs_auth0::NextjsAuth0,
    rails::Rails,
    seshcookie::Seshcookie,
};
use serde_json::Value;

/// One cookie.
pub(crate) struct Vector {
    pub(crate) id: String,
    pub(crate) expect: String,
    pub(crate) wire: String,
    pub(crate) read_at: u64,
    pub(crate) reader: Box<dyn Reader>,
    fields: Value,
}

impl Vector {
    pub(crate) fn read(&self, wire: &[u8]) -> Result<Option<Foreign>, Refused> {
        let cookies: Cookies<'_> = [wire].into_iter().collect();
        self.reader.read(&cookies, self.read_at)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.fields[name].as_str()
    }
}

/// All of them. Some of their keys take long to derive, so it is done once.
pub(crate) static ALL: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    const FILES: [&str; 15] = [
        include_str!("../vectors/actix-session.json"),
        include_str!("../vectors/authjs.json"),
        include_str!("../vectors/cookie-rs.json"),
        include_str!("../vectors/cookie-session.json"),
        include_str!("../vectors/django.json"),
        include_str!("../vectors/fastify-secure-session.json"),
        include_str!("../vectors/flask.json"),
        include_str!("../vectors/gorilla.json"),
        include_str!("../vectors/iron-session.json"),
        include_str!("../vectors/nextjs-auth0.json"),
        include_str!("../vectors/rails.json"),
        include_str!("../vectors/rocket.json"),
        include_str!("../vectors/seshcookie.json"),
        include_str!("../vectors/tower-sessions-cookie-store.json"),
        include_str!("../vectors/tower-sessions.json"),
    ];
    let mut all = Vec::new();
    for file in FILES {
        let file: Value = serde_json::from_str(file).unwrap();
        let system = file["system"].as_str().unwrap();
        for fields in file["vectors"].as_array().unwrap() {
            let text = |name: &str| fields[name].as_str().unwrap().to_owned();
            all.push(Vector {
                id: format!("{system}: {}", text("id")),
                expect: text("expect"),
                wire: text("wire"),
                read_at: fields["read_at"].as_u64().unwrap(),
                reader: reader(system, fields),
                fields: fields.clone(),
            });
        }
    }
    all
});

/// The reader that a vector's key fields describe.
fn reader(system: &str, fields: &Value) -> Box<dyn Reader> {
    let text = |name: &str| fields[name].as_str().unwrap_or_default();
    let list =
        |name: &str| -> Vec<String> { serde_json::from_value(fields[name].clone()).unwrap() };
    let octets = |text: &str| STANDARD.decode(text).unwrap();
    let name = text("cookie_name");
    let hash = |name: &str| match text(name) {
        "SHA1" | "sha1" | "" => Hash::Sha1,
        "SHA256" | "sha256" => Hash::Sha256,
        "sha512" => Hash::Sha512,
        other => panic!("{other}"),
    };
    match system {
        "Auth.js (@auth/core) and next-auth 4, JWT session cookie" => {
            let secrets = list("secrets");
            let version = text("version");
            let reader = if version.starts_with("next-auth 4") {
                AuthJs::next_auth_4(secrets).unwrap().salt(text("salt"))
            } else if version.ends_with(" 0.18.0") {
                AuthJs::core_0_18_0(secrets).unwrap()
            } else {
                AuthJs::v5(secrets).unwrap()
            };
            // With the names that the system has by default, unless the program had its own.
            match name.contains("auth") {
                true => Box::new(reader),
                false => Box::new(reader.cookie(name).unwrap()),
            }
        }
        "nextjs-auth0" => {
            let secrets = list("secrets");
            Box::new(match text("kind") {
                "v3" => NextjsAuth0::v3(secrets).unwrap(),
                _ => NextjsAuth0::v4(secrets).unwrap().cookie(name).unwrap(),
            })
        }
        "Ruby on Rails encrypted session, encrypted and signed cookies" => {
            let secrets = [text("secret_key_base")];
            let digest = hash("digest");
            Box::new(match text("kind") {
                "signed" => Rails::signed(name, secrets, digest)
                    .unwrap()
                    .signed_digest(hash("signed_digest")),
                "session-cbc" => Rails::encrypted_cbc(name, secrets, digest).unwrap(),
                _ => Rails::encrypted(name, secrets, digest).unwrap(),
            })
        }
        "Flask session; itsdangerous" => {
            let mut reader = Flask::new(list("secrets")).unwrap().cookie(name).unwrap();
            if let Some(salt) = fields["salt"].as_str() {
                reader = reader.salt(salt).digest(hash("digest")).derivation(
                    match text("key_derivation") {
                        "django-concat" => Derivation::DjangoConcat,
                        "concat" => Derivation::Concat,
                        _ => Derivation::Hmac,
                    },
                );
            }
            let age = Duration::from_secs(fields["max_age"].as_u64().unwrap());
            Box::new(reader.lifetime(age))
        }
        "Django signed_cookies session backend" => Box::new(Django::new(list("secrets")).unwrap()),
        "iron-session" => {
            let passwords: BTreeMap<String, String> =
                serde_json::from_value(fields["passwords"].clone()).unwrap();
            let passwords = passwords
                .into_iter()
                .map(|(id, password)| (id.parse().unwrap(), password));
            Box::new(IronSession::new(name, passwords).unwrap())
        }
        "cookie-session (express, koa)" => {
            let encoding = match text("encoding") {
                "hex" => Encoding::Hex,
                _ => Encoding::Base64,
            };
            let reader = CookieSession::new(name, list("keys")).unwrap();
            Box::new(reader.algorithm(hash("algorithm")).encoding(encoding))
        }
        "gorilla/securecookie with JSONEncoder" => {
            let block_key = fields["block_key_b64"].as_str();
            let keys = (octets(text("hash_key_b64")), block_key.map(octets));
            let age = Duration::from_secs(fields["max_age"].as_u64().unwrap());
            Box::new(Gorilla::new(name, [keys]).unwrap().max_age(age))
        }
        "seshcookie" => {
            let mut secrets = vec![octets(text("key_b64"))];
            if fields["keys_old_b64"].is_array() {
                secrets.extend(list("keys_old_b64").iter().map(|key| octets(key)));
            }
            Box::new(Seshcookie::new(name, secrets).unwrap())
        }
        "@fastify/secure-session" => Box::new(match fields["secret"].as_str() {
            Some(secret) => {
                let salt = octets(text("salt"));
                let salt = Some(&*salt).filter(|_| text("id") != "secret-default-salt");
                SecureSession::from_secret(name, secret.as_bytes(), salt).unwrap()
            }
            None => {
                let keys = list("keys");
                SecureSession::new(name, keys.iter().map(|key| octets(key))).unwrap()
            }
        }),
        _ => {
            let key = octets(text("key_b64"));
            let key = match text("key_how").contains("derive_from") {
                true => Key::derive_from(&key),
                false => Key::from_bytes(&key),
            };
            let keys = [key.unwrap()];
            let reader = match text("kind") {
                "signed" => CookieRs::signed(name, keys).unwrap(),
                _ => CookieRs::private(name, keys).unwrap(),
            };
            Box::new(match system {
                "actix-session CookieSessionStore" => reader.actix_session(),
                "tower-sessions-cookie-store" => reader.tower_sessions_cookie_store(),
                _ => reader,
            })
        }
    }
}

/// Whether all members of the smaller value are in the larger one.
fn is_part_of(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            let mut members = part.iter();
            members.all(|(name, value)| {
                whole
                    .get(name)
                    .is_some_and(|whole| is_part_of(value, whole))
            })
        }
        _ => part == whole,
    }
}

#[test]
fn every_cookie_reads_as_its_original_says_or_as_it_must() {
    assert_eq!(ALL.len(), 392);
    let mut wrong = Vec::new();
    for vector in ALL.iter() {
        let id = &vector.id;
        let expect = match vector.text("kind") {
            // Genuine, and no session.
            Some("transaction") => "bad",
            _ => &*vector.expect,
        };
        match (expect, vector.read(vector.wire.as_bytes())) {
            ("ok", Ok(Some(foreign))) => {
                let near = |time: Option<u64>, name: &str| match vector.fields[name].as_u64() {
                    // The originals' own tolerance may be in it.
                    Some(expected) => time.is_none_or(|time| time.abs_diff(expected) <= 20),
                    None => true,
                };
                let is_right = match (&foreign.body, vector.text("plaintext_text")) {
                    (Body::Text(text), Some(expected)) => text == expected,
                    (Body::Json(json), None) if vector.fields["subset"] == true => {
                        is_part_of(&vector.fields["plaintext"], json)
                    }
                    (Body::Json(json), None) => *json == vector.fields["plaintext"],
                    _ => false,
                };
                if !is_right
                    || !near(foreign.issued_at, "issued")
                    || !near(foreign.expires_at, "expires")
                {
                    wrong.push(format!("{id}: {foreign:?}"));
                }
                // Every cookie of the request goes.
                for pair in vector.wire.split("; ") {
                    let (name, _) = pair.split_once('=').unwrap();
                    if !foreign.cookies.iter().any(|cookie| cookie == name) {
                        wrong.push(format!("{id}: {name} would stay"));
                    }
                }
            }
            ("expired", Err(refused)) if refused.reason == Rejected::Expired => {}
            ("bad", Err(refused)) if refused.reason != Rejected::Expired => {}
            // A value under another name is not even looked at.
            ("bad", Ok(None)) => {}
            (_, read) => wrong.push(format!("{id} should be {expect}: {read:?}")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_is_refused_by_policy_says_so() {
    let details: BTreeMap<String, &str> = ALL
        .iter()
        .filter_map(|vector| {
            let refused = vector.read(vector.wire.as_bytes()).err()?;
            Some((vector.id.clone(), refused.detail))
        })
        .collect();
    let of = |id: &str| {
        let mut found = details.iter().filter(|(name, _)| name.ends_with(id));
        found.next().map(|(_, detail)| *detail)
    };
    assert_eq!(
        of(": zlib-bomb-200k"),
        Some("it inflates to more than 64 KB")
    );
    assert_eq!(
        of("session-sha256-marshal-refuse"),
        Some("it is Ruby Marshal, which is never read")
    );
    assert_eq!(
        of(": v4-txn-in-session-cookie"),
        Some("it is another of its cookies, and no session")
    );
    assert_eq!(of(": v5-cbc-wrong-key"), Some("it names another secret"));
    assert_eq!(
        of("session-sha256-moved-purpose"),
        Some("it is a cookie of another name")
    );
}
