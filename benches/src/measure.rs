//! Contenders, measured in turns: a batch of each, then a batch of each again in another order, so
//! that whatever else the machine does in the meantime falls on all of them alike.

use std::{
    fmt,
    hint::black_box,
    time::{Duration, Instant},
};

use haversack_benches::{
    carried,
    compared::{Kind, Size, Use},
    turns::Turns,
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

/// Why a contender is not measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unable {
    /// Name and value of the cookie are more octets than browsers keep.
    TooLarge,
}

/// A contender, unless what it carries does not fit into a cookie.
pub(crate) fn contender(
    group: Group,
    (name, kind): (&'static str, Kind),
    size: Size,
    octets: usize,
    work: Work,
) -> Contender {
    let in_a_header = matches!(group, Group::ReadHeader | Group::WriteHeader);
    let fits = in_a_header || octets <= carried::LIMIT;
    Contender {
        group,
        name,
        kind,
        size,
        octets: Some(octets),
        work: if fits {
            Ok(work)
        } else {
            Err(Unable::TooLarge)
        },
    }
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
    let mut turns = Turns::new(entries.len());
    let end = Instant::now() + time;
    let mut rounds = 0;
    while rounds < LEAST_ROUNDS || Instant::now() < end {
        let order = turns.next_order();
        order.iter().for_each(|index| entries[*index].turn());
        rounds += 1;
    }
    eprintln!("{rounds} rounds of {} contenders", entries.len());
    entries.into_iter().map(Entry::measured).collect()
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
