//! What libraries above cookie-rs put into a cookie.

use std::collections::BTreeMap;

use haversack::{
    Rejected,
    foreign::{Body, Refused},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use time::{Date, UtcOffset};

use crate::reading::{EXPIRED, base64url, json};

/// Whose content it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    Text,
    Actix,
    TowerSessions,
}

impl Content {
    /// The body, and when it expires.
    pub(super) fn read(self, text: String, now: u64) -> Result<(Body, Option<u64>), Refused> {
        match self {
            Content::Text => Ok((Body::Text(text), None)),
            Content::Actix => Ok((Body::Json(actix(&text)?), None)),
            Content::TowerSessions => tower_sessions(&text, now),
        }
    }
}

/// An object of strings, each of which is JSON.
fn actix(text: &str) -> Result<Value, Refused> {
    let other = Refused::new(Rejected::Value, "it is no session of actix-session");
    let strings: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| other)?;
    let members = strings
        .into_iter()
        .map(|(name, text)| Ok((name, json(text.as_bytes())?)));
    Ok(Value::Object(members.collect::<Result<Map<_, _>, _>>()?))
}

/// Its id has 128 bits and means nothing without a store.
#[derive(Deserialize)]
struct Stored {
    v: u8,
    record: Record,
}

#[derive(Deserialize)]
struct Record {
    data: Map<String, Value>,
    /// Year, day of the year, hour, minute, second, nanosecond, and the offset.
    expiry_date: (i32, u16, u8, u8, u8, u32, i8, i8, i8),
}

fn tower_sessions(text: &str, now: u64) -> Result<(Body, Option<u64>), Refused> {
    let other = Refused::new(
        Rejected::Value,
        "it is no session of tower-sessions-cookie-store",
    );
    let stored: Stored = serde_json::from_slice(&base64url(text.as_bytes())?).map_err(|_| other)?;
    if stored.v != 1 {
        return Err(other);
    }
    let (year, day, hour, minute, second, nanosecond, hours, minutes, seconds) =
        stored.record.expiry_date;
    let offset = UtcOffset::from_hms(hours, minutes, seconds).map_err(|_| other)?;
    let date = Date::from_ordinal_date(year, day).map_err(|_| other)?;
    let expires = date
        .with_hms_nano(hour, minute, second, nanosecond)
        .map_err(|_| other)?
        .assume_offset(offset)
        .unix_timestamp();
    match u64::try_from(expires) {
        Ok(expires) if now < expires => {
            Ok((Body::Json(Value::Object(stored.record.data)), Some(expires)))
        }
        _ => Err(EXPIRED),
    }
}
