//! What nobody's browser sends, and names that would be taken for a piece's.

use haversack::{Codec, Rejected};

use super::{FORMATS, NAME, builder, chunked, cut, jar_with, pieces, refusal, set_of, value};
use crate::{
    clients::Jar,
    support::{Carrier, Format, Twin, jwt_keys, ring, twins},
};

fn value_of_two_pieces() -> String {
    value('v', 4000)
}

#[test]
fn a_thousand_pieces_are_no_session_and_hide_no_whole_one() {
    for format in FORMATS {
        let codec = chunked(format);
        let junk = |at: usize| {
            let (index, set) = (at % 4 + 1, set_of(&at.to_string()));
            format!("{NAME}.{index}={index}4{set}slice")
        };
        let header = (0..1000).map(junk).collect::<Vec<_>>().join("; ");
        assert_eq!(refusal(&codec, &header), Some(Rejected::Incomplete));
        let whole = jar_with(&codec, "small").header();
        for header in [format!("{header}; {whole}"), format!("{whole}; {header}")] {
            assert_eq!(*codec.session([&header]).get().unwrap(), "small");
        }
    }
}

#[test]
fn a_set_of_more_than_sixteen_kilobytes_is_refused_unread() {
    for format in FORMATS {
        let token = "A".repeat(20_000);
        let codec = chunked(format);
        assert_eq!(
            refusal(&codec, &cut(&token, 4).header()),
            Some(Rejected::TooLarge)
        );
    }
}

#[test]
fn a_whole_token_is_no_set_of_one_piece() {
    for format in FORMATS {
        let codec = chunked(format);
        let token = codec.seal(&"small".to_owned()).unwrap();
        assert_eq!(
            refusal(&codec, &cut(&token, 1).header()),
            Some(Rejected::Incomplete)
        );
    }
}

#[test]
fn a_value_that_is_no_piece_is_no_session() {
    let set = "AAAAAAAA";
    let mut values: Vec<Vec<u8>> = ["", "1", "12", "1x", "=", "\"12AAAAAAAAx\"", "12AAAAAAA"]
        .map(|value| value.as_bytes().to_vec())
        .into();
    for digits in [
        "00",
        "01",
        "10",
        "11",
        "19",
        "99",
        "21",
        "22",
        "1:",
        "/2",
        "\u{661}\u{662}",
    ] {
        values.push(format!("{digits}{set}slice").into());
    }
    values.push(format!("12{set}").into());
    values.push(format!("99999999999999999999{set}slice").into());
    values.push([b"12".as_slice(), &[0xff; 100]].concat());
    for format in FORMATS {
        let codec = chunked(format);
        for value in &values {
            let header = [format!("{NAME}.1=").as_bytes(), value].concat();
            assert_eq!(
                refusal(&codec, &header),
                Some(Rejected::Incomplete),
                "{value:?}"
            );
            // Under a name that the session does not use itself.
            let large = jar_with(&codec, &value_of_two_pieces()).header() + "; ";
            let header = [large.as_bytes(), NAME.as_bytes(), b".4=", value].concat();
            assert!(codec.session([&header]).get().is_some(), "{value:?}");
        }
    }
}

#[test]
fn a_name_that_is_not_of_a_piece_means_nothing() {
    for format in FORMATS {
        let codec = chunked(format);
        let jar = jar_with(&codec, &value_of_two_pieces());
        let (first, second) = (pieces(&jar)[0], pieces(&jar)[1]);
        for name in [
            ".0", ".5", ".9", ".10", ".01", ".1 ", ".", ".-1", ".+1", ".1.1", "1", ".end",
        ] {
            let alone = format!("{NAME}{name}={first}");
            assert_eq!(refusal(&codec, &alone), None, "{name}");
            let beside = format!("{alone}; {NAME}.2={second}");
            assert_eq!(
                refusal(&codec, &beside),
                Some(Rejected::Incomplete),
                "{name}"
            );
        }
    }
}

#[test]
fn pieces_of_another_session_name_are_not_authentic() {
    for format in FORMATS {
        let others = Twin {
            format,
            carrier: Carrier::Cookie,
        };
        let basket: Codec<String> = others.builder("basket", &[1]).chunked().build().unwrap();
        let session = basket.session([""; 0]);
        session.start(value_of_two_pieces());
        let mut jar = Jar::default();
        jar.follow(&session.response_headers().unwrap());
        let header = jar.header().replace("__Host-Http-basket", NAME);
        assert_eq!(
            refusal(&chunked(format), &header),
            Some(Rejected::NotAuthentic)
        );
    }
}

#[test]
fn a_header_is_not_cut() {
    for twin in twins().filter(|twin| twin.carrier != Carrier::Cookie) {
        let error = twin
            .builder::<()>("cart", &[1])
            .chunked()
            .build()
            .unwrap_err();
        assert_eq!(error.setting(), "chunked");
    }
}

#[test]
fn a_name_that_ends_like_that_of_a_piece_or_a_mark_or_one_that_is_reserved_is_refused() {
    let build = |name: &str, format| match format {
        Format::Sealed => Codec::<()>::sealed(name, ring(1)).build(),
        Format::Jwt => Codec::<()>::jwt(name, jwt_keys(1)).build(),
    };
    let ends: Vec<_> = (1..=4)
        .map(|index| index.to_string())
        .chain(["end", "key", "proof", "refresh", "register"].map(Into::into))
        .collect();
    for format in FORMATS {
        for end in &ends {
            let name = format!("cart.{end}");
            assert_eq!(build(&name, format).unwrap_err().setting(), "name");
            let error = builder(format).exact_name(&name).build().unwrap_err();
            assert_eq!(error.setting(), "exact_name");
        }
        for name in [
            "cart.0",
            "cart.5",
            "cart.9",
            "cart.12",
            "cart.ends",
            "cart.1x",
            "cart1",
            "end",
            "1",
        ] {
            build(name, format).unwrap();
            builder(format).exact_name(name).build().unwrap();
        }
    }
}
