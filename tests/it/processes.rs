//! Many processes with the same keys.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{Random, RandomError, SystemRandom};

use crate::support::{Format, OneHeader as _, Twin, finish, is_alone, start_alone, twins, written};

#[test]
fn processes_never_repeat_a_nonce_or_an_id_of_one_another() {
    const TEST: &str = "processes::processes_never_repeat_a_nonce_or_an_id_of_one_another";
    const PROCESSES: usize = 8;
    const TOKENS: usize = 500;

    if is_alone() {
        for format in [Format::Sealed, Format::Jwt] {
            let codec = Twin::cookie(format).builder("login", &[1]).build().unwrap();
            for _ in 0..TOKENS {
                let token = codec.seal(&7_u64).unwrap();
                let id = codec.open(&token).unwrap().id();
                println!("\nid {id}");
                if format == Format::Sealed {
                    let octets = URL_SAFE_NO_PAD.decode(token).unwrap();
                    println!("nonce {}", URL_SAFE_NO_PAD.encode(&octets[5..29]));
                }
            }
        }
        return;
    }
    let processes: Vec<_> = (0..PROCESSES).map(|_| start_alone(TEST, &[])).collect();
    let (mut ids, mut nonces) = (HashSet::new(), HashSet::new());
    for process in processes {
        for line in finish(process).lines() {
            if let Some(id) = line.strip_prefix("id ") {
                assert!(ids.insert(id.to_owned()), "{line}");
            }
            if let Some(nonce) = line.strip_prefix("nonce ") {
                assert!(nonces.insert(nonce.to_owned()), "{line}");
            }
        }
    }
    assert_eq!(ids.len(), 2 * PROCESSES * TOKENS);
    assert_eq!(nonces.len(), PROCESSES * TOKENS);
}

/// Counts what is drawn.
#[derive(Clone, Default)]
struct Counting(Arc<Mutex<Vec<Vec<u8>>>>);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        SystemRandom.fill(bytes)?;
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(())
    }
}

impl Counting {
    /// What was drawn since this was asked last.
    fn drawn(&self) -> Vec<Vec<u8>> {
        mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn nothing_random_is_kept_for_later_where_a_copy_of_the_process_would_find_it() {
    for twin in twins() {
        let random = Counting::default();
        let codec = twin.builder("login", &[1]).random(random.clone());
        let codec = codec.build().unwrap();
        let tenant = codec.context("tenant-42").unwrap();
        assert_eq!(random.drawn(), [] as [Vec<u8>; 0], "{twin:?}");
        let nonce = |token: &str| {
            let sealed = twin.format == Format::Sealed;
            sealed.then(|| URL_SAFE_NO_PAD.decode(token).unwrap()[5..29].to_vec())
        };
        for codec in [codec.clone(), tenant, codec] {
            let token = codec.seal(&7_u64).unwrap();
            let id = codec.open(&token).unwrap().id().to_bytes().to_vec();
            let expected: Vec<_> = [id].into_iter().chain(nonce(&token)).collect();
            assert_eq!(random.drawn().concat(), expected.concat(), "{twin:?}");

            let answer = twin.answer(&codec.write(&7).unwrap());
            random.drawn();
            let session = codec.session(&answer);
            session.renew();
            let value = written(&session, &codec).unwrap();
            let expected: Vec<_> = nonce(twin.token(&value)).into_iter().collect();
            assert_eq!(
                random.drawn(),
                expected,
                "{twin:?}: a new nonce for the same id"
            );
        }
    }
}
