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
    let folder = folder.display();
    let (listen, certificate) = match &setup.front {
        Front::Http1 => ("", String::new()),
        Front::Http2 => (" http2", String::new()),
        Front::Tls(file) => {
            let file = file.display();
            let lines = format!("ssl_certificate {file}; ssl_certificate_key {file};");
            (" ssl http2", lines)
        }
    };
    let Setup { whole, inside, .. } = setup;
    let text = format!(
        "user root;
        daemon off;
        worker_processes 1;
        pid {folder}/pid;
        error_log stderr;
        events {{ worker_connections 4096; }}
        http {{
            access_log off;
            client_body_temp_path {folder}/body;
            proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/fastcgi;
            uwsgi_temp_path {folder}/uwsgi;
            scgi_temp_path {folder}/scgi;
            {}
            server {{
                listen {address}{listen};
                {certificate}
                location / {{
                    proxy_pass http://{upstream};
                    {inside}
                }}
            }}
        }}",
        whole.replace("FOLDER", &folder.to_string())
    );
    write(place.folder, "nginx.conf", &text)?;
    command
        .args(["-p".into(), folder.to_string()])
        .args(["-c".into(), format!("{folder}/nginx.conf")]);
    Ok(())
}
