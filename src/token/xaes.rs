//! XAES-256-GCM (<https://c2sp.org/XAES-256-GCM>): AES-256-GCM under a key that is derived from the
//! first half of a 192-bit nonce, so that random nonces never run out.

use zeroize::Zeroize;

pub(crate) use crate::base::crypto::TAG;
use crate::{
    base::{
        buffer::{CIPHER, wipe_stack},
        crypto::{Aes256, BLOCK, GCM_NONCE, gcm_open, gcm_seal},
    },
    token::drawn::NONCE,
};

/// An XAES-256-GCM key with all that does not depend on the nonce prepared.
pub(crate) struct Xaes {
    aes: Aes256,
    /// `K1` of the specification, the CMAC subkey.
    k1: [u8; BLOCK],
}

impl Xaes {
    pub(crate) fn new(key: &[u8; 32]) -> Xaes {
        let aes = Aes256::new(key);
        let [l, _] = aes.encrypt([[0; BLOCK]; 2]);
        let l = u128::from_be_bytes(l);
        // Doubling in GF(2^128), without a branch on the secret (SP 800-38B, section 6.1).
        let k1 = (l << 1) ^ (0x87 & 0_u128.wrapping_sub(l >> 127));
        Xaes {
            aes,
            k1: k1.to_be_bytes(),
        }
    }

    /// Encrypts `text` in place and returns its tag.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; NONCE],
        associated: &[u8],
        text: &mut [u8],
    ) -> [u8; TAG] {
        self.with_key(nonce, |key, nonce| gcm_seal(key, nonce, associated, text))
    }

    /// Decrypts `text` in place if its tag is right, and leaves nothing to be read otherwise.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE],
        associated: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        self.with_key(nonce, |key, nonce| {
            gcm_open(key, nonce, associated, text, tag)
        })
    }

    /// Calls `with` with the key for this nonce and the rest of the nonce, and leaves nothing of the
    /// key behind.
    fn with_key<R>(
        &self,
        nonce: &[u8; NONCE],
        with: impl FnOnce(&[u8; 32], &[u8; GCM_NONCE]) -> R,
    ) -> R {
        #[inline(never)]
        fn on_stack<R>(
            xaes: &Xaes,
            nonce: &[u8; NONCE],
            with: impl FnOnce(&[u8; 32], &[u8; GCM_NONCE]) -> R,
        ) -> R {
            with(&xaes.derive(nonce), &second_half(nonce))
        }
        let result = on_stack(self, nonce, with);
        // Cheaper than wiping each part of the cipher, and no copy that the compiler made is missed.
        wipe_stack::<CIPHER>();
        result
    }

    /// The key for the first half of this nonce.
    #[inline(always)]
    fn derive(&self, nonce: &[u8; NONCE]) -> [u8; 32] {
        let k1 = u128::from_be_bytes(self.k1);
        let mut context = [0; BLOCK];
        context[4..].copy_from_slice(&nonce[..GCM_NONCE]);
        let context = u128::from_be_bytes(context) ^ k1;
        let block = |counter: u8| {
            let label =
                u128::from_be_bytes([0, counter, b'X', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            (context ^ label).to_be_bytes()
        };
        let halves = self.aes.encrypt([block(1), block(2)]);
        let mut key = [0; 32];
        key.copy_from_slice(halves.as_flattened());
        key
    }
}

fn second_half(nonce: &[u8; NONCE]) -> [u8; GCM_NONCE] {
    let mut half = [0; GCM_NONCE];
    half.copy_from_slice(&nonce[GCM_NONCE..]);
    half
}

impl Drop for Xaes {
    fn drop(&mut self) {
        self.k1.zeroize();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod stack_tests;
#[cfg(test)]
mod tests;
