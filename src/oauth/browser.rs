//! What a browser is known by, and what is derived from it.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::base::{
    base64url,
    crypto::{HmacSha256, Mac as _, sha256},
    random::{Random, RandomError},
};

/// What a browser has in its sealed cookie.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Browser {
    secret: Option<Secret>,
    /// The one before, for what was begun with it.
    before: Option<Secret>,
    /// What tells the last used `state`s from others.
    used: Vec<String>,
}

/// A random secret: 256 bits as base64url.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Secret {
    text: String,
    /// In seconds since 1970.
    pub(super) drawn: u64,
}

impl Browser {
    /// The secret of what is begun now: a new one after a day, so that a copy of the cookie is of use for
    /// two.
    pub(super) fn secret(&mut self, now: u64, random: &dyn Random) -> Result<Secret, RandomError> {
        let is_new = |secret: &Secret| now < secret.drawn.saturating_add(DAY);
        if let Some(secret) = self.secret.clone().filter(is_new) {
            return Ok(secret);
        }
        let secret = Secret::drawn(now, random)?;
        self.before = self.secret.replace(secret.clone());
        Ok(secret)
    }

    /// The secret that was drawn at this time.
    pub(super) fn secret_of(&self, drawn: u64) -> Option<&Secret> {
        let secrets = [&self.secret, &self.before].into_iter().flatten();
        secrets.into_iter().find(|secret| secret.drawn == drawn)
    }

    pub(super) fn has_used(&self, state: &[u8]) -> bool {
        self.used.contains(&short(state))
    }

    pub(super) fn use_up(&mut self, state: &[u8]) {
        self.used.insert(0, short(state));
        self.used.truncate(MOST_USED);
    }
}

impl Secret {
    fn drawn(now: u64, random: &dyn Random) -> Result<Secret, RandomError> {
        let mut octets = Zeroizing::new([0; 32]);
        random.fill(&mut *octets)?;
        Ok(Secret {
            text: base64url::text(&*octets),
            drawn: now,
        })
    }

    pub(super) fn octets(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The verifier of one trip (RFC 7636, section 4.1).
    pub(super) fn code_verifier(&self, state: &[u8]) -> String {
        self.derived(b"code_verifier", state)
    }

    /// The `nonce` of one trip.
    pub(super) fn nonce(&self, state: &[u8]) -> String {
        self.derived(b"nonce", state)
    }

    fn derived(&self, what: &[u8], state: &[u8]) -> String {
        let mut mac = HmacSha256::new(self.octets());
        // A state has no space.
        for part in [what, b" ", state] {
            mac.update(part);
        }
        base64url::text(&mac.finish::<32>())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl ZeroizeOnDrop for Secret {}

/// The challenge of a verifier, by the method `S256` (RFC 7636, section 4.2).
pub(super) fn code_challenge(code_verifier: &str) -> String {
    base64url::text(&sha256(code_verifier.as_bytes()))
}

/// 64 bits of a hash.
fn short(state: &[u8]) -> String {
    base64url::text(&sha256(state)[..8])
}

const DAY: u64 = 24 * 60 * 60;
/// How many used `state`s a browser remembers: 14 octets each.
const MOST_USED: usize = 32;
