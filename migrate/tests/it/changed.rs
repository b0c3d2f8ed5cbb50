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

#[test]
fn what_rails_escapes_is_read_in_that_spelling_alone() {
    let mut tried = 0;
    for vector in ALL
        .iter()
        .filter(|vector| vector.reader.system() == "rails")
    {
        if !vector.wire.contains("%2B") || !opens(vector, vector.wire.as_bytes()) {
            continue;
        }
        tried += 1;
        for other in ["+", "%2b", " "] {
            let wire = vector.wire.replace("%2B", other);
            assert!(
                !opens(vector, wire.as_bytes()),
                "{} with {other}",
                vector.id
            );
        }
    }
    assert!(tried >= 10, "{tried}");
}
