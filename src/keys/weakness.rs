//! What shows that nobody drew a key at random.

use zeroize::Zeroizing;

/// What shows that nobody drew these octets, 32 or more, at random, if anything does.
///
/// Of keys that were drawn at random fewer than one in 2^32 is refused, the rule for their texts
/// included.
pub(crate) fn weakness(bytes: &[u8]) -> Option<&'static str> {
    if is_pem(bytes) || is_der(bytes) {
        return Some("it is a key in PEM or DER and not random bytes");
    }
    if let Some(problem) = pattern(bytes) {
        return Some(problem);
    }
    if is_text(bytes) {
        return Some("it is text and not random bytes");
    }
    few_differ(bytes, 256).then_some("too few of its bytes differ")
}

/// The same for a text in base64url that is said to be such octets: what people write in that
/// alphabet decodes to octets that show nothing.
pub(crate) fn weakness_of_text(text: &[u8]) -> Option<&'static str> {
    if let Some(problem) = pattern(text) {
        return Some(problem);
    }
    let are_words = [u8::is_ascii_lowercase, u8::is_ascii_uppercase].map(|is_letter| {
        let others = text
            .iter()
            .filter(|octet| !is_letter(octet) && !b"-_".contains(octet));
        others.count() * WORDS <= text.len()
    });
    let is_no_key = are_words[0] || are_words[1] || few_differ(text, 64);
    is_no_key.then_some("it is words and not random bytes")
}

/// What is wrong with octets of which most follow from one another. One that stands out, such as a
/// line feed at the end, changes nothing.
fn pattern(octets: &[u8]) -> Option<&'static str> {
    let steps = octets.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    let (_, same_steps) = distinct_and_most(steps);
    if 2 * same_steps + 1 >= octets.len() {
        return Some("its bytes are all equal or count");
    }
    let repeats = |period: usize| {
        let pairs = octets.iter().zip(&octets[period..]);
        2 * pairs.filter(|(one, next)| one == next).count() >= octets.len() - period
    };
    let is_repeated = (1..=octets.len() / 2).any(repeats);
    is_repeated.then_some("it is a short pattern that repeats")
}

/// Whether one octet is there very often, or fewer than half as many are different ones as chance
/// gives in an alphabet of this size.
fn few_differ(octets: &[u8], alphabet: u16) -> bool {
    let (distinct, same) = distinct_and_most(octets.iter().copied());
    let others = 1.0 - 1.0 / f64::from(alphabet);
    let missing = octets.iter().fold(1.0, |missing, _| missing * others);
    let expected = f64::from(alphabet) * (1.0 - missing);
    3 * same >= octets.len() || 2.0 * f64::from(distinct) < expected
}

/// How many octets are different ones, and how often the most frequent one is there.
fn distinct_and_most(octets: impl Iterator<Item = u8>) -> (u16, usize) {
    let mut counts = Zeroizing::new([0_usize; 256]);
    octets.for_each(|octet| counts[usize::from(octet)] += 1);
    let distinct = counts.iter().filter(|count| **count > 0).count();
    (distinct as u16, counts.iter().copied().max().unwrap_or(0))
}

/// Whether it is UTF-8 with hardly any control characters, or hardly anything but printable ASCII;
/// with zeros behind it or without.
fn is_text(bytes: &[u8]) -> bool {
    let length = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let bytes = &bytes[..length];
    let is_utf8 = str::from_utf8(bytes).is_ok_and(|text| {
        let is_odd = |c: &char| c.is_control() && !"\t\n\r".contains(*c);
        MOST_ARE_TEXT * text.chars().filter(is_odd).count() <= text.chars().count()
    });
    let is_odd = |byte: &&u8| !matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    is_utf8 || MOST_ARE_TEXT * bytes.iter().filter(is_odd).count() <= bytes.len()
}

/// Whether there is a key in PEM in it.
pub(crate) fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(PEM.len()).any(|part| part == PEM)
}

/// Whether it is one SEQUENCE that begins with a number or another SEQUENCE and goes on, as keys
/// and certificates do in DER (X.690): `SubjectPublicKeyInfo`, PKCS#1, PKCS#8, SEC 1.
fn is_der(bytes: &[u8]) -> bool {
    let Some((SEQUENCE, inside, [])) = element(bytes) else {
        return false;
    };
    let Some((INTEGER | SEQUENCE, _, mut rest)) = element(inside) else {
        return false;
    };
    let goes_on = !rest.is_empty();
    while !rest.is_empty() {
        let Some((_, _, next)) = element(rest) else {
            return false;
        };
        rest = next;
    }
    goes_on && bytes.len() >= SHORTEST_IN_DER
}

/// The tag and the content of the first element, and what is behind it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length.checked_sub(0x80) {
        None => (length.into(), rest),
        Some(digits @ 1..=4) => {
            let (digits, rest) = rest.split_at_checked(digits.into())?;
            let add = |length: usize, digit: &u8| (length << 8) | usize::from(*digit);
            (digits.iter().fold(0, add), rest)
        }
        Some(_) => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

const PEM: &[u8] = b"-----BEGIN ";
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
/// A public key of Ed25519; random keys of 32 octets look like DER too often.
const SHORTEST_IN_DER: usize = 44;
/// Of so many characters of a text one may be something else. Of all UTF-8 there would be too much
/// among random octets: one key of 32 octets in 2^26.
const MOST_ARE_TEXT: usize = 16;
/// Of so many characters of words one may be a digit, or a letter of the other case.
const WORDS: usize = 14;

#[cfg(test)]
mod tests;
