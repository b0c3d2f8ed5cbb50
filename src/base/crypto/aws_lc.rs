//! AWS-LC by way of `aws-lc-rs`: C and assembler. What it keeps of keys it wipes itself.

use std::marker::PhantomData;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{AES_256, EncryptingKey, UnboundCipherKey},
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    hmac,
};

use super::{BLOCK, GCM_NONCE, Mac, TAG};

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

pub(crate) type HmacSha256 = Hmac<Sha256>;
#[cfg(feature = "jwt")]
pub(crate) type HmacSha384 = Hmac<Sha384>;
#[cfg(feature = "jwt")]
pub(crate) type HmacSha512 = Hmac<Sha512>;

#[derive(Clone)]
pub(crate) struct Hmac<H>(hmac::Context, PhantomData<H>);

/// A hash of SHA-2, for HMAC.
pub(crate) trait Hash: Clone + Send + Sync + 'static {
    const HMAC: hmac::Algorithm;
}

/// Implements hashes.
macro_rules! hashes {
    ($($(#[$feature:meta])? $hash:ident: $algorithm:expr)*) => {
        $($(#[$feature])?
        #[derive(Clone)]
        pub(crate) enum $hash {}

        $(#[$feature])?
        impl Hash for $hash {
            const HMAC: hmac::Algorithm = $algorithm;
        })*
    };
}

hashes! {
    Sha256: hmac::HMAC_SHA256
    #[cfg(feature = "jwt")] Sha384: hmac::HMAC_SHA384
    #[cfg(feature = "jwt")] Sha512: hmac::HMAC_SHA512
}

impl<H: Hash> Mac for Hmac<H> {
    fn new(key: &[u8]) -> Hmac<H> {
        let key = hmac::Key::new(H::HMAC, key);
        Hmac(hmac::Context::with_key(&key), PhantomData)
    }

    #[cfg(feature = "jwt")]
    fn octets() -> usize {
        H::HMAC.digest_algorithm().output_len()
    }

    fn update(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    fn finish<const N: usize>(self) -> [u8; N] {
        let mac = self.0.sign();
        let mut octets = [0; N];
        let length = mac.as_ref().len().min(N);
        octets[..length].copy_from_slice(&mac.as_ref()[..length]);
        octets
    }

    fn begins_with(self, octets: &[u8]) -> bool {
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
