//! Keys and key rings: reading them, refusing weak ones, replacing them, and having no randomness.

pub(crate) mod mistakes;
pub(crate) mod weak;

use std::{
    error::Error as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{
    Codec, ConfigError, Key, KeyRing, Random, RandomError, Rejected, SaveError, Session, SessionId,
    SystemRandom,
};

use crate::support::{
    Client, Format, Login, NOW, OneHeader as _, TestClock, Twin, bytes, key, login, ring, twins,
};

#[test]
fn a_key_is_the_same_after_it_was_text() {
    for number in 0..100 {
        let text = key(number).to_text();
        assert_eq!(text.len(), 43);
        assert_eq!(text.parse::<Key>().unwrap().to_text(), text);
    }
    let (one, other) = (Key::generate().unwrap(), Key::generate().unwrap());
    assert_ne!(one.to_text(), other.to_text());
}

#[test]
fn white_space_around_a_key_is_ignored() {
    let text = key(1).to_text();
    for padded in [
        format!("{text}\n"),
        format!("{text}\r\n"),
        format!("  {text}\t"),
    ] {
        assert_eq!(padded.parse::<Key>().unwrap().to_text(), text, "{padded:?}");
    }
    let split = format!("{} {}", &text[..20], &text[20..]);
    assert_refused(split.parse::<Key>());
}

#[test]
fn bytes_that_are_not_32_are_no_key() {
    for length in (0..80).filter(|length| *length != 32) {
        let long: Vec<_> = [bytes(1), bytes(2), bytes(3)].concat();
        let error = assert_refused(Key::from_bytes(&long[..length]));
        assert!(error.to_string().contains(&length.to_string()), "{error}");
        assert!(error.to_string().contains("Key::generate()"), "{error}");
    }
}

#[test]
fn a_ring_is_read_from_a_list_whose_first_key_seals() {
    let text = format!(" {} , {}\n", key(1).to_text(), key(2).to_text());
    let both = codec(text.parse().unwrap());
    let (first, second) = (codec(ring(1)), codec(ring(2)));

    assert!(both.open(first.seal(&login()).unwrap()).is_ok());
    assert!(both.open(second.seal(&login()).unwrap()).is_ok());
    let token = both.seal(&login()).unwrap();
    assert!(first.open(&token).is_ok());
    assert_eq!(second.open(&token).err(), Some(Rejected::UnknownKey));
}

#[test]
fn a_ring_gives_its_keys_back_under_the_names_that_tokens_carry() {
    let ring = ring(1).also_opens(key(2)).also_opens(key(3));
    let ids: Vec<_> = ring.keys().iter().map(Key::id).collect();
    assert_eq!(
        ids,
        [1, 2, 3].map(|number| Format::Sealed.name_of_key(number))
    );
    let same: KeyRing = ring.to_text().parse().unwrap();
    assert_eq!(same.to_text(), ring.to_text());
    let texts: Vec<_> = ring.keys().iter().map(Key::to_text).collect();
    assert_eq!(ring.to_text(), texts.join(","));
}

#[test]
fn a_ring_with_a_key_twice_is_refused() {
    let [one, two] = [1, 2].map(|number| key(number).to_text());
    for list in [
        format!("{one},{one}"),
        format!("{one},{two},{one}"),
        format!("{two},{one}, {one}"),
    ] {
        let error = list.parse::<KeyRing>().unwrap_err();
        assert_eq!(error.setting(), "key ring");
        assert!(error.to_string().contains("twice"), "{error}");
        assert!(!error.to_string().contains(&one), "{error}");
    }
    let twice = ring(1).also_opens(key(2)).also_opens(key(1));
    let error = Codec::<Login>::sealed("login", twice).build().unwrap_err();
    assert_eq!(error.setting(), "key ring");
}

#[test]
fn debug_of_a_ring_names_its_keys_as_tokens_do_and_debug_of_a_key_names_nothing() {
    let name = |number| {
        let token = codec(ring(number)).seal(&login()).unwrap();
        hex(&URL_SAFE_NO_PAD.decode(token).unwrap()[1..5])
    };
    let shown = format!("{:?}", ring(1).also_opens(key(2)));
    assert_eq!(shown, format!("KeyRing [{}, {}]", name(1), name(2)));
    assert_eq!(format!("{:?}", key(1)), "Key");
}

#[test]
fn a_session_of_an_old_key_is_issued_again_under_the_new_one() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let build = |keys: &[u8]| {
            let builder = twin.builder("login", keys).clock(clock.clone());
            builder.build().unwrap()
        };
        let (old, both, new) = (build(&[1]), build(&[3, 2, 1]), build(&[3]));
        let mut client = Client::new(twin, &old);
        client.request(|session| session.start(login()));
        client.request(|session| session.update(|login| login.user += 1));
        let before = client.session();
        clock.advance(5);
        assert_eq!(
            new.session(&client.sends).rejected(),
            Some(Rejected::UnknownKey),
            "{twin:?}"
        );

        client.codec = &both;
        assert!(client.request(|_| ()).is_some(), "{twin:?}");
        assert!(client.request(|_| ()).is_none(), "{twin:?}: once");
        client.codec = &new;
        let after = client.session();
        assert_eq!(after.get(), before.get(), "{twin:?}");
        assert_eq!(after.id(), before.id(), "{twin:?}");
        assert_eq!(
            after.facts().map(|facts| facts.version),
            before.facts().map(|facts| facts.version),
            "{twin:?}"
        );
        assert_eq!(
            after.facts().map(|facts| facts.started_at),
            before.facts().map(|facts| facts.started_at),
            "{twin:?}"
        );
        assert_eq!(
            after.facts().map(|facts| facts.ends_at),
            before.facts().map(|facts| facts.ends_at),
            "{twin:?}"
        );
        client.codec = &old;
        let rejected = client.session().rejected();
        assert_eq!(rejected, Some(Rejected::UnknownKey), "{twin:?}");
    }
}

#[test]
fn a_key_that_is_only_known_yet_opens_and_does_not_seal() {
    for twin in twins() {
        let build = |keys| twin.builder("login", keys).build().unwrap();
        let (old, first_step, second_step) = (build(&[1]), build(&[1, 2]), build(&[2, 1]));
        let mut client = Client::new(twin, &first_step);
        client.request(|session| session.start(login()));
        assert!(client.request(|_| ()).is_none(), "{twin:?}");
        assert!(old.session(&client.sends).get().is_some(), "{twin:?}");

        client.codec = &second_step;
        client.request(|_| ());
        client.codec = &first_step;
        assert_eq!(*client.session().get().unwrap(), login(), "{twin:?}");
    }
}

#[test]
fn a_session_id_is_the_same_after_it_was_text() {
    for number in 0..100 {
        let id = SessionId::from_bytes(bytes(number)[..16].try_into().unwrap());
        let text = id.to_string();
        assert_eq!(text.len(), 22);
        assert_eq!(text.parse::<SessionId>().unwrap(), id);
        assert_eq!(SessionId::from_bytes(id.to_bytes()), id);
        assert_eq!(format!("{id:?}"), format!("SessionId({text})"));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<SessionId>(&json).unwrap(), id);
        for bad in [
            "",
            &text[..21],
            &format!("{text}A"),
            &format!("{text}=="),
            &format!(" {text}"),
            &format!("{text}\n"),
            &format!("+{}", &text[1..]),
            // Of the last character, four bits say nothing.
            &format!("{}B", &text[..21]),
        ] {
            let json = serde_json::to_string(bad).unwrap();
            assert!(serde_json::from_str::<SessionId>(&json).is_err());
            let error = bad.parse::<SessionId>().unwrap_err();
            assert_eq!(error.setting(), "session id", "{bad:?}");
        }
    }
}

#[test]
fn without_randomness_no_session_starts_and_the_client_keeps_what_it_had() {
    for twin in twins() {
        let supply = Supply::default();
        let builder = twin.builder("login", &[1]).random(supply.clone());
        let codec = builder.build().unwrap();
        assert_no_randomness(codec.seal(&login()));
        assert_no_randomness(codec.write(&login()));

        supply.put(2);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        let id = client.session().id();
        supply.put(0);
        let session = client.session();
        session.start(login());
        assert!(
            session.get().is_none() && session.id().is_none(),
            "{twin:?}"
        );
        assert_no_randomness(session.response_headers());
        let mut headers = HeaderMap::new();
        assert_no_randomness(session.save(&mut headers));
        assert!(headers.is_empty(), "{twin:?}");
        assert!(id.is_some() && client.session().id() == id, "{twin:?}");
    }
}

#[test]
fn a_session_whose_start_failed_can_be_started_again_or_ended() {
    for twin in twins() {
        let supply = Supply::default();
        let builder = twin.builder("login", &[1]).random(supply.clone());
        let codec = builder.build().unwrap();
        let mut client = Client::new(twin, &codec);
        client.request(|session| {
            session.start(login());
            supply.put(2);
            session.start(login());
        });
        assert_eq!(*client.session().get().unwrap(), login(), "{twin:?}");

        supply.put(0);
        client.request(|session| {
            session.start(login());
            session.end();
        });
        assert_eq!(client.sends, None, "{twin:?}");
    }
}

#[test]
fn without_randomness_there_is_no_new_id_and_nothing_is_written() {
    for twin in twins() {
        let supply = Supply::default();
        let builder = twin.builder("login", &[1]).random(supply.clone());
        let codec = builder.build().unwrap();
        let mut client = Client::new(twin, &codec);
        supply.put(2);
        client.request(|session| session.start(login()));
        let session = client.session();
        supply.put(0);
        session.new_id();
        // The rights must not be raised under the old id.
        session.update(|login| login.roles.push("admin".into()));
        session.renew();
        assert!(session.response_headers().is_err(), "{twin:?}");
        assert_eq!(session.id(), client.session().id(), "{twin:?}");
    }
}

#[test]
fn a_token_without_a_nonce_is_not_written() {
    let supply = Supply::default();
    let twin = Twin::cookie(Format::Sealed);
    let builder = twin.builder("login", &[1]).random(supply.clone());
    let codec = builder.build().unwrap();
    let session = codec.session::<str>([]);
    supply.put(1);
    session.start(login());
    assert!(session.get().is_some(), "there was enough for an id");
    assert_no_randomness(session.response_headers());
    let mut headers = HeaderMap::new();
    headers.insert("set-cookie", "other=1".parse().unwrap());
    let before = headers.clone();
    assert_no_randomness(session.save(&mut headers));
    assert_eq!(headers, before);

    supply.put(1);
    assert!(session.save(&mut headers).is_ok());
    assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
}

/// Randomness for as many requests as were put in.
#[derive(Clone, Default)]
struct Supply(Arc<AtomicUsize>);

impl Supply {
    fn put(&self, requests: usize) {
        self.0.store(requests, Ordering::SeqCst);
    }
}

impl Random for Supply {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let take = |left: usize| left.checked_sub(1);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
            .map_err(|_| RandomError::new())?;
        SystemRandom.fill(bytes)
    }
}

fn assert_no_randomness<T>(result: Result<T, SaveError>) {
    let error = result.err().unwrap();
    assert!(matches!(error, SaveError::Random(_)), "{error}");
    let source = error.source().unwrap();
    assert!(source.is::<RandomError>(), "{source}");
}

fn assert_refused(result: Result<Key, ConfigError>) -> ConfigError {
    let error = result.unwrap_err();
    assert_eq!(error.setting(), "key");
    error
}

fn codec(ring: KeyRing) -> Codec<Login> {
    Codec::sealed("login", ring).build().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Ends a session while its next id is drawn.
struct Meanwhile(Arc<Mutex<Option<Session<u64>>>>);

impl Random for Meanwhile {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes.fill(7);
        if let Some(session) = self.0.lock().unwrap().take() {
            session.end();
        }
        Ok(())
    }
}

#[test]
fn a_session_that_is_ended_while_a_default_starts_stays_ended() {
    for twin in twins() {
        let other = Arc::new(Mutex::new(None));
        let builder = twin.builder::<u64>("login", &[1]);
        let codec = builder
            .random(Meanwhile(Arc::clone(&other)))
            .build()
            .unwrap();
        let session = codec.session(&None::<String>);
        *other.lock().unwrap() = Some(session.clone());
        session.update_or_start(0, |value| *value = 1);
        assert_eq!(session.get(), None, "{twin:?}");
    }
}
