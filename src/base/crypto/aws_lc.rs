//! AWS-LC by way of `aws-lc-rs`: C and assembler. What it keeps of keys it wipes itself.

#[cfg(feature = "jwt")]
use aws_lc_rs::hmac::{HMAC_SHA384, HMAC_SHA512};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{AES_256, EncryptingKey, UnboundCipherKey},
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    hmac::{self, HMAC_SHA256},
};

use super::{BLOCK, GCM_NONCE, Hash, TAG};

/// AES-256, encrypting only.
pub(crate) struct Aes256(EncryptingKey);

impl Aes256 {
    #[expect(
        clippy::expect_used,
        reason = "32 octets are a key of AES-256, FIPS 197"
    )]
    pub(crate) fn new(key: &[u8; 32]) -> Aes256 {
        let aes = UnboundCipherKey::new(&AES_256, key).and_then(EncryptingKey::ecb);
        Aes256(aes.expect("a key of 32 octets"))
    }

    /// Encrypts two blocks, each for itself.
    #[inline(always)]
    #[expect(
        clippy::expect_used,
        reason = "these are whole blocks, SP 800-38A, section 5.2"
    )]
    pub(crate) fn encrypt(&self, mut blocks: [[u8; BLOCK]; 2]) -> [[u8; BLOCK]; 2] {
        let encrypted = self.0.encrypt(blocks.as_flattened_mut());
        encrypted.expect("whole blocks");
        blocks
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
    let nonce = Nonce::assume_unique_for_key(*nonce);
    #[expect(
        clippy::expect_used,
        reason = "no token is nearly as long as 2^36 octets, SP 800-38D, section 5.2.1.1"
    )]
    let sealed = gcm(key)
        .seal_in_place_separate_tag(nonce, Aad::from(associated), text)
        .expect("a text that is not too long");
    let mut tag = [0; TAG];
    tag.copy_from_slice(sealed.as_ref());
    tag
}

/// Decrypts `text` in place if its tag is right, and leaves zeros otherwise.
#[inline(always)]
pub(crate) fn gcm_open(
    key: &[u8; 32],
    nonce: &[u8; GCM_NONCE],
    associated: &[u8],
    text: &mut [u8],
    tag: &[u8; TAG],
) -> Option<()> {
    let nonce = Nonce::assume_unique_for_key(*nonce);
    gcm(key)
        .open_in_place_separate_tag(nonce, Aad::from(associated), tag, text)
        .ok()?;
    Some(())
}

/// HMAC with the state after the key prepared.
#[derive(Clone)]
pub(crate) struct Mac(hmac::Context);

impl Mac {
    pub(crate) fn new(hash: Hash, key: &[u8]) -> Mac {
        let algorithm = match hash {
            Hash::Sha256 => HMAC_SHA256,
            #[cfg(feature = "jwt")]
            Hash::Sha384 => HMAC_SHA384,
            #[cfg(feature = "jwt")]
            Hash::Sha512 => HMAC_SHA512,
        };
        Mac(hmac::Context::with_key(&hmac::Key::new(algorithm, key)))
    }

    /// Adds octets to what the MAC is of.
    pub(crate) fn update(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    /// The first `N` octets of the MAC, with zeros behind it.
    pub(crate) fn finish<const N: usize>(self) -> [u8; N] {
        let mac = self.0.sign();
        let mut octets = [0; N];
        let length = mac.as_ref().len().min(N);
        octets[..length].copy_from_slice(&mac.as_ref()[..length]);
        octets
    }

    /// Whether the MAC begins with these octets, of which there are some, in constant time.
    pub(crate) fn begins_with(self, octets: &[u8]) -> bool {
        let mac = self.0.sign();
        let first = mac.as_ref().get(..octets.len());
        !octets.is_empty()
            && first.is_some_and(|first| verify_slices_are_equal(first, octets).is_ok())
    }
}

/// Fills `out`; `None` if that is more than 255 hashes.
pub(crate) fn hkdf(salt: &[u8], secret: &[u8], info: &[u8], out: &mut [u8]) -> Option<()> {
    // Section 2.2: no salt is a salt of zeros, which the FIPS module insists on.
    let salt = if salt.is_empty() { &[0; 32] } else { salt };
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    key.expand(&[info], Length(out.len())).ok()?.fill(out).ok()
}

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, octets).as_ref());
    hash
}

#[inline(always)]
#[expect(
    clippy::expect_used,
    reason = "32 octets are a key of AES-256, FIPS 197"
)]
fn gcm(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("a key of 32 octets"))
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
