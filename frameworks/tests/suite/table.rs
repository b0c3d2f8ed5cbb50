//! The table of the page.

use std::{env, fmt, fs, path::Path};

use crate::{BEHAVIOURS, Outcome, PROGRAMS, RECIPES};

pub(crate) struct Table {
    pub(crate) programs: Vec<&'static str>,
    /// What a behaviour is, and its outcome for each program.
    pub(crate) rows: Vec<(&'static str, Vec<Outcome>)>,
}

impl Table {
    /// Whether the page has the same, of the programs and behaviours that this has; with `UPDATE` it is
    /// written there.
    pub(crate) fn in_page(&self) -> Result<(), String> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/frameworks.md");
        let page = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        let begins = page.find(HEAD).ok_or("docs/frameworks.md has no table")?;
        let length = page[begins..].find("\n\n").ok_or("the table has no end")? + 1;
        let before = &page[begins..begins + length];
        let table = self.over(before);
        if table == before {
            return Ok(());
        }
        if env::var_os("UPDATE").is_none() {
            return Err("docs/frameworks.md has another table: UPDATE=1 writes this one".into());
        }
        let page = format!("{}{table}{}", &page[..begins], &page[begins + length..]);
        fs::write(&file, page).map_err(|error| error.to_string())
    }

    /// All programs and behaviours, with what the page has where this has nothing.
    fn over(&self, page: &str) -> String {
        let programs: Vec<_> = PROGRAMS.iter().map(|program| program.name).collect();
        let programs = [&programs, RECIPES].concat();
        let rows: Vec<_> = page.lines().map(cells).collect();
        let of_page = |says, program| {
            let column = rows[0].iter().position(|name| *name == program)?;
            let row = rows.iter().find(|row| row[0] == says)?;
            row.get(column).copied()
        };
        let here = |says, program| {
            let column = self.programs.iter().position(|name| *name == program)?;
            let row = self.rows.iter().find(|(there, _)| *there == says)?;
            Some(row.1[column].word())
        };
        let rows = BEHAVIOURS.iter().map(|behaviour| {
            let says = behaviour.says;
            let cell = |&program| here(says, program).or_else(|| of_page(says, program));
            let words = programs.iter().map(|name| cell(name).unwrap_or("?"));
            (says, words.collect())
        });
        written(&programs, rows)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows.iter();
        let rows =
            rows.map(|(says, outcomes)| (*says, outcomes.iter().map(Outcome::word).collect()));
        f.write_str(&written(&self.programs, rows))
    }
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Outcome::Passed(word) => word,
            Outcome::Lacking => "–",
            Outcome::Failed => "**no**",
        }
    }
}

fn written<'a>(programs: &[&str], rows: impl Iterator<Item = (&'a str, Vec<&'a str>)>) -> String {
    let rule = "---|".repeat(programs.len());
    let mut table = format!("{HEAD} {} |\n|---|{rule}\n", programs.join(" | "));
    for (says, words) in rows {
        table += &format!("| {says} | {} |\n", words.join(" | "));
    }
    table
}

/// A row's cells.
fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

const HEAD: &str = "| over TCP |";
