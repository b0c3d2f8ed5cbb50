//! What is around the JSON of a cookie of Rails: name and expiry, from 6.0 on.

use haversack::{Rejected, foreign::Refused};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::reading::{EXPIRED, base64, json};

pub(super) struct Envelope {
    pub(super) body: Value,
    pub(super) expires_at: Option<u64>,
}

impl Envelope {
    pub(super) fn read(text: &[u8], name: &str, now: u64) -> Result<Envelope, Refused> {
        let outer = json(text)?;
        let Some(metadata) = outer.as_object().and_then(|outer| outer.get("_rails")) else {
            return Ok(Envelope {
                body: outer,
                expires_at: None,
            });
        };
        let other = Refused::new(Rejected::Value, "its metadata is not what Rails writes");
        let member = |name| metadata.get(name).ok_or(other);
        if member("pur")?.as_str() != Some(&format!("cookie.{name}")) {
            let detail = "it is a cookie of another name";
            return Err(Refused::new(Rejected::NotAuthentic, detail));
        }
        let expires_at = match member("exp")? {
            Value::Null => None,
            Value::String(date) => {
                let date = OffsetDateTime::parse(date, &Rfc3339).map_err(|_| other)?;
                let seconds = u64::try_from(date.unix_timestamp()).map_err(|_| other)?;
                if seconds <= now {
                    return Err(EXPIRED);
                }
                Some(seconds)
            }
            _ => return Err(other),
        };
        let message = member("message")?.as_str().ok_or(other)?;
        Ok(Envelope {
            body: json(&base64(message.as_bytes())?)?,
            expires_at,
        })
    }
}
