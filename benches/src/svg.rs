//! The chart: bars for each size, readable on light and on dark pages.

use std::{fmt::Write as _, fs, io, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::compared::Size;

/// A picture of groups of bars.
pub struct Chart<'c> {
    pub title: &'c str,
    /// What the bars are, where the picture is not seen.
    pub description: &'c str,
    /// The same where it is, a line each.
    pub notes: &'c [&'c str],
    pub groups: Vec<Group<'c>>,
}

pub struct Group<'c> {
    pub title: &'c str,
    pub rows: Vec<Row<'c>>,
}

/// One contender in its three sizes.
pub struct Row<'c> {
    pub name: &'c str,
    pub own: bool,
    /// The length of each bar and what is written beside it; `None` if the value is too large.
    pub bars: [Option<(f64, String)>; 3],
}

/// Writes the chart and the figures behind it to a folder.
///
/// # Errors
///
/// What the file system says.
pub fn written(folder: &Path, name: &str, chart: &Chart<'_>, figures: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let picture = chart.svg();
    // For documentation that has no files beside it: a link that holds the picture.
    let link = STANDARD.encode(&picture);
    let link = format!("[{name}-picture]: data:image/svg+xml;base64,{link}\n");
    fs::write(folder.join(format!("{name}.svg")), picture)?;
    fs::write(folder.join(format!("{name}.link")), link)?;
    fs::write(folder.join(format!("{name}.csv")), figures)?;
    println!(
        "\nwritten: {name}.svg, {name}.link and {name}.csv in {}",
        folder.display()
    );
    Ok(())
}

impl Chart<'_> {
    fn svg(&self) -> String {
        let Chart {
            title, description, ..
        } = self;
        let mut body = String::new();
        let mut top = TOP;
        for note in self.notes {
            let y = top + 16;
            let _ = writeln!(body, r#"<text class="note" x="16" y="{y}">{note}</text>"#);
            top += PITCH;
        }
        top += 18;
        for group in &self.groups {
            top = panels(&mut body, top, group);
        }
        let height = top + 8;
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">
<title>{title}</title>
<desc>{description}</desc>
{STYLE}
<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>
<text class="title" x="16" y="30">{title}</text>
{body}</svg>
"#
        )
    }
}

/// One group in three sizes side by side; returns where the next one begins.
fn panels(body: &mut String, top: usize, Group { title, rows }: &Group<'_>) -> usize {
    let _ = writeln!(
        body,
        r#"<text class="group" x="16" y="{}">{title}</text>"#,
        top + 14
    );
    for (index, size) in Size::ALL.into_iter().enumerate() {
        let left = left(index);
        let _ = writeln!(
            body,
            r#"<text class="group" x="{left}" y="{}">{size}</text>"#,
            top + 14
        );
    }
    for (line, row) in rows.iter().enumerate() {
        let y = top + 24 + line * PITCH;
        let class = if row.own { "own" } else { "peer" };
        let (name, text_y) = (row.name, y + 11);
        let _ = writeln!(
            body,
            r#"<text class="{class}" x="16" y="{text_y}">{name}</text>"#
        );
        for index in 0..3 {
            bar(body, rows, row, index, y, class);
        }
    }
    top + 24 + rows.len() * PITCH + 18
}

fn bar(body: &mut String, rows: &[Row<'_>], row: &Row<'_>, index: usize, y: usize, class: &str) {
    let length = |row: &Row<'_>| Some(row.bars[index].as_ref()?.0);
    let (left, text_y) = (left(index), y + 11);
    let Some((own, number)) = &row.bars[index] else {
        let _ = writeln!(
            body,
            r#"<text class="none" x="{left}" y="{text_y}">too large</text>"#
        );
        return;
    };
    let least = rows.iter().filter_map(length).fold(*own, f64::min);
    // A bar that would make all others invisible is cut.
    let shown = rows
        .iter()
        .filter_map(length)
        .filter(|length| *length <= least * CUT);
    let scale = shown.fold(least, f64::max);
    let cut = if *own > scale { " (cut)" } else { "" };
    let width = (own.min(scale) / scale * BAR).max(1.0);
    let text_x = left as f64 + width + 5.0;
    let _ = writeln!(
        body,
        r#"<rect class="{class}" x="{left}" y="{y}" width="{width:.1}" height="13" rx="2"/>
<text class="number" x="{text_x:.1}" y="{text_y}">{number}{cut}</text>"#
    );
}

fn left(index: usize) -> usize {
    LABELS + index * PANEL
}

const WIDTH: usize = 1000;
/// Where the notes begin.
const TOP: usize = 34;
const LABELS: usize = 262;
const PANEL: usize = 246;
const PITCH: usize = 18;
/// The longest bar.
const BAR: f64 = 165.0;
/// How many times the shortest bar the longest may be.
const CUT: f64 = 24.0;

const STYLE: &str = "<style>
svg { font: 12px system-ui, sans-serif; --page: #fff; --ink: #1f2328; --dim: #59636e;
  --own: #0b6bcb; --peer: #b6c2cf; }
@media (prefers-color-scheme: dark) {
  svg { --page: #0d1117; --ink: #e6edf3; --dim: #9198a1; --own: #58a6ff; --peer: #444c56; }
}
.page { fill: var(--page); }
text { fill: var(--ink); }
.title { font-size: 18px; font-weight: 600; }
.group, text.own { font-weight: 600; }
.note, .number, .none { fill: var(--dim); }
.number { font-size: 11px; }
rect.own { fill: var(--own); }
rect.peer { fill: var(--peer); }
</style>";
