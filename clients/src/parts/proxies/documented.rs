//! What docs/behind-a-proxy.md says: lines of configuration, and figures.

use anyhow::{Context as _, Result, bail};

use super::measure::Measured;
use crate::{
    install::Tool,
    proxy::{Kind, Setup},
};

/// The lines of a proxy's section, which are in its first block of code.
pub(super) fn setup(kind: Kind) -> Result<Setup> {
    let name = kind.name();
    let section = PAGE.split_once(&format!("\n### {name}\n"));
    let section = section.and_then(|(_, section)| section.split("\n#").next());
    let block = section.and_then(|section| section.split_once("```text\n"));
    let lines = block.and_then(|(_, block)| Some(block.split_once("```")?.0));
    let lines = lines.with_context(|| format!("docs/behind-a-proxy.md has no lines for {name}"))?;
    let mut setup = Setup::default();
    match kind {
        // Its command line.
        Kind::Varnish => setup.whole = lines.replace("varnishd", ""),
        // What follows the address.
        Kind::Squid => {
            let (_, options) = lines
                .split_once(" originserver")
                .context("no `cache_peer`")?;
            setup.inside = options.into();
        }
        _ => setup.whole = lines.into(),
    }
    Ok(setup)
}

/// Whether the table has a row of these figures, if it has one of this version.
pub(super) fn has(tool: &Tool, figures: &[String]) -> Result<String> {
    let version: Vec<_> = tool.version.split('.').take(2).collect();
    let begins = format!("| {} {} | ", tool.name, version.join("."));
    let ours = figures.join(" | ");
    match PAGE.lines().find_map(|line| line.strip_prefix(&begins)) {
        Some(row) if has_figures(row, figures) => Ok("as measured".into()),
        Some(row) => bail!("the page has `{begins}{row}`, and it is `{ours}`"),
        None => Ok(format!("of another version; of this one: `{ours}`")),
    }
}

fn has_figures(row: &str, figures: &[String]) -> bool {
    let octets = |figure: &str| figure.replace(',', "").parse::<usize>();
    let mut cells = row.split(" | ");
    figures.iter().all(|ours| {
        let theirs = cells.next().unwrap_or_default();
        match (octets(theirs), octets(ours)) {
            (Ok(theirs), Ok(ours)) => theirs.abs_diff(ours) <= CODING,
            _ => theirs == ours,
        }
    })
}

/// By how many octets two tokens of one length may differ in HTTP/2's Huffman code, which Varnish
/// holds in the same space as the fields.
const CODING: usize = 16;

/// Such as `8,182`.
pub(super) fn figure(measured: &Measured) -> String {
    if measured.beyond.is_none() {
        return "all".into();
    }
    let octets = measured.octets;
    match octets / 1000 {
        0 => octets.to_string(),
        thousands => format!("{thousands},{:03}", octets % 1000),
    }
}

const PAGE: &str = include_str!("../../../../docs/behind-a-proxy.md");
