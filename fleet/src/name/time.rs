//! Times as names and people read them.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, UNIX_EPOCH},
};

use super::NotAName;

/// A second as it stands in a name: `20261201T000000Z`. The years are 1970 to 9999, and times after
/// that read as the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeText(pub(crate) u64);

impl fmt::Display for TimeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = readable(self.0);
        text.split(['-', ':'])
            .try_for_each(|part| f.write_str(part))
    }
}

impl FromStr for TimeText {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<TimeText, NotAName> {
        let part = |range| text.get(range).ok_or(NotAName);
        let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
        let (t, hour, minute) = (part(8..9)?, part(9..11)?, part(11..13)?);
        let (second, z) = (part(13..15)?, part(15..text.len())?);
        let readable = format!("{year}-{month}-{day}{t}{hour}:{minute}:{second}{z}");
        let time = humantime::parse_rfc3339(&readable).map_err(|_| NotAName)?;
        let since = time.duration_since(UNIX_EPOCH).map_err(|_| NotAName)?;
        let time = TimeText(since.as_secs());
        // A leap second, or digits that are none.
        match time.to_string() == text {
            true => Ok(time),
            false => Err(NotAName),
        }
    }
}

/// A second as people read it: `2026-12-01T00:00:00Z`.
pub(crate) fn readable(time: u64) -> String {
    let time = UNIX_EPOCH + Duration::from_secs(time.min(LAST));
    humantime::format_rfc3339_seconds(time).to_string()
}

/// 9999-12-31T23:59:59Z.
pub(crate) const LAST: u64 = 253_402_300_799;
