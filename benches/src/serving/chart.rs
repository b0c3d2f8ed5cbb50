//! The chart of what a session costs in a server.

use haversack_benches::{
    compared::Use,
    svg::{self, Chart},
};

use super::{
    measured::Measured,
    rounds::USES,
    table::{Row, megabytes, rows, title},
};

pub(crate) fn chart(measured: &[Measured]) -> Chart<'_> {
    let mut groups: Vec<_> = USES
        .into_iter()
        .map(|used| svg::Group {
            title: title(used),
            rows: bars(rows(measured, used), rate),
        })
        .collect();
    let memory = rows(measured, Use::Read);
    groups.push(svg::Group {
        title: "MB of memory",
        rows: bars(memory, memory_of),
    });
    Chart {
        title: "What a session costs in a server",
        description: "Requests a second, and resident memory with 100,000 sessions; each panel has a scale \
                      of its own. The figures are in servers.csv.",
        notes: &[
            "Thousands of requests a second of a server on one core, more is better; last, its resident \
             memory with 100,000 sessions, less is better.",
            "Each panel has a scale of its own. S, M and L: 0.1, 1 and 3 KB of JSON.",
        ],
        groups,
    }
}

fn bars<'m>(rows: Vec<Row<'_>>, bar: fn(&Measured) -> Option<(f64, String)>) -> Vec<svg::Row<'m>> {
    let row = |row: Row<'_>| svg::Row {
        name: row.contender.name(),
        own: row.contender.is_own(),
        bars: row.cells.map(|measured| bar(measured?)),
    };
    rows.into_iter().map(row).collect()
}

fn rate(measured: &Measured) -> Option<(f64, String)> {
    let rate = measured.cost.as_ref()?.rate.median;
    Some((rate, format!("{:.0}", rate / 1000.0)))
}

fn memory_of(measured: &Measured) -> Option<(f64, String)> {
    measured.cost.as_ref()?;
    Some((measured.resident as f64, megabytes(measured)))
}
