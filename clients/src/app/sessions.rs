//! The sessions of the application.

use std::time::Duration;

use anyhow::Result;
use haversack::{Codec, CodecBuilder, Key, KeyRing, Lifetime, SameSite, Values};
use serde::{Deserialize, Serialize};

use super::clock::TestClock;

/// Who is signed in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) user: u64,
    pub(crate) count: u64,
}

/// A session of a size that the client asks for, in as many cookies as that takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Big(pub(crate) String);

/// Who is signed in, in the header `x-session`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InHeader(pub(crate) u64);

/// Who is signed in, as a JWT: `Authorization: Bearer` in requests, `x-bearer` in responses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InBearer(pub(crate) u64);

/// What a part may want otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The ring's text.
    pub(crate) keys: String,
    pub(crate) clock: TestClock,
    pub(crate) lifetime: Lifetime,
    pub(crate) remembered: Lifetime,
    pub(crate) until_browser_closes: bool,
    pub(crate) sticky_end: bool,
    /// Plain http of any host.
    pub(crate) insecure: bool,
    pub(crate) same_site: SameSite,
    pub(crate) partitioned: bool,
    /// How many octets of cookies a `Big` may take; unset, as many as `.chunked()` allows.
    pub(crate) largest: Option<usize>,
}

impl Settings {
    /// Half an hour idle and eight hours in all, thirty days if remembered, and otherwise as the
    /// library has it.
    pub(crate) fn new() -> Result<Settings> {
        Ok(Settings {
            keys: Key::generate()?.to_text(),
            clock: TestClock::default(),
            lifetime: Lifetime::sliding(Duration::from_secs(1800), Duration::from_secs(8 * 3600)),
            remembered: Lifetime::fixed(Duration::from_secs(30 * 24 * 3600)),
            until_browser_closes: false,
            sticky_end: false,
            insecure: false,
            same_site: SameSite::Lax,
            partitioned: false,
            largest: None,
        })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Sessions {
    pub(crate) login: Codec<Login>,
    pub(crate) big: Codec<Big>,
    pub(crate) notes: Codec<Values>,
    pub(crate) in_header: Codec<InHeader>,
    pub(crate) in_bearer: Codec<InBearer>,
}

impl Sessions {
    pub(crate) fn new(settings: &Settings) -> Result<Sessions> {
        let big = sealed("big", settings)?;
        let big = match settings.largest {
            Some(octets) => big.chunked_up_to(octets),
            None => big.chunked(),
        };
        let jwt_keys = Key::generate()?.to_text().parse()?;
        Ok(Sessions {
            login: sealed("login", settings)?.build()?,
            big: big.build()?,
            notes: sealed("notes", settings)?.build()?,
            in_header: Codec::sealed("in-header", settings.keys.parse::<KeyRing>()?)
                .lifetime(settings.lifetime)
                .clock(settings.clock.clone())
                .header("x-session")
                .build()?,
            in_bearer: Codec::jwt("in-bearer", jwt_keys)
                .lifetime(settings.lifetime)
                .clock(settings.clock.clone())
                .bearer("x-bearer")
                .build()?,
        })
    }
}

fn sealed<T>(name: &str, settings: &Settings) -> Result<CodecBuilder<T>> {
    let mut builder = Codec::sealed(name, settings.keys.parse::<KeyRing>()?)
        .lifetime(settings.lifetime)
        .remembered(settings.remembered)
        .clock(settings.clock.clone())
        .same_site(settings.same_site);
    if settings.until_browser_closes {
        builder = builder.until_browser_closes();
    }
    if settings.sticky_end {
        builder = builder.sticky_end();
    }
    if settings.insecure {
        builder = builder.insecure();
    }
    if settings.partitioned {
        builder = builder.partitioned();
    }
    Ok(builder)
}
