//! What the library is to achieve in a server, as ratios within one run.

use haversack_benches::{
    compared::{Size, Use},
    target::Target,
};

use super::{
    contender::Contender,
    measured::Measured,
    rounds::USES,
    table::{find, title},
};

pub(crate) fn targets(measured: &[Measured]) -> Vec<Target> {
    let mut all = Vec::new();
    for (used, limit) in OF_BARE {
        let cell = find(measured, Contender::Sealed, used, Size::S);
        all.extend(cell.and_then(|cell| of_bare(cell, limit)));
    }
    for own in [Contender::Sealed, Contender::ActixSealed] {
        for used in USES {
            for size in Size::ALL {
                all.extend(first(measured, own, used, size));
            }
        }
    }
    all
}

fn of_bare(own: &Measured, limit: f64) -> Option<Target> {
    let what = format!(
        "{} {}, {} / {}",
        own.size,
        title(own.used),
        own.contender.name(),
        own.contender.bare().name()
    );
    Some(at_least(what, own.cost.as_ref()?.of_bare.median, limit))
}

/// Ours against the fastest other one that keeps a session.
fn first(measured: &[Measured], own: Contender, used: Use, size: Size) -> Option<Target> {
    let ours = find(measured, own, used, size)?.cost.as_ref()?;
    let others = Contender::ALL
        .into_iter()
        .filter(|other| other.bare() == own.bare() && other.is_peer());
    let costs = others.filter_map(|other| {
        let cost = find(measured, other, used, size)?.cost.as_ref()?;
        Some((other, ours.over(cost).median))
    });
    let (other, ratio) = costs.min_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let what = format!("{size} {}, {} / {}", title(used), own.name(), other.name());
    Some(at_least(what, ratio, 1.0))
}

fn at_least(what: String, measured: f64, limit: f64) -> Target {
    Target {
        what,
        measured,
        limit,
        at_least: true,
    }
}

const OF_BARE: [(Use, f64); 3] = [(Use::Ignore, 0.97), (Use::Read, 0.75), (Use::Change, 0.65)];
