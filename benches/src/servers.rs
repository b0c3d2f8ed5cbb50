//! What a session costs in a real server: requests a second, CPU time and memory, with this library and
//! with its peers.
//!
//! ```text
//! benches/servers [--quick] [--seconds N] [--out FOLDER]
//! ```
//!
//! Each contender is a server in a process of its own, pinned to one core, with 100,000 sessions. The
//! client, on another core, asks it over connections that stay open, never two requests at once on one of
//! them. All contenders are asked in turns, seven rounds of N seconds each, so that a busy machine is
//! unfair to none of them, and each is compared with a server without sessions in the same round.
//!
//! It prints a table, and writes `servers.svg`, `servers.link` and `servers.csv` to `docs`, or to another
//! folder. `--quick` only shows that everything runs, and writes nothing unless told where.

mod serving;

use std::{env, error::Error, path::PathBuf, time::Duration};

use haversack_benches::svg::written;

use crate::serving::{
    Effort, chart, contender::Contender, figures, process, rounds, serve, table, targets,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1).peekable();
    if args.next_if(|arg| arg == process::COMMAND).is_some() {
        return serve::serve(args);
    }
    let Options { effort, out } = Options::from_args(args)?;
    let measured = rounds::measure(&Contender::ALL, effort)?;
    let targets = targets::targets(&measured);
    print!("{}", table::table(&measured, &targets));
    if let Some(out) = out {
        let figures = figures::csv(&measured);
        written(&out, "servers", &chart::chart(&measured), &figures)?;
    }
    Ok(())
}

struct Options {
    effort: Effort,
    /// Where it writes the chart and the figures.
    out: Option<PathBuf>,
}

impl Options {
    fn from_args(mut args: impl Iterator<Item = String>) -> Result<Options, Box<dyn Error>> {
        let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let mut options = Options {
            effort: Effort::WHOLE,
            out: Some(docs),
        };
        while let Some(arg) = args.next() {
            let mut next = || args.next().ok_or(format!("{arg} wants a value"));
            match arg.as_str() {
                "--quick" => {
                    options = Options {
                        effort: Effort::QUICK,
                        out: None,
                    };
                }
                "--seconds" => {
                    options.effort.window = Duration::try_from_secs_f64(next()?.parse()?)?
                }
                "--out" => options.out = Some(next()?.into()),
                _ => return Err(format!("{arg}: use --quick, --seconds N or --out FOLDER").into()),
            }
        }
        Ok(options)
    }
}
