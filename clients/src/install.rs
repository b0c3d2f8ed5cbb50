//! What a part needs of Debian, PyPI, npm and crates.io: looked for first, then installed by the
//! ordinary client.
//!
//! What is installed for these tests alone is kept in `target/tools`, so that it is there next time.

use std::{
    env,
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use tokio::{process::Command, sync::OnceCell};

/// A client or a proxy.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) program: PathBuf,
}

impl Tool {
    /// A tool that is there. Its version is the first word with a digit and a dot that it says when
    /// called with `arguments`.
    pub(crate) async fn of(name: &str, program: &Path, arguments: &[&str]) -> Result<Tool> {
        let said = Command::new(program).args(arguments).output().await;
        let said = said.with_context(|| format!("running {}", program.display()))?;
        let said = [said.stdout, said.stderr].concat();
        Ok(Tool {
            name: name.into(),
            version: version_in(&String::from_utf8_lossy(&said)).unwrap_or_default(),
            program: program.into(),
        })
    }

    /// A crate that this program is built with, such as hyper.
    pub(crate) fn built_in(name: &str) -> Tool {
        let lock = include_str!("../Cargo.lock");
        let entry = lock.split_once(&format!("name = \"{name}\"\nversion = \""));
        let version = entry.and_then(|(_, rest)| rest.split('"').next());
        Tool {
            name: name.into(),
            version: version.unwrap_or_default().into(),
            program: PathBuf::new(),
        }
    }
}

/// A program of a Debian package, none of whose services is started.
pub(crate) async fn debian(package: &str, program: &str) -> Result<PathBuf> {
    if let Some(found) = found(program) {
        return Ok(found);
    }
    static UPDATED: OnceCell<()> = OnceCell::const_new();
    let update = async || run(apt_get().args(["update", "-qq"])).await;
    UPDATED.get_or_try_init(update).await?;
    let _quiet = NoServices::begin()?;
    let mut install = apt_get();
    install
        .args(["install", "-qq", "-y", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive");
    run(&mut install).await?;
    found(program).with_context(|| format!("{package} has no {program}"))
}

/// The Python of a virtual environment with these packages.
pub(crate) async fn pip(packages: &[&str]) -> Result<PathBuf> {
    let folder = tools().join("python");
    let python = folder.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).await?;
    }
    let mut install = Command::new(&python);
    install
        .args(["-m", "pip", "install", "--quiet"])
        .arg("--disable-pip-version-check")
        .args(packages);
    run(&mut install).await?;
    Ok(python)
}

/// A folder whose `node_modules` has these packages.
pub(crate) async fn npm(packages: &[&str]) -> Result<PathBuf> {
    let folder = tools().join("node");
    fs::create_dir_all(&folder)?;
    let mut install = Command::new("npm");
    install
        .args(["install", "--silent", "--no-audit", "--no-fund"])
        .arg("--no-package-lock")
        .arg("--prefix")
        .arg(&folder)
        .args(packages);
    run(&mut install).await?;
    Ok(folder)
}

/// A program of a crate.
pub(crate) async fn cargo(package: &str, program: &str) -> Result<PathBuf> {
    let folder = tools().join("cargo");
    let built = folder.join("bin").join(program);
    if built.exists() {
        return Ok(built);
    }
    if let Some(found) = found(program) {
        return Ok(found);
    }
    let mut install = Command::new("cargo");
    install
        // It waits for a browser most of the time.
        .args(["install", "--quiet", "--locked", "--debug", "--root"])
        .arg(&folder)
        .arg(package);
    run(&mut install).await?;
    Ok(built)
}

/// Where a program is, by `PATH` and where Debian keeps servers.
pub(crate) fn found(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let mut programs = folders.map(|folder| folder.join(program));
    programs.find(|program| program.is_file())
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    // Somebody else may be installing something.
    command.args(["-o", "DPkg::Lock::Timeout=300"]);
    command
}

/// For as long as this lives, no package that is installed starts its service.
struct NoServices {
    ours: bool,
}

impl NoServices {
    fn begin() -> Result<NoServices> {
        let ours = !Path::new(POLICY).exists();
        if ours {
            fs::write(POLICY, "#!/bin/sh\nexit 101\n")?;
            fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))?;
        }
        Ok(NoServices { ours })
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.ours {
            let _ = fs::remove_file(POLICY);
        }
    }
}

/// Debian asks this program whether a package may start its service; 101 is no.
const POLICY: &str = "/usr/sbin/policy-rc.d";

async fn run(command: &mut Command) -> Result<()> {
    let name = Path::new(command.as_std().get_program());
    let name = name.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let arguments: Vec<_> = command
        .as_std()
        .get_args()
        .map(OsStr::to_string_lossy)
        .collect();
    let what = format!("{name} {}", arguments.join(" "));
    println!("     installing: {what}");
    let output = command.output().await.with_context(|| what.clone())?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.trim().lines().last().unwrap_or("it says nothing");
        bail!("{what}: {last}");
    }
    Ok(())
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools")
}

fn version_in(said: &str) -> Option<String> {
    let is_version =
        |text: &&str| text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('.');
    let mut words = said.split(|c: char| c.is_whitespace() || "/()\",;".contains(c));
    let version = words.find_map(|word| {
        let word = word.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
        Some(word).filter(is_version)
    })?;
    Some(version.trim_end_matches('.').into())
}
