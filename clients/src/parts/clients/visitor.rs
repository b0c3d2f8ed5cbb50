//! A client as a program: started with a jar, asked for one response after the other.

use std::{path::Path, process::Stdio};

use anyhow::{Context as _, Result, bail};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::install::Tool;

/// A client that can be started.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) tool: Tool,
    pub(super) speaks: Speaks,
    /// Whether its jar can be stored, so that it is there after a restart.
    pub(super) keeps: bool,
}

/// How it is asked.
#[derive(Debug)]
pub(super) enum Speaks {
    /// A program of `programs/`, which reads a request a line and prints a response a line. Its
    /// arguments before the jar and the authority.
    Lines {
        arguments: Vec<String>,
        /// A variable that names the authority.
        authority: Option<&'static str>,
    },
    /// A process for each request.
    Curl,
    Wget,
}

/// A status and a body of one line.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Answer(pub(super) u16, pub(super) String);

/// A client that runs, until it is dropped.
#[derive(Debug)]
pub(super) struct Visit<'v> {
    visitor: &'v Visitor,
    jar: &'v Path,
    authority: &'v Path,
    lines: Option<Conversation>,
}

#[derive(Debug)]
struct Conversation {
    _process: Child,
    asks: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Visitor {
    /// Starts it with the jar as it was left, if there is one.
    pub(super) fn start<'v>(&'v self, jar: &'v Path, authority: &'v Path) -> Result<Visit<'v>> {
        let lines = match &self.speaks {
            Speaks::Lines {
                arguments,
                authority: variable,
            } => {
                let mut command = Command::new(&self.tool.program);
                command.args(arguments).arg(jar);
                match variable {
                    Some(variable) => command.env(variable, authority),
                    None => command.arg(authority),
                };
                Some(Conversation::begin(&mut command)?)
            }
            Speaks::Curl | Speaks::Wget => None,
        };
        Ok(Visit {
            visitor: self,
            jar,
            authority,
            lines,
        })
    }
}

impl Visit<'_> {
    pub(super) async fn get(&mut self, url: &str) -> Result<Answer> {
        self.ask("GET", url, "").await
    }

    pub(super) async fn post(&mut self, url: &str, body: &str) -> Result<Answer> {
        self.ask("POST", url, body).await
    }

    pub(super) async fn ask(&mut self, method: &str, url: &str, body: &str) -> Result<Answer> {
        let answer = match &mut self.lines {
            Some(lines) => lines.ask(&format!("{method} {url} {body}\n")).await,
            None => self.run(method, url, body).await,
        };
        answer.with_context(|| format!("{method} {url}"))
    }

    async fn run(&self, method: &str, url: &str, body: &str) -> Result<Answer> {
        let mut command = Command::new(&self.visitor.tool.program);
        let (jar, authority) = (self.jar, self.authority);
        match self.visitor.speaks {
            Speaks::Curl => {
                command.args(["--silent", "--show-error", "--write-out", "\n%{http_code}"]);
                command.args(["--request", method]);
                command.arg("--cacert").arg(authority);
                command
                    .arg("--cookie")
                    .arg(jar)
                    .arg("--cookie-jar")
                    .arg(jar);
                if !body.is_empty() {
                    command.args(["--data", body]);
                }
            }
            _ => {
                if !jar.exists() {
                    std::fs::write(jar, "")?;
                }
                command.args([
                    "--quiet",
                    "--no-hsts",
                    "--content-on-error",
                    "--output-document=-",
                ]);
                command.args(["--server-response", "--keep-session-cookies"]);
                command.arg(format!("--method={method}"));
                command.arg(format!("--ca-certificate={}", authority.display()));
                command.arg(format!("--load-cookies={}", jar.display()));
                command.arg(format!("--save-cookies={}", jar.display()));
                if !body.is_empty() {
                    command.arg(format!("--body-data={body}"));
                    command.arg("--header=content-type: application/x-www-form-urlencoded");
                }
            }
        }
        let output = command.arg(url).output().await?;
        let (text, said) = (
            String::from_utf8(output.stdout)?,
            String::from_utf8_lossy(&output.stderr).into_owned(),
        );
        let (body, status) = match self.visitor.speaks {
            Speaks::Curl => text.rsplit_once('\n').context("no status")?,
            _ => (&*text, said.split_whitespace().nth(1).unwrap_or_default()),
        };
        let status = status.parse().with_context(|| said.clone())?;
        Ok(Answer(status, body.to_owned()))
    }
}

impl Conversation {
    fn begin(command: &mut Command) -> Result<Conversation> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (asks, answers) = (process.stdin.take(), process.stdout.take());
        Ok(Conversation {
            _process: process,
            asks: asks.context("its input")?,
            answers: BufReader::new(answers.context("its output")?).lines(),
        })
    }

    async fn ask(&mut self, line: &str) -> Result<Answer> {
        self.asks.write_all(line.as_bytes()).await?;
        let Some(answer) = self.answers.next_line().await? else {
            bail!("the client ended");
        };
        let (status, body) = answer.split_once(' ').context("a status and a body")?;
        Ok(Answer(status.parse()?, body.to_owned()))
    }
}
