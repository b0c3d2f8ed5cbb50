//! AES-256-GCM with nonces of 96 bits.

use std::fmt;

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};

/// A key, expanded once.
#[derive(Clone)]
pub(crate) struct Cipher(Box<Aes256Gcm>);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Cipher {
        Cipher(Box::new(Aes256Gcm::new(key.into())))
    }

    /// Opens the text in place.
    pub(crate) fn open(
        &self,
        nonce: &[u8; 12],
        associated: &[u8],
        text: &mut [u8],
        tag: &[u8; 16],
    ) -> bool {
        let opened =
            self.0
                .decrypt_inout_detached(nonce.into(), associated, text.into(), tag.into());
        opened.is_ok()
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher(..)")
    }
}
