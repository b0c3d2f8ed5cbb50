//! Keys as text, of sealed and of signed sessions.

pub(crate) mod generate;

use haversack::{AWS_LC, JwtKey, JwtKeys, Key, KeyRing};
use zeroize::Zeroizing;

use crate::{
    args::{Algorithm, Format, KeysArgs},
    failure::Failure,
    input,
};

/// The text of keys, from where it is kept.
pub(crate) struct KeysText {
    text: Zeroizing<String>,
    /// What they are said to be for.
    said: Option<Format>,
    algorithm: Option<Algorithm>,
}

impl KeysArgs {
    /// Whether it is said where keys are.
    pub(crate) fn are_given(&self) -> bool {
        self.keys.is_some() || self.keys_env.is_some()
    }

    /// Whether they are on standard input.
    pub(crate) fn are_piped(&self) -> bool {
        match &self.keys {
            Some(path) => path.as_os_str() == "-",
            None => self.keys_env.is_none(),
        }
    }

    pub(crate) fn read(&self) -> Result<KeysText, Failure> {
        let octets = match (&self.keys, &self.keys_env) {
            (Some(path), _) if path.as_os_str() == "-" => input::stdin(LONGEST, "keys")?,
            (Some(path), _) => input::file(path, LONGEST)?,
            (None, Some(name)) => input::variable(name)?,
            (None, None) => input::piped(
                LONGEST,
                "keys",
                "name their place with --keys FILE or --keys-env NAME",
            )?,
        };
        KeysText::new(&octets, self.format, self.alg)
    }
}

impl KeysText {
    pub(crate) fn new(
        octets: &[u8],
        said: Option<Format>,
        algorithm: Option<Algorithm>,
    ) -> Result<KeysText, Failure> {
        let Ok(text) = str::from_utf8(octets) else {
            let found = octets.len();
            return Err(Failure::misuse(format!(
                "the keys are {found} octets and no text; save them as UTF-8"
            )));
        };
        Ok(KeysText {
            text: Zeroizing::new(text.to_owned()),
            said,
            algorithm,
        })
    }

    /// Which sessions they are for, as far as that is said or shows in the text.
    pub(crate) fn known_format(&self) -> Option<Format> {
        let shows_it = self.text.contains(['{', '[']) || self.is_pem();
        self.said.or(shows_it.then_some(Format::Jwt))
    }

    /// The same, and otherwise what is usual: a secret for HS256 is such a text, too.
    pub(crate) fn format(&self) -> Format {
        self.known_format().unwrap_or(Format::Sealed)
    }

    pub(crate) fn ring(&self) -> Result<KeyRing, Failure> {
        Ok(self.text.parse()?)
    }

    pub(crate) fn jwt_keys(&self) -> Result<JwtKeys, Failure> {
        if !self.is_pem() {
            return Ok(JwtKeys::from_text(&self.text, Some(&AWS_LC))?);
        }
        let key = self.pem()?;
        Ok(match key.signs() {
            true => JwtKeys::new(key),
            false => JwtKeys::verifying(key),
        })
    }

    fn is_pem(&self) -> bool {
        self.text.trim_start().starts_with("-----BEGIN ")
    }

    /// The key in PEM, with the algorithm that is given or the only one that it can have.
    fn pem(&self) -> Result<JwtKey, Failure> {
        let read = |algorithm: Algorithm| JwtKey::pem(algorithm.into(), &*self.text, &AWS_LC);
        if let Some(algorithm) = self.algorithm {
            return Ok(read(algorithm)?);
        }
        let only = [Algorithm::Ed25519, Algorithm::ES256, Algorithm::ES384];
        only.into_iter().find_map(|algorithm| read(algorithm).ok()).ok_or_else(|| {
            Failure::misuse(
                "the key in PEM is none of Ed25519, P-256 or P-384; for one of RSA say what it is used \
                 for, such as --alg RS256",
            )
        })
    }

    /// The keys one by one, for who edits the text.
    pub(crate) fn entries(&self) -> Result<Entries, Failure> {
        if self.is_pem() {
            return Err(Failure::misuse(
                "a ring in PEM has one key; write its keys as JSON Web Keys, see `haversack key --jwk`",
            ));
        }
        let (entries, format) = match self.format() {
            Format::Sealed => (self.sealed_entries()?, Format::Sealed),
            Format::Jwt => (self.jwt_entries()?, Format::Jwt),
        };
        let is_set = self.text.trim_start().starts_with('{')
            && serde_json::from_str::<serde_json::Value>(&self.text)
                .is_ok_and(|json| json.get("keys").is_some());
        Ok(Entries {
            entries,
            format,
            is_set,
        })
    }

    fn sealed_entries(&self) -> Result<Vec<Entry>, Failure> {
        let ring = self.ring()?;
        Ok(ring.keys().iter().map(Entry::sealed).collect())
    }

    fn jwt_entries(&self) -> Result<Vec<Entry>, Failure> {
        let keys = self.jwt_keys()?;
        let texts = JwtKeys::split(&self.text)?;
        let entry = |(key, text): (&JwtKey, &str)| Entry {
            id: key.key_id().to_owned(),
            text: Zeroizing::new(text.trim().to_owned()),
            algorithm: Some(key.algorithm()),
            signs: key.signs(),
        };
        Ok(keys.keys().iter().zip(texts).map(entry).collect())
    }
}

/// The keys of a text one by one, the one that seals or signs first.
pub(crate) struct Entries {
    pub(crate) entries: Vec<Entry>,
    pub(crate) format: Format,
    /// Whether the text is a JWK Set.
    is_set: bool,
}

/// One key.
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) text: Zeroizing<String>,
    /// Of a key for JWTs.
    pub(crate) algorithm: Option<haversack::Algorithm>,
    /// Whether it can seal or sign.
    pub(crate) signs: bool,
}

impl Entry {
    pub(crate) fn sealed(key: &Key) -> Entry {
        Entry {
            id: key.id(),
            text: Zeroizing::new(key.to_text()),
            algorithm: None,
            signs: true,
        }
    }
}

impl Entries {
    /// The text of all of them, which is read again before it is given out.
    pub(crate) fn text(&self) -> Result<Zeroizing<String>, Failure> {
        let texts: Vec<_> = self
            .entries
            .iter()
            .map(|entry| entry.text.as_str())
            .collect();
        let list = Zeroizing::new(texts.join(","));
        let text = match self.is_set {
            true => Zeroizing::new(format!("{{\"keys\":[{}]}}", *list)),
            false => list,
        };
        let read = KeysText::new(text.as_bytes(), Some(self.format), None)?;
        match self.format {
            Format::Sealed => read.ring().map(drop)?,
            Format::Jwt => read.jwt_keys().map(drop)?,
        }
        Ok(text)
    }

    /// The key that is meant: by its id or how that begins, or the one that is not the first of two.
    pub(crate) fn find(&self, id: Option<&str>, to: &str) -> Result<usize, Failure> {
        let ids: Vec<_> = self.entries.iter().map(|entry| entry.id.as_str()).collect();
        let Some(id) = id else {
            return match ids.len() {
                2 => Ok(1),
                1 => Err(Failure::misuse(format!(
                    "there is one key only, {}; add another one first: haversack ring add",
                    ids[0]
                ))),
                _ => Err(Failure::misuse(format!(
                    "there are {} keys; name the one to {to}: {}",
                    ids.len(),
                    ids[1..].join(", ")
                ))),
            };
        };
        if let Some(index) = ids.iter().position(|known| *known == id) {
            return Ok(index);
        }
        let mut found =
            (0..ids.len()).filter(|index| ids[*index].starts_with(id) && !id.is_empty());
        match (found.next(), found.next()) {
            (Some(index), None) => Ok(index),
            (None, _) => Err(Failure::misuse(format!(
                "no key of the ring has this id; it has {}",
                ids.join(", ")
            ))),
            _ => Err(Failure::misuse(format!(
                "the ids of several keys begin so; write more of it: {}",
                ids.join(", ")
            ))),
        }
    }
}

impl From<Algorithm> for haversack::Algorithm {
    fn from(algorithm: Algorithm) -> haversack::Algorithm {
        match algorithm {
            Algorithm::HS256 => haversack::Algorithm::HS256,
            Algorithm::HS384 => haversack::Algorithm::HS384,
            Algorithm::HS512 => haversack::Algorithm::HS512,
            Algorithm::Ed25519 => haversack::Algorithm::EdDSA,
            Algorithm::ES256 => haversack::Algorithm::ES256,
            Algorithm::ES384 => haversack::Algorithm::ES384,
            Algorithm::RS256 => haversack::Algorithm::RS256,
            Algorithm::RS384 => haversack::Algorithm::RS384,
            Algorithm::RS512 => haversack::Algorithm::RS512,
            Algorithm::PS256 => haversack::Algorithm::PS256,
            Algorithm::PS384 => haversack::Algorithm::PS384,
            Algorithm::PS512 => haversack::Algorithm::PS512,
        }
    }
}

/// Octets of a text, as in the library.
pub(crate) const LONGEST: usize = 1 << 16;
