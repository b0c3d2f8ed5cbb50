//! What it takes to read a private and a signed cookie of cookie-rs, here and there: a session that moves in, up to
//! its value, beside what `axum-extra` calls of cookie-rs for the same request. By turns, so that whatever else the
//! machine does happens to both; the ratio is that of the medians.

use std::{error::Error, hint::black_box, time::Instant};

use cookie::{Cookie, CookieJar, Key};
use haversack::{
    Codec, KeyRing,
    foreign::{Cookies, Reader, Source},
};
use haversack_migrate::cookie_rs::{self, CookieRs};

fn main() -> Result<(), Box<dyn Error>> {
    let bytes: Vec<u8> = (0..64_u8)
        .map(|byte| byte.wrapping_mul(byte) ^ 0xa5)
        .collect();
    let (key, ours) = (Key::from(&bytes), cookie_rs::Key::from_bytes(&bytes)?);
    for (kind, length) in [
        ("private", 20),
        ("private", 1500),
        ("signed", 20),
        ("signed", 1500),
    ] {
        let value = "7".repeat(length);
        let mut jar = CookieJar::new();
        let cookie = Cookie::new("session", value.clone());
        let reader = || match kind {
            "private" => CookieRs::private("session", [ours.clone()]),
            _ => CookieRs::signed("session", [ours.clone()]),
        };
        match kind {
            "private" => jar.private_mut(&key).add(cookie),
            _ => jar.signed_mut(&key).add(cookie),
        }
        let alone = reader()?;
        let cookie = jar.get("session").ok_or("no cookie")?.encoded().to_string();
        let header = format!("theme=dark; {cookie}; consent=1");
        let login = Codec::<String>::sealed("login", KeyRing::new(haversack::Key::generate()?))
            .also_reads(Source::new(reader()?, u64::from(u32::MAX)), |old| {
                old.text().map(str::to_owned)
            })
            .build()?;

        let read = || {
            let cookies: Cookies<'_> = [black_box(header.as_bytes())].into_iter().collect();
            let old = alone.read(&cookies, 1_800_000_000).ok()??;
            old.text().map(str::len)
        };
        let here = || {
            login
                .session([black_box(&header)])
                .get()
                .map(|value| value.len())
        };
        let there = || {
            let mut jar = CookieJar::new();
            for cookie in Cookie::split_parse_encoded(black_box(header.clone())) {
                jar.add_original(cookie.ok()?);
            }
            let cookie = match kind {
                "private" => jar.private(&key).get("session"),
                _ => jar.signed(&key).get("session"),
            };
            cookie.map(|cookie| cookie.value().len())
        };
        assert_eq!(here(), Some(length));
        assert_eq!(there(), Some(length));
        assert_eq!(read(), Some(length));
        let (mut reads, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            reads.push(time(read));
            ours.push(time(here));
            theirs.push(time(there));
        }
        let [read, ours, theirs] = [reads, ours, theirs].map(median);
        println!(
            "{kind} {length}: {read:.0} ns to read here, {theirs:.0} ns there, ratio {:.2}; {ours:.0} ns to a session",
            read / theirs
        );
    }
    Ok(())
}

/// Nanoseconds for one of some.
fn time(read: impl Fn() -> Option<usize>) -> f64 {
    let began = Instant::now();
    for _ in 0..TIMES {
        black_box(read());
    }
    began.elapsed().as_nanos() as f64 / f64::from(TIMES)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

const ROUNDS: usize = 400;
const TIMES: u32 = 50;
