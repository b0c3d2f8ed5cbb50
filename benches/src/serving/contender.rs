//! Who is asked.

use std::{error::Error, str::FromStr};

use haversack_benches::compared::Use;

/// A server with one way to keep sessions, or with none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    Axum,
    Layered,
    Least,
    Sealed,
    Jwt,
    PrivateJar,
    Seshcookie,
    Memory,
    Redis,
    Actix,
    ActixSealed,
    ActixSession,
}

impl Contender {
    pub(crate) const ALL: [Contender; 12] = [
        Contender::Axum,
        Contender::Layered,
        Contender::Least,
        Contender::Sealed,
        Contender::Jwt,
        Contender::PrivateJar,
        Contender::Seshcookie,
        Contender::Memory,
        Contender::Redis,
        Contender::Actix,
        Contender::ActixSealed,
        Contender::ActixSession,
    ];

    /// What it is called in the table, and by the process that it is.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Contender::Axum => "axum, no session",
            Contender::Layered => "axum, a layer that does nothing",
            Contender::Least => "axum, the primitives alone",
            Contender::Sealed => "haversack sealed",
            Contender::Jwt => "haversack JWT",
            Contender::PrivateJar => "axum-extra, private jar",
            Contender::Seshcookie => "seshcookie",
            Contender::Memory => "tower-sessions, memory store",
            Contender::Redis => "tower-sessions, Redis store",
            Contender::Actix => "actix-web, no session",
            Contender::ActixSealed => "haversack sealed, actix-web",
            Contender::ActixSession => "actix-session, private cookie",
        }
    }

    /// The server without sessions that it is compared with.
    pub(crate) fn bare(self) -> Contender {
        match self {
            Contender::Actix | Contender::ActixSealed | Contender::ActixSession => Contender::Actix,
            _ => Contender::Axum,
        }
    }

    pub(crate) fn keeps_sessions(self) -> bool {
        !matches!(
            self,
            Contender::Axum | Contender::Layered | Contender::Actix
        )
    }

    /// Whether it is a library of others that keeps sessions.
    pub(crate) fn is_peer(self) -> bool {
        self.keeps_sessions() && !self.is_own() && self != Contender::Least
    }

    pub(crate) fn is_own(self) -> bool {
        matches!(
            self,
            Contender::Sealed | Contender::Jwt | Contender::ActixSealed
        )
    }

    /// Whose sessions are sent to it: a server without any gets the cookies of ours.
    pub(crate) fn cookies_of(self) -> Contender {
        match self {
            Contender::Axum | Contender::Layered => Contender::Sealed,
            Contender::Actix => Contender::ActixSealed,
            other => other,
        }
    }

    /// What it is asked for: without sessions, the same whatever the others are asked for.
    pub(crate) fn used(self, used: Use) -> Use {
        if self.keeps_sessions() {
            used
        } else {
            Use::Ignore
        }
    }
}

impl FromStr for Contender {
    type Err = Box<dyn Error>;

    fn from_str(name: &str) -> Result<Contender, Box<dyn Error>> {
        let found = Contender::ALL.into_iter().find(|one| one.name() == name);
        Ok(found.ok_or_else(|| format!("{name} is no contender"))?)
    }
}
