//! The older program: Flask.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use crate::{Result, Running};

pub(crate) struct Flask {
    process: Child,
    address: SocketAddr,
}

/// Starts Flask and waits until it listens.
pub(crate) fn start(python: &str, _address: SocketAddr) -> Result<Flask> {
    let mut process = Command::new(python)
        .args(["-c", PROGRAM, SECRET_KEY])
        .stdout(Stdio::piped())
        .spawn()?;
    let output = process.stdout.take().ok_or("no output of Flask")?;
    let mut port = String::new();
    BufReader::new(output).read_line(&mut port)?;
    let address = SocketAddr::from(([127, 0, 0, 1], port.trim().parse()?));
    Ok(Flask { process, address })
}

impl Running for Flask {
    fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Flask {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const PROGRAM: &str = include_str!("old.py");
/// Only of this example.
pub(crate) const SECRET_KEY: &str =
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf";
