//! The chart: bars for each size, readable on light and on dark pages.

use std::fmt::Write as _;

use crate::{
    measure::{Group, Kind, Size, Use},
    ours,
    results::{Results, Row},
    table::nanoseconds,
};

pub(crate) fn chart(results: &Results) -> String {
    let mut body = String::new();
    let mut top = TOP;
    for (group, title) in GROUPS {
        let mut rows = results.rows(group);
        rows.retain(|row| row.kind != Kind::Neither);
        // Ours and what is like it together.
        rows.sort_by_key(|row| (row.kind != Kind::Encrypts, row.name != ours::name(row.kind)));
        top = panels(&mut body, top, title, &rows);
    }
    let height = top + 8;
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">
<title>What a session costs</title>
<desc>Medians in nanoseconds; each panel has a scale of its own. The figures are in speed.csv.</desc>
{STYLE}
<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>
<text class="title" x="16" y="30">What a session costs</text>
<text class="note" x="16" y="50">Median time in nanoseconds, less is better; each panel has a scale of its \
own. S, M and L: 0.1, 1 and 3 KB of JSON.</text>
{body}</svg>
"#
    )
}

/// One group in three sizes side by side; returns where the next one begins.
fn panels(body: &mut String, top: usize, title: &str, rows: &[Row<'_>]) -> usize {
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
        let own = row.name == ours::name(row.kind);
        let class = if own { "own" } else { "peer" };
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
    let median = |row: &Row<'_>| row.cells[index]?.cost.ok().map(|cost| cost.median);
    let (left, text_y) = (left(index), y + 11);
    let Some(own) = median(row) else {
        let _ = writeln!(
            body,
            r#"<text class="none" x="{left}" y="{text_y}">too large</text>"#
        );
        return;
    };
    let least = rows.iter().filter_map(median).fold(own, f64::min);
    // A bar that would make all others invisible is cut.
    let shown = rows
        .iter()
        .filter_map(median)
        .filter(|time| *time <= least * CUT);
    let scale = shown.fold(least, f64::max);
    let cut = own > scale;
    let width = (own.min(scale) / scale * BAR).max(1.0);
    let number = nanoseconds(own) + if cut { " (cut)" } else { "" };
    let text_x = left as f64 + width + 5.0;
    let _ = writeln!(
        body,
        r#"<rect class="{class}" x="{left}" y="{y}" width="{width:.1}" height="13" rx="2"/>
<text class="number" x="{text_x:.1}" y="{text_y}">{number}</text>"#
    );
}

fn left(index: usize) -> usize {
    LABELS + index * PANEL
}

const GROUPS: [(Group, &str); 3] = [
    (Group::ReadCookie, "Cookie header to value"),
    (Group::WriteCookie, "value to Set-Cookie"),
    (Group::Request(Use::Read), "whole request, session read"),
];

const WIDTH: usize = 1000;
const TOP: usize = 70;
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
