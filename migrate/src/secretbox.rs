//! NaCl's `secretbox`: XSalsa20 and Poly1305, the tag in front.

use poly1305::{Poly1305, universal_hash::KeyInit as _};
use salsa20::{
    XSalsa20,
    cipher::{KeyIvInit as _, StreamCipher as _},
};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

pub(crate) type Key = Zeroizing<[u8; 32]>;

/// The plain text, if this key made it.
pub(crate) fn open(key: &Key, nonce: &[u8; 24], boxed: &[u8]) -> Option<Vec<u8>> {
    let (tag, text) = boxed.split_first_chunk::<16>()?;
    let mut cipher = XSalsa20::new((&**key).into(), nonce.into());
    // The first 32 octets of the stream are the key of the tag.
    let mut tag_key = Zeroizing::new([0; 32]);
    cipher.apply_keystream(&mut *tag_key);
    let computed = Poly1305::new((&*tag_key).into()).compute_unpadded(text);
    if !bool::from(computed.as_slice().ct_eq(tag)) {
        return None;
    }
    let mut text = text.to_vec();
    cipher.apply_keystream(&mut text);
    Some(text)
}
