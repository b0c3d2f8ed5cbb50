//! The processes of the fleet, and the balancer in front of them.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    task::block_in_place,
};

use super::kept::Kept;
use crate::{
    install::{self, Tool},
    process::{Process, folder, free_address, write},
};

/// Three processes behind HAProxy, which are stopped on drop.
pub(super) struct Fleet {
    /// Where clients connect to.
    pub(super) address: SocketAddr,
    kept: Kept,
    workers: Vec<Worker>,
    _balancer: Process,
    _redis: Option<Process>,
    // Removed after all that use it have stopped.
    folder: TempDir,
}

struct Worker {
    address: SocketAddr,
    process: Process,
    /// How often it has read its keys again.
    reloads: usize,
}

impl Fleet {
    pub(super) async fn start(haproxy: &Tool, kept: Kept, keys: &str) -> Result<Fleet> {
        let folder = folder()?;
        write(folder.path(), KEYS, keys)?;
        let redis = match kept {
            Kept::Redis => Some(redis(folder.path()).await?),
            _ => None,
        };
        let mut workers = Vec::new();
        for _ in 0..WORKERS {
            let address = free_address()?;
            let process = worker(kept, address, folder.path()).await?;
            workers.push(Worker {
                address,
                process,
                reloads: 0,
            });
        }
        let address = free_address()?;
        let mut text = format!(
            "global
    maxconn 1000
    stats socket unix@{ADMIN} level admin
defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    option redispatch
frontend clients
    bind {address}
    default_backend fleet
backend fleet
{sticky}
",
            sticky = kept.sticky()
        );
        for (number, worker) in workers.iter().enumerate() {
            text += &format!(
                "    server worker{number} {} cookie {number}\n",
                worker.address
            );
        }
        write(folder.path(), "haproxy.cfg", &text)?;
        let mut command = Command::new(&haproxy.program);
        command
            .current_dir(&folder)
            .args(["-db", "-f", "haproxy.cfg"]);
        let mut balancer = Process::start(&mut command)?;
        balancer.accepts(address).await?;
        Ok(Fleet {
            address,
            kept,
            workers,
            _balancer: balancer,
            _redis: redis,
            folder,
        })
    }

    pub(super) fn size(&self) -> usize {
        self.workers.len()
    }

    /// Gives one process the keys that all are to have: while it runs, or by a restart if it can't.
    pub(super) async fn give_keys(&mut self, number: usize, keys: &str) -> Result<()> {
        write(self.folder.path(), KEYS, keys)?;
        if self.kept != Kept::Haversack {
            return self.restart(number).await;
        }
        let worker = &mut self.workers[number];
        kill(
            Pid::from_raw(worker.process.id().try_into()?),
            Signal::SIGHUP,
        )?;
        worker.reloads += 1;
        let told = format!("keys {}", worker.reloads);
        let line = worker.process.prints(&told).await?;
        ensure!(line == told, "{line}");
        Ok(())
    }

    /// Waits until each process has told of so many further events of its keys.
    pub(super) async fn tells(&mut self, event: &str, times: usize) -> Result<()> {
        let until: Vec<_> = self
            .workers
            .iter()
            .map(|worker| worker.told(event) + times)
            .collect();
        for (worker, count) in self.workers.iter_mut().zip(until) {
            worker.process.prints(&told(event, count)).await?;
        }
        Ok(())
    }

    /// Takes the store away from all processes, and waits until each has noticed.
    pub(super) async fn stop_store(&mut self) -> Result<()> {
        let folder = self.folder.path();
        fs::rename(folder.join(STORE), folder.join(STOPPED))?;
        self.tells("failing", 1).await
    }

    /// Gives it back.
    pub(super) async fn start_store(&mut self) -> Result<()> {
        let folder = self.folder.path();
        fs::rename(folder.join(STOPPED), folder.join(STORE))?;
        self.tells("recovered", 1).await
    }

    /// Restarts one process as a deploy does: no new requests, then none, then the next one.
    pub(super) async fn restart(&mut self, number: usize) -> Result<()> {
        self.say(&format!("set server fleet/worker{number} state maint"))
            .await?;
        let folder = self.folder.path();
        let worker = &mut self.workers[number];
        block_in_place(|| worker.process.stop())?;
        worker.process = self::worker(self.kept, worker.address, folder).await?;
        worker.reloads = 0;
        self.say(&format!("set server fleet/worker{number} state ready"))
            .await
    }

    /// A command for the balancer.
    async fn say(&self, command: &str) -> Result<()> {
        let mut admin = UnixStream::connect(self.folder.path().join(ADMIN)).await?;
        admin.write_all(format!("{command}\n").as_bytes()).await?;
        let mut answer = String::new();
        admin.read_to_string(&mut answer).await?;
        ensure!(answer.trim().is_empty(), "{command}: {answer}");
        Ok(())
    }
}

impl Worker {
    /// How often it has told of an event.
    fn told(&self, event: &str) -> usize {
        let output = self.process.output();
        (0..)
            .take_while(|count| output.contains(&told(event, count + 1)))
            .count()
    }
}

/// What a process prints of an event the so-manieth time.
fn told(event: &str, count: usize) -> String {
    format!("event {count} {event}")
}

async fn worker(kept: Kept, address: SocketAddr, folder: &Path) -> Result<Process> {
    let mut command = Command::new(program()?);
    command.args([kept.argument(), &address.to_string()]);
    command.arg(folder.join(KEYS));
    match kept {
        Kept::Redis => {
            command.arg(format!("redis+unix://{}", folder.join(REDIS).display()));
        }
        Kept::HaversackFleet => {
            command.arg(folder.join(STORE));
        }
        _ => {}
    }
    let mut process = Process::start(&mut command)?;
    process.prints("serves").await?;
    Ok(process)
}

async fn redis(folder: &Path) -> Result<Process> {
    let program = install::debian("redis-server", "redis-server").await?;
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .args(["--port", "0", "--unixsocket", REDIS]);
    command.args(["--save", "", "--appendonly", "no"]);
    let mut process = Process::start(&mut command)?;
    process.prints("ready to accept connections").await?;
    Ok(process)
}

/// The worker's program, which is built with this one.
fn program() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let program = this.parent().context("no folder")?.join("worker");
    ensure!(fs::exists(&program)?, "{} is not built", program.display());
    Ok(program)
}

const WORKERS: usize = 3;
const KEYS: &str = "keys";
/// Where a fleet keeps its keys.
const STORE: &str = "store";
const STOPPED: &str = "store-stopped";
const REDIS: &str = "redis.sock";
const ADMIN: &str = "admin.sock";
