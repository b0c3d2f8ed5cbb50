//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037), private parts included.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use crate::{base::base64url, error::ConfigError};

/// The members of a JWK that are read; others mean nothing here.
#[derive(Deserialize)]
pub(super) struct Jwk {
    kty: String,
    pub(super) kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    k: Option<String>,
    d: Option<String>,
    p: Option<String>,
    q: Option<String>,
    dp: Option<String>,
    dq: Option<String>,
    qi: Option<String>,
}

impl Jwk {
    pub(super) fn parse(json: &str) -> Result<Jwk, ConfigError> {
        let jwk: Jwk = serde_json::from_str(json).map_err(|_| {
            ConfigError::jwt_key("the text is not a JSON Web Key", "see RFC 7517, section 4")
        })?;
        if jwk.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err(ConfigError::jwt_key(
                "the JWK's use is not \"sig\"",
                "use a key for signatures",
            ));
        }
        let is_private = jwk.d.is_some() || jwk.k.is_some();
        let has_a_use = jwk.allows("verify") || is_private && jwk.may_sign();
        if !has_a_use {
            return Err(ConfigError::jwt_key(
                "the JWK's key_ops forbid it",
                "use a key for signatures",
            ));
        }
        Ok(jwk)
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
        let curve = self.crv.as_deref().unwrap_or_default();
        let allowed = match (self.kty.as_str(), curve) {
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

    /// The secret of an `oct` key.
    pub(super) fn secret(&self) -> Result<Option<Zeroizing<Vec<u8>>>, ConfigError> {
        (self.kty == "oct")
            .then(|| member("k", &self.k))
            .transpose()
    }

    pub(super) fn public(&self) -> Result<PublicKey, ConfigError> {
        let octets = |name, value| member(name, value).map(|octets| octets.to_vec());
        Ok(match self.kty.as_str() {
            "RSA" => PublicKey::Rsa {
                n: octets("n", &self.n)?,
                e: octets("e", &self.e)?,
            },
            "EC" => PublicKey::Ec {
                x: octets("x", &self.x)?,
                y: octets("y", &self.y)?,
            },
            _ => PublicKey::Ed25519 {
                x: octets("x", &self.x)?,
            },
        })
    }

    /// The private half, if it is there.
    pub(super) fn private(&self) -> Result<Option<EncodingKey>, ConfigError> {
        if self.d.is_none() {
            return Ok(None);
        }
        let d = member("d", &self.d)?;
        Ok(Some(match self.kty.as_str() {
            "RSA" => {
                let mut numbers = vec![der::integer(&[0])];
                for (name, value) in [
                    ("n", &self.n),
                    ("e", &self.e),
                    ("d", &self.d),
                    ("p", &self.p),
                    ("q", &self.q),
                    ("dp", &self.dp),
                    ("dq", &self.dq),
                    ("qi", &self.qi),
                ] {
                    numbers.push(der::integer(&member(name, value)?));
                }
                EncodingKey::from_rsa_der(&der::sequence(&numbers))
            }
            "EC" => {
                let (x, y) = (member("x", &self.x)?, member("y", &self.y)?);
                let curve = if self.crv.as_deref() == Some("P-384") {
                    P384
                } else {
                    P256
                };
                EncodingKey::from_ec_der(&der::ec_private_key(curve, &d, &x, &y))
            }
            _ => EncodingKey::from_ed_der(&der::ed25519_private_key(&d)),
        }))
    }
}

impl Drop for Jwk {
    fn drop(&mut self) {
        let private = [
            &mut self.k,
            &mut self.d,
            &mut self.p,
            &mut self.q,
            &mut self.dp,
            &mut self.dq,
        ];
        private.into_iter().for_each(Zeroize::zeroize);
        self.qi.zeroize();
    }
}

/// The numbers of a public key.
pub(super) enum PublicKey {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { x: Vec<u8>, y: Vec<u8> },
    Ed25519 { x: Vec<u8> },
}

impl PublicKey {
    /// Checks what back ends look at only when they verify, or never.
    pub(super) fn check(&self, algorithm: Algorithm) -> Result<(), ConfigError> {
        let coordinate = if algorithm == Algorithm::ES384 {
            48
        } else {
            32
        };
        let is_sound = match self {
            PublicKey::Rsa { n, e } => {
                let bits = bits(n);
                if bits < 2048 {
                    let problem = format!("an RSA key of {bits} bits is too short");
                    let fix = "use 2048 bits or more (RFC 7518, section 3.3)";
                    return Err(ConfigError::jwt_key(problem, fix));
                }
                // No zeros in front (RFC 7518, section 2), odd and not 1 (RFC 8017, section 3.1).
                let is_odd = e.last().is_some_and(|last| last % 2 == 1);
                is_odd && *e != [1] && e[0] != 0 && n[0] != 0
            }
            PublicKey::Ec { x, y } => x.len() == coordinate && y.len() == coordinate,
            PublicKey::Ed25519 { x } => x.len() == 32,
        };
        if is_sound {
            return Ok(());
        }
        let problem = format!("a number of the public key cannot be one for {algorithm:?}");
        Err(ConfigError::jwt_key(
            problem,
            "use the key as it was generated",
        ))
    }

    pub(super) fn decoding_key(&self) -> DecodingKey {
        match self {
            PublicKey::Rsa { n, e } => DecodingKey::from_rsa_raw_components(n, e),
            PublicKey::Ec { x, y } => DecodingKey::from_ec_der(&[&[4], &x[..], &y[..]].concat()),
            PublicKey::Ed25519 { x } => DecodingKey::from_ed_der(x),
        }
    }

    /// The modulus of an RSA key, without zeros in front.
    pub(super) fn modulus(&self) -> Option<Vec<u8>> {
        match self {
            PublicKey::Rsa { n, .. } => Some(n.clone()),
            _ => None,
        }
    }

    /// The length of a signature (RFC 7518, sections 3.3 to 3.5, and RFC 8032, section 5.1.6).
    pub(super) fn signature_octets(&self) -> usize {
        match self {
            PublicKey::Rsa { n, .. } => n.len(),
            PublicKey::Ec { x, .. } => 2 * x.len(),
            PublicKey::Ed25519 { .. } => 64,
        }
    }

    /// The members that RFC 7638, section 3.2, names, in its order.
    pub(super) fn thumbprint_input(&self) -> String {
        let text = |bytes: &Vec<u8>| base64url::text(bytes);
        match self {
            PublicKey::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n))
            }
            PublicKey::Ec { x, y } => {
                let curve = if x.len() == 48 { "P-384" } else { "P-256" };
                let (x, y) = (text(x), text(y));
                format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            PublicKey::Ed25519 { x } => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, text(x))
            }
        }
    }
}

/// The length of a number without the zeros in front.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    let first = number
        .get(zeros)
        .map_or(0, |octet| octet.leading_zeros() as usize);
    8 * (number.len() - zeros) - first
}

/// The octets of a member in base64url.
fn member(name: &str, value: &Option<String>) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    let text = value.as_deref().unwrap_or_default().as_bytes();
    let mut octets = Zeroizing::new(vec![0; text.len()]);
    let length = base64url::decode(text, &mut octets).map_or(0, |octets| octets.len());
    octets.truncate(length);
    if octets.is_empty() {
        let problem = format!("the JWK's {name:?} is missing or not base64url");
        return Err(ConfigError::jwt_key(problem, "see RFC 7518, section 6"));
    }
    Ok(octets)
}

/// 1.2.840.10045.3.1.7 and 1.3.132.0.34 (RFC 5480, section 2.1.1.1).
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];

/// The few structures of DER in which back ends take private keys.
mod der {
    use zeroize::Zeroizing;

    type Der = Zeroizing<Vec<u8>>;

    pub(super) fn sequence(parts: &[Der]) -> Der {
        element(0x30, parts)
    }

    pub(super) fn integer(number: &[u8]) -> Der {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let digits = &number[zeros.min(number.len().saturating_sub(1))..];
        let sign: &[u8] = if digits.first().is_some_and(|byte| *byte >= 0x80) {
            &[0]
        } else {
            &[]
        };
        element(0x02, &[raw(sign), raw(digits)])
    }

    /// PKCS#8 (RFC 5208) around an `ECPrivateKey` (RFC 5915).
    pub(super) fn ec_private_key(curve: &[u8], d: &[u8], x: &[u8], y: &[u8]) -> Der {
        let algorithm = sequence(&[element(0x06, &[raw(EC)]), element(0x06, &[raw(curve)])]);
        let point = element(0x03, &[raw(&[0, 4]), raw(x), raw(y)]);
        let key = sequence(&[integer(&[1]), octets(&[raw(d)]), element(0xa1, &[point])]);
        sequence(&[integer(&[0]), algorithm, octets(&[key])])
    }

    /// PKCS#8 around a `CurvePrivateKey` (RFC 8410, section 7).
    pub(super) fn ed25519_private_key(d: &[u8]) -> Der {
        let algorithm = sequence(&[element(0x06, &[raw(ED25519)])]);
        sequence(&[integer(&[0]), algorithm, octets(&[octets(&[raw(d)])])])
    }

    fn octets(parts: &[Der]) -> Der {
        element(0x04, parts)
    }

    fn element(tag: u8, parts: &[Der]) -> Der {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let bytes = length.to_be_bytes();
        let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
        let mut out = Zeroizing::new(Vec::with_capacity(2 + digits.len() + length));
        out.push(tag);
        if length >= 0x80 {
            out.push(0x80 | digits.len() as u8);
            out.extend_from_slice(digits);
        } else {
            out.push(length as u8);
        }
        parts.iter().for_each(|part| out.extend_from_slice(part));
        out
    }

    fn raw(bytes: &[u8]) -> Der {
        Zeroizing::new(bytes.to_vec())
    }

    /// 1.2.840.10045.2.1 (RFC 5480) and 1.3.101.112 (RFC 8410).
    const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
}
