//! Golden requests: which of the tokens in `Cookie` headers is the session, or why there is none.

use super::{Case, Value};

/// The octets of a header, in which \xNN is one.
fn octets(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut octets = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        octets.push(u8::from_str_radix(&part[..2], 16).unwrap());
        octets.extend_from_slice(&part.as_bytes()[2..]);
    }
    octets
}

#[test]
fn golden_requests_have_their_session_or_the_reason_why_not() {
    let cases = Case::all("golden-requests");
    assert!(cases.len() >= 243, "some are missing");
    for case in cases {
        let mut builder = case.builder().exact_name(case.get("cookie_name"));
        if case.get("chunked") == "yes" {
            builder = builder.chunked();
        }
        if case.get("sticky_end") == "yes" {
            builder = builder.sticky_end();
        }
        let headers: Vec<_> = case.lines("cookie").map(octets).collect();
        let session = builder.build().unwrap().session(&headers);
        let outcome = match (session.get(), session.rejected()) {
            (Some(value), None) => {
                let expected: Value = serde_json::from_str(case.get("value")).unwrap();
                assert_eq!(*value, expected, "{}", case.name);
                let id = session.id().unwrap().to_string();
                assert_eq!(id, case.get("id"), "{}", case.name);
                "ok"
            }
            (None, None) => "none",
            (_, reason) => reason.unwrap().code(),
        };
        assert_eq!(outcome, case.get("expect"), "{}", case.name);
    }
}
