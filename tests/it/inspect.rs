//! What there is to say of tokens, with keys and without.

use haversack::{
    Codec, JwtKeys, Rejected, Ticket,
    inspect::{self, Check, Outline, TokenFormat},
};

use crate::support::{Carrier, Format, NOW, Twin, jwt_key, jwt_keys, key, ring};

fn twin(format: Format) -> Twin {
    Twin::cookie(format)
}

fn builder(format: Format, name: &str, keys: &[u8]) -> haversack::CodecBuilder<u64> {
    twin(format).builder(name, keys).clock(|| NOW)
}

#[test]
fn an_unknown_key_is_named_beside_those_that_are_known() {
    for format in [Format::Sealed, Format::Jwt] {
        let token = builder(format, "login", &[1]).build().unwrap().seal(&7);
        let other = builder(format, "login", &[2, 3]).build().unwrap();
        let explanation = other.explain(token.unwrap(), 1);
        assert_eq!(explanation.failed(), Some(Check::Key));
        let [one, two, three] = [1, 2, 3].map(|number| format.name_of_key(number));
        assert_eq!(explanation.key_id(), Some(&*one));
        assert_eq!(explanation.known_keys(), [two, three]);
        assert_eq!(explanation.authentic_as(), None);
        assert!(explanation.facts().is_none());
    }
}

#[test]
fn debug_of_an_outline_shows_no_claims() {
    let token = builder(Format::Jwt, "login", &[1])
        .build()
        .unwrap()
        .seal(&4_271_828)
        .unwrap();
    let outline = Outline::of(token).unwrap();
    let claims = outline.unverified_claims.as_ref().unwrap();
    assert!(claims.contains("4271828"));
    let shown = format!("{outline:?}");
    assert!(shown.contains(r#"kind: Some("session")"#), "{shown}");
    assert!(!shown.contains("4271828"), "{shown}");
}

#[test]
fn a_jwt_for_another_session_says_for_which_it_is_authentic() {
    let token = builder(Format::Jwt, "cart", &[1])
        .context("staging")
        .issuer("https://shop.example")
        .build()
        .unwrap()
        .seal(&7)
        .unwrap();
    let login = builder(Format::Jwt, "login", &[1]).build().unwrap();
    let explanation = login.explain(&token, 1);
    assert_eq!(explanation.failed(), Some(Check::Authenticity));
    let audience = explanation.authentic_as().unwrap();
    assert_eq!((audience.kind, &*audience.name), ("session", "cart"));
    assert_eq!(audience.context.as_deref(), Some("staging"));
    assert_eq!(audience.issuer.as_deref(), Some("https://shop.example"));

    let forged = login.explain(crate::support::tampered(&token), 1);
    assert_eq!(forged.failed(), Some(Check::Authenticity));
    assert_eq!(forged.authentic_as(), None);
}

#[test]
fn a_token_of_another_kind_or_without_a_context_says_so() {
    let ticket = Ticket::<u64>::sealed("login", ring(1)).clock(|| NOW);
    let tickets = [
        ticket.build().unwrap().seal_unbound(&7).unwrap(),
        Ticket::<u64>::jwt("login", jwt_keys(1))
            .clock(|| NOW)
            .build()
            .unwrap()
            .seal_unbound(&7)
            .unwrap(),
    ];
    for (format, ticket) in [Format::Sealed, Format::Jwt].into_iter().zip(tickets) {
        let plain = builder(format, "login", &[1]).build().unwrap();
        let explanation = plain.explain(ticket, 1);
        assert_eq!(explanation.authentic_as().unwrap().kind, "ticket");

        let staging = plain.context("staging").unwrap();
        let explanation = staging.explain(plain.seal(&7).unwrap(), 1);
        assert_eq!(explanation.failed(), Some(Check::Authenticity));
        let audience = explanation.authentic_as().unwrap();
        assert_eq!((audience.kind, &audience.context), ("session", &None));

        let sticky = builder(format, "login", &[1]).sticky_end().build().unwrap();
        let (_, cookie) = sticky.request_header_for(&7).unwrap();
        let session = sticky.session([&cookie]);
        session.end();
        let headers = session.response_headers().unwrap();
        let mark = headers.iter().find_map(|(_, value)| {
            let pair = value.split(';').next()?;
            pair.split_once(".end=").map(|(_, mark)| mark)
        });
        let explanation = plain.explain(mark.unwrap(), 1);
        assert_eq!(explanation.authentic_as().unwrap().kind, "end");
    }
}

#[test]
fn the_deadlines_that_count_stand_beside_those_of_the_token() {
    use std::time::Duration;

    for format in [Format::Sealed, Format::Jwt] {
        let token = builder(format, "login", &[1]).build().unwrap().seal(&7);
        let shorter = haversack::Lifetime::fixed(Duration::from_secs(60));
        let login = builder(format, "login", &[1])
            .lifetime(shorter)
            .clock(|| NOW + 60);
        let explanation = login.build().unwrap().explain(token.unwrap(), 1);
        assert_eq!(explanation.result().unwrap_err(), Rejected::PastCap);
        assert_eq!(explanation.facts().unwrap().ends_at, NOW + 60);
        assert_eq!(explanation.carried_facts().unwrap().ends_at, NOW + 86_400);
    }
}

#[test]
fn a_cut_off_and_a_refusal_of_the_application_are_told_apart() {
    let token = builder(Format::Sealed, "login", &[1])
        .build()
        .unwrap()
        .seal(&7)
        .unwrap();
    let cut_off = builder(Format::Sealed, "login", &[1]).started_since(NOW + 1);
    let refusing = builder(Format::Sealed, "login", &[1]).accept_if(|_, _| false);
    let failed = |codec: haversack::CodecBuilder<u64>| {
        codec.build().unwrap().explain(&token, 1).failed().unwrap()
    };
    assert_eq!(failed(cut_off), Check::Start);
    assert_eq!(failed(refusing), Check::Acceptance);
}

#[test]
fn an_explanation_tells_no_observer_and_shows_no_value() {
    let login = Codec::<String>::sealed("login", ring(1)).observe(|_| panic!("nobody is told"));
    let login = login.build().unwrap();
    let token = login.seal(&"secret words".to_owned()).unwrap();
    let explanation = login.explain(&token, 1);
    assert_eq!(explanation.result().unwrap().value(), "secret words");
    assert!(!format!("{explanation:?}").contains("secret words"));
    login.explain("no token", 1);
}

#[test]
fn without_keys_a_token_shows_its_format_and_key() {
    let sealed = builder(Format::Sealed, "login", &[1])
        .build()
        .unwrap()
        .seal(&7)
        .unwrap();
    let outline = Outline::of(&sealed).unwrap();
    assert_eq!(outline.format, TokenFormat::Sealed);
    assert_eq!(outline.key_id, Some(key(1).id()));
    assert_eq!(outline.characters, sealed.len());
    assert_eq!(outline.unverified_claims, None);

    let jwt = builder(Format::Jwt, "login", &[1])
        .build()
        .unwrap()
        .seal(&7)
        .unwrap();
    let outline = Outline::of(&jwt).unwrap();
    assert_eq!(outline.format, TokenFormat::Jwt);
    assert_eq!(outline.key_id.as_deref(), Some(jwt_key(1).key_id()));
    assert_eq!(outline.kind.as_deref(), Some("session"));
    assert_eq!(outline.algorithm.as_deref(), Some("HS256"));
    assert!(
        outline
            .unverified_claims
            .unwrap()
            .starts_with(r#"{"val":7,"sid":"#)
    );
}

#[test]
fn pieces_are_joined_without_keys_and_say_what_is_missing() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin {
            format,
            carrier: Carrier::Cookie,
        };
        let cart = twin
            .builder::<String>("cart", &[1])
            .chunked()
            .clock(|| NOW)
            .build()
            .unwrap();
        let (_, header) = cart.request_header_for(&"x".repeat(4500)).unwrap();
        let pieces: Vec<_> = header
            .split("; ")
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                (name[name.len() - 1..].parse().unwrap(), value)
            })
            .collect();
        let [Ok(joined)] = &inspect::join(pieces.iter().copied())[..] else {
            panic!("not joined");
        };
        assert_eq!(usize::from(joined.pieces), pieces.len());
        let explanation = cart.explain(&joined.token, joined.pieces);
        assert_eq!(explanation.result().unwrap().value().len(), 4500);
        assert_eq!(explanation.pieces(), Some(joined.pieces));
        assert_eq!(cart.explain(&joined.token, 1).failed(), Some(Check::Pieces));
        assert!(!format!("{joined:?}").contains(pieces[0].1));

        let lost = inspect::join(pieces.iter().skip(1).copied());
        assert_eq!(lost[0].as_ref().unwrap_err(), &Rejected::Incomplete);
        assert!(inspect::join([(0, "x"), (9, "x")]).is_empty());
    }
}

#[test]
fn the_texts_of_keys_are_split_as_they_are_read() {
    let (one, two) = (key(1).to_text(), key(2).to_text());
    let jwk = format!(r#"{{"kty":"oct","alg":"HS256","k":"{two}","x":"a,b"}}"#);
    for text in [
        format!("{one}, {jwk}\n"),
        format!(r#"{{"keys":[{{"kty":"oct","alg":"HS256","k":"{one}"}},{jwk}]}}"#),
    ] {
        let split = JwtKeys::split(&text).unwrap();
        let keys: JwtKeys = text.parse().unwrap();
        let each = split.iter().map(|text| text.parse::<JwtKeys>().unwrap());
        let each: Vec<_> = each
            .map(|keys| keys.keys()[0].key_id().to_owned())
            .collect();
        let all: Vec<_> = keys
            .keys()
            .iter()
            .map(|key| key.key_id().to_owned())
            .collect();
        assert_eq!(each, all);
    }
    assert!(JwtKeys::split(r#"{"keys":[]}"#).is_err());
}
