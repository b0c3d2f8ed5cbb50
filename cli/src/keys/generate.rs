//! New keys.

use aws_lc_rs::{
    encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, Pkcs8V1Der},
    error::Unspecified,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{AWS_LC, JwtKey, Key, Random as _, SystemRandom};
use pkcs8::PrivateKeyInfoRef;
use zeroize::Zeroizing;

use crate::{args::Algorithm, failure::Failure};

/// The text of a new key for sealed sessions, which is also a secret for HS256.
pub(crate) fn key() -> Result<Zeroizing<String>, Failure> {
    Ok(Zeroizing::new(Key::generate()?.to_text()))
}

/// A new JSON Web Key, with its private half and its name.
pub(crate) fn jwk(algorithm: Algorithm) -> Result<Zeroizing<String>, Failure> {
    let members = match algorithm {
        Algorithm::HS256 => secret(32)?,
        Algorithm::HS384 => secret(48)?,
        Algorithm::HS512 => secret(64)?,
        Algorithm::Ed25519 => ed25519().map_err(refused)?,
        Algorithm::ES256 => ecdsa("P-256", &ECDSA_P256_SHA256_FIXED_SIGNING).map_err(refused)?,
        Algorithm::ES384 => ecdsa("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING).map_err(refused)?,
        _ => rsa().map_err(refused)?,
    };
    let unnamed = Zeroizing::new(format!(r#"{{{},"alg":"{algorithm:?}"}}"#, *members));
    // It is the library that names a key, and that says whether it is one.
    let key = JwtKey::jwk(&unnamed, Some(&AWS_LC))?;
    let kid = serde_json::Value::from(key.key_id());
    Ok(Zeroizing::new(format!(
        r#"{{{},"alg":"{algorithm:?}","use":"sig","kid":{kid}}}"#,
        *members
    )))
}

type Members = Zeroizing<String>;

fn secret(octets: usize) -> Result<Members, Failure> {
    let mut secret = Zeroizing::new(vec![0; octets]);
    SystemRandom.fill(&mut secret)?;
    let k = text(&secret);
    Ok(Zeroizing::new(format!(r#""kty":"oct","k":"{}""#, *k)))
}

fn ed25519() -> Result<Members, Unspecified> {
    let pair = Ed25519KeyPair::generate()?;
    let seed = pair.seed()?.as_be_bytes()?;
    let (x, d) = (text(pair.public_key().as_ref()), text(seed.as_ref()));
    Ok(Zeroizing::new(format!(
        r#""kty":"OKP","crv":"Ed25519","x":"{}","d":"{}""#,
        *x, *d
    )))
}

fn ecdsa(curve: &str, algorithm: &'static EcdsaSigningAlgorithm) -> Result<Members, Unspecified> {
    let pair = EcdsaKeyPair::generate(algorithm)?;
    // An uncompressed point: 4, x, y (SEC 1, section 2.3.3).
    let (_, point) = pair
        .public_key()
        .as_ref()
        .split_first()
        .ok_or(Unspecified)?;
    let (x, y) = point.split_at(point.len() / 2);
    let private: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
    let [x, y, d] = [x, y, private.as_ref()].map(text);
    Ok(Zeroizing::new(format!(
        r#""kty":"EC","crv":"{curve}","x":"{}","y":"{}","d":"{}""#,
        *x, *y, *d
    )))
}

/// RSA of 3072 bits, as strong as the others.
fn rsa() -> Result<Members, Unspecified> {
    let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa3072)?;
    let der: Pkcs8V1Der<'_> = pair.as_der()?;
    let info = PrivateKeyInfoRef::try_from(der.as_ref()).map_err(|_| Unspecified)?;
    let key =
        pkcs1::RsaPrivateKey::try_from(info.private_key.as_bytes()).map_err(|_| Unspecified)?;
    let numbers = [
        ("n", key.modulus),
        ("e", key.public_exponent),
        ("d", key.private_exponent),
        ("p", key.prime1),
        ("q", key.prime2),
        ("dp", key.exponent1),
        ("dq", key.exponent2),
        ("qi", key.coefficient),
    ];
    let mut members = Zeroizing::new(r#""kty":"RSA""#.to_owned());
    for (name, number) in numbers {
        *members += &format!(r#","{name}":"{}""#, *text(number.as_bytes()));
    }
    Ok(members)
}

fn text(octets: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(octets))
}

fn refused(_: Unspecified) -> Failure {
    Failure::misuse(
        "the cryptography gave no new key; the operating system must provide randomness",
    )
}
