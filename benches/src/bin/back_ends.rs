//! Nanoseconds to seal and to open a token of each size, as the library was built: what `back-ends`
//! compares.

use std::{error::Error, hint::black_box, time::Instant};

use haversack::{Codec, Key, KeyRing};
use haversack_benches::values::{Value, large, medium, small};

fn main() -> Result<(), Box<dyn Error>> {
    run("S", &small())?;
    run("M", &medium())?;
    run("L", &large())
}

fn run<T: Value>(size: &str, value: &T) -> Result<(), Box<dyn Error>> {
    let codec = Codec::<T>::sealed("session", KeyRing::new(Key::generate()?)).build()?;
    let token = codec.seal(value)?;
    let seal = fastest(|| drop(black_box(codec.seal(black_box(value)))));
    let open = fastest(|| drop(black_box(codec.open(black_box(&token)))));
    println!("seal {size} {seal:.0}");
    println!("open {size} {open:.0}");
    Ok(())
}

/// The time of the fastest of many short runs: what other programs do only adds to it.
fn fastest(run: impl Fn()) -> f64 {
    let times = (0..2000).map(|_| {
        let start = Instant::now();
        (0..TIMES).for_each(|_| run());
        start.elapsed().as_nanos() as f64 / f64::from(TIMES)
    });
    times.fold(f64::INFINITY, f64::min)
}

const TIMES: u32 = 40;
