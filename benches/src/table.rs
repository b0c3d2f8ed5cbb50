//! The table: medians, ratios, allocations and octets, side by side.

use std::fmt::Write as _;

use haversack_benches::{
    apps::ours,
    columns::{WIDTH, line, section},
    compared::{Kind, Size, Use},
    target::Target,
};

use crate::{
    measure::{Cost, Group, Measured},
    results::{Results, Row},
    threads::Throughput,
};

/// All of it as text.
pub(crate) fn table(results: &Results, threads: &[Throughput], targets: &[Target]) -> String {
    let mut out = String::from(INTRODUCTION);
    for (group, title) in GROUPS {
        section(&mut out, title, QUANTITIES);
        for row in results.rows(group) {
            line(&mut out, row.name, &cells(results, group, &row));
        }
    }
    section(
        &mut out,
        "the least: primitives alone, and their sums",
        QUANTITIES,
    );
    for row in results.rows(Group::Floor) {
        line(&mut out, row.name, &cells(results, Group::Floor, &row));
    }
    for (kind, opens, title) in SUMS {
        sum(&mut out, results, kind, opens, &format!("sum: {title}"));
    }
    growth(&mut out, results);
    throughput(&mut out, threads);
    out.push_str("\ntargets\n");
    for target in targets {
        let _ = writeln!(out, "{target}");
    }
    out
}

/// Medians, ratios, allocations and octets, each in three sizes.
fn cells(results: &Results, group: Group, row: &Row<'_>) -> [String; 12] {
    let mut cells = <[String; 12]>::default();
    for (index, measured) in row.cells.iter().enumerate() {
        let Some(measured) = measured else { continue };
        cells[9 + index] = measured
            .octets
            .map_or_else(String::new, |octets| octets.to_string());
        match &measured.cost {
            Ok(cost) => {
                cells[index] = nanoseconds(cost.median);
                cells[3 + index] = ratio(results, group, measured, cost);
                cells[6 + index] = format!("{:.0}", cost.allocations);
            }
            Err(unable) => cells[index] = unable.to_string(),
        }
    }
    cells
}

/// How many times as much as ours of the same kind.
fn ratio(results: &Results, group: Group, measured: &Measured, cost: &Cost) -> String {
    match results.ours(group, measured.kind, measured.size) {
        Some(ours) if measured.name != ours::name(measured.kind) => {
            format!("{:.2}", cost.median / ours.median)
        }
        Some(_) => "1".into(),
        None => String::new(),
    }
}

/// The sum of the primitives, and how much of ours that is.
fn sum(out: &mut String, results: &Results, kind: Kind, opens: bool, title: &str) {
    let group = if opens {
        Group::ReadCookie
    } else {
        Group::WriteCookie
    };
    let mut cells = <[String; 12]>::default();
    for (index, size) in Size::ALL.into_iter().enumerate() {
        let sum = results.floor(kind, opens, size);
        cells[index] = nanoseconds(sum);
        if let Some(ours) = results.ours(group, kind, size) {
            cells[3 + index] = format!("{:.2}", sum / ours.median);
        }
    }
    line(out, title, &cells);
}

fn growth(out: &mut String, results: &Results) {
    let _ = writeln!(
        out,
        "\n{:<WIDTH$} | {:>9}{:>11}",
        "L against M", "ours", "the least"
    );
    for (kind, opens, title) in SUMS {
        let group = if opens {
            Group::ReadCookie
        } else {
            Group::WriteCookie
        };
        let ours = |size| {
            results
                .ours(group, kind, size)
                .map_or(f64::NAN, |cost| cost.median)
        };
        let least = |size| results.floor(kind, opens, size);
        let (own, least) = (
            ours(Size::L) / ours(Size::M),
            least(Size::L) / least(Size::M),
        );
        let width = WIDTH - 2;
        let _ = writeln!(out, "  {title:<width$} | {own:>9.2}{least:>11.2}");
    }
}

fn throughput(out: &mut String, threads: &[Throughput]) {
    let (title, width) = ("two threads against one, M", WIDTH - 2);
    let _ = writeln!(
        out,
        "\n{title:<WIDTH$} | one codec  quartiles      | a codec each  quartiles"
    );
    for throughput in threads {
        let (name, together, apart) = (throughput.name, &throughput.together, &throughput.apart);
        let _ = writeln!(
            out,
            "  {name:<width$} | {:>9.2}  {:.2} to {:.2}   | {:>12.2}  {:.2} to {:.2}",
            together.median, together.lower, together.upper, apart.median, apart.lower, apart.upper
        );
    }
}

pub(crate) fn nanoseconds(time: f64) -> String {
    if time < 10.0 {
        format!("{time:.1}")
    } else {
        format!("{time:.0}")
    }
}

pub(crate) const GROUPS: [(Group, &str); 11] = [
    (Group::ReadCookie, "Cookie header -> value"),
    (Group::WriteCookie, "value -> Set-Cookie"),
    (Group::ReadHeader, "Authorization header -> value"),
    (Group::WriteHeader, "value -> header"),
    (Group::Load, "http::HeaderMap -> value"),
    (Group::Save, "value -> http::HeaderMap"),
    (Group::Request(Use::Empty), "request without a session"),
    (Group::Request(Use::Read), "request, session read"),
    (Group::Request(Use::Change), "request, session changed"),
    (
        Group::Request(Use::Ignore),
        "request, session not asked for",
    ),
    (Group::Refuse, "refusal"),
];

pub(crate) const SUMS: [(Kind, bool, &str); 4] = [
    (Kind::Encrypts, true, "open sealed"),
    (Kind::Encrypts, false, "seal sealed"),
    (Kind::Jwt, true, "open JWT"),
    (Kind::Jwt, false, "seal JWT"),
];

const QUANTITIES: [&str; 4] = ["ns", "x", "alloc", "octets"];

const INTRODUCTION: &str = "\
Medians in nanoseconds, of contenders measured in turns. x: as many times the time of ours of the
same kind (sealed for what encrypts, JWT for what signs); for the sums, the part of ours that they
are. alloc: allocations. octets: of the cookie's name and value, or of the header's value. A cookie
is one among five. Expiry: every session of ours, JWT and PASETO has one inside, which is checked;
the cookie jars and a PASETO payload have none. Requests go through a whole axum router (for
actix-session, a whole actix-web app) and include all of its work.
";
