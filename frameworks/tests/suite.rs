//! The same tests over TCP for one program in each framework; see README.md.
//!
//! ```text
//! cargo test --features axum,actix            every behaviour of these programs
//! cargo test --features axum,actix flash      behaviours with `flash` in their names
//! RECIPES=leptos,loco cargo test ..           of the programs in recipes/, too, which are built already
//! VERBOSE=1 cargo test ..                     with what the programs write to standard error
//! UPDATE=1 cargo test --all-features          writes what came out to docs/frameworks.md
//! ```

mod suite {
    pub(crate) mod behaviours;
    pub(crate) mod client;
    pub(crate) mod hostile;
    pub(crate) mod server;
    pub(crate) mod table;
}

use std::{
    any::Any,
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use suite::{behaviours, client, server, table};

use crate::{
    behaviours::{BEHAVIOURS, Behaviour},
    client::Lacking,
    server::Server,
    table::Table,
};

macro_rules! programs {
    ($($name:literal),* $(,)?) => {
        &[$(Program {
            name: $name,
            path: option_env!(concat!("CARGO_BIN_EXE_", $name)),
            is_built: cfg!(feature = $name),
        }),*]
    };
}

/// Those of this package, in the order of the table's columns.
const PROGRAMS: &[Program] = programs!["axum", "actix", "poem", "rocket", "salvo", "hyper", "warp"];

/// Those after them, which are packages of their own.
const RECIPES: &[&str] = &["leptos", "dioxus", "loco"];

struct Program {
    name: &'static str,
    path: Option<&'static str>,
    is_built: bool,
}

/// A program that is asked.
struct Asked {
    name: &'static str,
    path: PathBuf,
}

/// What came out for a program and a behaviour.
#[derive(Clone, Copy)]
enum Outcome {
    Passed(&'static str),
    Lacking,
    Failed,
}

fn main() -> ExitCode {
    let wanted: Vec<_> = env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let is_wanted = |behaviour: &&Behaviour| {
        wanted.is_empty() || wanted.iter().any(|part| behaviour.name.contains(&**part))
    };
    let behaviours: Vec<_> = BEHAVIOURS.iter().filter(is_wanted).collect();
    let programs = match asked() {
        Ok(programs) => programs,
        Err(problem) => {
            println!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    if programs.is_empty() {
        println!("no program is built in: cargo test --features axum, or --all-features");
        return ExitCode::SUCCESS;
    }

    let (outcomes, failures) = run(&programs, &behaviours);
    let table = Table {
        programs: programs.iter().map(|program| program.name).collect(),
        rows: behaviours
            .iter()
            .map(|behaviour| behaviour.says)
            .zip(outcomes)
            .collect(),
    };
    print!("{table}");
    for failure in &failures {
        println!("\n{failure}");
    }
    println!(
        "\n{} behaviours of {} programs, {} failures",
        behaviours.len(),
        programs.len(),
        failures.len()
    );
    let page = match failures.is_empty() {
        true => table.in_page(),
        false => Ok(()),
    };
    if let Err(problem) = &page {
        println!("{problem}");
    }
    match failures.is_empty() && page.is_ok() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// The programs that are built in, and the recipes that are named.
fn asked() -> Result<Vec<Asked>, String> {
    let built_in = PROGRAMS.iter().filter(|program| program.is_built);
    let mut asked: Vec<_> = built_in
        .map(|program| Asked {
            name: program.name,
            path: program.path.expect("the program is built").into(),
        })
        .collect();
    let named = env::var("RECIPES").unwrap_or_default();
    let named: Vec<_> = named.split(',').filter(|name| !name.is_empty()).collect();
    if let Some(name) = named.iter().find(|name| !RECIPES.contains(name)) {
        return Err(format!("no recipe {name}: {}", RECIPES.join(", ")));
    }
    // Beside the folder of the tests.
    let this = env::current_exe().map_err(|error| error.to_string())?;
    let folder = this.ancestors().nth(2).expect("a target folder");
    for name in RECIPES.iter().filter(|name| named.contains(name)) {
        let path = folder.join(format!("{name}-recipe"));
        if !path.exists() {
            return Err(format!("{name} is not built: {}", path.display()));
        }
        asked.push(Asked { name, path });
    }
    Ok(asked)
}

/// The outcomes, a row for each behaviour, and what went wrong.
fn run(programs: &[Asked], behaviours: &[&Behaviour]) -> (Vec<Vec<Outcome>>, Vec<String>) {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(vec![
        vec![Outcome::Failed; programs.len()];
        behaviours.len()
    ]);
    let failures = Mutex::new(Vec::new());
    let work = || {
        loop {
            let number = next.fetch_add(1, Relaxed);
            let Some(behaviour) = behaviours.get(number / programs.len()) else {
                return;
            };
            let column = number % programs.len();
            let program = &programs[column];
            let tried = catch_unwind(AssertUnwindSafe(|| {
                (behaviour.test)(&Server::start(&program.path))
            }));
            let outcome = match tried {
                Ok(word) => Outcome::Passed(word),
                Err(panic) if panic.is::<Lacking>() => Outcome::Lacking,
                Err(panic) => {
                    let failure =
                        format!("{}, {}: {}", program.name, behaviour.name, text(&*panic));
                    failures.lock().expect("no panic").push(failure);
                    Outcome::Failed
                }
            };
            outcomes.lock().expect("no panic")[number / programs.len()][column] = outcome;
        }
    };
    // Where it panicked is said by the standard hook, in the order in which it happens.
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    let mut failures = failures.into_inner().expect("no panic");
    failures.sort();
    (outcomes.into_inner().expect("no panic"), failures)
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic")
}
