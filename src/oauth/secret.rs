//! What a browser is known by, and what is derived from it.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::base::{
    base64url,
    random::{Random, RandomError},
};

/// The random secret of a browser: 256 bits as base64url, in a sealed cookie.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Secret(String);

impl Secret {
    pub(super) fn drawn(random: &dyn Random) -> Result<Secret, RandomError> {
        let mut octets = Zeroizing::new([0; 32]);
        random.fill(&mut *octets)?;
        Ok(Secret(base64url::text(&*octets)))
    }

    pub(super) fn octets(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The verifier of one trip (RFC 7636, section 4.1).
    pub(super) fn code_verifier(&self, state: &[u8]) -> String {
        self.derived(b"code_verifier", state)
    }

    /// The `nonce` of one trip.
    pub(super) fn nonce(&self, state: &[u8]) -> String {
        self.derived(b"nonce", state)
    }

    #[expect(
        clippy::expect_used,
        reason = "HMAC takes keys of every length, RFC 2104, section 2"
    )]
    fn derived(&self, what: &[u8], state: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(self.octets()).expect("any length is a key");
        // A state has no space.
        let mac = mac
            .chain_update(what)
            .chain_update(b" ")
            .chain_update(state);
        base64url::text(&mac.finalize().into_bytes())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Secret {}

/// The challenge of a verifier, by the method `S256` (RFC 7636, section 4.2).
pub(super) fn code_challenge(code_verifier: &str) -> String {
    base64url::text(&Sha256::digest(code_verifier))
}
