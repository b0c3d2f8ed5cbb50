//! A token as it is before any key was asked. Nothing here is authentic.

use std::{error::Error, fmt};

use serde_json::Value;

use super::{
    sealed::{HEAD, VERSION},
    xaes::TAG,
};
use crate::base::base64url;

/// What a token shows to everyone: its format, its length, the key that it names, and the claims of a
/// JWT.
///
/// Nothing of it is checked, and whoever sends a token chooses all of it: it is for tools and logs, and
/// never for a decision.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeyRing, inspect::{Outline, TokenFormat}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = Key::generate()?;
/// let login = Codec::<u64>::sealed("login", KeyRing::new(key.clone())).build()?;
/// let outline = Outline::of(login.seal(&7)?)?;
/// assert_eq!(outline.format, TokenFormat::Sealed);
/// assert_eq!(outline.key_id, Some(key.id()));
/// assert!(Outline::of("AbCd").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline {
    /// Which of the two formats it has.
    pub format: TokenFormat,
    /// The length of the whole token.
    pub characters: usize,
    /// The key that it names: eight hexadecimal digits, or the `kid` of a JWT if it has one.
    pub key_id: Option<String>,
    /// What a JWT says that it is for, as `session` in `session+jwt`.
    pub kind: Option<String>,
    /// The `alg` of a JWT.
    pub algorithm: Option<String>,
    /// The claims of a JWT, as they stand there, if they are UTF-8. Nobody vouches for them.
    pub unverified_claims: Option<String>,
}

/// The claims are the user's, so only their length shows.
impl fmt::Debug for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claims = self.unverified_claims.as_ref().map(String::len);
        f.debug_struct("Outline")
            .field("format", &self.format)
            .field("characters", &self.characters)
            .field("key_id", &self.key_id)
            .field("kind", &self.kind)
            .field("algorithm", &self.algorithm)
            .field("octets_of_claims", &claims)
            .finish()
    }
}

/// Which of the two formats a token has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenFormat {
    /// Encrypted, of [`Codec::sealed`](crate::Codec::sealed).
    Sealed,
    /// A JWT, as of `Codec::jwt`.
    Jwt,
}

/// Why a text has not the shape of a token.
///
/// It says where, and shows nothing of the text.
///
/// # Examples
///
/// ```
/// use haversack::inspect::Outline;
///
/// let flaw = Outline::of("AbCd+fGh").unwrap_err();
/// assert_eq!(flaw.to_string(), "its character 5 is not one of base64url");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw(String);

impl Outline {
    /// Looks at a token of either format, of a session, a ticket, or the mark of a sign-out.
    ///
    /// # Errors
    ///
    /// [`Flaw`] for what has not the shape of one.
    pub fn of(token: impl AsRef<[u8]>) -> Result<Outline, Flaw> {
        let token = token.as_ref();
        match token.contains(&b'.') {
            true => Parts::of(token).map(|parts| parts.outline(token.len())),
            false => Outline::of_sealed(token, 0),
        }
    }

    /// Looks at a sealed token with a body of so many octets at least.
    pub(crate) fn of_sealed(token: &[u8], least: usize) -> Result<Outline, Flaw> {
        let octets = decode("", token)?;
        if octets.first().is_some_and(|version| *version != VERSION) {
            let version = octets[0];
            return flaw(format!(
                "its first octet says version {version}, and this is version {VERSION}"
            ));
        }
        let least = HEAD + least + TAG;
        if octets.len() < least {
            let found = octets.len();
            return flaw(format!(
                "it has {found} octets, and the shortest has {least}"
            ));
        }
        let id = octets[1..5].iter().map(|octet| format!("{octet:02x}"));
        Ok(Outline {
            format: TokenFormat::Sealed,
            characters: token.len(),
            key_id: Some(id.collect()),
            kind: None,
            algorithm: None,
            unverified_claims: None,
        })
    }
}

/// The parts of a JWT, decoded.
pub(crate) struct Parts {
    pub(crate) header: Vec<u8>,
    pub(crate) claims: Vec<u8>,
}

impl Parts {
    pub(crate) fn of(token: &[u8]) -> Result<Parts, Flaw> {
        let parts: Vec<_> = token.split(|octet| *octet == b'.').collect();
        let [header, claims, signature] = parts[..] else {
            let found = parts.len();
            return flaw(format!("it has {found} parts, and a JWT has 3"));
        };
        decode(" of the signature", signature)?;
        Ok(Parts {
            claims: decode(" of the claims", claims)?,
            header: decode(" of the header", header)?,
        })
    }

    fn outline(self, characters: usize) -> Outline {
        let header: Value = serde_json::from_slice(&self.header).unwrap_or_default();
        let text = |name: &str| header.get(name)?.as_str();
        let kind = text("typ").and_then(|typ| typ.strip_suffix("+jwt"));
        Outline {
            format: TokenFormat::Jwt,
            characters,
            key_id: text("kid").map(str::to_owned),
            kind: kind.map(str::to_owned),
            algorithm: text("alg").map(str::to_owned),
            unverified_claims: String::from_utf8(self.claims).ok(),
        }
    }
}

/// The octets of a text in base64url, or what keeps it from being one.
fn decode(part: &str, text: &[u8]) -> Result<Vec<u8>, Flaw> {
    let mut octets = vec![0; base64url::most_bytes(text.len())];
    if let Some(decoded) = base64url::decode(text, &mut octets) {
        return Ok(decoded.to_vec());
    }
    let is_outside = |octet: &u8| !octet.is_ascii_alphanumeric() && !b"-_".contains(octet);
    match text.iter().position(is_outside) {
        Some(at) if text[at..].iter().all(|octet| *octet == b'=') => {
            flaw(format!("there is padding at the end{part}"))
        }
        Some(at) => flaw(format!(
            "its character {}{part} is not one of base64url",
            at + 1
        )),
        None if text.len() % 4 == 1 => flaw(format!(
            "{} characters{part} are no whole number of octets",
            text.len()
        )),
        None => flaw(format!(
            "the last character{part} has bits that must be zero"
        )),
    }
}

fn flaw<T>(text: String) -> Result<T, Flaw> {
    Err(Flaw(text))
}

impl fmt::Display for TokenFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TokenFormat::Sealed => "sealed",
            TokenFormat::Jwt => "JWT",
        })
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Flaw {}
