use std::process::Command;

use anyhow::Result;

use super::{Front, Place, Setup};
use crate::process::write;

pub(super) fn configure(command: &mut Command, place: &Place<'_>, setup: &Setup) -> Result<()> {
    let Place {
        folder,
        address,
        upstream,
    } = place;
    let text = format!(
        "vcl 4.1;
backend application {{ .host = \"{}\"; .port = \"{}\"; }}
{}
",
        upstream.ip(),
        upstream.port(),
        setup.inside
    );
    write(folder, "application.vcl", &text)?;
    command
        .args(["-F", "-j", "none", "-s", "malloc,64m", "-a"])
        .arg(address.to_string())
        .arg("-n")
        .arg(folder.join("varnish"))
        .arg("-f")
        .arg(folder.join("application.vcl"));
    if let Front::Http2 = setup.front {
        command.args(["-p", "feature=+http2"]);
    }
    command.args(setup.whole.split_whitespace());
    Ok(())
}
