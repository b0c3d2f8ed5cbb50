//! Golden tokens explained: the check that failed is the one whose reason they are refused for.

use std::{collections::BTreeMap, sync::atomic::AtomicUsize};

use haversack::inspect::{Check, Explanation, Outcome};

use super::{Case, Replay, Value};

fn explained(case: &Case) -> Explanation<Value> {
    let codec = case.codec(Replay(Vec::new(), AtomicUsize::new(0)));
    let token = case.get("token");
    let explanation = codec.explain(token, 1);
    assert_eq!(
        explanation.result().err(),
        codec.open(token).err(),
        "{}",
        case.name
    );
    explanation
}

/// The reason that the page about the format gives for a check.
fn reason(check: Check) -> &'static str {
    match check.number() {
        1 => "too_large",
        2 | 5 => "malformed",
        3 => "unknown_key",
        4 => "not_authentic",
        6 => "incomplete",
        7 => "not_yet_valid",
        8 => "past_cap",
        9 => "expired",
        10 | 12 => "revoked",
        _ => "value",
    }
}

#[test]
fn each_golden_token_fails_at_the_check_of_its_reason() {
    let mut failed = BTreeMap::new();
    for case in Case::all("golden") {
        let explanation = explained(&case);
        let expected = explanation.failed().map_or("ok", reason);
        assert_eq!(expected, case.get("expect"), "{}", case.name);
        let is_authentic = explanation
            .failed()
            .is_none_or(|check| check > Check::Envelope);
        assert_eq!(explanation.facts().is_some(), is_authentic, "{}", case.name);
        let Some(check) = explanation.failed() else {
            continue;
        };
        let outcomes = Check::ALL.map(|check| explanation.outcome(check));
        let number = usize::from(check.number());
        assert!(outcomes[..number - 1].iter().all(|o| *o == Outcome::Passed));
        assert_eq!(outcomes[number - 1], Outcome::Failed);
        assert!(outcomes[number..].iter().all(|o| *o == Outcome::NotReached));
        if matches!(check, Check::Shape | Check::Envelope | Check::Value) {
            assert!(explanation.flaw().is_some(), "{}", case.name);
        }
        *failed.entry(check).or_insert(0) += 1;
    }
    assert!(failed.len() >= 9, "{failed:?}");
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let flaws = [
        ("sealed-padded", "there is padding at the end"),
        ("sealed-standard-alphabet", "is not one of base64url"),
        ("sealed-a-jwt", "is not one of base64url"),
        (
            "sealed-empty-token",
            "it has 0 octets, and the shortest has 87",
        ),
        ("sealed-too-short", "and the shortest has 87"),
        (
            "sealed-version-2",
            "its first octet says version 2, and this is version 1",
        ),
        (
            "sealed-last-character-not-canonical",
            "the last character has bits that must be zero",
        ),
        (
            "sealed-encoding-1",
            "its flags 0b00000001 have a bit without a meaning",
        ),
        (
            "sealed-times-out-of-order",
            "its idle deadline is before it was issued",
        ),
        ("sealed-value-nan", "it is not JSON, at column"),
        ("sealed-value-not-utf-8", "it is not UTF-8"),
        (
            "sealed-value-of-another-type",
            "it is not what its type reads",
        ),
        ("jwt-two-parts", "it has 2 parts, and a JWT has 3"),
        ("jwt-a-sealed-token", "it has 1 parts, and a JWT has 3"),
        ("jwt-without-end", "the claim end is missing"),
        ("jwt-exp-as-text", "the claim exp is not an integer"),
        ("jwt-exp-twice", "the claim exp is there twice"),
        ("jwt-escaped-name-twice", "is there twice"),
        ("jwt-reserved-claim-escaped", "the claim bnd is reserved"),
        (
            "jwt-remembered-as-number",
            "the claim rem is not true or false",
        ),
        (
            "jwt-id-too-short",
            "the claim sid is not 22 characters of base64url",
        ),
        (
            "jwt-unknown-claim-not-json",
            "a claim without a meaning is no JSON",
        ),
        ("jwt-claims-not-json", "the claims are no JSON object"),
        ("jwt-alg-none", "its header is {"),
        ("jwt-header-with-crit", "its header is {"),
    ];
    let cases = Case::all("golden");
    for (name, expected) in flaws {
        let case = cases.iter().find(|case| case.name == name).unwrap();
        let explanation = explained(case);
        let flaw = explanation.flaw().unwrap_or_else(|| panic!("{name}"));
        assert!(flaw.contains(expected), "{name}: {flaw}");
    }
}
