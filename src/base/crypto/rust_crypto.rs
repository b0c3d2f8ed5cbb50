//! The crates of RustCrypto, which are Rust only.

use aes_gcm::{
    AeadInOut, AesGcm,
    aead::consts::U12,
    aes::{Aes256Enc, cipher::BlockCipherEncrypt},
};
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::{Digest as _, Sha256};
#[cfg(feature = "jwt")]
use sha2::{Sha384, Sha512};
use zeroize::{Zeroizing, optimization_barrier};

use super::{BLOCK, GCM_NONCE, Hash, TAG};
use crate::base::buffer::{CIPHER, wipe_stack};

/// GCM only ever encrypts blocks, so half of the AES key schedule is enough for both directions.
type Aes256Gcm<'k> = AesGcm<&'k Aes256Enc, U12>;

/// AES-256, encrypting only.
pub(crate) struct Aes256(Aes256Enc);

impl Aes256 {
    pub(crate) fn new(key: &[u8; 32]) -> Aes256 {
        Aes256(Aes256Enc::new(key.into()))
    }

    /// Encrypts two blocks, each for itself.
    #[inline(always)]
    pub(crate) fn encrypt(&self, blocks: [[u8; BLOCK]; 2]) -> [[u8; BLOCK]; 2] {
        let mut blocks = blocks.map(Into::into);
        self.0.encrypt_blocks(&mut blocks);
        blocks.map(Into::into)
    }
}

impl Drop for Aes256 {
    fn drop(&mut self) {
        self.0 = Aes256Enc::new(&[0; 32].into());
        optimization_barrier(self);
        wipe_stack::<CIPHER>();
    }
}

/// Encrypts `text` in place and returns its tag.
#[inline(always)]
pub(crate) fn gcm_seal(
    key: &[u8; 32],
    nonce: &[u8; GCM_NONCE],
    associated: &[u8],
    text: &mut [u8],
) -> [u8; TAG] {
    let aes = Aes256Enc::new(key.into());
    #[expect(
        clippy::expect_used,
        reason = "no token is nearly as long as 2^36 octets, SP 800-38D, section 5.2.1.1"
    )]
    Aes256Gcm::from(&aes)
        .encrypt_inout_detached(nonce.into(), associated, text.into())
        .expect("a text that is not too long")
        .into()
}

/// Decrypts `text` in place if its tag is right, and leaves it as it is otherwise.
#[inline(always)]
pub(crate) fn gcm_open(
    key: &[u8; 32],
    nonce: &[u8; GCM_NONCE],
    associated: &[u8],
    text: &mut [u8],
    tag: &[u8; TAG],
) -> Option<()> {
    let aes = Aes256Enc::new(key.into());
    Aes256Gcm::from(&aes)
        .decrypt_inout_detached(nonce.into(), associated, text.into(), tag.into())
        .ok()
}

/// HMAC with the state after the key prepared. The large ones are boxed, as the small one is moved.
#[derive(Clone)]
pub(crate) enum Mac {
    Sha256(Hmac<Sha256>),
    #[cfg(feature = "jwt")]
    Sha384(Box<Hmac<Sha384>>),
    #[cfg(feature = "jwt")]
    Sha512(Box<Hmac<Sha512>>),
}

impl Mac {
    pub(crate) fn new(hash: Hash, key: &[u8]) -> Mac {
        match hash {
            Hash::Sha256 => Mac::Sha256(prepared(key)),
            #[cfg(feature = "jwt")]
            Hash::Sha384 => Mac::Sha384(Box::new(prepared(key))),
            #[cfg(feature = "jwt")]
            Hash::Sha512 => Mac::Sha512(Box::new(prepared(key))),
        }
    }

    /// Adds octets to what the MAC is of.
    pub(crate) fn update(&mut self, octets: &[u8]) {
        match self {
            Mac::Sha256(mac) => mac.update(octets),
            #[cfg(feature = "jwt")]
            Mac::Sha384(mac) => mac.update(octets),
            #[cfg(feature = "jwt")]
            Mac::Sha512(mac) => mac.update(octets),
        }
    }

    /// The first `N` octets of the MAC, with zeros behind it.
    pub(crate) fn finish<const N: usize>(self) -> [u8; N] {
        match self {
            Mac::Sha256(mac) => first(&mac.finalize().into_bytes()),
            #[cfg(feature = "jwt")]
            Mac::Sha384(mac) => first(&(*mac).finalize().into_bytes()),
            #[cfg(feature = "jwt")]
            Mac::Sha512(mac) => first(&(*mac).finalize().into_bytes()),
        }
    }

    /// Whether the MAC begins with these octets, of which there are some, in constant time.
    pub(crate) fn begins_with(self, octets: &[u8]) -> bool {
        match self {
            Mac::Sha256(mac) => mac.verify_truncated_left(octets).is_ok(),
            #[cfg(feature = "jwt")]
            Mac::Sha384(mac) => mac.verify_truncated_left(octets).is_ok(),
            #[cfg(feature = "jwt")]
            Mac::Sha512(mac) => mac.verify_truncated_left(octets).is_ok(),
        }
    }
}

/// Fills `out`; `None` if that is more than 255 hashes.
pub(crate) fn hkdf(salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Option<()> {
    // Section 2.2: no salt is a salt of zeros, which HMAC fills keys up with.
    let mut extract = Mac::new(Hash::Sha256, salt);
    extract.update(secret);
    let key = Zeroizing::new(extract.finish::<32>());
    // Section 2.3.
    let expand = Mac::new(Hash::Sha256, &*key);
    let mut before = Zeroizing::new([0; 32]);
    for (index, part) in out.chunks_mut(32).enumerate() {
        let counter = u8::try_from(index + 1).ok()?;
        let mut mac = expand.clone();
        if index > 0 {
            mac.update(&*before);
        }
        mac.update(info);
        mac.update(&[counter]);
        *before = mac.finish();
        part.copy_from_slice(&before[..part.len()]);
    }
    Some(())
}

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    Sha256::digest(octets).into()
}

#[expect(
    clippy::expect_used,
    reason = "HMAC takes keys of every length, RFC 2104, section 2"
)]
fn prepared<M: KeyInit>(key: &[u8]) -> M {
    M::new_from_slice(key).expect("any length is a key")
}

fn first<const N: usize>(mac: &[u8]) -> [u8; N] {
    let mut octets = [0; N];
    let length = mac.len().min(N);
    octets[..length].copy_from_slice(&mac[..length]);
    octets
}
