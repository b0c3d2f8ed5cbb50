//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037), private parts included.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use crate::{
    base::{
        base64url,
        json::read::{optional_string, string, texts},
    },
    error::ConfigError,
};

/// The members of a JWK that are read; others mean nothing here. Nothing of a private part is copied.
pub(super) struct Jwk<'j> {
    pub(super) kty: Cow<'j, str>,
    pub(super) kid: Option<Cow<'j, str>>,
    alg: Option<Cow<'j, str>>,
    usage: Option<Cow<'j, str>>,
    key_ops: Option<Vec<String>>,
    crv: Option<Cow<'j, str>>,
    /// What should be base64url, by their [names](NUMBERS).
    numbers: [Option<&'j [u8]>; NUMBERS.len()],
}

impl<'j> Jwk<'j> {
    pub(super) fn parse(json: &'j str) -> Result<Jwk<'j>, ConfigError> {
        let jwk = Jwk::read(json.as_bytes()).ok_or_else(|| {
            ConfigError::jwt_key("the text is not a JSON Web Key", "see RFC 7517, section 4")
        })?;
        if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err(ConfigError::jwt_key(
                "the JWK's use is not \"sig\"",
                "use a key for signatures",
            ));
        }
        let is_private = jwk.has("d") || jwk.has("k");
        let has_a_use = jwk.allows("verify") || is_private && jwk.may_sign();
        if !has_a_use {
            return Err(ConfigError::jwt_key(
                "the JWK's key_ops forbid it",
                "use a key for signatures",
            ));
        }
        Ok(jwk)
    }

    fn read(json: &'j [u8]) -> Option<Jwk<'j>> {
        let [kty, kid, alg, usage, key_ops, crv, texts @ ..] = texts(json, MEMBERS)?;
        let mut numbers = [None; NUMBERS.len()];
        for (number, text) in numbers.iter_mut().zip(texts) {
            *number = text.map_or(Some(None), between_quotes)?;
        }
        Some(Jwk {
            kty: string(kty?)?,
            kid: optional_string(kid)?,
            alg: optional_string(alg)?,
            usage: optional_string(usage)?,
            key_ops: key_ops.map_or(Some(None), |ops| serde_json::from_slice(ops).ok())?,
            crv: optional_string(crv)?,
            numbers,
        })
    }

    /// Whether the key may sign (RFC 7517, section 4.3).
    pub(super) fn may_sign(&self) -> bool {
        self.allows("sign")
    }

    fn allows(&self, operation: &str) -> bool {
        let listed = |ops: &Vec<String>| ops.iter().any(|op| op == operation);
        self.key_ops.as_ref().is_none_or(listed)
    }

    /// What the key is used for: its `alg`, which may be missing where its kind leaves no choice.
    pub(super) fn algorithm(&self) -> Result<Algorithm, ConfigError> {
        let allowed = match (&*self.kty, self.curve()) {
            ("oct", _) => [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512].as_slice(),
            ("RSA", _) => &[
                Algorithm::RS256,
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::PS256,
                Algorithm::PS384,
                Algorithm::PS512,
            ],
            ("EC", "P-256") => &[Algorithm::ES256],
            ("EC", "P-384") => &[Algorithm::ES384],
            ("OKP", "Ed25519") => &[Algorithm::EdDSA],
            _ => &[],
        };
        match (&self.alg, allowed) {
            (_, []) => Err(ConfigError::jwt_key(
                "the JWK is of a kind or on a curve that is not supported",
                "use oct, RSA, EC on P-256 or P-384, or OKP on Ed25519",
            )),
            (None, [only]) => Ok(*only),
            (None, _) => Err(ConfigError::jwt_key(
                "the JWK has no alg",
                "add the one algorithm that it is used for",
            )),
            // RFC 9864 names EdDSA on this curve for what it is.
            (Some(alg), [Algorithm::EdDSA]) if alg == "Ed25519" => Ok(Algorithm::EdDSA),
            (Some(alg), _) => allowed
                .iter()
                .copied()
                .find(|algorithm| format!("{algorithm:?}") == *alg)
                .ok_or_else(|| {
                    ConfigError::jwt_key(
                        "the JWK's alg does not fit its kty",
                        "use an algorithm of its kind",
                    )
                }),
        }
    }

    /// The curve of an elliptic key.
    pub(super) fn curve(&self) -> &str {
        self.crv.as_deref().unwrap_or_default()
    }

    /// The secret of an `oct` key.
    pub(super) fn secret(&self) -> Result<Option<Zeroizing<Vec<u8>>>, ConfigError> {
        (self.kty == "oct").then(|| self.number("k")).transpose()
    }

    pub(super) fn has(&self, number: &str) -> bool {
        self.text(number).is_some()
    }

    /// The octets of a number.
    pub(super) fn number(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let text = self.text(name).unwrap_or_default();
        let mut octets = Zeroizing::new(vec![0; text.len()]);
        let length = base64url::decode(text, &mut octets).map_or(0, |octets| octets.len());
        octets.truncate(length);
        if octets.is_empty() {
            let problem = format!("the JWK's {name:?} is missing or not base64url");
            return Err(ConfigError::jwt_key(problem, "see RFC 7518, section 6"));
        }
        Ok(octets)
    }

    fn text(&self, number: &str) -> Option<&'j [u8]> {
        let index = NUMBERS.iter().position(|name| *name == number)?;
        self.numbers[index]
    }
}

/// A string as it is written, which is as it is meant where nothing has to be escaped; or `null`.
#[expect(
    clippy::option_option,
    reason = "whether it is well-formed, and whether it is there"
)]
fn between_quotes(json: &[u8]) -> Option<Option<&[u8]>> {
    match json.trim_ascii() {
        b"null" => Some(None),
        json => json.strip_prefix(b"\"")?.strip_suffix(b"\"").map(Some),
    }
}

/// The members, in the order in which [`Jwk::read`] takes them.
const MEMBERS: [&str; 17] = [
    "kty", "kid", "alg", "use", "key_ops", "crv", "k", "d", "p", "q", "dp", "dq", "qi", "n", "e",
    "x", "y",
];
const NUMBERS: [&str; 11] = ["k", "d", "p", "q", "dp", "dq", "qi", "n", "e", "x", "y"];
