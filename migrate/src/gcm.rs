//! AES-256-GCM with nonces of 96 bits.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};

/// Opens the text in place.
pub(crate) fn open(
    key: &[u8; 32],
    nonce: &[u8; 12],
    associated: &[u8],
    text: &mut [u8],
    tag: &[u8; 16],
) -> bool {
    Aes256Gcm::new(key.into())
        .decrypt_inout_detached(nonce.into(), associated, text.into(), tag.into())
        .is_ok()
}
