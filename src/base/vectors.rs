//! What the tests of the primitives share: reading test data of others.

#![allow(clippy::unwrap_used)]

use serde_json::Value;

/// All tests of a Wycheproof file, each with the group that it is in.
pub(crate) fn wycheproof(file: &str) -> Vec<(Value, Value)> {
    let mut file: Value = serde_json::from_str(file).unwrap();
    let Value::Array(groups) = file["testGroups"].take() else {
        return Vec::new();
    };
    let with_group = |mut group: Value| {
        let tests = group["tests"].take();
        let tests = tests.as_array().unwrap().clone();
        tests.into_iter().map(move |test| (group.clone(), test))
    };
    groups.into_iter().flat_map(with_group).collect()
}

/// The octets of a field in hexadecimal.
pub(crate) fn octets(test: &Value, field: &str) -> Vec<u8> {
    hex(test[field].as_str().unwrap())
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks_exact(2);
    assert!(digits.remainder().is_empty());
    digits
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
