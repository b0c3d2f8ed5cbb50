//! The numbers of a key: those of its public half, and its private one as back ends take it.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use super::der;
use crate::{base::base64url, error::ConfigError, keys::jwt::jwk::Jwk};

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

/// The public half of a JWK.
pub(super) fn public(jwk: &Jwk<'_>) -> Result<PublicKey, ConfigError> {
    let octets = |name| jwk.number(name).map(|octets| octets.to_vec());
    Ok(match &*jwk.kty {
        "RSA" => PublicKey::Rsa {
            n: octets("n")?,
            e: octets("e")?,
        },
        "EC" => PublicKey::Ec {
            x: octets("x")?,
            y: octets("y")?,
        },
        _ => PublicKey::Ed25519 { x: octets("x")? },
    })
}

/// The private half of a JWK, if it is there.
pub(super) fn private(jwk: &Jwk<'_>) -> Result<Option<EncodingKey>, ConfigError> {
    if !jwk.has("d") {
        return Ok(None);
    }
    Ok(Some(match &*jwk.kty {
        "RSA" => {
            let mut numbers = vec![der::integer(&[0])];
            for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
                numbers.push(der::integer(&jwk.number(name)?));
            }
            EncodingKey::from_rsa_der(&der::sequence(&numbers))
        }
        "EC" => {
            let [d, x, y] = ["d", "x", "y"].map(|name| jwk.number(name));
            let curve = if jwk.curve() == "P-384" { P384 } else { P256 };
            EncodingKey::from_ec_der(&der::ec_private_key(curve, &d?, &x?, &y?))
        }
        _ => EncodingKey::from_ed_der(&der::ed25519_private_key(&jwk.number("d")?)),
    }))
}

/// 1.2.840.10045.3.1.7 and 1.3.132.0.34 (RFC 5480, section 2.1.1.1).
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
