//! What keeps the sessions of a fleet.

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kept {
    Haversack,
    /// The same with keys of `haversack-fleet`.
    HaversackFleet,
    PrivateJar,
    Seshcookie,
    Memory,
    Redis,
}

impl Kept {
    pub(super) const PEERS: [Kept; 4] = [
        Kept::PrivateJar,
        Kept::Seshcookie,
        Kept::Memory,
        Kept::Redis,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Kept::Haversack => "haversack",
            Kept::HaversackFleet => "haversack, with haversack-fleet",
            Kept::PrivateJar => "axum-extra, `PrivateCookieJar`",
            Kept::Seshcookie => "seshcookie",
            Kept::Memory => "tower-sessions, in memory",
            Kept::Redis => "tower-sessions, on Redis",
        }
    }

    /// What a worker is told.
    pub(super) fn argument(self) -> &'static str {
        match self {
            Kept::Haversack => "haversack",
            Kept::HaversackFleet => "haversack-fleet",
            Kept::PrivateJar => "private-jar",
            Kept::Seshcookie => "seshcookie",
            Kept::Memory => "memory",
            Kept::Redis => "redis",
        }
    }

    /// What the balancer does for sessions that only one process knows.
    pub(super) fn sticky(self) -> &'static str {
        match self {
            Kept::Memory => "    cookie worker insert indirect nocache",
            _ => "",
        }
    }
}
