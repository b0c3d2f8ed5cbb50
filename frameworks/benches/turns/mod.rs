//! Contenders that answer requests in turns, each timed at its best.

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;

/// Answers a request so many times, and tells how long that took.
pub(crate) type Work = Box<dyn FnMut() -> Duration>;

/// The nanoseconds that each takes for a request, the least of all rounds; not a number for one that is not
/// there.
pub(crate) fn best<const N: usize>(mut works: [Option<Work>; N]) -> [f64; N] {
    let mut best = [Duration::MAX; N];
    for _ in 0..ROUNDS {
        // In turns, so that a slow moment of the machine is nobody's alone.
        for (work, best) in works.iter_mut().zip(&mut best) {
            *best = work
                .as_mut()
                .map_or(Duration::MAX, |work| work())
                .min(*best);
        }
    }
    best.map(|best| match best {
        Duration::MAX => f64::NAN,
        best => best.as_secs_f64() * 1e9 / TIMES as f64,
    })
}

/// A session's cookie among those that a site of today sets.
pub(crate) fn among_others(cookie: &str) -> String {
    format!(
        "theme=dark; _ga=GA1.2.1264518362.1751882031; {cookie}; lang=en-GB; consent=all.2026-03-01"
    )
}

/// Requests are made before they are timed.
pub(crate) fn work<R>(
    mut request: impl FnMut() -> R + 'static,
    mut answer: impl FnMut(R) + 'static,
) -> Work {
    Box::new(move || {
        let mut time = Duration::ZERO;
        for _ in 0..TIMES / PREPARED {
            let requests: Vec<_> = (0..PREPARED).map(|_| request()).collect();
            let start = Instant::now();
            for request in requests {
                answer(request);
            }
            time += start.elapsed();
        }
        time
    })
}

/// What a future gives that waits for nothing.
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("nothing to wait for")
}

const TIMES: usize = 2048;
const PREPARED: usize = 64;
const ROUNDS: usize = 100;
