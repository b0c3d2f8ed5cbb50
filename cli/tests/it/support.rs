//! How the program is run, and what it is given.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use haversack::{Codec, CodecBuilder, JwtKeys, Key, KeyRing};
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_haversack");
/// 2027-01-15T08:00:00Z.
pub(crate) const NOW: u64 = 1_800_000_000;

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// What it printed, of a run that succeeded.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.status, 0, "{self:?}");
        self.out
    }

    /// What it said beside that.
    pub(crate) fn refused(self) -> String {
        assert_eq!(self.status, 1, "{self:?}");
        self.out + &self.err
    }

    /// What it said to a use that cannot work.
    pub(crate) fn misused(self) -> String {
        assert_eq!((self.status, &*self.out), (2, ""), "{self:?}");
        self.err
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A folder of its own for a test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    /// Runs the program in the folder.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.pipe(args, b"")
    }

    /// Runs the program with this on its standard input.
    pub(crate) fn pipe(&self, args: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that does not read it is no fault of the test.
        let _ = child.stdin.take().unwrap().write_all(input.as_ref());
        child.wait_with_output().unwrap().into()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(args)
            .current_dir(self.0.path())
            // An hour before Greenwich, whatever the machine has.
            .env("TZ", "XYZ-1")
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env("TERM", "xterm-256color");
        command
    }
}

/// The text of the key with this number, which is the same for the same number.
pub(crate) fn key_text(number: u8) -> String {
    // Any octets that look random.
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &[number]);
    Key::from_bytes(digest.as_ref()).unwrap().to_text()
}

pub(crate) fn key(number: u8) -> Key {
    key_text(number).parse().unwrap()
}

/// A sealed session of `login` with these keys, at [`NOW`].
pub(crate) fn sealed(name: &str, keys: &[u8]) -> CodecBuilder<serde_json::Value> {
    let ring: KeyRing = texts(keys).parse().unwrap();
    Codec::sealed(name, ring).clock(|| NOW)
}

/// The same, signed.
pub(crate) fn jwt(name: &str, keys: &[u8]) -> CodecBuilder<serde_json::Value> {
    let keys: JwtKeys = texts(keys).parse().unwrap();
    Codec::jwt(name, keys).clock(|| NOW)
}

/// The text of a ring of these keys.
pub(crate) fn texts(keys: &[u8]) -> String {
    let texts: Vec<_> = keys.iter().map(|number| key_text(*number)).collect();
    texts.join(",")
}

/// A value for a session.
pub(crate) fn value() -> serde_json::Value {
    serde_json::json!({ "user": 7, "name": "Ada" })
}
