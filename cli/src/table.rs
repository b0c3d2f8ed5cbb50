//! Tables, as wide as the terminal, and colours.

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use terminal_size::{Width, terminal_size_of};

/// A table without lines that fits into the terminal, or has one line a row if there is none.
pub(crate) fn table(terminal: Terminal) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    // The colours are taken out again where none are wanted.
    table.enforce_styling();
    match terminal.width() {
        Some(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table
}

/// Where a table is shown.
#[derive(Clone, Copy)]
pub(crate) enum Terminal {
    Output,
    Notes,
}

impl Terminal {
    fn width(self) -> Option<u16> {
        let size = match self {
            Terminal::Output => terminal_size_of(std::io::stdout()),
            Terminal::Notes => terminal_size_of(std::io::stderr()),
        };
        size.map(|(Width(width), _)| width.max(NARROWEST))
    }
}

/// The lines of a table, without the white space at their ends.
pub(crate) fn lines(table: &Table) -> String {
    table
        .lines()
        .map(|line| without_end(&line) + "\n")
        .collect()
}

/// Text that is broken into lines where the terminal ends.
pub(crate) fn paragraph(text: &str, terminal: Terminal) -> String {
    let mut table = table(terminal);
    table.add_row([text]);
    for column in table.column_iter_mut() {
        column.set_padding((0, 0));
    }
    lines(&table)
}

/// A line without the spaces at its end, where colours may end too.
fn without_end(line: &str) -> String {
    let (mut kept, mut end) = (line, String::new());
    loop {
        kept = kept.trim_end();
        match kept.rfind('\u{1b}') {
            Some(at) if kept[at..].find('m') == Some(kept.len() - at - 1) => {
                end.insert_str(0, &kept[at..]);
                kept = &kept[..at];
            }
            _ => return format!("{kept}{end}"),
        }
    }
}

pub(crate) fn good(text: &str) -> Cell {
    Cell::new(text).fg(Color::Green)
}

pub(crate) fn bad(text: &str) -> Cell {
    Cell::new(text).fg(Color::Red)
}

pub(crate) fn faint(text: &str) -> Cell {
    Cell::new(text).fg(Color::DarkGrey)
}

/// A line that stands out.
pub(crate) fn bold(text: &str) -> String {
    styled(Style::new().bold(), text)
}

/// A line that tells of what went wrong.
pub(crate) fn red(text: &str) -> String {
    styled(AnsiColor::Red.on_default().bold(), text)
}

/// A line that tells of what went well.
pub(crate) fn green(text: &str) -> String {
    styled(AnsiColor::Green.on_default().bold(), text)
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Less is no terminal.
const NARROWEST: u16 = 20;
