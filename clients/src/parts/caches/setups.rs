//! Caches with what operators usually add, and stacks of them.

use super::headers::TARGETED;
use crate::proxy::{Kind, Setup};

/// A proxy of a stack.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) setup: Setup,
    /// The fields for shared caches that it obeys rather than `Cache-Control`.
    pub(super) heeds: &'static [&'static str],
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
            heeds: &[],
        }
    }

    /// With more lines: for the whole, and where requests are passed on.
    fn and(mut self, whole: &str, inside: &str) -> Layer {
        self.setup.whole += whole;
        self.setup.inside += inside;
        self
    }
}

/// An operator who knows better than the application.
pub(super) struct Defeat {
    pub(super) layer: Layer,
    pub(super) what: &'static str,
    /// Whether users get each other's pages.
    pub(super) mixes_up: bool,
}

impl Defeat {
    fn new(layer: Layer, what: &'static str, mixes_up: bool) -> Defeat {
        Defeat {
            layer,
            what,
            mixes_up,
        }
    }
}

/// Settings that docs/behind-a-proxy.md warns of.
pub(super) fn defeats() -> Vec<Defeat> {
    let mut rewrites = haproxy();
    rewrites.setup.inside.insert_str(
        0,
        "    http-response set-header Cache-Control \"public, max-age=60\"
    http-response del-header Vary
",
    );
    let nginx_ignores = |headers| {
        let mut nginx = nginx().and("", headers);
        // It is not what is looked at here, and waits are long.
        nginx.setup.inside = nginx.setup.inside.replace("proxy_cache_lock on;", "");
        nginx
    };
    let apache_stores = apache().and("CacheStorePrivate On\nCacheStoreNoStore On\n", "");
    vec![
        Defeat::new(
            nginx_ignores("proxy_ignore_headers Vary;"),
            "`proxy_ignore_headers Vary`",
            false,
        ),
        Defeat::new(
            nginx_ignores("proxy_ignore_headers Cache-Control Expires X-Accel-Expires;"),
            "`proxy_ignore_headers Cache-Control Expires X-Accel-Expires`",
            false,
        ),
        Defeat::new(
            nginx_ignores("proxy_ignore_headers Cache-Control Vary;"),
            "`proxy_ignore_headers Cache-Control Vary`",
            true,
        ),
        Defeat::new(
            nginx_ignores("proxy_ignore_headers Cache-Control Set-Cookie Vary;"),
            "`proxy_ignore_headers Cache-Control Set-Cookie Vary`",
            true,
        ),
        Defeat::new(
            rewrites,
            "`http-response set-header Cache-Control` and `del-header Vary`",
            true,
        ),
        Defeat::new(
            apache_stores,
            "`CacheStorePrivate On`, `CacheStoreNoStore On`",
            false,
        ),
        Defeat::new(
            varnish_with_cookies().and(
                "",
                "sub vcl_backend_response {
                    unset beresp.http.Vary;
                }",
            ),
            "`unset beresp.http.Vary`",
            false,
        ),
        Defeat::new(
            varnish_with_cookies().and(
                "",
                "sub vcl_backend_response {
                    unset beresp.http.Set-Cookie;
                    unset beresp.http.Vary;
                    set beresp.ttl = 10m;
                    return (deliver);
                }",
            ),
            "`unset beresp.http.Set-Cookie` and `.Vary`, `set beresp.ttl`, `return (deliver)`",
            true,
        ),
        Defeat::new(
            Layer::new(
                Kind::Squid,
                "Squid",
                "refresh_pattern . 10 50% 60 override-expire ignore-no-store ignore-private\n",
                "login=PASSTHRU",
            ),
            "`refresh_pattern .. override-expire ignore-no-store ignore-private`",
            false,
        ),
    ]
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

/// With a thread for each visitor from the start. Otherwise it starts and ends processes as they come and go, closes
/// connections that others are about to use, and a Varnish before it answers some with 503.
pub(super) fn apache() -> Layer {
    Layer::new(
        Kind::Apache,
        "Apache",
        "StartServers 16
ThreadLimit 100
ThreadsPerChild 100
MaxRequestWorkers 1600
MaxSpareThreads 1600
CacheRoot FOLDER/cache
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

/// With cookies cached by `Vary` too, and with the time that the fields for shared caches say, whatever
/// else the response has.
pub(super) fn varnish_by_fields() -> Layer {
    let mut varnish = varnish_with_cookies().and("", "import std;\n");
    for field in TARGETED {
        let lines = format!(
            "sub vcl_backend_response {{
                if (beresp.http.{field} ~ \"max-age=[0-9]\") {{
                    set beresp.ttl = std.duration(
                        regsub(beresp.http.{field}, \".*max-age=([0-9]+).*\", \"\\1s\"), 0s);
                    return (deliver);
                }}
            }}
            "
        );
        varnish = varnish.and("", &lines);
    }
    Layer {
        name: "Varnish (by `Surrogate-Control` and `CDN-Cache-Control`)",
        heeds: &TARGETED,
        ..varnish
    }
}

pub(super) fn squid() -> Layer {
    Layer::new(
        Kind::Squid,
        "Squid",
        "collapsed_forwarding on
refresh_pattern . 10 50% 60
",
        "login=PASSTHRU",
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

fn single() -> Vec<Layer> {
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
/// before and behind them; in the long form every two, and three in a row, either way around. Behind a Squid, Varnish
/// has these lines too.
pub(super) fn stacks(long: bool, behind_squid: &str) -> Vec<Vec<Layer>> {
    let mut stacks = plain_stacks(long);
    for stack in &mut stacks {
        let behind = stack
            .iter_mut()
            .skip_while(|layer| layer.kind != Kind::Squid);
        for varnish in behind.filter(|layer| layer.kind == Kind::Varnish) {
            varnish.setup.inside += behind_squid;
        }
    }
    stacks
}

fn plain_stacks(long: bool) -> Vec<Vec<Layer>> {
    let single = single();
    let mut stacks = alone();
    stacks.extend([
        vec![nginx(), compression()],
        vec![compression(), varnish_with_cookies()],
    ]);
    if !long {
        stacks.push(vec![haproxy(), nginx(), squid()]);
        return stacks;
    }
    for (place, outer) in single.iter().enumerate() {
        if outer.kind != Kind::Nginx {
            stacks.push(vec![outer.clone(), compression()]);
        }
        let inner = single.iter().filter(|inner| inner.name != outer.name);
        stacks.extend(inner.map(|inner| vec![outer.clone(), inner.clone()]));
        let three = single.iter().cycle().skip(place).take(3);
        let three: Vec<_> = three.cloned().collect();
        stacks.push(three.iter().rev().cloned().collect());
        stacks.push(three);
    }
    stacks
}

/// Each cache alone.
pub(super) fn alone() -> Vec<Vec<Layer>> {
    let all = single().into_iter().chain([varnish_by_fields()]);
    all.map(|layer| vec![layer]).collect()
}

/// The one that heeds one line of `Vary`, and one that heeds all.
pub(super) fn two_alone() -> Vec<Vec<Layer>> {
    vec![vec![nginx()], vec![varnish_with_cookies()]]
}
