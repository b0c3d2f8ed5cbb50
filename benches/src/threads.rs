//! Two threads that use one codec, against one thread.

use std::{
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use haversack::Codec;
use haversack_benches::{apps::ours, compared::Kind, quartiles::Quartiles, values::Value};

/// How many times as much two threads do as one, in the same time.
pub(crate) struct Throughput {
    pub(crate) name: &'static str,
    /// With one codec for both.
    pub(crate) together: Quartiles,
    /// With a codec for each: what the machine gives to threads that share nothing.
    pub(crate) apart: Quartiles,
}

pub(crate) fn measure<T: Value>(value: &T, time: Duration) -> Vec<Throughput> {
    let (sealed, signed) = (pair(Kind::Encrypts, value), pair(Kind::Jwt, value));
    let contenders = [
        ("open sealed", sealed.each_ref().map(User::opens)),
        ("seal sealed", sealed.each_ref().map(User::seals)),
        ("open JWT", signed.each_ref().map(User::opens)),
        ("seal JWT", signed.each_ref().map(User::seals)),
    ];
    let mut ratios = [(); 4].map(|()| (Vec::new(), Vec::new()));
    let end = Instant::now() + time;
    while ratios[0].0.len() < 5 || Instant::now() < end {
        for ((_, [run, other]), (together, apart)) in contenders.iter().zip(&mut ratios) {
            let one = rate(&[run]);
            together.push(rate(&[run, run]) / one);
            apart.push(rate(&[run, other]) / one);
        }
    }
    contenders
        .iter()
        .zip(ratios)
        .map(|((name, _), (together, apart))| Throughput {
            name,
            together: Quartiles::of(together),
            apart: Quartiles::of(apart),
        })
        .collect()
}

/// A codec, and what it is used for.
struct User<T> {
    codec: Codec<T>,
    value: T,
    token: String,
}

type Run<'r> = Box<dyn Fn() + Sync + 'r>;

impl<T: Value> User<T> {
    fn opens(&self) -> Run<'_> {
        Box::new(|| drop(black_box(self.codec.open(&self.token))))
    }

    fn seals(&self) -> Run<'_> {
        Box::new(|| drop(black_box(self.codec.seal(&self.value))))
    }
}

fn pair<T: Value>(kind: Kind, value: &T) -> [User<T>; 2] {
    [(); 2].map(|()| {
        let codec = ours::builder(kind, &ours::secret()).build();
        let codec: Codec<T> = codec.expect("a good configuration");
        let token = codec.seal(value).expect("a value that fits");
        let value = value.clone();
        User {
            codec,
            value,
            token,
        }
    })
}

/// Calls a nanosecond, of a thread for each of these.
fn rate(runs: &[&Run<'_>]) -> f64 {
    let start = Barrier::new(runs.len());
    let work = |run: &Run<'_>| {
        start.wait();
        let (begin, mut calls) = (Instant::now(), 0);
        loop {
            (0..16).for_each(|_| run());
            calls += 16;
            let elapsed = begin.elapsed();
            if elapsed >= WINDOW {
                return f64::from(calls) / elapsed.as_nanos() as f64;
            }
        }
    };
    let work = &work;
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for run in runs {
            threads.push(scope.spawn(move || work(run)));
        }
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .sum()
    })
}

const WINDOW: Duration = Duration::from_millis(4);
