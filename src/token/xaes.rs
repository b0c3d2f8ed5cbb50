//! XAES-256-GCM (<https://c2sp.org/XAES-256-GCM>): AES-256-GCM under a key that is derived from the
//! first half of a 192-bit nonce, so that random nonces never run out.

use aes_gcm::{
    AeadInOut, AesGcm, KeyInit,
    aead::{array::Array, consts::U12},
    aes::{Aes256Enc, Block, cipher::BlockCipherEncrypt},
};
use zeroize::optimization_barrier;

use crate::{
    base::buffer::{CIPHER, wipe_stack},
    token::drawn::NONCE,
};

/// GCM only ever encrypts blocks, so half of the AES key schedule is enough for both directions.
type Aes256Gcm<'k> = AesGcm<&'k Aes256Enc, U12>;

pub(crate) const TAG: usize = 16;

/// An XAES-256-GCM key with all that does not depend on the nonce prepared.
pub(crate) struct Xaes {
    aes: Aes256Enc,
    /// `K1` of the specification, the CMAC subkey.
    k1: [u8; 16],
}

impl Xaes {
    pub(crate) fn new(key: &[u8; 32]) -> Xaes {
        let aes = Aes256Enc::new(key.into());
        let mut l = Block::default();
        aes.encrypt_block(&mut l);
        let l = u128::from_be_bytes(l.into());
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
        #[expect(
            clippy::expect_used,
            reason = "no token is nearly as long as 2^36 octets, SP 800-38D, section 5.2.1.1"
        )]
        self.with_cipher(nonce, |gcm, nonce| {
            gcm.encrypt_inout_detached(nonce, associated, text.into())
                .expect("a text that is not too long")
                .into()
        })
    }

    /// Decrypts `text` in place if its tag is right, and leaves it as it is otherwise.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE],
        associated: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        self.with_cipher(nonce, |gcm, nonce| {
            gcm.decrypt_inout_detached(nonce, associated, text.into(), tag.into())
                .ok()
        })
    }

    /// Calls `with` with the cipher for this nonce and the rest of the nonce, and leaves nothing of
    /// the derived key behind.
    fn with_cipher<R>(
        &self,
        nonce: &[u8; NONCE],
        with: impl FnOnce(&Aes256Gcm<'_>, &Array<u8, U12>) -> R,
    ) -> R {
        #[inline(never)]
        fn on_stack<R>(
            xaes: &Xaes,
            nonce: &[u8; NONCE],
            with: impl FnOnce(&Aes256Gcm<'_>, &Array<u8, U12>) -> R,
        ) -> R {
            let aes = xaes.derive(nonce);
            with(&Aes256Gcm::from(&aes), &second_half(nonce))
        }
        let result = on_stack(self, nonce, with);
        // Cheaper than wiping each part of the cipher, and no copy that the compiler made is missed.
        wipe_stack::<CIPHER>();
        result
    }

    /// The cipher under the key for the first half of this nonce.
    #[inline(always)]
    fn derive(&self, nonce: &[u8; NONCE]) -> Aes256Enc {
        let k1 = u128::from_be_bytes(self.k1);
        let mut context = [0; 16];
        context[4..].copy_from_slice(&nonce[..12]);
        let context = u128::from_be_bytes(context) ^ k1;
        let block = |counter: u8| {
            let label =
                u128::from_be_bytes([0, counter, b'X', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            Block::from((context ^ label).to_be_bytes())
        };
        let mut halves = [block(1), block(2)];
        self.aes.encrypt_blocks(&mut halves);
        let mut key = Array::default();
        key[..16].copy_from_slice(&halves[0]);
        key[16..].copy_from_slice(&halves[1]);
        Aes256Enc::new(&key)
    }
}

fn second_half(nonce: &[u8; NONCE]) -> Array<u8, U12> {
    let mut half = Array::default();
    half.copy_from_slice(&nonce[12..]);
    half
}

impl Drop for Xaes {
    fn drop(&mut self) {
        self.aes = Aes256Enc::new(&Array::default());
        self.k1 = [0; 16];
        optimization_barrier(self);
        wipe_stack::<CIPHER>();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod stack_tests;
#[cfg(test)]
mod tests;
