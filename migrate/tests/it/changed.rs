//! Whatever is changed of a cookie, it is no session any more.

use crate::vectors::{ALL, Vector};

/// Whether it opens with these octets in the place of the request's.
fn opens(vector: &Vector, wire: &[u8]) -> bool {
    matches!(vector.read(wire), Ok(Some(_)))
}

#[test]
fn no_bit_can_be_flipped_and_nothing_cut_off_or_added() {
    let genuine = ALL.iter().filter(|vector| vector.expect == "ok");
    // Long ones have nothing that the short ones don't.
    let short =
        genuine.filter(|vector| vector.wire.len() < 700 && !vector.id.contains("transaction"));
    let mut tried = 0;
    for vector in short {
        let wire = vector.wire.as_bytes();
        if !opens(vector, wire) {
            continue;
        }
        tried += 1;
        for at in 0..wire.len() {
            for bit in 0..8 {
                let mut changed = wire.to_vec();
                changed[at] ^= 1 << bit;
                assert!(
                    !opens(vector, &changed),
                    "{} with bit {bit} of {at} flipped",
                    vector.id
                );
            }
        }
        for length in 0..wire.len() {
            assert!(
                !opens(vector, &wire[..length]),
                "{} cut to {length}",
                vector.id
            );
        }
        for more in [&b"A"[..], b"=", b".", b"*", b"%00", b"--", b"~2"] {
            let longer = [wire, more].concat();
            assert!(
                !opens(vector, &longer),
                "{} with {more:?} behind it",
                vector.id
            );
        }
    }
    // A third of them all.
    assert!(tried >= 131, "{tried}");
}
