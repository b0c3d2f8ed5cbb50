//! AES-256-CBC with PKCS #7 padding: only for what a MAC has proved authentic.

use ::cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7},
};
use aes::Aes256;

/// The plain text; none where the padding is wrong.
pub(crate) fn decrypt(key: &[u8; 32], iv: &[u8; 16], text: &[u8]) -> Option<Vec<u8>> {
    let mut text = text.to_vec();
    let decryptor = Decryptor::<Aes256>::new(key.into(), iv.into());
    let length = decryptor.decrypt_padded::<Pkcs7>(&mut text).ok()?.len();
    text.truncate(length);
    Some(text)
}
