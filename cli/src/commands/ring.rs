//! `haversack ring`.

use std::path::Path;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    args::{Format, KeysArgs, OutArgs, RingCommand},
    clock::{self, Limits},
    failure::Failure,
    input,
    keys::{Entries, Entry, KeysText, LONGEST, generate},
    newfile,
    output::{Output, visible_line},
    table::{Terminal, bold, faint, good, lines, paragraph, table},
};

pub(super) fn run(command: RingCommand) -> Result<Output, Failure> {
    match command {
        RingCommand::Show {
            keys,
            secrets,
            json,
        } => show(&keys, secrets, json),
        RingCommand::Add { keys, key, out } => add(&keys, key.as_deref(), &out),
        RingCommand::Promote {
            keys,
            id,
            lifetime,
            out,
        } => promote(&keys, id.as_deref(), lifetime, &out),
        RingCommand::Drop {
            keys,
            id,
            promoted,
            lifetime,
            stolen,
            out,
        } => {
            let last_end = promoted.zip(lifetime).map(|(at, life)| end(at, life));
            drop_key(&keys, id.as_deref(), last_end, stolen, &out)
        }
    }
}

fn show(keys: &KeysArgs, secrets: bool, json: bool) -> Result<Output, Failure> {
    let ring = keys.read()?.entries()?;
    if json {
        let shown: Vec<_> = (0..ring.entries.len())
            .map(|index| Shown::new(&ring, index, secrets))
            .collect();
        let text = serde_json::to_string_pretty(&shown);
        let text = text.map_err(|error| Failure::misuse(error.to_string()))?;
        return Ok(Output::of(crate::output::visible(&text) + "\n"));
    }
    let mut text = Zeroizing::new(keys_table(&ring, Terminal::Output));
    if secrets {
        for entry in &ring.entries {
            *text += &format!("\n{} {}\n", visible_line(&entry.id), *entry.text);
        }
    }
    Ok(Output::of(text.as_str()))
}

fn add(keys: &KeysArgs, new: Option<&Path>, out: &OutArgs) -> Result<Output, Failure> {
    let mut ring = keys.read()?.entries()?;
    let entry = match new {
        Some(path) => {
            let octets = input::file(path, LONGEST)?;
            let text = KeysText::new(&octets, Some(ring.format), None)?;
            let mut entries = text.entries()?.entries;
            match entries.pop() {
                Some(entry) if entries.is_empty() => entry,
                _ => {
                    return Err(Failure::misuse(
                        "there are several keys in the file; add one at a time",
                    ));
                }
            }
        }
        None => generated(&ring)?,
    };
    if ring.entries.iter().any(|known| known.id == entry.id) {
        let id = visible_line(&entry.id);
        return Err(Failure::refused(format!(
            "the ring has the key {id} already"
        )));
    }
    let id = visible_line(&entry.id);
    ring.entries.push(entry);
    let seals = seals(&ring);
    let next = format!(
        "1 of 3: {id} is known, and {seals} nothing yet.\n\
         Give this ring to every worker. Once every worker has it: haversack ring promote {id}\n"
    );
    give(&ring, out, &next)
}

fn promote(
    keys: &KeysArgs,
    id: Option<&str>,
    lifetime: Option<Limits>,
    out: &OutArgs,
) -> Result<Output, Failure> {
    let mut ring = keys.read()?.entries()?;
    let index = ring.find(id, "promote")?;
    if index == 0 {
        let id = visible_line(&ring.entries[0].id);
        return Err(Failure::refused(format!("{id} {} already", seals(&ring))));
    }
    if !ring.entries[index].signs {
        let id = visible_line(&ring.entries[index].id);
        return Err(Failure::refused(format!(
            "{id} cannot sign, as it is a public key; add its private half"
        )));
    }
    let old = visible_line(&ring.entries[0].id);
    let entry = ring.entries.remove(index);
    let id = visible_line(&entry.id);
    ring.entries.insert(0, entry);
    let verb = seals(&ring);
    let until = match lifetime {
        Some(lifetime) => {
            let (now, end) = (clock::now(), end(clock::now(), lifetime));
            format!(
                "If every worker has it now, the last session {} by {old} ends at {} ({}).",
                sealed(&ring),
                clock::show(end),
                clock::distance(end, now)
            )
        }
        None => format!(
            "The last session {} by {old} ends the longest lifetime of your sessions after the last \
             worker got it: --lifetime LIMITS says when.",
            sealed(&ring)
        ),
    };
    let next = format!(
        "2 of 3: {id} {verb}, and {old} only {}.\n\
         Every worker must have known {id} before any gets this ring. Give it to every worker.\n\
         {until}\n\
         After that: haversack ring drop {old}\n",
        opens(&ring)
    );
    give(&ring, out, &next)
}

fn drop_key(
    keys: &KeysArgs,
    id: Option<&str>,
    last_end: Option<u64>,
    stolen: bool,
    out: &OutArgs,
) -> Result<Output, Failure> {
    let mut ring = keys.read()?.entries()?;
    let index = ring.find(id, "drop")?;
    let id = visible_line(&ring.entries[index].id);
    if ring.entries.len() == 1 {
        return Err(Failure::refused(format!(
            "{id} is the only key; make another ring with `haversack key`, or add a key first"
        )));
    }
    if index == 0 && !stolen {
        return Err(Failure::refused(format!(
            "{id} {}; promote another key first, or say --stolen and everyone signs in again",
            seals(&ring)
        )));
    }
    let now = clock::now();
    if let Some(end) = last_end.filter(|end| *end > now) {
        return Err(Failure::refused(format!(
            "the last session {} by {id} ends at {} ({}); drop it then",
            sealed(&ring),
            clock::show(end),
            clock::distance(end, now)
        )));
    }
    ring.entries.remove(index);
    let condition = if stolen {
        format!(
            "Sessions {} by {id} end now, and who has one signs in again.",
            sealed(&ring)
        )
    } else if let Some(end) = last_end {
        format!(
            "The last session {} by {id} ended at {}.",
            sealed(&ring),
            clock::show(end)
        )
    } else {
        format!(
            "Every session {} by {id} must have ended: --promoted TIME and --lifetime LIMITS check it.",
            sealed(&ring)
        )
    };
    let next = format!("3 of 3: {id} is gone. {condition}\nGive this ring to every worker.\n");
    give(&ring, out, &next)
}

/// The text of a ring as the result, and beside it who is in it and what is next.
fn give(ring: &Entries, out: &OutArgs, next: &str) -> Result<Output, Failure> {
    let text = Zeroizing::new(ring.text()?.to_string() + "\n");
    let next = next.lines().map(|line| paragraph(line, Terminal::Notes));
    let mut notes = keys_table(ring, Terminal::Notes) + "\n" + &next.collect::<String>();
    let result = match &out.out {
        Some(path) => {
            newfile::create(path, &text)?;
            let shown = visible_line(&path.display().to_string());
            notes = format!("wrote {shown}, which only its owner can read\n\n{notes}");
            Zeroizing::default()
        }
        None => text,
    };
    Ok(Output {
        result,
        notes,
        refused: false,
    })
}

/// A new key of the kind of the first one.
fn generated(ring: &Entries) -> Result<Entry, Failure> {
    use crate::args::Algorithm;
    use haversack::Algorithm as Known;

    let first = &ring.entries[0];
    let is_text = !first.text.starts_with('{');
    let text = match first.algorithm {
        _ if is_text => generate::key()?,
        Some(_) if !first.signs => {
            return Err(Failure::misuse(
                "the keys of this ring only verify; give the public key to add with --key FILE",
            ));
        }
        Some(Known::HS384) => generate::jwk(Algorithm::HS384)?,
        Some(Known::HS512) => generate::jwk(Algorithm::HS512)?,
        Some(Known::EdDSA) => generate::jwk(Algorithm::Ed25519)?,
        Some(Known::ES256) => generate::jwk(Algorithm::ES256)?,
        Some(Known::ES384) => generate::jwk(Algorithm::ES384)?,
        Some(Known::RS256) => generate::jwk(Algorithm::RS256)?,
        Some(Known::RS384) => generate::jwk(Algorithm::RS384)?,
        Some(Known::RS512) => generate::jwk(Algorithm::RS512)?,
        Some(Known::PS256) => generate::jwk(Algorithm::PS256)?,
        Some(Known::PS384) => generate::jwk(Algorithm::PS384)?,
        Some(Known::PS512) => generate::jwk(Algorithm::PS512)?,
        _ => generate::jwk(Algorithm::HS256)?,
    };
    let read = KeysText::new(text.as_bytes(), Some(ring.format), None)?;
    let entry = read.entries()?.entries.pop();
    entry.ok_or_else(|| Failure::misuse("no key was made"))
}

/// The ids and roles.
fn keys_table(ring: &Entries, terminal: Terminal) -> String {
    let mut table = table(terminal);
    table.set_header(["key", "role"].map(bold));
    for (index, entry) in ring.entries.iter().enumerate() {
        let role = role(ring, index);
        let role = match (index, &*role) {
            (0, role) => good(role),
            (_, role) => faint(role),
        };
        let id = comfy_table::Cell::new(visible_line(&entry.id));
        table.add_row([id, role]);
    }
    lines(&table)
}

fn role(ring: &Entries, index: usize) -> String {
    let entry = &ring.entries[index];
    let can_sign = ring.entries[0].signs;
    let role = match (index, ring.format) {
        (0, _) if can_sign => format!("{} and {}", seals(ring), opens(ring)),
        _ => opens(ring).to_owned(),
    };
    match entry.algorithm {
        None => role,
        Some(algorithm) => {
            let half = if entry.signs { "" } else { ", public" };
            format!("{role}, {algorithm:?}{half}")
        }
    }
}

fn seals(ring: &Entries) -> &'static str {
    match ring.format {
        Format::Sealed => "seals",
        Format::Jwt => "signs",
    }
}

fn sealed(ring: &Entries) -> &'static str {
    match ring.format {
        Format::Sealed => "sealed",
        Format::Jwt => "signed",
    }
}

fn opens(ring: &Entries) -> &'static str {
    match ring.format {
        Format::Sealed => "opens",
        Format::Jwt => "verifies",
    }
}

/// When the last session ends that a key sealed until a time: one that is used is sealed anew by another.
fn end(time: u64, lifetime: Limits) -> u64 {
    time.saturating_add(lifetime.unused().as_secs())
}

/// A key as `--json` shows it.
#[derive(Serialize)]
struct Shown<'r> {
    id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
    /// Whether it is the one that makes tokens.
    seals: bool,
    private: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'r str>,
}

impl<'r> Shown<'r> {
    fn new(ring: &'r Entries, index: usize, secrets: bool) -> Shown<'r> {
        let entry = &ring.entries[index];
        Shown {
            id: &entry.id,
            algorithm: entry.algorithm.map(|algorithm| format!("{algorithm:?}")),
            seals: index == 0 && entry.signs,
            private: entry.signs,
            secret: secrets.then_some(entry.text.as_str()),
        }
    }
}
