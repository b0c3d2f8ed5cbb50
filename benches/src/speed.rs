//! What a session costs with this library, with its peers, and at the least, in one run.
//!
//! ```text
//! cargo run --release --manifest-path benches/Cargo.toml [-- --quick] [--seconds N] [--out FOLDER]
//! ```
//!
//! It prints a table of medians and ratios, and writes `speed.svg` and `speed.csv` to `docs`, or to
//! another folder. `--quick` only shows that everything runs, and writes nothing unless told where.
//!
//! The harness is its own and small: it measures all contenders in turns, so that a busy machine is
//! unfair to none of them, counts allocations beside the times, and puts both into one table.

mod allocations;
mod chart;
mod figures;
mod floors;
mod measure;
mod ours;
mod peers;
mod refusals;
mod requests;
mod results;
mod table;
mod targets;
mod threads;

use std::{env, error::Error, path::PathBuf, time::Duration};

use haversack_benches::{
    compared::Size,
    svg::written,
    values::{Account, Value, large, medium, small},
};

use crate::{measure::Contender, results::Results};

fn main() -> Result<(), Box<dyn Error>> {
    let Options { seconds, out } = Options::from_args()?;
    let mut contenders = of_size(Size::S, &small());
    contenders.extend(of_size(Size::M, &medium()));
    contenders.extend(of_size(Size::L, &large()));
    contenders.extend(refusals::of_garbage::<Account>());

    // Most of the time is for the contenders, the rest for the threads.
    let results = Results::new(measure::measure(contenders, seconds.mul_f64(0.8)));
    let threads = threads::measure(&medium(), seconds.mul_f64(0.2));
    let targets = targets::targets(&results, &threads);
    print!("{}", table::table(&results, &threads, &targets));
    if let Some(out) = out {
        let figures = figures::csv(&results, &threads);
        written(&out, "speed", &chart::chart(&results), &figures)?;
    }
    Ok(())
}

fn of_size<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let mut all = ours::contenders(size, value);
    all.extend(peers::contenders(size, value));
    all.extend(floors::contenders(size, value));
    all.extend(refusals::contenders(size, value));
    all
}

struct Options {
    /// How long it measures.
    seconds: Duration,
    /// Where it writes the chart and the figures.
    out: Option<PathBuf>,
}

impl Options {
    fn from_args() -> Result<Options, Box<dyn Error>> {
        let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let mut options = Options {
            seconds: Duration::from_secs(120),
            out: Some(docs),
        };
        let mut args = env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut next = || args.next().ok_or(format!("{arg} wants a value"));
            match arg.as_str() {
                "--quick" => {
                    options = Options {
                        seconds: Duration::ZERO,
                        out: None,
                    };
                }
                "--seconds" => options.seconds = Duration::from_secs(next()?.parse()?),
                "--out" => options.out = Some(next()?.into()),
                _ => return Err(format!("{arg}: use --quick, --seconds N or --out FOLDER").into()),
            }
        }
        Ok(options)
    }
}
