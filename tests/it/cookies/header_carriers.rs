//! What is read out of a header of the application's own, and out of `Authorization`.

use haversack::{Codec, Rejected};
use http::HeaderMap;

use super::user;
use crate::support::{Carrier, Format, NOW, OneHeader as _, Twin, twins};

fn header_twins() -> impl Iterator<Item = (Twin, Codec<u64>)> {
    let in_a_header = |twin: &Twin| twin.carrier != Carrier::Cookie;
    twins().filter(in_a_header).map(|twin| {
        let codec = twin.builder("login", &[1]).clock(|| NOW).build().unwrap();
        (twin, codec)
    })
}

#[test]
fn several_values_of_a_header_carrier_are_rejected() {
    for (twin, codec) in header_twins() {
        let value = twin.carry(&codec, &codec.seal(&7).unwrap());
        let other = twin.carry(&codec, &codec.seal(&8).unwrap());
        let garbage = twin.carry(&codec, "x");
        assert_eq!(codec.session([&value]).get().as_deref(), Some(&7));
        for second in [&value, &other, &garbage] {
            for values in [[&value, second], [second, &value]] {
                let session = codec.session(values);
                assert_eq!(session.get(), None, "{twin:?}");
                assert_eq!(session.rejected(), Some(Rejected::Malformed));
            }
        }
        for joined in [format!("{value}, {other}"), format!("{value},{value}")] {
            assert_eq!(codec.read(joined).unwrap_err(), Rejected::Malformed);
        }
    }
}

#[test]
fn a_header_carrier_without_a_token_is_no_session_and_no_rejection() {
    for (_, codec) in header_twins() {
        assert_eq!(user(&codec, ""), None);
        let session = codec.session(["", ""]);
        assert_eq!((session.get(), session.rejected()), (None, None));
    }
}

#[test]
fn bearer_is_a_scheme_in_any_case_and_others_are_for_others() {
    for (twin, codec) in header_twins() {
        let token = codec.seal(&7).unwrap();
        let others = [
            "Bearer",
            "Bearer ",
            "Bearer  ",
            "Bear",
            "B\u{e9}arer",
            "Basic dTpw",
            "\0",
        ];
        let joined = [
            "Bearer:", "Bearer,", "Bearer=", "Bearer\t", "Bearer", "Bearers ", " Bearer ",
        ]
        .map(|scheme| format!("{scheme}{token}"));
        let schemes =
            ["Basic", "Digest", "DPoP", "Token"].map(|scheme| format!("{scheme} {token}"));
        if twin.carrier == Carrier::Bearer {
            for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
                assert_eq!(user(&codec, format!("{scheme} {token}")), Some(7));
                let other = format!("{scheme}  {token}");
                assert_eq!(
                    user(&codec, other),
                    Some(7),
                    "RFC 9110 allows several spaces"
                );
            }
            for value in others
                .into_iter()
                .chain(joined.iter().chain(&schemes).map(|v| &**v))
            {
                assert_eq!(user(&codec, value), None, "{value}");
            }
            assert_eq!(user(&codec, &token), None);
        } else {
            for value in joined.iter().chain(&schemes) {
                let rejected = codec.read(value).unwrap_err();
                assert!(matches!(
                    rejected,
                    Rejected::Malformed | Rejected::UnknownKey
                ));
            }
        }
    }
}

#[test]
fn what_is_longer_than_any_token_is_too_large_before_anything_else_is_asked() {
    for twin in twins() {
        let codec = twin
            .builder::<u64>("login", &[1])
            .clock(|| NOW)
            .build()
            .unwrap();
        for (length, rejected) in [
            (4096, Rejected::Malformed),
            (4097, Rejected::TooLarge),
            (1 << 20, Rejected::TooLarge),
        ] {
            let value = twin.carry(&codec, &"A".repeat(length));
            assert_eq!(
                codec.read(value).unwrap_err(),
                rejected,
                "{twin:?} {length}"
            );
        }
    }
}

#[test]
fn a_token_is_read_from_its_own_carrier_and_from_no_other() {
    for format in [Format::Sealed, Format::Jwt] {
        let codecs = [Carrier::Cookie, Carrier::Header, Carrier::Bearer].map(|carrier| {
            let builder = Twin { format, carrier }.builder::<u64>("login", &[1]);
            (carrier, builder.clock(|| NOW).build().unwrap())
        });
        let token = codecs[0].1.seal(&7).unwrap();
        let (cookie, bearer) = (
            format!("__Host-Http-login={token}"),
            format!("Bearer {token}"),
        );
        for (name, value, carried_by) in [
            ("cookie", &cookie, Some(Carrier::Cookie)),
            ("x-session", &token, Some(Carrier::Header)),
            ("authorization", &bearer, Some(Carrier::Bearer)),
            ("cookie", &format!("login={token}; x-session={token}"), None),
            ("set-cookie", &cookie, None),
            ("proxy-authorization", &bearer, None),
            ("x-session-2", &token, None),
        ] {
            let mut request = HeaderMap::new();
            request.insert(name, value.parse().unwrap());
            for (carrier, codec) in &codecs {
                let session = codec.load(&request);
                let expected = (carried_by == Some(*carrier)).then_some(&7);
                assert_eq!(session.get().as_deref(), expected, "{name} {carrier:?}");
                assert_eq!(session.rejected(), None, "{name} {carrier:?}");
            }
        }
    }
}

#[test]
fn an_octet_more_before_in_or_behind_a_token_in_a_header_is_rejected() {
    for (twin, codec) in header_twins() {
        let token = codec.seal(&7).unwrap();
        let (start, end) = token.split_at(token.len() / 2);
        let scheme = twin.carry(&codec, "");
        for octet in 0..=u8::MAX {
            let place = |before: &str, after: &str| {
                [
                    scheme.as_bytes(),
                    before.as_bytes(),
                    &[octet],
                    after.as_bytes(),
                ]
                .concat()
            };
            let mut values = vec![place(start, end), place(&token, "")];
            // Spaces may follow a scheme.
            if scheme.is_empty() || octet != b' ' {
                values.push(place("", &token));
            }
            for value in values {
                let session = codec.session([&value]);
                let shown = value.escape_ascii();
                assert!(session.get().is_none(), "{twin:?} {shown}");
                assert!(session.rejected().is_some(), "{twin:?} {shown}");
            }
        }
    }
}
