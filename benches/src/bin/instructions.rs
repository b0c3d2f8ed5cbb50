//! Makes and opens tokens a given number of times, the same way in every run: what `instructions`
//! counts the instructions of. `fleet-seal` and `fleet-open` do it with a fleet's keys; `request` finds a live
//! session among a request's cookies, `moving` does the same with another system's sessions read too.
//!
//! ```text
//! instructions FORMAT VERB SIZE TIMES
//! ```

use std::{
    env,
    error::Error,
    hint::black_box,
    sync::atomic::{AtomicU8, Ordering},
};

use haversack::{
    Codec, CodecBuilder, JwtKeys, Key, KeyRing, Random, RandomError, Ticket,
    foreign::{Cookies, Foreign, Reader, Refused, Source},
};
use haversack_benches::{
    memory::Memory,
    values::{Value, medium, small},
};
use haversack_fleet::Fleet;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [format, verb, size, times] = &args[..] else {
        return Err("usage: instructions sealed|jwt VERB S|M|T TIMES".into());
    };
    let times = times.parse()?;
    match size.as_str() {
        "S" => run(format, verb, &small(), times),
        // The same value in a ticket.
        "T" => run_ticket(format, verb, &small(), times),
        _ => run(format, verb, &medium(), times),
    }
}

fn run<T: Value>(format: &str, verb: &str, value: &T, times: usize) -> Result<(), Box<dyn Error>> {
    let fleet = verb.starts_with("fleet-").then(fleet).transpose()?;
    let builder = match &fleet {
        Some(fleet) => codec_of(fleet, format)?,
        None => codec::<T>(format)?,
    };
    let mut builder = builder.clock(|| NOW).random(Counting);
    if verb == "moving" {
        builder = builder.also_reads(Source::new(Old, 1_900_000_000), |_| None);
    }
    let codec = builder.build()?;
    if let Some(fleet) = &fleet {
        fleet.serve(&codec)?;
    }
    let token = codec.seal(value)?;
    let name = codec.cookie_name().ok_or("no cookie")?;
    let cookies = format!("theme=dark; {name}={token}; sid=2b1f; consent=1");
    assert_eq!(codec.open(&token)?.value(), value);
    for _ in 0..times {
        match verb {
            "open" | "fleet-open" => _ = black_box(codec.open(black_box(&token))),
            "seal" | "fleet-seal" => _ = black_box(codec.seal(black_box(value))),
            _ => {
                let session = black_box(codec.session([black_box(&cookies)]));
                assert!(session.get().is_some());
            }
        }
    }
    Ok(())
}

fn run_ticket<T: Value>(
    format: &str,
    verb: &str,
    value: &T,
    times: usize,
) -> Result<(), Box<dyn Error>> {
    let builder = match format {
        "sealed" => Ticket::<T>::sealed("session", KeyRing::new(Key::from_bytes(&secret())?)),
        _ => Ticket::jwt("session", JwtKeys::hs256(secret())?),
    };
    let ticket = builder.clock(|| NOW).random(Counting).build()?;
    let token = ticket.seal(value, BINDING)?;
    assert_eq!(&ticket.open(&token, |_| BINDING)?, value);
    for _ in 0..times {
        if verb == "open" {
            let _ = black_box(ticket.open(black_box(&token), |_| BINDING));
        } else {
            let _ = black_box(ticket.seal(black_box(value), BINDING));
        }
    }
    Ok(())
}

fn codec<T>(format: &str) -> Result<CodecBuilder<T>, Box<dyn Error>> {
    Ok(match format {
        "sealed" => Codec::sealed("session", KeyRing::new(Key::from_bytes(&secret())?)),
        _ => Codec::jwt("session", JwtKeys::hs256(secret())?),
    })
}

fn fleet() -> Result<Fleet, Box<dyn Error>> {
    let master = KeyRing::new(Key::from_bytes(&secret())?);
    let fleet = Fleet::new(Memory::default(), master).clock(|| NOW);
    Ok(pollster::block_on(fleet.open())?)
}

fn codec_of<T>(fleet: &Fleet, format: &str) -> Result<CodecBuilder<T>, Box<dyn Error>> {
    Ok(match format {
        "sealed" => Codec::sealed("session", fleet.keys()),
        _ => Codec::jwt("session", fleet.jwt_keys()?),
    })
}

/// Bytes without a pattern, which are no secret.
fn secret() -> Vec<u8> {
    let bytes = 0..32_u8;
    bytes.map(|byte| byte.wrapping_mul(byte) ^ 0xa5).collect()
}

/// As long as the hash of a password.
const BINDING: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g";

/// Another system, which has a cookie in the request.
struct Old;

impl Reader for Old {
    fn system(&self) -> &'static str {
        "old"
    }

    fn read(&self, cookies: &Cookies<'_>, _: u64) -> Result<Option<Foreign>, Refused> {
        assert!(
            cookies.named("sid").next().is_none(),
            "a session of ours wins"
        );
        Ok(None)
    }
}

/// The same bytes in every run.
struct Counting;

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes.fill_with(|| NEXT.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

static NEXT: AtomicU8 = AtomicU8::new(0);
const NOW: u64 = 1_800_000_000;
