//! Processes: how they are started and ended, and what they take of the machine.

use std::{
    env,
    error::Error,
    fs, io,
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr},
    process::{Child, Command, Stdio},
    time::Duration,
};

use haversack_benches::compared::Size;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use tempfile::TempDir;

use super::contender::Contender;

/// The first argument of a process that is a server. The others are its core, the contender, the size of
/// the value and, for the one that needs it, the socket of a Redis.
pub(crate) const COMMAND: &str = "serve";

/// The two cores: one for servers, the other for what is not measured.
#[derive(Clone, Copy)]
pub(crate) struct Cores {
    server: usize,
    client: usize,
}

impl Cores {
    /// Two of those that this process may run on.
    pub(crate) fn found() -> Result<Cores, Box<dyn Error>> {
        let allowed = sched_getaffinity(None)?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        match (cores.next(), cores.next()) {
            (Some(client), Some(server)) => Ok(Cores { server, client }),
            _ => Err("two cores are needed, one for the server and one for the client".into()),
        }
    }

    /// Pins this process, which is the client, and what it starts.
    pub(crate) fn pin_client(self) -> io::Result<()> {
        pin(self.client)
    }
}

/// Pins this process to a core.
pub(crate) fn pin(core: usize) -> io::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(None, &cores)?)
}

/// A server, and what it keeps its sessions in.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: Process,
    redis: Option<Redis>,
}

impl Server {
    pub(crate) fn started(
        contender: Contender,
        size: Size,
        cores: Cores,
    ) -> Result<Server, Box<dyn Error>> {
        let redis = (contender == Contender::Redis).then(Redis::started);
        let redis = redis.transpose()?;
        let mut command = Command::new(env::current_exe()?);
        command.args([COMMAND, &cores.server.to_string()]);
        command.args([contender.name(), &size.to_string()]);
        command.args(redis.as_ref().map(Redis::url));
        let mut port = None;
        let process = Process::started(command, |line| {
            port = line.trim().parse().ok();
            port.is_some()
        })?;
        let port = port.ok_or_else(|| format!("{}: no port", contender.name()))?;
        Ok(Server {
            address: (Ipv4Addr::LOCALHOST, port).into(),
            process,
            redis,
        })
    }

    /// The CPU time so far, that of its store included.
    pub(crate) fn cpu_time(&self) -> io::Result<Duration> {
        self.sum(Process::cpu_time)
    }

    /// The octets of memory that are its own now, those of its store included.
    pub(crate) fn resident(&self) -> io::Result<u64> {
        self.sum(Process::resident)
    }

    fn sum<N: std::iter::Sum>(&self, of: impl Fn(&Process) -> io::Result<N>) -> io::Result<N> {
        let store = self.redis.as_ref().map(|redis| &redis.process);
        [Some(&self.process), store]
            .into_iter()
            .flatten()
            .map(of)
            .sum()
    }
}

/// A Redis of this program's own, which writes nothing to a disk. It is on the client's core, so that
/// the server has its own for itself.
struct Redis {
    process: Process,
    folder: TempDir,
}

impl Redis {
    fn started() -> Result<Redis, Box<dyn Error>> {
        let folder = TempDir::new()?;
        let mut command = Command::new("redis-server");
        command.current_dir(&folder);
        command.args(["--port", "0", "--unixsocket", SOCKET]);
        command.args(["--save", "", "--appendonly", "no"]);
        let process = Process::started(command, |line| line.contains("ready to accept"))
            .map_err(|error| format!("redis-server: {error}"))?;
        Ok(Redis { process, folder })
    }

    fn url(&self) -> String {
        let socket = self.folder.path().join(SOCKET);
        format!("redis+unix://{}", socket.display())
    }
}

const SOCKET: &str = "redis.sock";

/// A process that ends with this one.
struct Process(Child);

impl Process {
    /// Waits until one of the lines that it prints says that it is ready.
    fn started(
        mut command: Command,
        mut is_ready: impl FnMut(&str) -> bool,
    ) -> Result<Process, Box<dyn Error>> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let process = Process(child);
        for line in BufReader::new(stdout).lines() {
            if is_ready(&line?) {
                return Ok(process);
            }
        }
        Err("it ended before it was ready".into())
    }

    /// The CPU time of all of its threads.
    fn cpu_time(&self) -> io::Result<Duration> {
        let mut all = Duration::ZERO;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            let times = fs::read_to_string(thread?.path().join("schedstat"))?;
            let running = times.split(' ').next().and_then(|time| time.parse().ok());
            all += Duration::from_nanos(running.ok_or(io::ErrorKind::InvalidData)?);
        }
        Ok(all)
    }

    fn resident(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Ok(1024 * kilobytes.ok_or(io::ErrorKind::InvalidData)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
