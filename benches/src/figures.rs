//! The figures behind the chart and the table, for programs: comma-separated values (RFC 4180).

use std::fmt::Write as _;

use haversack_benches::{compared::Size, quartiles::Quartiles};

use crate::{
    results::Results,
    table::{GROUPS, SUMS},
    threads::Throughput,
};

pub(crate) fn csv(results: &Results, threads: &[Throughput]) -> String {
    let mut out = String::from("what,who,size,median,lower,upper,allocations,octets\n");
    let title = |group| {
        let titled = GROUPS.iter().find(|(other, _)| *other == group);
        titled.map_or("primitive", |(_, title)| *title)
    };
    for measured in results.all() {
        let (what, who, size) = (title(measured.group), measured.name, measured.size);
        let octets = measured
            .octets
            .map_or_else(String::new, |octets| octets.to_string());
        let _ = match measured.cost {
            Ok(cost) => writeln!(
                out,
                "\"{what}\",\"{who}\",{size},{:.1},{:.1},{:.1},{:.2},{octets}",
                cost.median, cost.lower, cost.upper, cost.allocations
            ),
            Err(unable) => writeln!(out, "\"{what}\",\"{who}\",{size},{unable},,,,{octets}"),
        };
    }
    for (kind, opens, title) in SUMS {
        for size in Size::ALL {
            let sum = results.floor(kind, opens, size);
            let _ = writeln!(out, "sum of the primitives,\"{title}\",{size},{sum:.1},,,,");
        }
    }
    for throughput in threads {
        for (how, ratio) in [
            ("one codec", &throughput.together),
            ("a codec each", &throughput.apart),
        ] {
            let (
                name,
                Quartiles {
                    lower,
                    median,
                    upper,
                },
            ) = (throughput.name, ratio);
            let _ = writeln!(
                out,
                "two threads against one: {name},{how},M,{median:.3},{lower:.3},{upper:.3},,"
            );
        }
    }
    out
}
