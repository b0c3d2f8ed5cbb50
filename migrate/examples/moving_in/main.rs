//! People are signed in with an older program, which is stopped; ours starts on the same port, and nobody is
//! signed out. The older one is axum with axum-extra's private jar; and, given a Python that has Flask, also
//! Flask:
//!
//! ```console
//! $ cargo run --package haversack-migrate --all-features --example moving_in
//! $ cargo run --package haversack-migrate --all-features --example moving_in -- venv/bin/python
//! ```

mod browsers;
mod flask;
mod jar;
mod ours;
mod served;

use std::{env, error::Error, net::SocketAddr};

use browsers::Browsers;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    move_in("axum-extra", jar::start)?;
    match env::args().nth(1) {
        Some(python) => move_in("Flask", |address| flask::start(&python, address))?,
        None => println!("Flask: not asked for; give a Python that has it"),
    }
    Ok(())
}

/// A program that runs until it is dropped.
trait Running {
    fn address(&self) -> SocketAddr;
}

fn move_in<R: Running>(name: &str, start_old: impl FnOnce(SocketAddr) -> Result<R>) -> Result<()> {
    let old = start_old(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = old.address();
    let browsers = Browsers::signed_in(address, PEOPLE)?;
    drop(old);

    let ours = ours::start(address)?;
    let moved = browsers.visit(address)?;
    assert_eq!(moved.signed_out, 0, "nobody is signed out");
    assert_eq!(moved.written, PEOPLE, "each has one of ours");
    assert_eq!(moved.removed, PEOPLE, "and the old one goes");
    let later = browsers.visit(address)?;
    assert_eq!((later.signed_out, later.written, later.removed), (0, 0, 0));

    ours.rotate()?;
    let rotated = browsers.visit(address)?;
    assert_eq!(
        (rotated.signed_out, rotated.written, rotated.removed),
        (0, PEOPLE, 0)
    );
    browsers.sign_out(address)?;
    let gone = browsers.visit(address)?;
    assert_eq!(gone.signed_out, PEOPLE, "who signs out is");
    println!(
        "{name}: {PEOPLE} people moved in, {} signed out, one cookie of ours and one removal each; again after our \
         keys rotated: {} signed out",
        moved.signed_out, rotated.signed_out
    );
    Ok(())
}

const PEOPLE: usize = 40;
