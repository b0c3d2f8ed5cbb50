//! Caches with what operators usually add, and stacks of them.

use crate::proxy::{Kind, Setup};

/// A proxy of a stack.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) setup: Setup,
}

impl Layer {
    fn new(kind: Kind, name: &'static str, whole: &str, inside: &str) -> Layer {
        Layer {
            kind,
            name,
            setup: Setup {
                whole: whole.into(),
                inside: inside.into(),
                ..Setup::default()
            },
        }
    }
}

pub(super) fn nginx() -> Layer {
    Layer::new(
        Kind::Nginx,
        "nginx",
        "proxy_cache_path FOLDER/cache keys_zone=pages:10m;",
        "proxy_cache pages;
        proxy_cache_valid any 10m;
        proxy_cache_methods GET HEAD;
        proxy_cache_lock on;
        proxy_cache_revalidate on;
        proxy_cache_background_update on;
        proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
        ",
    )
}

pub(super) fn haproxy() -> Layer {
    Layer::new(
        Kind::Haproxy,
        "HAProxy",
        "cache pages
    total-max-size 64
    max-object-size 100000
    max-age 600
    process-vary on
",
        "    http-request cache-use pages
    http-response cache-store pages
",
    )
}

pub(super) fn apache() -> Layer {
    Layer::new(
        Kind::Apache,
        "Apache",
        "CacheRoot FOLDER/cache
CacheEnable disk /
CacheDefaultExpire 600
CacheIgnoreNoLastMod On
CacheLock On
CacheLockPath FOLDER/lock
CacheStaleOnError On
",
        "",
    )
}

pub(super) fn varnish() -> Layer {
    Layer::new(Kind::Varnish, "Varnish", "", "")
}

/// With cookies and credentials cached by `Vary`, and stale answers.
pub(super) fn varnish_with_cookies() -> Layer {
    Layer::new(
        Kind::Varnish,
        "Varnish (caches with cookies)",
        "",
        "sub vcl_recv {
            if (req.method == \"GET\" || req.method == \"HEAD\") { return (hash); }
        }
        sub vcl_backend_response {
            set beresp.grace = 1h;
            set beresp.keep = 1h;
        }
        ",
    )
}

pub(super) fn squid() -> Layer {
    Layer::new(
        Kind::Squid,
        "Squid",
        "collapsed_forwarding on
refresh_pattern . 10 50% 60
",
        "",
    )
}

/// Compresses what passes, and caches nothing.
pub(super) fn compression() -> Layer {
    Layer::new(
        Kind::Nginx,
        "nginx (compresses)",
        "gzip on; gzip_vary on; gzip_proxied any; gzip_types *; gzip_min_length 1; gzip_http_version 1.0;",
        "",
    )
}

pub(super) fn single() -> Vec<Layer> {
    vec![
        nginx(),
        haproxy(),
        apache(),
        varnish(),
        varnish_with_cookies(),
        squid(),
    ]
}

/// Stacks, from the outermost to the application: each cache alone, several, and with compression
/// between them; in the long form each pair and triple.
pub(super) fn stacks(long: bool, compressed: bool) -> Vec<Vec<Layer>> {
    let single = single();
    let alone = single.iter().map(|layer| vec![layer.clone()]);
    if !long && compressed {
        return vec![vec![nginx()], vec![varnish_with_cookies()]];
    }
    let mut stacks: Vec<_> = alone.collect();
    stacks.extend([
        vec![nginx(), compression()],
        vec![compression(), varnish_with_cookies()],
    ]);
    if !long {
        stacks.push(vec![haproxy(), nginx(), squid()]);
        return stacks;
    }
    for outer in &single {
        stacks.push(vec![outer.clone(), compression()]);
        for inner in &single {
            stacks.push(vec![outer.clone(), inner.clone()]);
        }
    }
    for start in 0..single.len() {
        let three = single.iter().cycle().skip(start).take(3);
        let three: Vec<_> = three.cloned().collect();
        stacks.push(three.iter().rev().cloned().collect());
        stacks.push(three);
    }
    stacks
}
