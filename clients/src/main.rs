//! What stands between a handler and a person, for real: browsers, proxies, caches, clients, and a
//! fleet behind a balancer, each against a server with sessions of this library.
//!
//! ```text
//! cargo run --release -- [PART ..] [--long] [--report ../docs/clients.md] [--screenshots FOLDER]
//! ```

mod app;
mod client;
mod context;
mod install;
mod jar;
mod parts;
mod process;
mod proxy;
mod report;
mod tls;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::{context::Context, parts::Part, report::Report};

/// Runs real clients and proxies against sessions, and reports what was seen.
#[derive(Debug, Parser)]
struct Arguments {
    /// The parts to run, all unless named.
    parts: Vec<Part>,

    /// The long form of each part.
    #[arg(long)]
    long: bool,

    /// A Markdown file whose section of each part is replaced by what was seen.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// A folder for pictures of what a person would see.
    #[arg(long, value_name = "FOLDER")]
    screenshots: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    // A signal drops what runs, which stops each process and removes each folder.
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    tokio::select! {
        ended = run(arguments) => ended,
        _ = terminate.recv() => Ok(ExitCode::from(143)),
        _ = interrupt.recv() => Ok(ExitCode::from(130)),
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode> {
    let context = Context {
        long: arguments.long,
        screenshots: arguments.screenshots,
    };
    let mut report = Report::new(&context);
    for part in parts::chosen(&arguments.parts) {
        report.begin(part.name());
        if let Err(error) = part.run(&context, &mut report).await {
            report.broke_off(&error);
        }
    }
    if let Some(file) = &arguments.report {
        report.write(file)?;
    }
    println!("\n{}", report.totals());
    Ok(match report.failed() {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}
