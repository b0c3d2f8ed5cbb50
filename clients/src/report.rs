//! What was done, and what was seen.

use std::{fmt::Write, fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{context::Context, install::Tool};

/// The sections of the parts that ran.
#[derive(Debug)]
pub(crate) struct Report {
    /// Of the long form.
    long: bool,
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    part: &'static str,
    long: bool,
    rows: Vec<Row>,
    /// Markdown that follows the rows.
    notes: Vec<String>,
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
    pub(crate) fn new(context: &Context) -> Report {
        Report {
            long: context.long,
            sections: Vec::new(),
        }
    }

    pub(crate) fn begin(&mut self, part: &'static str) {
        println!("\n== {part}");
        self.sections.push(Section {
            part,
            long: self.long,
            rows: Vec::new(),
            notes: Vec::new(),
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
            name: section.part.into(),
            version: String::new(),
            done: "the whole part".into(),
            seen: format!("FAILED: broke off: {error:#}"),
            outcome: Outcome::Failed,
        });
    }

    /// Markdown below the rows, such as a table of figures.
    pub(crate) fn note(&mut self, markdown: impl Into<String>) {
        if let Some(section) = self.sections.last_mut() {
            section.notes.push(markdown.into());
        }
    }

    pub(crate) fn failed(&self) -> usize {
        self.rows(Outcome::Failed).count()
    }

    /// The closing lines: what failed, what was skipped, and how many of each.
    pub(crate) fn totals(&self) -> String {
        let mut text = String::new();
        for outcome in [Outcome::Skipped, Outcome::Failed] {
            for row in self.rows(outcome) {
                let Row {
                    name, done, seen, ..
                } = row;
                let _ = writeln!(text, "{name}: {done}: {seen}");
            }
        }
        let count = |outcome| self.rows(outcome).count();
        let [passed, failed, skipped] =
            [Outcome::Passed, Outcome::Failed, Outcome::Skipped].map(count);
        let _ = write!(text, "{passed} passed, {failed} failed, {skipped} skipped");
        text
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

    fn rows(&self, outcome: Outcome) -> impl Iterator<Item = &Row> {
        let rows = self.sections.iter().flat_map(|section| &section.rows);
        rows.filter(move |row| row.outcome == outcome)
    }
}

impl Section {
    fn markdown(&self) -> String {
        let mut text = String::new();
        if !self.rows.is_empty() {
            let form = if self.long { "long" } else { "short" };
            let _ = write!(text, "In the {form} form:\n\n");
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
        for note in &self.notes {
            let _ = write!(text, "\n{}\n", note.trim_end());
        }
        text
    }
}

fn replaced(text: &str, section: &Section) -> Result<String> {
    let name = section.part;
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let parts = text
        .split_once(&begin)
        .and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = parts.with_context(|| format!("no {begin} .. {end}"))?;
    let markdown = section.markdown();
    Ok(format!("{before}{begin}\n\n{markdown}\n{end}{after}"))
}
