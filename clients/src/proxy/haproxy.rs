use std::process::Command;

use anyhow::Result;

use super::{Front, Place, Setup};
use crate::process::write;

pub(super) fn configure(command: &mut Command, place: &Place<'_>, setup: &Setup) -> Result<()> {
    let Place {
        address, upstream, ..
    } = place;
    let bind = match &setup.front {
        Front::Http1 => String::new(),
        Front::Http2 => "proto h2".into(),
        Front::Tls(file) => format!("ssl crt {} alpn h2,http/1.1", file.display()),
    };
    let behind = if setup.http2_behind { "proto h2" } else { "" };
    let Setup { whole, inside, .. } = setup;
    let text = format!(
        "global
    maxconn 1000
{whole}
defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
frontend clients
    bind {address} {bind}
    default_backend application
backend application
{inside}
    server application {upstream} {behind}
"
    );
    write(place.folder, "haproxy.cfg", &text)?;
    command
        .args(["-db", "-f"])
        .arg(place.folder.join("haproxy.cfg"));
    Ok(())
}
