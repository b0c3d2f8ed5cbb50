//! What was measured, looked up and put in relation.

use haversack_benches::{
    apps::ours,
    compared::{Kind, Size},
};

use crate::{
    floors::{self, OPEN_JWT, OPEN_SEALED, SEAL_JWT, SEAL_SEALED},
    measure::{Cost, Group, Measured, Unable},
    peers::BY_HAND,
};

/// All contenders of a run.
pub(crate) struct Results {
    measured: Vec<Measured>,
}

/// One contender in one group, in its three sizes.
pub(crate) struct Row<'r> {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) cells: [Option<&'r Measured>; 3],
}

impl Results {
    pub(crate) fn new(measured: Vec<Measured>) -> Results {
        Results { measured }
    }

    pub(crate) fn all(&self) -> &[Measured] {
        &self.measured
    }

    /// The rows of a group, in the order in which they were first seen.
    pub(crate) fn rows(&self, group: Group) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> = Vec::new();
        for measured in self.measured.iter().filter(|other| other.group == group) {
            let (name, kind) = (measured.name, measured.kind);
            let position = rows.iter().position(|row| row.name == name);
            let position = position.unwrap_or_else(|| {
                let cells = [None; 3];
                rows.push(Row { name, kind, cells });
                rows.len() - 1
            });
            rows[position].cells[measured.size as usize] = Some(measured);
        }
        rows
    }

    pub(crate) fn cost(&self, group: Group, name: &str, size: Size) -> Option<Cost> {
        let is_it =
            |other: &&Measured| (other.group, other.name, other.size) == (group, name, size);
        self.measured.iter().find(is_it)?.cost.ok()
    }

    /// The cost of ours that a contender of this kind is compared with.
    pub(crate) fn ours(&self, group: Group, kind: Kind, size: Size) -> Option<Cost> {
        self.cost(group, ours::name(kind), size)
    }

    /// The fastest peer that does the same to the value, used as it is meant to be.
    pub(crate) fn fastest_peer(&self, group: Group, kind: Kind, size: Size) -> Option<&Measured> {
        self.measured
            .iter()
            .filter(|other| (other.group, other.kind, other.size) == (group, kind, size))
            .filter(|other| {
                ![ours::name(kind), BY_HAND].contains(&other.name) && other.cost.is_ok()
            })
            .min_by(|a, b| median(&a.cost).total_cmp(&median(&b.cost)))
    }

    /// The sum of the primitives of one direction of a format.
    pub(crate) fn floor(&self, kind: Kind, opens: bool, size: Size) -> f64 {
        let parts: &[&str] = match (kind, opens) {
            (Kind::Jwt, true) => &OPEN_JWT,
            (Kind::Jwt, false) => &SEAL_JWT,
            (_, true) => &OPEN_SEALED,
            (_, false) => &SEAL_SEALED,
        };
        let costs = parts
            .iter()
            .filter_map(|part| self.cost(Group::Floor, part, size));
        costs.map(|cost| cost.median).sum()
    }

    /// How often reading a value of this size allocates for the value itself.
    pub(crate) fn own_allocations(&self, size: Size) -> f64 {
        let cost = self.cost(Group::Floor, floors::JSON_IN, size);
        cost.map_or(0.0, |cost| cost.allocations)
    }
}

fn median(cost: &Result<Cost, Unable>) -> f64 {
    cost.map_or(f64::INFINITY, |cost| cost.median)
}
