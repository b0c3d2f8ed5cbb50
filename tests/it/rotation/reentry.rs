//! Values and hooks that use the codec which is just using them.

use std::{
    cell::{Cell, RefCell},
    env, fs, process,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use haversack::{
    Algorithm, Codec, CodecBuilder, CryptoProvider, JwtKey, KeySource, Rejected, Session,
};
use jsonwebtoken::crypto::KeyUtils;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    jwt_keys::{AWS_LC, ED25519},
    support::{Format, Twin, jwt_keys, twins, written},
};

thread_local! {
    /// What [`Nosy`] uses.
    static CODEC: RefCell<Option<(Format, Codec<Nosy>)>> = const { RefCell::new(None) };
}

/// A value that seals, opens and rotates while it is written and read.
#[derive(Clone, Debug, PartialEq)]
struct Nosy {
    depth: u8,
}

impl Nosy {
    /// Ends with another key that seals, and the first one still known.
    fn use_codec(&self) {
        let Some(inner) = self.depth.checked_sub(1) else {
            return;
        };
        let Some((format, codec)) = CODEC.with_borrow(Clone::clone) else {
            return;
        };
        let inner = Nosy { depth: inner };
        for codec in [codec.context("tenant-42").unwrap(), codec] {
            let token = codec.seal(&inner).unwrap();
            assert_eq!(codec.open(&token).unwrap().value(), &inner);
            codec.rotate(format.keys(&[2, 1])).unwrap();
            assert_eq!(codec.open(&token).unwrap().value(), &inner);
        }
    }
}

impl Serialize for Nosy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.use_codec();
        serializer.serialize_u8(self.depth)
    }
}

impl<'de> Deserialize<'de> for Nosy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Nosy, D::Error> {
        let depth = u8::deserialize(deserializer)?;
        let value = Nosy { depth };
        value.use_codec();
        Ok(value)
    }
}

/// Fails, rather than hang, when `work` does not come back.
pub(super) fn in_time(work: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let worker = thread::spawn(move || {
        work();
        done.send(()).unwrap();
    });
    let outcome = wait.recv_timeout(Duration::from_secs(120));
    assert_ne!(outcome, Err(RecvTimeoutError::Timeout), "a deadlock");
    worker.join().unwrap();
}

/// A codec that [`Nosy`] on this thread uses.
fn nosy(twin: Twin, set: impl FnOnce(CodecBuilder<Nosy>) -> CodecBuilder<Nosy>) -> Codec<Nosy> {
    let codec = set(twin.builder("login", &[1])).build().unwrap();
    CODEC.set(Some((twin.format, codec.clone())));
    codec
}

#[test]
fn a_value_that_uses_its_codec_while_it_is_written_and_read_does_not_wait_for_itself() {
    for twin in twins() {
        in_time(move || {
            let codec = nosy(twin, |builder| builder);
            let value = Nosy { depth: 2 };
            let token = codec.seal(&value).unwrap();
            assert_eq!(
                twin.format.key_id(&token),
                twin.format.name_of_key(1),
                "the keys are those of when the seal began"
            );
            assert_eq!(codec.open(&token).unwrap().into_value(), value);

            let session = codec.session(&None::<String>);
            session.start(value.clone());
            let answer = written(&session, &codec).and_then(|value| twin.answer(&value));
            assert_eq!(codec.session(&answer).get().as_deref(), Some(&value));
        });
    }
}

#[test]
fn a_key_that_is_retired_while_a_value_is_read_is_known_until_that_is_done() {
    /// Retires the key that opened it.
    #[derive(Debug)]
    struct Retires;

    static RETIRED: OnceLock<Codec<Retires>> = OnceLock::new();

    impl<'de> Deserialize<'de> for Retires {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Retires, D::Error> {
            <()>::deserialize(deserializer)?;
            let codec = RETIRED.get().unwrap();
            codec.rotate(Format::Sealed.keys(&[2])).unwrap();
            Ok(Retires)
        }
    }

    in_time(|| {
        let keys = || crate::support::ring(1);
        let token = Codec::sealed("login", keys())
            .build()
            .unwrap()
            .seal(&())
            .unwrap();
        let codec = RETIRED.get_or_init(|| Codec::sealed("login", keys()).build().unwrap());
        assert!(codec.open(&token).is_ok());
        assert_eq!(codec.open(&token).unwrap_err(), Rejected::UnknownKey);
    });
}

#[test]
fn hooks_that_use_their_codec_do_not_wait_for_it() {
    for twin in twins() {
        in_time(move || {
            let codec = nosy(twin, |builder| {
                let hook = |inner| {
                    let value = Nosy { depth: inner };
                    // Inside, the hooks find no codec, so this ends.
                    let (format, codec) = CODEC.take()?;
                    let token = codec.seal(&value).ok()?;
                    codec.rotate(format.keys(&[2, 1])).ok()?;
                    codec.open(token).ok()?;
                    CODEC.set(Some((format, codec)));
                    Some(value)
                };
                builder
                    .accept_if(move |_, _| hook(0).is_some() || CODEC.with_borrow(Option::is_none))
                    .migrate(move |_| hook(1))
            });
            let other_shape = twin.builder("login", &[1]).build().unwrap();
            let token = other_shape.seal(&"an older shape".to_owned()).unwrap();
            assert_eq!(codec.open(token).unwrap().value(), &Nosy { depth: 1 });
        });
    }
}

#[test]
fn a_back_end_that_uses_the_codec_whose_keys_it_reads_does_not_wait_for_it() {
    static CODEC: OnceLock<Codec<u64>> = OnceLock::new();
    static ROTATIONS: AtomicUsize = AtomicUsize::new(0);
    static BACK_END: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| (AWS_LC.signer_factory)(algorithm, key),
        verifier_factory: |algorithm, key| {
            if let Some(codec) = CODEC.get().filter(|_| ROTATIONS.load(Ordering::SeqCst) < 3) {
                codec.rotate(Format::Jwt.keys(&[2])).unwrap();
                ROTATIONS.fetch_add(1, Ordering::SeqCst);
            }
            (AWS_LC.verifier_factory)(algorithm, key)
        },
        key_utils: KeyUtils::new_unimplemented(),
    };

    in_time(|| {
        let path = env::temp_dir().join(format!("haversack-reentry-{}", process::id()));
        fs::write(&path, ED25519.private_jwk(Algorithm::EdDSA)).unwrap();
        let source = KeySource::file(&path).provider(&BACK_END);
        let codec = CODEC.get_or_init(|| Codec::jwt("login", jwt_keys(1)).build().unwrap());
        codec.reload(&source).unwrap();
        assert_eq!(ROTATIONS.load(Ordering::SeqCst), 3);
        let key = JwtKey::jwk(&fs::read_to_string(&path).unwrap(), Some(AWS_LC)).unwrap();
        let token = codec.seal(&7).unwrap();
        assert_eq!(Format::Jwt.key_id(&token), key.key_id());
        fs::remove_file(path).unwrap();
    });
}

thread_local! {
    /// What [`Curious`] asks.
    static SESSION: RefCell<Option<Session<Curious>>> = const { RefCell::new(None) };
}

/// A value that asks its own session while it is written.
#[derive(Clone)]
struct Curious;

impl Serialize for Curious {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let id = SESSION.with_borrow(|session| session.as_ref().and_then(Session::id));
        serializer.collect_str(&id.unwrap())
    }
}

impl<'de> Deserialize<'de> for Curious {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Curious, D::Error> {
        String::deserialize(deserializer).map(|_| Curious)
    }
}

#[test]
fn a_value_that_asks_its_session_while_it_is_saved_does_not_wait_for_itself() {
    for twin in twins() {
        in_time(move || {
            let codec = twin.builder::<Curious>("login", &[1]).build().unwrap();
            let session = codec.session(["theme=dark"]);
            session.start(Curious);
            SESSION.set(Some(session.clone()));
            assert!(written(&session, &codec).is_some(), "{twin:?}");
        });
    }
}

thread_local! {
    /// What [`Parting`] asks.
    static LAST: RefCell<Option<Session<Parting>>> = const { RefCell::new(None) };
    static ASKED: Cell<u8> = const { Cell::new(0) };
}

/// A value that asks its session when it is dropped.
#[derive(Clone, Serialize, Deserialize)]
struct Parting;

impl Drop for Parting {
    fn drop(&mut self) {
        if let Some(session) = LAST.with_borrow(Clone::clone) {
            ASKED.set(ASKED.get() + 1);
            let _ = session.facts().map(|facts| facts.version);
        }
    }
}

#[test]
fn a_value_that_asks_its_session_while_it_is_dropped_does_not_wait_for_itself() {
    for twin in twins() {
        in_time(move || {
            let codec = twin.builder("login", &[1]).build().unwrap();
            let session = codec.session(["none"]);
            session.start(Parting);
            LAST.set(Some(session.clone()));
            session.start(Parting);
            session.update(|_| ()).unwrap();
            session.end();
            session.start(Parting);
            session.end();
            assert_eq!(ASKED.get(), 4, "{twin:?}");
            LAST.set(None);
        });
    }
}

#[test]
fn an_update_within_an_update_does_not_wait_for_the_end_of_its_value() {
    for twin in twins() {
        in_time(move || {
            let codec = twin.builder("login", &[1]).build().unwrap();
            let session = codec.session(["none"]);
            session.start(Parting);
            LAST.set(Some(session.clone()));
            let within = session.update(|_| session.update(|_| ()));
            assert_eq!(within, Some(Some(())), "{twin:?}");
            assert_eq!(
                session.facts().map(|facts| facts.version),
                Some(2),
                "{twin:?}"
            );
            assert_eq!(ASKED.get(), 2, "{twin:?}");
            LAST.set(None);
        });
    }
}
