//! Proxies of Debian, each with a configuration of the test's own in a folder of its own.

mod apache;
mod haproxy;
mod nginx;
mod squid;
mod varnish;

use std::{net::SocketAddr, path::PathBuf, process::Command};

use anyhow::Result;
use tempfile::TempDir;

use crate::{
    install::{self, Tool},
    process::{Process, folder, free_address},
};

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Kind {
    Nginx,
    Haproxy,
    Apache,
    Varnish,
    Squid,
}

/// How a proxy is configured; as it is without configuration, unless said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setup {
    pub(crate) front: Front,
    /// Lines for the whole: of nginx's `http`, Apache's server or Squid, HAProxy's sections, Varnish's
    /// parameters.
    pub(crate) whole: String,
    /// Lines where requests are passed on: of nginx's `location`, HAProxy's `backend`, Apache's
    /// `Location`, Varnish's VCL; options of Squid's `cache_peer`.
    pub(crate) inside: String,
    /// Speaks HTTP/2 with the application. Only HAProxy can.
    pub(crate) http2_behind: bool,
}

/// What a proxy speaks with its clients.
#[derive(Clone, Debug, Default)]
pub(crate) enum Front {
    #[default]
    Http1,
    /// Without TLS, known beforehand.
    Http2,
    /// Either, over TLS, with the certificate and the key in this file.
    Tls(PathBuf),
}

/// A proxy that runs in front of an application, and is stopped on drop.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    // Stopped before its folder is removed.
    _process: Process,
    _folder: TempDir,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] = [
        Kind::Nginx,
        Kind::Haproxy,
        Kind::Apache,
        Kind::Varnish,
        Kind::Squid,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Nginx => "nginx",
            Kind::Haproxy => "HAProxy",
            Kind::Apache => "Apache",
            Kind::Varnish => "Varnish",
            Kind::Squid => "Squid",
        }
    }

    pub(crate) async fn install(self) -> Result<Tool> {
        let (package, program, version) = match self {
            Kind::Nginx => ("nginx", "nginx", "-v"),
            Kind::Haproxy => ("haproxy", "haproxy", "-v"),
            Kind::Apache => ("apache2", "apache2", "-v"),
            Kind::Varnish => ("varnish", "varnishd", "-V"),
            Kind::Squid => ("squid", "squid", "-v"),
        };
        let program = install::debian(package, program).await?;
        Tool::of(self.name(), &program, &[version]).await
    }
}

impl Proxy {
    pub(crate) async fn start(
        kind: Kind,
        tool: &Tool,
        upstream: SocketAddr,
        setup: &Setup,
    ) -> Result<Proxy> {
        let folder = folder()?;
        let address = free_address()?;
        let mut command = Command::new(&tool.program);
        let place = Place {
            folder: folder.path(),
            address,
            upstream,
        };
        match kind {
            Kind::Nginx => nginx::configure(&mut command, &place, setup)?,
            Kind::Haproxy => haproxy::configure(&mut command, &place, setup)?,
            Kind::Apache => apache::configure(&mut command, &place, setup)?,
            Kind::Varnish => varnish::configure(&mut command, &place, setup)?,
            Kind::Squid => squid::configure(&mut command, &place, setup)?,
        }
        let mut process = Process::start(&mut command)?;
        process.accepts(address).await?;
        Ok(Proxy {
            address,
            _process: process,
            _folder: folder,
        })
    }
}

/// Where a proxy keeps its files, listens, and passes requests on to.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    folder: &'a std::path::Path,
    address: SocketAddr,
    upstream: SocketAddr,
}
