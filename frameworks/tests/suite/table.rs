//! The table of the page.

use std::{env, fmt, fs, path::Path};

use crate::Outcome;

pub(crate) struct Table {
    pub(crate) programs: Vec<&'static str>,
    /// What a behaviour is, and its outcome for each program.
    pub(crate) rows: Vec<(&'static str, Vec<Outcome>)>,
}

impl Table {
    /// Whether the page has this table; with `UPDATE` it is written there.
    pub(crate) fn in_page(&self) -> Result<(), String> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/frameworks.md");
        let page = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        let table = self.to_string();
        if page.contains(&table) {
            return Ok(());
        }
        if env::var_os("UPDATE").is_none() {
            return Err("docs/frameworks.md has another table: UPDATE=1 writes this one".into());
        }
        let begins = page.find(HEAD).ok_or("docs/frameworks.md has no table")?;
        let length = page[begins..].find("\n\n").ok_or("the table has no end")? + 1;
        let page = format!("{}{table}{}", &page[..begins], &page[begins + length..]);
        fs::write(&file, page).map_err(|error| error.to_string())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD} {} |", self.programs.join(" | "))?;
        writeln!(f, "|---|{}", "---|".repeat(self.programs.len()))?;
        for (says, outcomes) in &self.rows {
            write!(f, "| {says} |")?;
            for outcome in outcomes {
                let word = match outcome {
                    Outcome::Passed(word) => word,
                    Outcome::Lacking => "–",
                    Outcome::Failed => "**no**",
                };
                write!(f, " {word} |")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

const HEAD: &str = "| over TCP |";
