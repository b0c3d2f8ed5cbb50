//! Whether the time that a refusal takes tells where a tag or a MAC is wrong: Welch's t-test over
//! two classes of tokens, in the manner of dudect (Reparaz, Balasch, Verbauwhede, 2017).
//!
//! `benches/constant-time` runs it with either back end.
//!
//! |t| below 4.5 shows no difference. What is public anyway is the key's id and the length: other
//! tokens are refused sooner, and are not compared here.

use std::{env, hint::black_box, process::ExitCode, time::Instant};

use haversack::{Codec, JwtKeys, Key, KeyRing};

/// Mean and variance of the times of a class, one at a time (Welford).
#[derive(Default)]
struct Class {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Class {
    fn add(&mut self, time: f64) {
        self.count += 1.0;
        let difference = time - self.mean;
        self.mean += difference / self.count;
        self.squares += difference * (time - self.mean);
    }

    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Which class comes next, as random as it needs to be.
fn coin(state: &mut u64) -> bool {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state & 1 == 1
}

/// The t of refusing a token that is wrong at the one or the other place, counted from its end,
/// without the slowest tenth, which is other programs' doing.
fn welch(
    samples: usize,
    good: &str,
    from_the_end: [usize; 2],
    opens: impl Fn(&[u8]) -> bool,
) -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let mut times = Vec::with_capacity(samples);
    let mut token = good.as_bytes().to_vec();
    // What is there for each class: it is written in the same way for both, to the same memory.
    let places = [0, 1].map(|wrong| {
        let at = good.len() - from_the_end[wrong];
        let right = token[at];
        // Another character that is as canonical as the first.
        let other = if right == b'A' { b'Q' } else { b'A' };
        let mut octets = [right; 2];
        octets[wrong] = other;
        (at, octets)
    });
    for _ in 0..samples {
        let class = usize::from(coin(&mut state));
        for (at, octets) in &places {
            // Not a branch, which would be predicted better for one of them.
            token[*at] = black_box(octets)[black_box(class)];
        }
        let start = Instant::now();
        let refused = !black_box(opens(black_box(&token)));
        let time = start.elapsed().as_nanos() as f64;
        assert!(refused);
        times.push((class, time));
    }
    let mut sorted: Vec<f64> = times.iter().map(|(_, time)| *time).collect();
    sorted.sort_by(f64::total_cmp);
    let slowest = sorted[samples * 9 / 10];
    let mut classes = [Class::default(), Class::default()];
    for (class, time) in times.into_iter().filter(|(_, time)| *time <= slowest) {
        classes[class].add(time);
    }
    let [a, b] = classes;
    (a.mean - b.mean) / (a.error() + b.error()).sqrt()
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let samples = env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |text| text.parse())?;
    let sealed = Codec::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    let secret = std::array::from_fn::<u8, 32, _>(|at| (at as u8).wrapping_mul(59) ^ 0xa7);
    let signed = Codec::jwt("login", JwtKeys::hs256(secret)?).build()?;
    let value = "x".repeat(120);
    let mut failed = false;
    for (what, codec, length) in [
        ("tag of a sealed token", &sealed, 22),
        ("MAC of a JWT", &signed, 43),
    ] {
        let good = codec.seal(&value)?;
        let places = [length - 2, 2];
        let t = welch(samples, &good, places, |token| codec.open(token).is_ok());
        println!("{what}, wrong at its start or its end: t = {t:+.2} of {samples} samples");
        failed |= t.abs() >= LIMIT;

        // What is no constant time must be seen to be none.
        let same = |token: &[u8]| token.iter().zip(good.as_bytes()).all(|(a, b)| a == b);
        let t = welch(samples, &good, places, same);
        println!("the same, compared octet by octet up to the first that is wrong: t = {t:+.2}");
        failed |= t.abs() < LIMIT;
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

const LIMIT: f64 = 4.5;
