//! A fleet for people, and for programs.

use haversack_fleet::{Health, KeyState, KeyStatus, Status};
use serde::Serialize;

use crate::{
    clock,
    failure::Failure,
    output::visible,
    table::{Terminal, bad, bold, faint, good, lines, paragraph, table},
};

/// The keys as a table, and how the fleet is.
pub(super) fn text(status: &Status, health: &Health) -> String {
    let health = visible(&health.to_string());
    let health = health.lines().map(|line| paragraph(line, Terminal::Output));
    format!("{}\n{}", keys(status), health.collect::<String>())
}

fn keys(status: &Status) -> String {
    let now = clock::now();
    let at = |time: Option<u64>| match time {
        Some(time) => format!("{} ({})", clock::show(time), clock::distance(time, now)),
        None => "-".to_owned(),
    };
    let mut table = table(Terminal::Output);
    table.set_header(["key", "state", "seals from", "seals until", "opens until"].map(bold));
    for key in &status.keys {
        let state = key.state.to_string();
        let state = match key.state {
            KeyState::Seals => good(&state),
            KeyState::Revoked => bad(&state),
            _ => faint(&state),
        };
        // One that was revoked is known by its name alone.
        let id = match key.key_id.as_str() {
            "" => &key.name,
            id => id,
        };
        let times = [Some(key.seals_from), key.seals_until, key.opens_until].map(at);
        let [from, until, opens] = times.map(comfy_table::Cell::new);
        table.add_row([comfy_table::Cell::new(id), state, from, until, opens]);
    }
    let cut_offs = status.cut_offs;
    format!("{}\ncut-offs in force: {cut_offs}\n", lines(&table))
}

pub(super) fn json(status: &Status, health: &Health) -> Result<String, Failure> {
    let shown = Shown {
        is_well: health.is_well(),
        is_ready: health.is_ready,
        health: health.to_string(),
        cut_offs: status.cut_offs,
        keys: status.keys.iter().map(ShownKey::from).collect(),
    };
    let text = serde_json::to_string_pretty(&shown);
    let text = text.map_err(|error| Failure::misuse(error.to_string()))?;
    Ok(visible(&text) + "\n")
}

/// A fleet as `--json` shows it; times are seconds since 1970.
#[derive(Serialize)]
struct Shown {
    is_well: bool,
    is_ready: bool,
    health: String,
    cut_offs: usize,
    keys: Vec<ShownKey>,
}

#[derive(Serialize)]
struct ShownKey {
    id: Option<String>,
    name: String,
    state: String,
    seals_from: u64,
    seals_until: Option<u64>,
    opens_until: Option<u64>,
}

impl From<&KeyStatus> for ShownKey {
    fn from(key: &KeyStatus) -> ShownKey {
        ShownKey {
            id: Some(key.key_id.clone()).filter(|id| !id.is_empty()),
            name: key.name.clone(),
            state: key.state.to_string(),
            seals_from: key.seals_from,
            seals_until: key.seals_until,
            opens_until: key.opens_until,
        }
    }
}
