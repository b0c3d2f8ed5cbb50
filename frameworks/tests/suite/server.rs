//! A program that runs.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio, id},
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

use haversack::Key;

use crate::client::Client;

/// A program, started with keys and a clock of its own, and stopped at the end of the test.
pub(crate) struct Server {
    program: PathBuf,
    child: Child,
    pub(crate) address: SocketAddr,
    /// The ring's text.
    pub(crate) keys: String,
    clock: PathBuf,
    /// By how many seconds its clock is ahead.
    ahead: AtomicU64,
    panics: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start(program: &Path) -> Server {
        Server::with_keys(program, &new_key())
    }

    /// Another worker of the same program.
    pub(crate) fn worker(&self, keys: &str) -> Server {
        Server::with_keys(&self.program, keys)
    }

    fn with_keys(program: &Path, keys: &str) -> Server {
        let number = STARTED.fetch_add(1, Relaxed);
        let clock = env::temp_dir().join(format!("frameworks-{}-{number}", id()));
        fs::write(&clock, "0").expect("a clock");
        let verbose = env::var_os("VERBOSE").is_some();
        let mut child = Command::new(program)
            .env("PORT", "0")
            .env("SESSION_KEYS", keys)
            .env("CLOCK", &clock)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let address = loop {
            let mut line = String::new();
            let read = output.read_line(&mut line).expect("a line");
            assert!(
                read > 0,
                "{} ended before it listened; VERBOSE=1 shows why",
                program.display()
            );
            if let Some(address) = line.trim().strip_prefix("listening on http://") {
                break address.parse().expect("an address");
            }
        };
        let panics = Arc::new(AtomicUsize::new(0));
        let (counted, errors) = (Arc::clone(&panics), child.stderr.take());
        std::thread::spawn(move || {
            let lines = BufReader::new(errors.expect("its errors")).split(b'\n');
            for line in lines.map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line);
                if verbose {
                    eprintln!("{line}");
                }
                counted.fetch_add(line.contains(" panicked at ").into(), Relaxed);
            }
        });
        // Whoever writes more must not wait for a reader.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Server {
            program: program.into(),
            child,
            address,
            keys: keys.into(),
            clock,
            ahead: AtomicU64::new(0),
            panics,
        }
    }

    /// How often it panicked so far.
    pub(crate) fn panics(&self) -> usize {
        self.panics.load(Relaxed)
    }

    pub(crate) fn client(&self) -> Client {
        Client::of(self.address)
    }

    /// Puts the program's clock forward.
    pub(crate) fn later(&self, seconds: u64) {
        let ahead = self.ahead.fetch_add(seconds, Relaxed) + seconds;
        let new = self.clock.with_extension("new");
        fs::write(&new, ahead.to_string()).expect("a clock");
        // All at once, as the program may be reading it.
        fs::rename(new, &self.clock).expect("a clock");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.clock);
    }
}

pub(crate) fn new_key() -> String {
    Key::generate().expect("randomness").to_text()
}

static STARTED: AtomicU32 = AtomicU32::new(0);
