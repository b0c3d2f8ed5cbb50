//! What docs/behind-a-proxy.md says: lines of configuration, and figures.

use anyhow::{Result, bail};

use super::measure::Measured;
use crate::{
    install::Tool,
    proxy::{Kind, Setup},
};

/// The lines of a proxy's section, if it takes any, which are in its first block of code.
pub(super) fn setup(kind: Kind) -> Result<Option<Setup>> {
    let Some((_, section)) = PAGE.split_once(&format!("\n### {}\n", kind.name())) else {
        bail!("docs/behind-a-proxy.md says nothing of {}", kind.name());
    };
    let section = section.split("\n#").next().unwrap_or_default();
    let block = section.split_once("```text\n");
    let Some((lines, _)) = block.and_then(|(_, block)| block.split_once("```")) else {
        return Ok(None);
    };
    // Varnish is told on its command line.
    let whole = match kind {
        Kind::Varnish => lines.replace("varnishd", ""),
        _ => lines.into(),
    };
    Ok(Some(Setup {
        whole,
        ..Setup::default()
    }))
}

/// Whether the table has a row of these figures, if it has one of this version.
pub(super) fn has(tool: &Tool, figures: &[String]) -> Result<String> {
    let version: Vec<_> = tool.version.split('.').take(2).collect();
    let begins = format!("| {} {} |", tool.name, version.join("."));
    let ours = format!("{begins} {} |", figures.join(" | "));
    match PAGE.lines().find(|line| line.starts_with(&begins)) {
        Some(line) if line.starts_with(&ours) => Ok("as measured".into()),
        Some(line) => bail!("the page has `{line}`, and it is `{ours}`"),
        None => Ok(format!("of another version; of this one: `{ours}`")),
    }
}

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
