//! What derived keys leave behind on the stack, read from `/proc/self/mem`.

#![allow(clippy::unwrap_used)]

use std::{
    fs::File,
    hint::black_box,
    io::{Read, Seek, SeekFrom},
};

use super::*;
use crate::{
    base::buffer::DERIVATION,
    keys::ring::{Key, KeyRing},
    token::{
        binding::{Binding, Kind},
        keys::AnyKeys,
        sealed::SealedKeys,
    },
};

#[test]
fn nothing_of_the_key_that_is_derived_for_a_token_stays_on_the_stack() {
    let (xaes, nonce) = (Xaes::new(&[7; 32]), [9; NONCE]);
    let traces = Traces::of(&xaes, &nonce);

    traces.wiped_before(|| {
        // Many, as looking for them writes over some.
        black_box([(); 16].map(|()| xaes.derive(&nonce)));
    });
    assert_ne!(traces.count(), 0, "a key that is left there is found");

    let mut text = *b"a text that is longer than the one block of sixteen octets";
    let mut tag = [0; TAG];
    traces.wiped_before(|| tag = xaes.seal(&nonce, b"associated", &mut text));
    assert_eq!(traces.count(), 0, "after sealing");

    traces.wiped_before(|| xaes.open(&nonce, b"associated", &mut text, &tag).unwrap());
    assert_eq!(traces.count(), 0, "after opening");

    tag[0] ^= 1;
    traces.wiped_before(|| {
        let refused = xaes.open(&nonce, b"associated", &mut text, &tag);
        assert_eq!(refused, None);
    });
    assert_eq!(traces.count(), 0, "after a refusal");
}

#[test]
fn nothing_of_the_key_that_is_derived_for_a_name_stays_on_the_stack() {
    let key = Key::generate().unwrap();
    let derived = key.bind(["haversack sealed 1", "session", "login", ""]);
    let traces = Traces([&derived[..16], &derived[16..]].map(inverted));
    let ring = KeyRing::new(key);
    let binding = Binding {
        kind: Kind::Session,
        name: "login".into(),
        context: None,
        #[cfg(feature = "jwt")]
        issuer: None,
    };

    let mut bound = None;
    traces.wiped_before(|| bound = Some(SealedKeys::new(&ring, &binding)));
    assert_ne!(traces.count(), 0, "a key that is left there is found");
    drop(bound);

    let keys = AnyKeys::from(ring);
    let mut format = None;
    traces.wiped_before(|| format = Some(keys.bind(&binding)));
    assert_eq!(traces.count(), 0, "after binding");
    traces.wiped_before(|| format = None);
    assert_eq!(traces.count(), 0, "after the end of its use");
}

fn inverted(half: &[u8]) -> [u8; 16] {
    let mut octets = [0; 16];
    octets.copy_from_slice(half);
    octets.map(|octet| !octet)
}

/// The two halves of a derived key, inverted so that this is no trace of them.
struct Traces([[u8; 16]; 2]);

impl Traces {
    fn of(xaes: &Xaes, nonce: &[u8; NONCE]) -> Traces {
        let blocks = [1, 2].map(|counter| {
            let mut block = [0; BLOCK];
            block[1] = counter;
            block[2] = b'X';
            block[4..].copy_from_slice(&nonce[..12]);
            block.iter_mut().zip(&xaes.k1).for_each(|(a, b)| *a ^= b);
            block
        });
        let halves = xaes.aes.encrypt(blocks);
        Traces(halves.map(|half| inverted(&half)))
    }

    /// Runs it where nothing is left from before.
    #[inline(always)]
    fn wiped_before(&self, run: impl FnOnce()) {
        #[inline(never)]
        fn below(run: impl FnOnce()) {
            run();
        }
        wipe_stack::<DERIVATION>();
        below(run);
    }

    /// How often they are in the part of the stack that is free.
    #[inline(never)]
    fn count(&self) -> usize {
        const LOOKED_AT: usize = 64 * 1024;
        let mut stack = vec![0; LOOKED_AT];
        let here = 0_u8;
        let address = &raw const here as usize - LOOKED_AT;
        let mut memory = File::open("/proc/self/mem").unwrap();
        memory.seek(SeekFrom::Start(address as u64)).unwrap();
        memory.read_exact(&mut stack).unwrap();
        let is_trace = |window: &&[u8]| {
            let inverted = |half: &[u8; 16]| window.iter().zip(half).all(|(a, b)| *a == !*b);
            self.0.iter().any(inverted)
        };
        stack.windows(16).filter(is_trace).count()
    }
}
