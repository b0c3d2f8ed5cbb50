//! Times and durations, as people write and read them.

use std::time::Duration;

use haversack::Lifetime;
use jiff::{
    SignedDuration, Span, SpanRelativeTo, Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// The time now, in seconds since 1970.
pub(crate) fn now() -> u64 {
    haversack::Clock::now(&haversack::SystemClock)
}

/// Reads a time: seconds since 1970, RFC 3339, a local date with or without a time, or a time from now
/// such as `+2h` and `-30min`.
pub(crate) fn parse_time(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let seconds = if let Ok(seconds) = text.parse::<u64>()
        && !text.starts_with('+')
    {
        return Ok(seconds);
    } else if text == "now" {
        return Ok(now());
    } else if let Some(later) = text.strip_prefix('+') {
        now().checked_add(parse_duration(later)?.as_secs())
    } else if let Some(earlier) = text.strip_prefix('-') {
        now().checked_sub(parse_duration(earlier)?.as_secs())
    } else if let Ok(time) = text.parse::<Timestamp>() {
        u64::try_from(time.as_second()).ok()
    } else if let Ok(local) = local(text) {
        u64::try_from(local.as_second()).ok()
    } else {
        None
    };
    seconds.ok_or_else(|| {
        "use seconds since 1970, 2027-01-15T08:00:00Z, \"2027-01-15 09:00\" in local time, or +2h".into()
    })
}

fn local(text: &str) -> Result<Timestamp, jiff::Error> {
    let civil = text
        .parse::<DateTime>()
        .or_else(|_| text.parse::<Date>().map(DateTime::from))?;
    Ok(civil.to_zoned_datetime(TimeZone::system())?.timestamp())
}

/// Reads a duration such as `30min`, `8h`, `90d` or `1d 12h`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let help = || "use a duration such as 30min, 8h or 90d".to_owned();
    let span: Span = text.trim().parse().map_err(|_| help())?;
    let duration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| help())?;
    Duration::try_from(duration).map_err(|_| help())
}

/// The limits of sessions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    idle: Option<Duration>,
    cap: Duration,
}

impl Limits {
    /// 400 days, longer than which none is.
    pub(crate) const LONGEST: Limits = Limits {
        idle: None,
        cap: Duration::from_secs(400 * 24 * 60 * 60),
    };

    /// Reads an absolute limit, or an idle limit, a comma and an absolute one.
    pub(crate) fn parse(text: &str) -> Result<Limits, String> {
        let (idle, cap) = match text.split_once(',') {
            Some((idle, cap)) => (Some(parse_duration(idle)?), cap),
            None => (None, text),
        };
        let cap = parse_duration(cap)?;
        Ok(Limits { idle, cap })
    }

    /// How long a token lives that nobody uses.
    pub(crate) fn unused(self) -> Duration {
        self.idle.unwrap_or(self.cap)
    }

    pub(crate) fn lifetime(self) -> Lifetime {
        match self.idle {
            Some(idle) => Lifetime::sliding(idle, self.cap),
            None => Lifetime::fixed(self.cap),
        }
    }
}

/// The time in the local time zone.
pub(crate) fn show(time: u64) -> String {
    let zoned = i64::try_from(time)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map(|time| time.to_zoned_datetime(TimeZone::system()));
    match zoned {
        Some(zoned) => zoned.strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
        None => format!("second {time} since 1970"),
    }
}

/// How far a time is from another: `in 12 min`, `3 h ago`.
pub(crate) fn distance(time: u64, now: u64) -> String {
    match time.abs_diff(now) {
        0 => "now".into(),
        seconds if time > now => format!("in {}", rough(seconds)),
        seconds => format!("{} ago", rough(seconds)),
    }
}

/// The two largest units of a duration.
pub(crate) fn rough(seconds: u64) -> String {
    let units = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, length) in units {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    match parts.is_empty() {
        true => "0 s".into(),
        false => parts.join(" "),
    }
}

/// A duration as it is written in arguments.
pub(crate) fn show_duration(duration: Duration) -> String {
    SignedDuration::try_from(duration).map_or_else(|_| "long".into(), |_| rough(duration.as_secs()))
}
