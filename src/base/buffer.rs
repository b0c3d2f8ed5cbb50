//! Memory for plaintext, wiped before it is given back.

use std::{
    cell::Cell,
    io, mem,
    ops::{Deref, DerefMut},
};

use zeroize::optimization_barrier;

/// A growing buffer that leaves nothing behind: not when it grows, and not when it is dropped.
///
/// It never shrinks, so no octet past its length was ever written. Each thread keeps one for the
/// next time, wiped, so only the first one of a thread asks for memory.
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    pub(crate) fn new() -> Buffer {
        // There is none when a thread ends.
        let mut spare = SPARE.try_with(Cell::take).unwrap_or_default();
        spare.reserve(FIRST_ROOM);
        Buffer(spare)
    }

    /// That many zeros, to be written over.
    pub(crate) fn zeroed(length: usize) -> Buffer {
        let mut buffer = Buffer::new();
        if length > buffer.0.capacity() {
            buffer.grow(length);
        }
        buffer.0.resize(length, 0);
        buffer
    }

    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if bytes.len() > self.0.capacity() - self.0.len() {
            self.grow(bytes.len());
        }
        self.0.extend_from_slice(bytes);
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let mut larger = Buffer(Vec::with_capacity(2 * (self.0.len() + more)));
        larger.0.extend_from_slice(&self.0);
        // The smaller one is wiped here.
        *self = larger;
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        wipe(&mut self.0);
        self.0.clear();
        if self.0.capacity() <= MOST_KEPT {
            let _ = SPARE.try_with(|spare| spare.set(mem::take(&mut self.0)));
        }
    }
}

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl io::Write for Buffer {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.push(bytes);
        Ok(())
    }

    #[inline]
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Appends the decimal digits of a number.
pub(crate) fn push_number(out: &mut impl io::Write, number: u64) {
    // Writing to memory cannot fail.
    let _ = serde_json::to_writer(out, &number);
}

/// Overwrites what the calls before this one have left on the stack, so many octets deep.
#[inline(never)]
pub(crate) fn wipe_stack<const DEPTH: usize>() {
    let below = [0_u8; DEPTH];
    optimization_barrier(&below);
}

/// Overwrites all octets at once, which the compiler must not leave out.
pub(crate) fn wipe(octets: &mut [u8]) {
    octets.fill(0);
    optimization_barrier(octets);
}

/// What a session without pieces needs at most, or a little less.
const FIRST_ROOM: usize = 4096;
/// What a thread keeps at most.
const MOST_KEPT: usize = 32 * 1024;

/// How deep a cipher goes, and a third as much again. With AVX-512 it is some 9 KB, as each call sets up its keys
/// anew, a kilobyte of them; without optimization its frames are larger.
pub(crate) const CIPHER: usize = if cfg!(debug_assertions) {
    32 * 1024
} else {
    12 * 1024
};
/// Twice as much for the derivation of keys.
pub(crate) const DERIVATION: usize = 2 * CIPHER;
