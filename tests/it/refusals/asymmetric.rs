//! What hostile cookies cost with keys whose signatures are slow to check: two of them for each name.

use std::cell::Cell;

use haversack::{Algorithm, Codec, CryptoProvider, JwtKey, JwtKeys, Rejected};
use jsonwebtoken::crypto::KeyUtils;

use super::changed;
use crate::{
    jwt_keys::{AWS_LC, uses},
    support::{NOW, jwt_key},
};

/// The back end of the other tests, which counts the signatures that it is asked to check.
static COUNTING: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| (AWS_LC.signer_factory)(algorithm, key),
    verifier_factory: |algorithm, key| {
        CHECKED.set(CHECKED.get() + 1);
        (AWS_LC.verifier_factory)(algorithm, key)
    },
    key_utils: KeyUtils::new_unimplemented(),
};

thread_local! {
    static CHECKED: Cell<usize> = const { Cell::new(0) };
}

fn asymmetric(algorithm: Algorithm) -> JwtKey {
    let (_, pair) = uses().find(|(each, _)| *each == algorithm).unwrap();
    JwtKey::jwk(&pair.private_jwk(algorithm), Some(&COUNTING)).unwrap()
}

fn codec(keys: JwtKeys) -> Codec<String> {
    let builder = Codec::jwt("login", keys).chunked().sticky_end();
    builder.clock(|| NOW).build().unwrap()
}

/// What comes of these cookies, and how many signatures were checked for it.
fn opened(codec: &Codec<String>, cookies: &[String]) -> (Result<usize, Option<Rejected>>, usize) {
    CHECKED.set(0);
    let session = codec.session([&cookies.join("; ")]);
    let length = session.get().map(|value| value.len());
    (length.ok_or(session.rejected()), CHECKED.get())
}

/// The cookies of a session with a value of this length.
fn cookies(codec: &Codec<String>, length: usize) -> Vec<String> {
    let session = codec.session([""]);
    session.start("v".repeat(length));
    written(&session.response_headers().unwrap())
}

fn written(headers: &[(&str, String)]) -> Vec<String> {
    let pairs = headers.iter().filter(|(name, _)| *name == "set-cookie");
    let pairs = pairs.map(|(_, line)| line.split(';').next().unwrap().to_owned());
    pairs.filter(|pair| !pair.ends_with('=')).collect()
}

#[test]
fn two_tokens_of_one_name_are_checked_with_asymmetric_keys_and_no_more() {
    for algorithm in [Algorithm::RS256, Algorithm::ES384, Algorithm::EdDSA] {
        let codec = codec(JwtKeys::new(asymmetric(algorithm)));
        let good = cookies(&codec, 9).remove(0);
        let bad = changed(&good, good.len() - 8);
        let refused = Err(Some(Rejected::NotAuthentic));
        for (junk, expected) in [
            (0, (Ok(9), 1)),
            (1, (Ok(9), 2)),
            (2, (refused, 2)),
            (99, (refused, 2)),
        ] {
            let mut cookies = vec![bad.clone(); junk];
            cookies.push(good.clone());
            assert_eq!(opened(&codec, &cookies), expected, "{algorithm:?} {junk}");
        }
        assert_eq!(opened(&codec, &vec![good; 9]), (Ok(9), 2));
    }
}

#[test]
fn one_asymmetric_key_among_others_makes_it_two() {
    for keys in [
        JwtKeys::new(jwt_key(1)).also_opens(asymmetric(Algorithm::EdDSA)),
        JwtKeys::new(asymmetric(Algorithm::EdDSA)).also_opens(jwt_key(1)),
    ] {
        let codec = codec(keys);
        let good = cookies(&codec, 9).remove(0);
        let junk = || vec!["__Host-Http-login=x".to_owned(); 2];
        assert_eq!(
            opened(
                &codec,
                &[&junk()[..1], std::slice::from_ref(&good)].concat()
            )
            .0,
            Ok(9)
        );
        assert_eq!(
            opened(&codec, &[&junk()[..], &[good]].concat()).0,
            Err(Some(Rejected::Malformed))
        );
    }
}

#[test]
fn two_sets_of_pieces_and_two_marks_are_checked_with_asymmetric_keys_and_no_more() {
    let codec = codec(JwtKeys::new(asymmetric(Algorithm::ES384)));
    let sets: Vec<_> = (0..3).map(|n| cookies(&codec, 4000 + n)).collect();
    assert!(sets.iter().all(|set| set.len() == 2));
    assert_eq!(opened(&codec, &sets.concat()), (Ok(4000), 2));
    // What is not whole is not checked and does not count.
    let lost = vec![sets[0][0].clone(), sets[1][0].clone()];
    assert_eq!(
        opened(&codec, &[lost, sets[2].clone()].concat()),
        (Ok(4002), 1)
    );

    let session = codec.session([""]);
    session.end();
    let mark = written(&session.response_headers().unwrap()).remove(0);
    let marks = vec![changed(&mark, mark.len() - 8); 8];
    assert_eq!(opened(&codec, &marks), (Err(None), 2));
    let live = cookies(&codec, 9);
    let ended = [&marks[..1], std::slice::from_ref(&mark), &live[..]].concat();
    assert_eq!(opened(&codec, &ended), (Err(Some(Rejected::Ended)), 3));
    let missed = [&marks[..2], &[mark], &live[..]].concat();
    assert_eq!(opened(&codec, &missed), (Ok(9), 3));
}
