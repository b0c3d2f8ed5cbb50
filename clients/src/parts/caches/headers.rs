//! What applications say of caches.

use std::time::{Duration, SystemTime};

use axum::http::StatusCode;

/// One way to say it: a status, and lines of headers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) lines: &'static [(&'static str, &'static str)],
    /// Whether the page has an `ETag`.
    pub(super) tagged: bool,
}

impl Said {
    const fn with(lines: &'static [(&'static str, &'static str)]) -> Said {
        Said {
            status: 200,
            lines,
            tagged: false,
        }
    }

    const fn tagged(lines: &'static [(&'static str, &'static str)]) -> Said {
        Said {
            tagged: true,
            ..Said::with(lines)
        }
    }

    const fn by(status: u16, lines: &'static [(&'static str, &'static str)]) -> Said {
        Said {
            status,
            ..Said::with(lines)
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or_default()
    }

    /// The field for shared caches that alone lets them keep the page.
    pub(super) fn targeted(&self) -> Option<&'static str> {
        let stale = |(name, value): &(&str, &str)| {
            *name == CACHE_CONTROL && value.contains("max-age=0") && !value.contains("s-maxage")
        };
        let mut names = self.lines.iter().map(|(name, _)| *name);
        let targeted = names.find(|name| TARGETED.contains(name));
        targeted.filter(|_| self.lines.iter().any(stale))
    }

    /// The headers, with times for words.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.lines.iter().map(|(name, value)| {
            let value = match *value {
                IN_A_MINUTE => httpdate::fmt_http_date(SystemTime::now() + MINUTE),
                A_MINUTE_AGO => httpdate::fmt_http_date(SystemTime::now() - MINUTE),
                value => value.into(),
            };
            (*name, value)
        })
    }
}

pub(super) const ALL: &[Said] = &[
    Said::with(&[]),
    Said::tagged(&[]),
    Said::with(&[(CACHE_CONTROL, "public, max-age=60")]),
    Said::with(&[(CACHE_CONTROL, "public, s-maxage=60")]),
    Said::with(&[(CACHE_CONTROL, "max-age=60")]),
    Said::with(&[(CACHE_CONTROL, "public, max-age=31536000, immutable")]),
    Said::with(&[("expires", IN_A_MINUTE)]),
    Said::with(&[("expires", IN_A_MINUTE), ("pragma", "public")]),
    Said::with(&[("last-modified", A_MINUTE_AGO)]),
    Said::with(&[
        (CACHE_CONTROL, "public, max-age=60"),
        ("last-modified", A_MINUTE_AGO),
    ]),
    // Rather than `Cache-Control`, or beside it.
    Said::with(&[("x-accel-expires", "60")]),
    Said::with(&[
        (CACHE_CONTROL, "public, max-age=60"),
        ("x-accel-expires", "60"),
    ]),
    Said::with(&[("surrogate-control", "max-age=60")]),
    Said::with(&[
        (CACHE_CONTROL, "no-cache"),
        ("surrogate-control", "max-age=60, content=\"ESI/1.0\""),
    ]),
    Said::with(&[
        (CACHE_CONTROL, "public, max-age=0"),
        ("surrogate-control", "max-age=60"),
    ]),
    Said::with(&[
        (CACHE_CONTROL, "public, max-age=0"),
        ("cdn-cache-control", "public, max-age=60"),
    ]),
    Said::with(&[("edge-control", "cache-maxage=60s")]),
    // Stale answers.
    Said::with(&[(
        CACHE_CONTROL,
        "public, max-age=0, s-maxage=1, stale-while-revalidate=60",
    )]),
    Said::tagged(&[(
        CACHE_CONTROL,
        "public, max-age=1, stale-while-revalidate=60, stale-if-error=60",
    )]),
    Said::with(&[(CACHE_CONTROL, "public, max-age=1, stale-if-error=60")]),
    // To be asked again.
    Said::tagged(&[(CACHE_CONTROL, "public, no-cache")]),
    Said::tagged(&[(CACHE_CONTROL, "public, max-age=1, must-revalidate")]),
    Said::tagged(&[(CACHE_CONTROL, "public, max-age=60")]),
    Said::tagged(&[(CACHE_CONTROL, "private, max-age=60")]),
    // Variants of the application's own.
    Said::with(&[
        (CACHE_CONTROL, "public, max-age=60"),
        ("vary", "Accept-Encoding"),
    ]),
    Said::with(&[
        (CACHE_CONTROL, "public, max-age=60"),
        ("vary", "Accept-Language"),
        ("vary", "Origin"),
        ("vary", "Accept-Encoding"),
    ]),
    Said::with(&[(CACHE_CONTROL, "public, max-age=60"), ("vary", "*")]),
    // Less usual.
    Said::with(&[(
        CACHE_CONTROL,
        "public, no-cache=\"set-cookie\", s-maxage=60",
    )]),
    Said::with(&[(CACHE_CONTROL, "private=\"x-session\", s-maxage=60")]),
    Said::with(&[(CACHE_CONTROL, "must-understand, public, s-maxage=60")]),
    // Other answers.
    Said::by(404, &[(CACHE_CONTROL, "public, max-age=60")]),
    Said::by(500, &[(CACHE_CONTROL, "public, s-maxage=60")]),
    Said::by(500, &[]),
    Said::by(
        301,
        &[
            (CACHE_CONTROL, "public, max-age=60"),
            ("location", "/elsewhere"),
        ],
    ),
    Said::by(302, &[("expires", IN_A_MINUTE), ("location", "/elsewhere")]),
    Said::by(203, &[(CACHE_CONTROL, "public, max-age=60")]),
];

/// What a cache may heed rather than `Cache-Control`.
pub(super) const TARGETED: [&str; 2] = ["cdn-cache-control", "surrogate-control"];
const CACHE_CONTROL: &str = "cache-control";
const IN_A_MINUTE: &str = "IN A MINUTE";
const A_MINUTE_AGO: &str = "A MINUTE AGO";
const MINUTE: Duration = Duration::from_secs(60);
