//! What the library is to achieve, as ratios within one run, and whether it does.

use haversack_benches::{
    compared::{Kind, Size, Use},
    target::Target,
};

use crate::{
    measure::Group,
    peers::{EMPTY_LAYER, NO_LAYER},
    results::Results,
    threads::Throughput,
};

pub(crate) fn targets(results: &Results, threads: &[Throughput]) -> Vec<Target> {
    let mut all = Vec::new();
    for (kind, group, limits) in AGAINST_PEERS {
        for (size, limit) in Size::ALL.into_iter().zip(limits) {
            all.extend(against_peer(results, kind, group, size, limit));
        }
    }
    for (group, opens) in [(Group::ReadCookie, true), (Group::WriteCookie, false)] {
        for size in Size::ALL {
            let kind = Kind::Encrypts;
            let ours = results
                .ours(group, kind, size)
                .map_or(f64::NAN, |cost| cost.median);
            let what = format!("{size} {}, sealed / sum of the primitives", verb(opens));
            all.push(Target::at_most(
                what,
                ours / results.floor(kind, opens, size),
                1.15,
            ));
        }
    }
    for kind in [Kind::Encrypts, Kind::Jwt] {
        for size in Size::ALL {
            all.extend(ignored(results, kind, size));
        }
    }
    for (size, limit) in Size::ALL.into_iter().zip([0.5; 3]) {
        all.extend(layer(results, size, limit));
    }
    all.extend(allocations(results));
    all.push(refusals(results));
    for throughput in threads {
        let (name, together) = (throughput.name, throughput.together.median);
        let target = |what, measured, limit| Target {
            what: format!("{name}: two threads with one codec against {what}"),
            measured,
            limit,
            at_least: true,
        };
        all.push(target("one thread", together, 1.9));
        let apart = together / throughput.apart.median;
        all.push(target("two with a codec each", apart, 0.95));
    }
    all
}

fn against_peer(
    results: &Results,
    kind: Kind,
    group: Group,
    size: Size,
    limit: f64,
) -> Option<Target> {
    let ours = results.ours(group, kind, size)?;
    let peer = results.fastest_peer(group, kind, size)?;
    let format = if kind == Kind::Encrypts {
        "sealed"
    } else {
        "JWT"
    };
    let what = match group {
        Group::ReadCookie => "open, cookie",
        Group::WriteCookie => "seal, cookie",
        Group::ReadHeader => "open, header",
        Group::WriteHeader => "seal, header",
        _ => "request, session read",
    };
    let what = format!("{size} {what}, {format} / {}", peer.name);
    Some(Target::at_most(
        what,
        ours.median / peer.cost.ok()?.median,
        limit,
    ))
}

/// What the layer adds to a request whose handler does not ask for the session.
fn ignored(results: &Results, kind: Kind, size: Size) -> Option<Target> {
    let group = Group::Request(Use::Ignore);
    let ours = results.ours(group, kind, size)?.median;
    let empty = results.cost(group, EMPTY_LAYER, size)?.median;
    let what = format!("{size} ns over an empty layer, session not asked for, {kind:?}");
    Some(Target::at_most(what, ours - empty, 60.0))
}

/// What the layer adds to a request whose handler reads the session, against what a peer adds.
fn layer(results: &Results, size: Size, limit: f64) -> Option<Target> {
    let (group, kind) = (Group::Request(Use::Read), Kind::Encrypts);
    let bare = results
        .cost(Group::Request(Use::Ignore), NO_LAYER, size)?
        .median;
    let ours = results.ours(group, kind, size)?.median;
    let peer = results.fastest_peer(group, kind, size)?;
    let ratio = (ours - bare) / (peer.cost.ok()?.median - bare);
    let what = format!(
        "{size} request, session read, over no layer, sealed / {}",
        peer.name
    );
    Some(Target::at_most(what, ratio, limit))
}

/// The slowest refusal of all, in microseconds.
fn refusals(results: &Results) -> Target {
    let refusals = results.rows(Group::Refuse);
    let cells = refusals.iter().flat_map(|row| row.cells.iter().flatten());
    let slowest = cells
        .filter_map(|cell| Some(cell.cost.ok()?.median))
        .fold(0.0, f64::max);
    Target::at_most("microseconds of any refusal", slowest / 1000.0, 20.0)
}

/// Allocations beyond those of the value itself.
fn allocations(results: &Results) -> Vec<Target> {
    let mut all = Vec::new();
    for kind in [Kind::Encrypts, Kind::Jwt] {
        for size in Size::ALL {
            let own = results.own_allocations(size);
            let count = |group| results.ours(group, kind, size).map(|cost| cost.allocations);
            let opens = count(Group::ReadCookie).map(|all| all - own);
            let seals = count(Group::WriteCookie);
            let open = format!("{size} allocations of open beyond the value's, {kind:?}");
            let seal = format!("{size} allocations of seal, {kind:?}");
            all.extend(opens.map(|opens| Target::at_most(open, opens, 1.0)));
            all.extend(seals.map(|seals| Target::at_most(seal, seals, 2.0)));
        }
    }
    let refusals = results.rows(Group::Refuse);
    let counts = refusals.iter().flat_map(|row| row.cells.iter().flatten());
    let most = counts
        .filter_map(|cell| Some(cell.cost.ok()?.allocations))
        .fold(0.0, f64::max);
    all.push(Target::at_most("allocations of any refusal", most, 0.0));
    all
}

fn verb(opens: bool) -> &'static str {
    if opens { "open" } else { "seal" }
}

const AGAINST_PEERS: [(Kind, Group, [f64; 3]); 7] = [
    (Kind::Encrypts, Group::ReadCookie, [0.60, 0.70, 0.66]),
    (Kind::Encrypts, Group::WriteCookie, [0.90, 0.70, 0.62]),
    (Kind::Jwt, Group::ReadCookie, [0.45, 0.55, 0.58]),
    (Kind::Jwt, Group::WriteCookie, [0.60, 0.70, 0.78]),
    (Kind::Jwt, Group::ReadHeader, [0.45, 0.55, 0.58]),
    (Kind::Jwt, Group::WriteHeader, [0.60, 0.70, 0.78]),
    (
        Kind::Encrypts,
        Group::Request(Use::Read),
        [0.50, 0.50, 0.50],
    ),
];
