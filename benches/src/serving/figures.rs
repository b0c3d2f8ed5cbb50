//! The figures behind the chart and the table, for programs: comma-separated values (RFC 4180).

use std::fmt::Write as _;

use super::{
    measured::{Cost, Measured},
    table::title,
};

pub(crate) fn csv(measured: &[Measured]) -> String {
    let mut out = String::from(
        "what,who,size,requests a second,lower,upper,of bare,lower,upper,CPU nanoseconds,lower,upper,\
         busy,resident octets,cookie octets\n",
    );
    for cell in measured {
        let (what, who, size) = (title(cell.used), cell.contender.name(), cell.size);
        let _ = write!(out, "\"{what}\",\"{who}\",{size},");
        let Some(cost) = &cell.cost else {
            let _ = writeln!(out, "too large,,,,,,,,,,,");
            continue;
        };
        let Cost {
            rate, of_bare, cpu, ..
        } = cost;
        for (of, places) in [(rate, 0), (of_bare, 3), (cpu, 0)] {
            for number in [of.median, of.lower, of.upper] {
                let _ = write!(out, "{number:.places$},");
            }
        }
        let octets = cell.octets.unwrap_or_default();
        let _ = writeln!(out, "{:.2},{},{octets}", cost.busy.median, cell.resident);
    }
    out
}
