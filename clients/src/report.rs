//! What was done, and what was seen.

use std::{fmt::Write, fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{install::Tool, parts::Part};

/// The sections of the parts that ran.
#[derive(Debug, Default)]
pub(crate) struct Report {
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    part: Part,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    version: String,
    done: String,
    seen: String,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl Report {
    pub(crate) fn begin(&mut self, part: Part) {
        println!("\n== {}", part.name());
        self.sections.push(Section {
            part,
            rows: Vec::new(),
        });
    }

    /// One check of a client or proxy: what was done, and what was seen, or what was wrong.
    pub(crate) fn check(&mut self, tool: &Tool, done: impl Into<String>, seen: Result<String>) {
        let (seen, outcome) = match seen {
            Ok(seen) => (seen, Outcome::Passed),
            Err(error) => (format!("FAILED: {error:#}"), Outcome::Failed),
        };
        self.row(Row {
            name: tool.name.clone(),
            version: tool.version.clone(),
            done: done.into(),
            seen,
            outcome,
        });
    }

    /// What could not be done, as something it needs is not to be had.
    pub(crate) fn not_done(&mut self, name: &str, done: impl Into<String>, why: &anyhow::Error) {
        self.row(Row {
            name: name.into(),
            version: String::new(),
            done: done.into(),
            seen: format!("NOT DONE: {why:#}"),
            outcome: Outcome::Skipped,
        });
    }

    /// A part ended before its last check.
    pub(crate) fn broke_off(&mut self, error: &anyhow::Error) {
        let Some(section) = self.sections.last() else {
            return;
        };
        self.row(Row {
            name: section.part.name().into(),
            version: String::new(),
            done: "the whole part".into(),
            seen: format!("FAILED: broke off: {error:#}"),
            outcome: Outcome::Failed,
        });
    }

    pub(crate) fn failed(&self) -> usize {
        self.count(Outcome::Failed)
    }

    /// The closing line.
    pub(crate) fn totals(&self) -> String {
        let count = |outcome| self.count(outcome);
        format!(
            "{} passed, {} failed, {} skipped",
            count(Outcome::Passed),
            count(Outcome::Failed),
            count(Outcome::Skipped)
        )
    }

    pub(crate) fn markdown(&self) -> String {
        let sections = self.sections.iter().map(Section::markdown);
        sections.collect::<Vec<_>>().join("\n")
    }

    /// Replaces the sections of these parts in a file, between `<!-- part -->` and
    /// `<!-- /part -->`.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let mut text =
            fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        for section in &self.sections {
            text = replaced(&text, section)?;
        }
        fs::write(file, text).with_context(|| format!("writing {}", file.display()))
    }

    fn row(&mut self, row: Row) {
        let mark = match row.outcome {
            Outcome::Passed => "ok  ",
            Outcome::Failed => "FAIL",
            Outcome::Skipped => "skip",
        };
        println!("{mark} {}: {}: {}", row.name, row.done, row.seen);
        if let Some(section) = self.sections.last_mut() {
            section.rows.push(row);
        }
    }

    fn count(&self, outcome: Outcome) -> usize {
        let rows = self.sections.iter().flat_map(|section| &section.rows);
        rows.filter(|row| row.outcome == outcome).count()
    }
}

impl Section {
    fn markdown(&self) -> String {
        let mut text = String::new();
        if !self.rows.is_empty() {
            text += "| | version | what was done | what was seen |\n|---|---|---|---|\n";
        }
        for row in &self.rows {
            let cells = [&row.name, &row.version, &row.done, &row.seen];
            for cell in cells {
                let cell = cell.replace('|', "\\|").replace('\n', " ");
                let _ = write!(text, "| {cell} ");
            }
            text += "|\n";
        }
        text
    }
}

fn replaced(text: &str, section: &Section) -> Result<String> {
    let name = section.part.name();
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let parts = text
        .split_once(&begin)
        .and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = parts.with_context(|| format!("no {begin} .. {end}"))?;
    let markdown = section.markdown();
    Ok(format!("{before}{begin}\n\n{markdown}\n{end}{after}"))
}
