//! The hosts that checks are made on, each a site of its own.

/// All hosts of all checks.
pub(super) fn hosts() -> impl Iterator<Item = String> {
    (0..HOSTS).flat_map(|number| ["", "www."].map(|prefix| format!("{prefix}s{number}.test")))
}

pub(super) const HOSTS: u32 = 300;
