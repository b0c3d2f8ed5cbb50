//! Programs that run beside this one, and the folders and ports that they take.

use std::{
    fs::{self, File},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::{net::TcpStream, time};

/// A program in a process group of its own, which is stopped on drop with all that it started.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    /// Where its output goes to.
    folder: TempDir,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Process> {
        let folder = folder()?;
        let output = File::create(folder.path().join("output"))?;
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Process {
            name,
            child,
            folder,
        })
    }

    /// Waits until it accepts connections.
    pub(crate) async fn accepts(&mut self, address: SocketAddr) -> Result<()> {
        let deadline = Instant::now() + DEADLINE;
        while TcpStream::connect(address).await.is_err() {
            self.still_runs(deadline)?;
            time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Waits until it has printed a line with this text, and returns that line.
    pub(crate) async fn prints(&mut self, text: &str) -> Result<String> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let output = self.output();
            if let Some(line) = output.lines().find(|line| line.contains(text)) {
                return Ok(line.into());
            }
            self.still_runs(deadline)?;
            time::sleep(PAUSE).await;
        }
    }

    /// All that it has printed.
    pub(crate) fn output(&self) -> String {
        let output = fs::read(self.folder.path().join("output")).unwrap_or_default();
        String::from_utf8_lossy(&output).into_owned()
    }

    /// Asks it to stop, as an operator does, and waits until it has.
    pub(crate) fn stop(&mut self) -> io::Result<()> {
        self.signal(Signal::SIGTERM);
        let deadline = Instant::now() + DEADLINE;
        while self.child.try_wait()?.is_none() && Instant::now() < deadline {
            thread::sleep(PAUSE);
        }
        // Whatever is left of its group.
        self.signal(Signal::SIGKILL);
        self.child.wait()?;
        Ok(())
    }

    fn still_runs(&mut self, deadline: Instant) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended ({status}): {}", self.name, self.output());
        }
        ensure!(
            Instant::now() < deadline,
            "{} is not ready: {}",
            self.name,
            self.output()
        );
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        if let Ok(id) = i32::try_from(self.child.id()) {
            // There may be nobody left in the group.
            let _ = killpg(Pid::from_raw(id), signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// A folder that is removed on drop. Servers that give up root's rights can use it too.
pub(crate) fn folder() -> io::Result<TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::Builder::new().prefix("clients-").tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
    Ok(folder)
}

/// Writes a file of a folder.
pub(crate) fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    fs::write(folder.join(name), text).with_context(|| format!("writing {name}"))
}

/// An address of loopback where nobody listens.
pub(crate) fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// How long anything may take to start or to stop.
const DEADLINE: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);
