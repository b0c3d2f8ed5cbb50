//! Sessions too large for one cookie.

mod hostile;
mod removals;
mod sequences;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{Codec, CodecBuilder, Random, RandomError, Rejected, SaveError};
use sha2::{Digest, Sha256};

use crate::{
    clients::{Jar, claims},
    support::{Carrier, Format, NOW, TestClock, Twin, twins},
};

const FORMATS: [Format; 2] = [Format::Sealed, Format::Jwt];
const NAME: &str = "__Host-Http-cart";

fn builder(format: Format) -> CodecBuilder<String> {
    let carrier = Carrier::Cookie;
    let clock = TestClock::at(NOW);
    Twin { format, carrier }.builder("cart", &[1]).clock(clock)
}

/// A codec whose sessions may be as large as any can be.
fn chunked(format: Format) -> Codec<String> {
    builder(format).chunked_up_to(16_384).build().unwrap()
}

/// A value of this many octets, which differ from those of another letter.
fn value(letter: char, length: usize) -> String {
    letter.to_string().repeat(length)
}

/// The cookies of a new session.
fn jar_with(codec: &Codec<String>, value: &str) -> Jar {
    let mut jar = Jar::default();
    jar.visit(codec, |session| session.start(value.into()));
    jar
}

/// The values of the pieces, first to last.
fn pieces(jar: &Jar) -> Vec<&str> {
    let piece = |index| jar.cookies.get(&format!("{NAME}.{index}"));
    (1..=4).map_while(piece).map(String::as_str).collect()
}

fn joined(jar: &Jar) -> String {
    pieces(jar).iter().map(|piece| &piece[10..]).collect()
}

fn set_of(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..6])
}

/// The cookies of a token that somebody else cuts.
fn cut(token: &str, count: usize) -> Jar {
    let slices = token.as_bytes().chunks(token.len().div_ceil(count));
    let pieces = slices.enumerate().map(|(before, slice)| {
        let (index, slice) = (before + 1, String::from_utf8_lossy(slice));
        let piece = format!("{index}{count}{}{slice}", set_of(token));
        (format!("{NAME}.{index}"), piece)
    });
    Jar {
        cookies: pieces.collect(),
    }
}

/// Why a request with these cookies has no session.
fn refusal(codec: &Codec<String>, header: &(impl AsRef<[u8]> + ?Sized)) -> Option<Rejected> {
    let session = codec.session([header]);
    assert_eq!(session.get(), None);
    session.rejected()
}

#[test]
fn a_session_that_fits_is_the_same_cookie_as_without_chunked() {
    struct Same;
    impl Random for Same {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
            bytes.fill(7);
            Ok(())
        }
    }
    for format in FORMATS {
        let written = |codec: CodecBuilder<String>| {
            let session = codec.random(Same).build().unwrap().session([""; 0]);
            session.start(value('v', 1000));
            format!("{:?}", session.response_headers().unwrap())
        };
        let plain = written(builder(format));
        assert_eq!(plain.matches("set-cookie").count(), 1);
        assert_eq!(written(builder(format).chunked()), plain);
    }
}

#[test]
fn a_large_session_is_one_token_in_pieces_that_name_its_set_their_index_and_the_count() {
    for format in FORMATS {
        let codec = chunked(format);
        let small = codec.session([""; 0]);
        small.start("small".into());
        let small = small.response_headers().unwrap()[0].1.clone();
        let (_, attributes) = small.split_once(';').unwrap();
        for (length, count) in [(4000, 2), (7000, 3), (11_000, 4)] {
            let session = codec.session([""; 0]);
            session.start(value('v', length));
            let headers = session.response_headers().unwrap();
            for (_, cookie) in headers.iter().filter(|(name, _)| *name == "set-cookie") {
                assert_eq!(cookie.split_once(';').unwrap().1, attributes);
            }
            let mut jar = Jar::default();
            jar.follow(&headers);
            let set = set_of(&joined(&jar));
            assert_eq!((jar.names().len(), pieces(&jar).len()), (count, count));
            for (before, piece) in pieces(&jar).iter().enumerate() {
                assert!(piece.starts_with(&format!("{}{count}{set}", before + 1)));
            }
            if format == Format::Jwt {
                assert_eq!(claims(&joined(&jar))["pcs"], count);
            }
            jar.visit(&codec, |session| {
                assert_eq!(*session.get().unwrap(), value('v', length));
            });
        }
    }
}

#[test]
fn seven_kilobytes_are_the_default_so_that_common_servers_take_the_request() {
    for format in FORMATS {
        let codec = builder(format).chunked().build().unwrap();
        let session = codec.session([""; 0]);
        session.start(value(
            'v',
            if format == Format::Sealed { 5200 } else { 3700 },
        ));
        let mut jar = Jar::default();
        jar.follow(&session.response_headers().unwrap());
        assert_eq!(jar.names().len(), 2);
        assert!(jar.header().len() <= 7200, "{}", jar.header().len());

        session.start(value('v', 5400));
        let error = session.response_headers().unwrap_err();
        assert!(
            matches!(error, SaveError::TooManyPieces { limit: 7168, .. }),
            "{error}"
        );
        assert!(
            error.to_string().contains(".chunked_up_to(octets)"),
            "{error}"
        );
    }
}

#[test]
fn a_limit_made_lower_signs_nobody_out() {
    for format in FORMATS {
        let jar = jar_with(&chunked(format), &value('v', 8000));
        let lower = builder(format).chunked().build().unwrap();
        let session = lower.session([&jar.header()]);
        assert_eq!(session.get().as_deref(), Some(&value('v', 8000)));
    }
}

#[test]
fn a_limit_of_no_more_than_one_cookie_or_more_than_four_is_refused() {
    for (limit, builds) in [
        (0, false),
        (4096, false),
        (4097, true),
        (16_384, true),
        (16_385, false),
        (usize::MAX, false),
    ] {
        match builder(Format::Sealed).chunked_up_to(limit).build() {
            Ok(_) => assert!(builds, "{limit}"),
            Err(error) => {
                assert!(!builds && error.setting() == "chunked_up_to", "{error}");
                assert!(error.to_string().contains("4097 to 16384"), "{error}");
            }
        }
    }
}

#[test]
fn sixteen_kilobytes_fit_and_more_is_refused_with_both_numbers() {
    let long_name = "n".repeat(64);
    for format in FORMATS {
        for builder in [builder(format), builder(format).exact_name(&long_name)] {
            let codec = builder.chunked_up_to(16_384).build().unwrap();
            let session = codec.session([""; 0]);
            let fits = |length| {
                session.start(value('v', length));
                session.response_headers().is_ok()
            };
            let (mut most, mut refused) = (8000, 16_384);
            assert!(fits(most) && !fits(refused));
            while most + 1 < refused {
                let length = most.midpoint(refused);
                *(if fits(length) {
                    &mut most
                } else {
                    &mut refused
                }) = length;
            }

            let jar = jar_with(&codec, &value('v', most));
            let octets = jar.cookies.iter().map(|(n, v)| n.len() + v.len());
            // A JWT is base64url twice over for one octet more.
            assert!((16_380..=16_384).contains(&octets.sum::<usize>()));
            assert!(codec.session([&jar.header()]).get().is_some());

            assert!(!fits(refused));
            let error = session.response_headers().unwrap_err();
            let SaveError::TooManyPieces {
                pieces,
                most,
                octets,
                limit,
                ..
            } = error
            else {
                panic!("{error}");
            };
            assert_eq!((most, limit), (4, 16_384));
            assert!(pieces <= 5 && (16_385..16_384 + 80).contains(&octets));
            let text = error.to_string();
            assert!(
                text.contains(&octets.to_string()) && text.contains("16384"),
                "{text}"
            );
        }
    }
}

#[test]
fn without_chunked_a_large_session_is_refused_and_pieces_mean_nothing() {
    for format in FORMATS {
        let codec = builder(format).build().unwrap();
        let jar = jar_with(&chunked(format), &value('v', 5000));
        let session = codec.session([&jar.header()]);
        assert_eq!((session.get(), session.rejected()), (None, None));
        let headers = session.response_headers().unwrap();
        assert!(
            headers.iter().all(|(name, _)| *name != "set-cookie"),
            "{headers:?}"
        );
        session.start(value('v', 5000));
        let error = session.response_headers().unwrap_err();
        assert!(matches!(error, SaveError::TooLarge { limit: 4096, .. }));
        assert!(error.to_string().contains(".chunked()"), "{error}");
    }
}

#[test]
fn cutting_is_advised_only_where_it_is_possible_and_not_yet_asked_for() {
    for twin in twins() {
        let codec = twin.builder::<String>("cart", &[1]).build().unwrap();
        let error = codec.seal(&value('v', 5000)).unwrap_err().to_string();
        let is_cookie = twin.carrier == Carrier::Cookie;
        assert_eq!(error.contains(".chunked()"), is_cookie, "{twin:?}: {error}");
    }
    for format in FORMATS {
        let error = chunked(format).seal(&value('v', 5000)).unwrap_err();
        assert!(!error.to_string().contains(".chunked()"), "{error}");
        let session = chunked(format).session([""; 0]);
        session.start(value('v', 20_000));
        let error = session.response_headers().unwrap_err();
        assert!(!error.to_string().contains("chunked"), "{error}");
    }
}

#[test]
fn a_piece_that_is_lost_swapped_doubled_or_foreign_is_no_session() {
    for format in FORMATS {
        let codec = chunked(format);
        let jar = jar_with(&codec, &value('v', 7000));
        let other = jar_with(&codec, &value('o', 7000));
        assert_eq!((pieces(&jar).len(), pieces(&other).len()), (3, 3));
        for name in jar.names() {
            let mut lost = jar.clone();
            lost.cookies.remove(name);
            let doubled = format!("{}; {name}={}", jar.header(), jar.cookies[name]);
            let mut foreign = jar.clone();
            foreign
                .cookies
                .insert(name.into(), other.cookies[name].clone());
            for header in [lost.header(), doubled, foreign.header()] {
                assert_eq!(refusal(&codec, &header), Some(Rejected::Incomplete));
            }
        }
        for order in [[1, 0, 2], [0, 2, 1], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
            let (names, values) = (jar.names(), pieces(&jar));
            let header = |piece: &dyn Fn(usize) -> String| {
                let pairs = (0..3).map(|at| format!("{}={}", names[at], piece(at)));
                pairs.collect::<Vec<_>>().join("; ")
            };
            let swapped = header(&|at| values[order[at]].into());
            assert_eq!(refusal(&codec, &swapped), Some(Rejected::Incomplete));
            let renamed = header(&|at| format!("{}{}", at + 1, &values[order[at]][1..]));
            assert_eq!(refusal(&codec, &renamed), Some(Rejected::Incomplete));
            let token: String = order.iter().map(|at| &values[*at][10..]).collect();
            let rehashed =
                header(&|at| format!("{}3{}{}", at + 1, set_of(&token), &values[order[at]][10..]));
            assert!(refusal(&codec, &rehashed).is_some());
            assert_ne!(refusal(&codec, &rehashed), Some(Rejected::Incomplete));
        }
    }
}

#[test]
fn every_changed_character_of_every_piece_is_rejected() {
    for format in FORMATS {
        let codec = chunked(format);
        let jar = jar_with(&codec, &value('v', 3200));
        let token = joined(&jar);
        for (name, piece) in &jar.cookies {
            for (at, old) in piece.bytes().enumerate() {
                let new = if old == b'2' { b'1' } else { b'2' };
                let mut changed = piece.clone().into_bytes();
                changed[at] = new;
                let mut jar = jar.clone();
                let changed = String::from_utf8(changed).unwrap();
                jar.cookies.insert(name.clone(), changed);
                assert_eq!(refusal(&codec, &jar.header()), Some(Rejected::Incomplete));
            }
        }
        // Whoever knows how sets are made can name another one.
        assert!(codec.session([&cut(&token, 2).header()]).get().is_some());
        for at in (0..token.len()).step_by(13) {
            let new = if token.as_bytes()[at] == b'2' {
                "1"
            } else {
                "2"
            };
            let mut token = token.clone();
            token.replace_range(at..=at, new);
            let reason = refusal(&codec, &cut(&token, 2).header());
            assert!(
                reason.is_some_and(|reason| reason != Rejected::Incomplete),
                "{at}"
            );
        }
    }
}

#[test]
fn a_token_opens_in_as_many_pieces_as_it_was_cut_into_and_in_no_other_number() {
    for format in FORMATS {
        let codec = chunked(format);
        for (length, count) in [(4000, 2), (7000, 3), (11_000, 4)] {
            let token = joined(&jar_with(&codec, &value('v', length)));
            let whole = format!("{NAME}={token}");
            assert_eq!(refusal(&codec, &whole), Some(Rejected::Incomplete));
            assert_eq!(codec.open(&token).unwrap_err(), Rejected::Incomplete);
            for other in 2..=4 {
                let session = codec.session([&cut(&token, other).header()]);
                let incomplete = (other != count).then_some(Rejected::Incomplete);
                assert_eq!(session.rejected(), incomplete);
                assert_eq!(session.get().is_some(), other == count);
            }
            for more in 5..=8 {
                let found = refusal(&codec, &cut(&token, more).header());
                assert_eq!(
                    found,
                    Some(Rejected::Incomplete),
                    "four pieces are the most"
                );
            }
        }
        let small = jar_with(&codec, "small").cookies[NAME].clone();
        assert_eq!(
            refusal(&codec, &cut(&small, 2).header()),
            Some(Rejected::Incomplete)
        );
    }
}

#[test]
fn of_an_older_and_a_newer_session_side_by_side_the_newer_counts() {
    let sizes = [
        ("small", "large"),
        ("large", "small"),
        ("large", "large"),
        ("small", "small"),
    ];
    let value = |size: &str, age: &str| {
        age.to_owned() + &value('v', if size == "small" { 1 } else { 4000 })
    };
    for (format, later, (old, new)) in FORMATS
        .into_iter()
        .flat_map(|format| [0, 1].map(|later| (format, later)))
        .flat_map(|(format, later)| sizes.map(|sizes| (format, later, sizes)))
    {
        let clock = TestClock::at(NOW);
        let codec = builder(format)
            .clock(clock.clone())
            .chunked()
            .build()
            .unwrap();
        let older = jar_with(&codec, &value(old, "old"));
        clock.advance(later);
        let mut newer = older.clone();
        newer.visit(&codec, |session| {
            session.update(|stored| *stored = value(new, "new"));
        });
        for header in [
            [older.header(), newer.header()],
            [newer.header(), older.header()],
        ] {
            let session = codec.session([header.join("; ")].iter());
            assert_eq!(
                *session.get().unwrap(),
                value(new, "new"),
                "{format:?} {old} {new} {later}"
            );
        }
    }
}

#[test]
fn a_token_without_a_session_around_it_is_never_cut() {
    for format in FORMATS {
        let codec = chunked(format);
        assert!(codec.seal(&value('v', 100)).is_ok());
        assert!(matches!(
            codec.seal(&value('v', 5000)),
            Err(SaveError::TooLarge { limit: 4096, .. })
        ));
    }
}
