//! The crates of RustCrypto, which are Rust only.

use aes_gcm::{
    AeadInOut, AesGcm,
    aead::consts::U12,
    aes::{Aes256Enc, cipher::BlockCipherEncrypt},
};
use hmac::{Hmac, KeyInit};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroizing, optimization_barrier};

use super::{BLOCK, GCM_NONCE, Mac, TAG};
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

pub(crate) type HmacSha256 = Hmac<Sha256>;
#[cfg(feature = "jwt")]
pub(crate) type HmacSha384 = Hmac<sha2::Sha384>;
#[cfg(feature = "jwt")]
pub(crate) type HmacSha512 = Hmac<sha2::Sha512>;

impl<M: hmac::Mac + KeyInit + Clone + Send + Sync + 'static> Mac for M {
    #[inline(never)]
    #[expect(
        clippy::expect_used,
        reason = "HMAC takes keys of every length, RFC 2104, section 2"
    )]
    fn new(key: &[u8]) -> M {
        M::new_from_slice(key).expect("any length is a key")
    }

    #[cfg(feature = "jwt")]
    fn octets() -> usize {
        M::output_size()
    }

    fn update(&mut self, octets: &[u8]) {
        hmac::Mac::update(self, octets);
    }

    fn finish<const N: usize>(self) -> [u8; N] {
        let mac = self.finalize().into_bytes();
        let mut octets = [0; N];
        let length = mac.len().min(N);
        octets[..length].copy_from_slice(&mac[..length]);
        octets
    }

    fn begins_with(self, octets: &[u8]) -> bool {
        self.verify_truncated_left(octets).is_ok()
    }
}

/// Fills `out`; `None` if that is more than 255 hashes.
pub(crate) fn hkdf(salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Option<()> {
    // Section 2.2: no salt is a salt of zeros, which HMAC fills keys up with.
    let extract = <HmacSha256 as Mac>::new(salt);
    let key = mac_of(&extract, [secret, b"", b""]);
    // Section 2.3: each part is of the one before.
    let expand = <HmacSha256 as Mac>::new(&*key);
    for (index, start) in (0..out.len()).step_by(32).enumerate() {
        let counter = u8::try_from(index + 1).ok()?;
        let (done, rest) = out.split_at_mut(start);
        let before = &done[start.saturating_sub(32)..];
        let part = mac_of(&expand, [before, info, &[counter]]);
        let length = rest.len().min(32);
        rest[..length].copy_from_slice(&part[..length]);
    }
    Some(())
}

/// The MAC of these octets, one behind the other.
#[inline(never)]
fn mac_of(prepared: &HmacSha256, parts: [&[u8]; 3]) -> Zeroizing<[u8; 32]> {
    let mut mac = prepared.clone();
    for part in parts {
        Mac::update(&mut mac, part);
    }
    Zeroizing::new(mac.finish())
}

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    Sha256::digest(octets).into()
}
