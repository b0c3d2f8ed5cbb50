//! A table of text: four quantities, each in three sizes.

use std::fmt::Write as _;

/// The title of a section, and over its columns what they are.
pub fn section(out: &mut String, title: &str, quantities: [&str; 4]) {
    let _ = write!(out, "\n{title:<WIDTH$}");
    for quantity in quantities {
        let _ = write!(
            out,
            " |{:>10}{:>10}{:>10}",
            format!("{quantity} S"),
            "M",
            "L"
        );
    }
    out.push('\n');
}

pub fn line(out: &mut String, name: &str, cells: &[String; 12]) {
    let width = WIDTH - 2;
    let _ = write!(out, "  {name:<width$}");
    for (index, cell) in cells.iter().enumerate() {
        let gap = if index % 3 == 0 { " |" } else { "" };
        let _ = write!(out, "{gap}{cell:>10}");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
}

/// Of the first column.
pub const WIDTH: usize = 46;
