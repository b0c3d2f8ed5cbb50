//! The clients, as far as they can be had.

use std::{env, path::Path};

use anyhow::{Context as _, Result};

use super::visitor::{Speaks, Visitor};
use crate::install::{Tool, debian, found, npm, pip};

/// The names of all clients, in the order of the report.
pub(super) const ALL: [&str; 8] = [
    "curl", "wget", "requests", "httpx", "Node", "reqwest", "Go", "Java",
];

pub(super) async fn visitor(name: &str) -> Result<Visitor> {
    match name {
        "curl" => command("curl", Speaks::Curl).await,
        "wget" => command("wget", Speaks::Wget).await,
        "requests" | "httpx" => python(name).await,
        "Node" => node().await,
        "reqwest" => reqwest(),
        "Go" => go().await,
        _ => java().await,
    }
}

async fn command(name: &str, speaks: Speaks) -> Result<Visitor> {
    let program = debian(name, name).await?;
    Ok(Visitor {
        tool: Tool::of(name, &program, &["--version"]).await?,
        speaks,
        keeps: true,
    })
}

async fn python(package: &str) -> Result<Visitor> {
    let python = pip(&[package]).await?;
    let version = format!("import {package}; print({package}.__version__)");
    let tool = Tool::of(package, &python, &["-c", &version]).await?;
    let program = program(&format!("with_{package}.py"));
    Ok(lines(tool, vec![program], None, true))
}

async fn node() -> Result<Visitor> {
    let node = debian("nodejs", "node").await?;
    let modules = npm(&["tough-cookie"]).await?;
    let tool = Tool::of("Node's fetch, tough-cookie", &node, &["--version"]).await?;
    let arguments = vec![program("node.mjs"), text(&modules.join("modules"))];
    Ok(lines(tool, arguments, Some("NODE_EXTRA_CA_CERTS"), true))
}

/// Beside this program, as it is built with it.
fn reqwest() -> Result<Visitor> {
    let own = env::current_exe()?;
    let mut tool = Tool::built_in("reqwest");
    tool.program = own.with_file_name("reqwest");
    Ok(lines(tool, Vec::new(), None, true))
}

async fn go() -> Result<Visitor> {
    let go = debian("golang-go", "go").await?;
    let tool = Tool::of("Go's net/http", &go, &["version"]).await?;
    let arguments = vec!["run".into(), program("client.go")];
    Ok(lines(tool, arguments, Some("SSL_CERT_FILE"), false))
}

async fn java() -> Result<Visitor> {
    // It compiles the program, which a mere runtime can't.
    debian("default-jdk-headless", "javac").await?;
    let java = found("java").context("no java beside javac")?;
    let tool = Tool::of("Java's HttpClient", &java, &["-version"]).await?;
    Ok(lines(tool, vec![program("Client.java")], None, false))
}

fn lines(
    tool: Tool,
    arguments: Vec<String>,
    authority: Option<&'static str>,
    keeps: bool,
) -> Visitor {
    let speaks = Speaks::Lines {
        arguments,
        authority,
    };
    Visitor {
        tool,
        speaks,
        keeps,
    }
}

fn program(name: &str) -> String {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    text(&programs.join(name))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
