//! What is Chromium's and what is Firefox's: packages, drivers, settings, and whom they trust.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities,
    common::capabilities::firefox::FirefoxPreferences,
};
use tokio::{fs, process::Command};

use super::hosts;
use crate::{
    install::{self, Tool},
    tls::Authority,
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Engine {
    Chromium,
    Firefox,
}

/// A browser and the program that drives it.
#[derive(Debug)]
pub(super) struct Installed {
    pub(super) tool: Tool,
    pub(super) driver: PathBuf,
}

/// How a browser begins again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Restart {
    /// As most people have it set.
    Fresh,
    /// With the tabs of last time, as one may set it.
    WithTabs,
}

impl Engine {
    pub(super) const ALL: [Engine; 2] = [Engine::Chromium, Engine::Firefox];

    pub(super) fn name(self) -> &'static str {
        match self {
            Engine::Chromium => "Chromium",
            Engine::Firefox => "Firefox",
        }
    }

    pub(super) async fn install(self) -> Result<Installed> {
        let (program, driver) = match self {
            Engine::Chromium => (
                install::debian("chromium", "chromium").await?,
                install::debian("chromium-driver", "chromedriver").await?,
            ),
            Engine::Firefox => (
                install::debian("firefox-esr", "firefox-esr").await?,
                install::cargo("geckodriver", "geckodriver").await?,
            ),
        };
        let tool = Tool::of(self.name(), &program, &["--version"]).await?;
        Ok(Installed { tool, driver })
    }

    /// How its driver is told to take a free port, and the line that then has it.
    pub(super) fn driving(self) -> (&'static [&'static str], &'static str) {
        match self {
            Engine::Chromium => (&["--port=0"], "was started successfully on port"),
            Engine::Firefox => (&["--port", "0"], "Listening on"),
        }
    }

    /// Makes the browser of this home trust an authority.
    pub(super) async fn trust(self, home: &Path, authority: &Authority) -> Result<()> {
        let certutil = install::debian("libnss3-tools", "certutil").await?;
        let folder = match self {
            Engine::Chromium => home.join(".pki/nssdb"),
            Engine::Firefox => profile(home),
        };
        fs::create_dir_all(&folder).await?;
        let database = format!("sql:{}", folder.display());
        let authority = authority.file();
        let create = ["-N", "--empty-password", "-d", &database];
        let add = ["-A", "-n", "tests", "-t", "C,,", "-d", &database, "-i"];
        for command in [
            Command::new(&certutil).args(create),
            Command::new(&certutil).args(add).arg(&authority),
        ] {
            let output = command.output().await?;
            let said = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success(), "certutil: {said}");
        }
        Ok(())
    }

    /// Headless, with the profile of this home, with the hosts of the tests on loopback, and quiet:
    /// what a browser asks its maker does not belong into a test.
    pub(super) fn capabilities(
        self,
        home: &Path,
        program: &Path,
        restart: Restart,
    ) -> Result<Capabilities> {
        let profile = profile(home);
        match self {
            Engine::Chromium => {
                let mut capabilities = DesiredCapabilities::chrome();
                capabilities.set_binary(&program.to_string_lossy())?;
                for argument in CHROMIUM {
                    capabilities.add_arg(argument)?;
                }
                capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
                if restart == Restart::WithTabs {
                    capabilities.add_arg("--restore-last-session")?;
                }
                Ok(capabilities.into())
            }
            Engine::Firefox => {
                let mut capabilities = DesiredCapabilities::firefox();
                capabilities.set_firefox_binary(&program.to_string_lossy())?;
                for argument in ["-headless", "-profile", &profile.to_string_lossy()] {
                    capabilities.add_arg(argument)?;
                }
                let mut preferences = FirefoxPreferences::new();
                let hosts = hosts::hosts().collect::<Vec<_>>().join(",");
                preferences.set("network.dns.localDomains", hosts)?;
                preferences.set("ui.prefersReducedMotion", 1)?;
                if restart == Restart::WithTabs {
                    preferences.set("browser.startup.page", 3)?;
                }
                capabilities.set_preferences(preferences)?;
                Ok(capabilities.into())
            }
        }
    }
}

fn profile(home: &Path) -> PathBuf {
    home.join("profile")
}

const CHROMIUM: [&str; 10] = [
    "--headless",
    // Root has no sandbox.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // A page that still scrolls is a moving target.
    "--force-prefers-reduced-motion",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
];
