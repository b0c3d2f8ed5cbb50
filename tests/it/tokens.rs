//! Which tokens open, and why the others do not.

mod altered;
mod canaries;
mod crafted;

use std::collections::HashSet;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use haversack::{Codec, Opened, Rejected, SaveError};

use crate::support::{
    Carrier, Format, Login, NOW, OneHeader as _, TestClock, Twin, bytes, jwt_key, jwt_keys, key,
    login, ring, twins,
};

#[test]
fn a_token_opens_only_under_its_own_name_context_format_and_key() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Kind {
        format: Format,
        name: &'static str,
        context: Option<&'static str>,
        key: u8,
    }
    let mut kinds = Vec::new();
    for format in [Format::Sealed, Format::Jwt] {
        for name in ["login", "cart"] {
            for context in [None, Some("a"), Some("b")] {
                kinds.extend([1, 2].map(|key| Kind {
                    format,
                    name,
                    context,
                    key,
                }));
            }
        }
    }
    let codecs: Vec<(Kind, Codec<Login>)> = kinds
        .into_iter()
        .map(|kind| {
            let builder = Twin::cookie(kind.format).builder(kind.name, &[kind.key]);
            let builder = match kind.context {
                Some(context) => builder.context(context),
                None => builder,
            };
            (kind, builder.build().unwrap())
        })
        .collect();

    for (made, codec) in &codecs {
        let token = codec.seal(&login()).unwrap();
        for (opens, codec) in &codecs {
            let expected = if made == opens {
                Ok(login())
            } else if made.format != opens.format {
                Err(Rejected::Malformed)
            } else if made.key != opens.key {
                Err(Rejected::UnknownKey)
            } else {
                Err(Rejected::NotAuthentic)
            };
            let opened = codec.open(&token).map(Opened::into_value);
            assert_eq!(opened, expected, "{made:?} as {opens:?}");
        }
    }
}

#[test]
fn a_name_and_a_context_do_not_run_together() {
    let bindings = [("ab", "c"), ("a", "bc"), ("c", "ab"), ("bc", "a")];
    for format in [Format::Sealed, Format::Jwt] {
        let codecs = bindings.map(|(name, context)| {
            let builder = Twin::cookie(format).builder::<Login>(name, &[1]);
            builder.context(context).build().unwrap()
        });
        for (made, codec) in codecs.iter().enumerate() {
            let token = codec.seal(&login()).unwrap();
            for (opens, codec) in codecs.iter().enumerate() {
                let expected = (made != opens).then_some(Rejected::NotAuthentic);
                assert_eq!(codec.open(&token).err(), expected, "{format:?}");
            }
        }
    }
}

#[test]
fn a_token_longer_than_any_is_too_large_before_it_is_anything_else() {
    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        for (octet, length, expected) in [
            ("A", 4096, Rejected::Malformed),
            ("A", 4097, Rejected::TooLarge),
            ("!", 4097, Rejected::TooLarge),
            ("A", 1_000_000, Rejected::TooLarge),
        ] {
            let token = octet.repeat(length);
            assert_eq!(codec.open(&token).err(), Some(expected), "{twin:?}");
            let session = codec.session([&twin.carry(&codec, &token)]);
            assert_eq!(session.rejected(), Some(expected), "{twin:?}");
        }
    }
}

#[test]
fn name_and_token_fit_in_4096_octets_and_not_in_one_more() {
    for twin in twins() {
        let (mut fitted, mut refused) = (HashSet::new(), HashSet::new());
        // Base64 grows by 1 or 2 octets, so that one length of name alone may miss a limit.
        for name in ["n", "na", "nam", "name"] {
            let (cookie, header) = (format!("__Host-Http-{name}"), format!("x-{name}"));
            let builder = twin.builder::<String>(name, &[1]);
            let (builder, carried_name) = match twin.carrier {
                Carrier::Cookie => (builder, cookie),
                Carrier::Header => (builder.header(&header), header),
                Carrier::Bearer => (builder.bearer(&header), header),
            };
            let codec = builder.clock(TestClock::at(NOW)).build().unwrap();
            let start = 2000;
            let token = codec.seal(&"v".repeat(start)).unwrap();
            let near = start + (4096 - carried_name.len() - token.len()) * 3 / 4;
            for length in near - 8..near + 8 {
                let value = "v".repeat(length);
                let (sealed, written) = (codec.seal(&value), codec.write(&value));
                assert_eq!(
                    written.err().map(|error| error.to_string()),
                    sealed.as_ref().err().map(|error| error.to_string()),
                    "{twin:?}"
                );
                match sealed {
                    Ok(token) => {
                        fitted.insert(carried_name.len() + token.len());
                        assert_eq!(*codec.open(&token).unwrap().value(), value, "{twin:?}");
                    }
                    Err(SaveError::TooLarge {
                        octets,
                        limit: 4096,
                        ..
                    }) => {
                        refused.insert(octets);
                    }
                    Err(error) => panic!("{twin:?}: {error}"),
                }
            }
        }
        assert_eq!(fitted.iter().max(), Some(&4096), "{twin:?}");
        assert_eq!(refused.iter().min(), Some(&4097), "{twin:?}");
    }
}

#[test]
fn a_value_that_does_not_fit_says_by_how_much() {
    for twin in twins() {
        let codec = twin.builder::<String>("login", &[1]).build().unwrap();
        let session = codec.session::<str>([]);
        session.start("v".repeat(5000));
        let error = session.response_headers().unwrap_err();
        let SaveError::TooLarge { octets, limit, .. } = error else {
            panic!("{twin:?}: {error}");
        };
        let text = error.to_string();
        for number in [octets, limit, octets - limit] {
            assert!(text.contains(&number.to_string()), "{twin:?}: {text}");
        }
        session.update(String::clear);
        assert!(session.response_headers().is_ok(), "{twin:?}");
    }
}

#[test]
fn a_value_of_another_type_is_rejected_as_such() {
    for twin in twins() {
        let text = twin.builder::<String>("login", &[1]).build().unwrap();
        let number = twin.builder::<u64>("login", &[1]).build().unwrap();
        let small = twin.builder::<u8>("login", &[1]).build().unwrap();
        let (seven, large) = (number.seal(&7).unwrap(), number.seal(&700).unwrap());

        assert_eq!(text.open(&seven).err(), Some(Rejected::Value), "{twin:?}");
        assert_eq!(*small.open(&seven).unwrap().value(), 7, "{twin:?}");
        assert_eq!(small.open(&large).err(), Some(Rejected::Value), "{twin:?}");
    }
}

#[test]
fn tokens_of_the_same_value_differ() {
    for format in [Format::Sealed, Format::Jwt] {
        let codec = Twin::cookie(format).builder("login", &[1]);
        let codec = codec.clock(TestClock::at(NOW)).build().unwrap();
        let (one, other) = (codec.seal(&login()).unwrap(), codec.seal(&login()).unwrap());
        assert_ne!(one, other, "{format:?}");
        let (one, other) = (codec.open(one).unwrap(), codec.open(other).unwrap());
        assert_ne!(one.id(), other.id(), "{format:?}");
        assert_eq!(one.into_value(), other.into_value(), "{format:?}");
    }
}

#[test]
fn what_is_neither_sealed_nor_signed_is_never_read() {
    let json = serde_json::to_string(&login()).unwrap();
    let claims = format!(
        r#"{{"val":{json},"sid":"AAECAwQFBgcICQoLDA0ODw","start":{NOW},"auth_time":{NOW},"iat":{NOW},"exp":{end},"end":{end},"ver":0,"ses":"login"}}"#,
        end = NOW + 3600
    );
    let head = [1; 29];
    let (mut clear, hour) = (head.to_vec(), 3600_u32.to_be_bytes());
    clear.extend_from_slice(
        &[[0; 1 + 16 + 4].as_slice(), &NOW.to_be_bytes()[3..], &[0; 8]].concat(),
    );
    clear.extend_from_slice(&[&hour, &hour, json.as_bytes(), &[0; 16]].concat());
    let encoded = URL_SAFE_NO_PAD.encode(&json);
    let percent: String = json.bytes().map(|octet| format!("%{octet:02X}")).collect();
    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]);
        let codec = codec.clock(TestClock::at(NOW)).build().unwrap();
        let genuine = codec.seal(&login()).unwrap();
        let mut named = clear.clone();
        if twin.format == Format::Sealed {
            let genuine = URL_SAFE_NO_PAD.decode(&genuine).unwrap();
            named[..29].copy_from_slice(&genuine[..29]);
        }
        let (header, _) = genuine.split_once('.').unwrap_or(("e30", ""));
        let signature = "A".repeat(43);
        for text in [
            json.clone(),
            claims.clone(),
            percent.clone(),
            encoded.clone(),
            format!("{encoded}.{signature}"),
            format!("s:{json}.{signature}"),
            format!("{encoded}--{signature}"),
            STANDARD.encode(&json),
            URL_SAFE_NO_PAD.encode(&claims),
            format!("{header}.{}", URL_SAFE_NO_PAD.encode(&claims)),
            format!("{header}.{}.", URL_SAFE_NO_PAD.encode(&claims)),
            format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(&claims)),
            URL_SAFE_NO_PAD.encode(&clear),
            URL_SAFE_NO_PAD.encode(&named),
            URL_SAFE_NO_PAD.encode(&named[..named.len() - 16]),
        ] {
            assert!(codec.open(&text).is_err(), "{twin:?} {text}");
            let session = codec.session([&twin.carry(&codec, &text)]);
            assert!(session.get().is_none(), "{twin:?} {text}");
        }
        assert_eq!(*codec.open(&genuine).unwrap().value(), login(), "{twin:?}");
    }
}

#[test]
fn the_length_of_a_token_depends_on_that_of_its_value_alone() {
    for twin in twins() {
        let codec = twin.builder::<String>("login", &[1]);
        let codec = codec.clock(TestClock::at(NOW)).build().unwrap();
        let length = |value: &str| codec.seal(&value.to_owned()).unwrap().len();
        let mixed: String = (0..9).map(|number| key(number).to_text()).collect();
        let shortest = length("");
        for octets in 1..mixed.len() {
            let (same, other) = (length(&"a".repeat(octets)), length(&mixed[..octets]));
            assert_eq!(same, other, "{twin:?}: what repeats is not shorter");
            assert!(same >= shortest + octets * 4 / 3, "{twin:?} {octets}");
        }
    }
}

#[test]
fn no_nonce_and_no_id_comes_twice() {
    let codec = Codec::<u8>::sealed("login", ring(1)).build().unwrap();
    let (mut nonces, mut ids) = (HashSet::new(), HashSet::new());
    for _ in 0..10_000 {
        let token = codec.seal(&7).unwrap();
        ids.insert(codec.open(&token).unwrap().id());
        nonces.insert(URL_SAFE_NO_PAD.decode(token).unwrap()[5..29].to_vec());
    }
    assert_eq!((nonces.len(), ids.len()), (10_000, 10_000));
}

#[test]
fn debug_shows_neither_keys_nor_values() {
    let secret = "the canary in the value".to_owned();
    let mut shown = vec![
        format!("{:?} {:#?}", key(1), key(1)),
        format!("{:?} {:#?}", ring(1), ring(1).also_opens(key(2))),
        format!("{:?} {:#?}", jwt_key(1), jwt_key(1)),
        format!(
            "{:?} {:#?}",
            jwt_keys(1),
            jwt_keys(1).also_opens(jwt_key(2))
        ),
    ];
    for twin in twins() {
        let builder = twin.builder::<String>("login", &[1, 2]);
        shown.push(format!("{builder:?} {builder:#?}"));
        let codec = builder.build().unwrap();
        shown.push(format!("{codec:?} {codec:#?}"));
        let token = codec.seal(&secret).unwrap();
        let opened = codec.open(&token).unwrap();
        shown.push(format!("{opened:?} {opened:#?}"));
        let session = codec.session([&twin.carry(&codec, &token)]);
        assert_eq!(*session.get().unwrap(), secret);
        shown.push(format!("{session:?} {session:#?}"));
    }
    for text in shown {
        assert!(!text.contains("canary"), "{text}");
        assert!(
            !shows(&text, &bytes(1)) && !shows(&text, &bytes(2)),
            "{text}"
        );
    }

    assert!(shows(&format!("{:#?}", bytes(1)), &bytes(1)));
    assert!(shows(&format!("{:02x?}", bytes(1)), &bytes(1)));
    assert!(shows(&format!("key: {}", key(1).to_text()), &bytes(1)));
}

/// Whether a text contains a part of the secret, as numbers or in base64.
fn shows(text: &str, secret: &[u8]) -> bool {
    let text = text.replace(char::is_whitespace, "").to_lowercase();
    let base64 = URL_SAFE_NO_PAD.encode(secret).to_lowercase();
    let decimal = |part: &[u8]| part.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let hex = |part: &[u8]| {
        part.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
    };
    secret.windows(4).any(|part| {
        let parts = [decimal(part), hex(part).concat(), hex(part).join(",")];
        parts.iter().any(|part| text.contains(part))
    }) || (0..base64.len() - 8).any(|start| text.contains(&base64[start..start + 8]))
}
