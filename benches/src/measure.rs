//! Contenders, measured in turns: a batch of each, then a batch of each again in another order, so
//! that whatever else the machine does in the meantime falls on all of them alike.

use std::{
    fmt,
    hint::black_box,
    time::{Duration, Instant},
};

use crate::allocations;

/// One thing that is measured: what somebody does with a value of some size.
pub(crate) struct Contender {
    pub(crate) group: Group,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) size: Size,
    /// Octets of what is carried: name and value of a cookie, or the value of a header.
    pub(crate) octets: Option<usize>,
    pub(crate) work: Result<Work, Unable>,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    ReadCookie,
    WriteCookie,
    ReadHeader,
    WriteHeader,
    Load,
    Save,
    Request(Use),
    Floor,
    Refuse,
}

/// What a request brings, and what its handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Asks for the session, and there is none.
    Empty,
    Read,
    Change,
    /// The request has a session and the handler does not ask for it.
    Ignore,
}

/// What a contender does to a value, and so with which of ours it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Encrypts,
    /// Authenticates it, with nothing that an application could check beside it.
    Signs,
    Jwt,
    Neither,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    S,
    M,
    L,
}

/// Why a contender is not measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unable {
    /// Name and value of the cookie are more octets than browsers keep.
    TooLarge,
}

/// Does something that many times and tells what it took.
pub(crate) type Work = Box<dyn FnMut(usize) -> Batch>;

#[derive(Default)]
pub(crate) struct Batch {
    time: Duration,
    allocations: u64,
}

/// What a contender took for each time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Nanoseconds: the median of all batches, and the quartiles around it.
    pub(crate) median: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
    pub(crate) allocations: f64,
}

pub(crate) struct Measured {
    pub(crate) group: Group,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) size: Size,
    pub(crate) octets: Option<usize>,
    pub(crate) cost: Result<Cost, Unable>,
}

/// The work of calling `run`.
pub(crate) fn repeat<R>(mut run: impl FnMut() -> R + 'static) -> Work {
    Box::new(move |times| {
        timed(|| {
            for _ in 0..times {
                drop(black_box(run()));
            }
        })
    })
}

/// The work of calling `run` with what `prepare` makes, which does not count.
pub(crate) fn repeat_on<I, R>(
    mut prepare: impl FnMut() -> I + 'static,
    mut run: impl FnMut(I) -> R + 'static,
) -> Work {
    Box::new(move |times| {
        let mut all = Batch::default();
        let mut left = times;
        while left > 0 {
            // As few as stay in the caches.
            let inputs: Vec<I> = (0..left.min(PREPARED)).map(|_| prepare()).collect();
            left -= inputs.len();
            let batch = timed(|| {
                for input in inputs {
                    drop(black_box(run(input)));
                }
            });
            all.time += batch.time;
            all.allocations += batch.allocations;
        }
        all
    })
}

fn timed(run: impl FnOnce()) -> Batch {
    let before = allocations::count();
    let start = Instant::now();
    run();
    Batch {
        time: start.elapsed(),
        allocations: allocations::count() - before,
    }
}

/// Measures all contenders in turns until the time is up.
pub(crate) fn measure(contenders: Vec<Contender>, time: Duration) -> Vec<Measured> {
    let mut entries: Vec<Entry> = contenders.into_iter().map(Entry::new).collect();
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let mut random = 1;
    let end = Instant::now() + time;
    let mut rounds = 0;
    while rounds < LEAST_ROUNDS || Instant::now() < end {
        // What a contender leaves in the caches is for another one in every round.
        shuffle(&mut order, &mut random);
        order.iter().for_each(|index| entries[*index].turn());
        rounds += 1;
    }
    eprintln!("{rounds} rounds of {} contenders", entries.len());
    entries.into_iter().map(Entry::measured).collect()
}

/// Puts them into any order (Fisher and Yates; xorshift by Marsaglia).
fn shuffle(order: &mut [usize], random: &mut u64) {
    for last in (1..order.len()).rev() {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        order.swap(last, (*random % (last as u64 + 1)) as usize);
    }
}

struct Entry {
    contender: Contender,
    /// How many times are a batch.
    times: usize,
    /// How many times come before it, as the caches belong to the contender before.
    first: usize,
    samples: Vec<f64>,
    allocations: f64,
}

impl Entry {
    fn new(mut contender: Contender) -> Entry {
        let (mut times, mut first) = (1, 0);
        if let Ok(work) = &mut contender.work {
            // The first times are slower than the others.
            let mut fastest = |times| (0..5).map(|_| work(times).time).min();
            let slow = fastest(times) > Some(8 * BATCH);
            while fastest(times) < Some(BATCH) && times < MOST_TIMES {
                times *= 2;
            }
            first = if slow { 0 } else { times.max(LEAST_FIRST) };
        }
        Entry {
            contender,
            times,
            first,
            samples: Vec::with_capacity(1 << 14),
            allocations: 0.0,
        }
    }

    fn turn(&mut self) {
        if let Ok(work) = &mut self.contender.work {
            work(self.first);
            let batch = work(self.times);
            let times = self.times as f64;
            self.samples.push(batch.time.as_nanos() as f64 / times);
            self.allocations = batch.allocations as f64 / times;
        }
    }

    fn measured(mut self) -> Measured {
        self.samples.sort_unstable_by(f64::total_cmp);
        let quantile = |part: f64| {
            let last = self.samples.len().saturating_sub(1) as f64;
            self.samples.get((part * last) as usize).copied()
        };
        let cost = self.contender.work.map(|_| Cost {
            median: quantile(0.5).unwrap_or(f64::NAN),
            lower: quantile(0.25).unwrap_or(f64::NAN),
            upper: quantile(0.75).unwrap_or(f64::NAN),
            allocations: self.allocations,
        });
        Measured {
            group: self.contender.group,
            name: self.contender.name,
            kind: self.contender.kind,
            size: self.contender.size,
            octets: self.contender.octets,
            cost,
        }
    }
}

impl Size {
    pub(crate) const ALL: [Size; 3] = [Size::S, Size::M, Size::L];
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Display for Unable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unable::TooLarge => f.write_str("too large"),
        }
    }
}

/// Long enough for the processor to get used to a contender, as it is to a server's busiest code, and
/// short beside the turns that a scheduler gives.
const BATCH: Duration = Duration::from_micros(500);
const MOST_TIMES: usize = 1 << 17;
const PREPARED: usize = 32;
const LEAST_FIRST: usize = 4;
const LEAST_ROUNDS: usize = 5;
