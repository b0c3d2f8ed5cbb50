//! The chart of what a session costs.

use haversack_benches::{
    apps::ours,
    compared::{Kind, Use},
    svg::{self, Chart},
};

use crate::{
    measure::Group,
    results::{Results, Row},
    table::nanoseconds,
};

pub(crate) fn chart(results: &Results) -> Chart<'_> {
    let groups = GROUPS.map(|(group, title)| {
        let mut rows = results.rows(group);
        rows.retain(|row| row.kind != Kind::Neither);
        // Ours and what is like it together.
        rows.sort_by_key(|row| (row.kind != Kind::Encrypts, row.name != ours::name(row.kind)));
        let rows = rows.iter().map(bars).collect();
        svg::Group { title, rows }
    });
    Chart {
        title: "What a session costs",
        description: "Medians in nanoseconds; each panel has a scale of its own. The figures are in \
                      speed.csv.",
        notes: &[
            "Median time in nanoseconds, less is better; each panel has a scale of its own. S, M and L: \
             0.1, 1 and 3 KB of JSON.",
        ],
        groups: groups.into(),
    }
}

fn bars<'r>(row: &Row<'r>) -> svg::Row<'r> {
    svg::Row {
        name: row.name,
        own: row.name == ours::name(row.kind),
        bars: row.cells.map(|measured| {
            let median = measured?.cost.ok()?.median;
            Some((median, nanoseconds(median)))
        }),
    }
}

const GROUPS: [(Group, &str); 3] = [
    (Group::ReadCookie, "Cookie header to value"),
    (Group::WriteCookie, "value to Set-Cookie"),
    (Group::Request(Use::Read), "whole request, session read"),
];
