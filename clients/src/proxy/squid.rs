use std::process::Command;

use anyhow::Result;

use super::{Place, Setup};
use crate::process::write;

pub(super) fn configure(command: &mut Command, place: &Place<'_>, setup: &Setup) -> Result<()> {
    let Place {
        folder,
        address,
        upstream,
    } = place;
    let folder_name = folder.display();
    let text = format!(
        "http_port {address} accel defaultsite=localhost no-vhost
cache_peer {} parent {} 0 no-query originserver {}
http_access allow all
cache_mem 64 MB
access_log none
cache_log /dev/stderr
cache_store_log none
pid_filename {folder_name}/pid
coredump_dir {folder_name}
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
{}
",
        upstream.ip(),
        upstream.port(),
        setup.inside.trim(),
        setup.whole
    );
    write(folder, "squid.conf", &text)?;
    command.args(["-N", "-f"]).arg(folder.join("squid.conf"));
    Ok(())
}
