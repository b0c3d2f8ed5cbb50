use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use anyhow::Result;

use super::{Front, Place, Setup};
use crate::process::write;

pub(super) fn configure(command: &mut Command, place: &Place<'_>, setup: &Setup) -> Result<()> {
    let Place {
        folder,
        address,
        upstream,
    } = place;
    let front = match &setup.front {
        Front::Http1 => String::new(),
        Front::Http2 => "Protocols h2c http/1.1".into(),
        Front::Tls(file) => format!(
            "Protocols h2 http/1.1\nSSLEngine on\nSSLCertificateFile {}",
            file.display()
        ),
    };
    let modules: String = MODULES
        .iter()
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .collect();
    let folder_name = folder.display();
    let Setup { whole, inside, .. } = setup;
    let text = format!(
        "ServerRoot {folder_name}
DefaultRuntimeDir {folder_name}
ServerName localhost
PidFile {folder_name}/pid
ErrorLog /dev/stderr
Listen {address}
{modules}
User www-data
Group www-data
{front}
{}
ProxyPass / http://{upstream}/
<Location />
{inside}
</Location>
",
        whole.replace("FOLDER", &folder_name.to_string())
    );
    write(folder, "apache.conf", &text)?;
    // It writes there as somebody else.
    for name in ["cache", "lock"] {
        fs::create_dir(folder.join(name))?;
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o777))?;
    }
    command
        .args(["-D", "FOREGROUND", "-f"])
        .arg(folder.join("apache.conf"));
    Ok(())
}

const MODULES: [&str; 10] = [
    "mpm_event",
    "authz_core",
    "proxy",
    "proxy_http",
    "http2",
    "ssl",
    "headers",
    "cache",
    "cache_disk",
    "socache_shmcb",
];
