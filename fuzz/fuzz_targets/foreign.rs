//! What the targets of other systems share.

use haversack::foreign::{Cookies, Reader};

/// Reads cookies whose names are the session's or those beside it.
pub fn read(readers: &[Box<dyn Reader>], cookies: &[(u8, Vec<u8>)]) {
    const NAMES: [&[u8]; 7] = [b"c", b"c.0", b"c.1", b"c__0", b"c__1", b"c.sig", b"d"];
    let mut header = Vec::new();
    for (name, value) in cookies.iter().take(32) {
        header.extend_from_slice(NAMES[usize::from(*name) % NAMES.len()]);
        header.push(b'=');
        header.extend_from_slice(value);
        header.extend_from_slice(b"; ");
    }
    let cookies: Cookies<'_> = [&header[..]].into_iter().collect();
    for reader in readers {
        // Whoever finds one has found a collision.
        assert!(!matches!(reader.read(&cookies, 1_800_000_000), Ok(Some(_))));
    }
}
