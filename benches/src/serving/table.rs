//! The table: requests a second, with what part of a server without sessions that is, and CPU time; then
//! memory.

use haversack_benches::{
    columns::{line, section},
    compared::{Size, Use},
    target::Target,
};

use super::{contender::Contender, measured::Measured, rounds::USES};

pub(crate) fn table(measured: &[Measured], targets: &[Target]) -> String {
    let mut out = String::from(INTRODUCTION);
    for used in USES {
        section(
            &mut out,
            title(used),
            ["req/s", "of bare", "us CPU", "octets"],
        );
        for row in rows(measured, used) {
            line(&mut out, row.contender.name(), &costs(&row));
        }
    }
    section(&mut out, "resources", ["MB", "busy", "", ""]);
    for row in rows(measured, Use::Read) {
        line(&mut out, row.contender.name(), &resources(&row));
    }
    out.push_str("\ntargets\n");
    for target in targets {
        out.push_str(&format!("{target}\n"));
    }
    out
}

/// One contender with one use, in its three sizes.
pub(crate) struct Row<'m> {
    pub(crate) contender: Contender,
    pub(crate) cells: [Option<&'m Measured>; 3],
}

/// All contenders with this use.
pub(crate) fn rows(measured: &[Measured], used: Use) -> Vec<Row<'_>> {
    let row = |contender| Row {
        contender,
        cells: Size::ALL.map(|size| find(measured, contender, used, size)),
    };
    Contender::ALL.map(row).into()
}

pub(crate) fn find(
    measured: &[Measured],
    contender: Contender,
    used: Use,
    size: Size,
) -> Option<&Measured> {
    let mut all = measured.iter();
    all.find(|other| (other.contender, other.used, other.size) == (contender, used, size))
}

pub(crate) fn title(used: Use) -> &'static str {
    match used {
        Use::Ignore => "session not asked for",
        Use::Read => "session read",
        Use::Change => "session changed",
        Use::Empty => "no session",
    }
}

fn costs(row: &Row<'_>) -> [String; 12] {
    let mut cells = <[String; 12]>::default();
    for (index, measured) in row.cells.into_iter().flatten().enumerate() {
        let Some(cost) = &measured.cost else {
            cells[index] = "too large".into();
            continue;
        };
        cells[index] = format!("{:.0}", cost.rate.median);
        cells[3 + index] = format!("{:.3}", cost.of_bare.median);
        cells[6 + index] = format!("{:.2}", cost.cpu.median / 1000.0);
        cells[9 + index] = measured.octets.unwrap_or_default().to_string();
    }
    cells
}

fn resources(row: &Row<'_>) -> [String; 12] {
    let mut cells = <[String; 12]>::default();
    for (index, measured) in row.cells.into_iter().flatten().enumerate() {
        let Some(cost) = &measured.cost else { continue };
        cells[index] = megabytes(measured);
        cells[3 + index] = format!("{:.2}", cost.busy.median);
    }
    cells
}

pub(crate) fn megabytes(measured: &Measured) -> String {
    format!("{:.0}", measured.resident as f64 / 1e6)
}

const INTRODUCTION: &str = "\
Medians of rounds in which all contenders were asked in turns, over connections that stay open. req/s:
requests a second of a server on one core. of bare: the part of what the same server does without
sessions, in the same round. us CPU: microseconds of CPU time of the server for a request, that of its
store included. octets: of the cookie's name and value. MB: resident memory with all sessions, that of
the store included. busy: seconds of CPU time a second, while sessions were read; below 1 the client was
too slow for it, or it waited for its store.
";
