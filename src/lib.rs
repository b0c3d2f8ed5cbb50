// Where the links of the README lead from here: of two definitions of a link the first one counts.
#![cfg_attr(feature = "actix", doc = "[actix]: crate::actix")]
#![cfg_attr(feature = "poem", doc = "[poem]: crate::poem")]
#![cfg_attr(feature = "rocket", doc = "[rocket]: crate::rocket")]
#![cfg_attr(feature = "salvo", doc = "[salvo]: crate::salvo")]
#![doc = "[adapter]: crate::adapter"]
#![doc = "[behind-a-proxy]: crate::guide::behind_a_proxy"]
#![doc = "[changing-values]: crate::guide::changing_values"]
#![doc = "[cli]: https://docs.rs/crate/haversack-cli"]
#![doc = "[clients]: crate::guide::clients"]
#![doc = "[coming-from]: crate::guide::coming_from"]
#![doc = "[edge]: crate::guide::edge"]
#![doc = "[fleet]: crate::guide::fleet"]
#![doc = "[format]: crate::guide::format"]
#![doc = "[frameworks]: crate::guide::frameworks"]
#![doc = "[frameworks-recipes]: crate::guide::frameworks#without-a-feature-of-its-own"]
#![doc = "[licence-apache]: https://www.apache.org/licenses/LICENSE-2.0"]
#![doc = "[licence-mit]: https://opensource.org/license/mit"]
#![doc = "[metrics]: crate::guide::metrics"]
#![doc = "[moving-in]: crate::guide::moving_in"]
#![doc = "[not-sticking]: crate::guide::not_sticking"]
#![doc = "[openid-connect]: crate::oauth"]
#![doc = "[security]: crate::guide::security"]
#![doc = "[security-not-defended]: crate::guide::security#what-is-not-defended"]
#![doc = "[security-other-sites]: crate::guide::security#requests-from-other-sites"]
#![doc = "[servers-figures]: crate::guide::servers"]
#![doc = "[speed-figures]: crate::guide::speed"]
#![doc = "[store-example]: crate::guide::store_example"]
#![doc = "[testing]: crate::guide::testing"]
#![doc = "[weight]: crate::guide::weight"]
// The pictures, as links that hold them.
#![doc = include_str!("../docs/servers.link")]
#![doc = include_str!("../docs/speed.link")]
#![doc = ""]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Whoever gives getrandom a source has no JavaScript, and has a clock to give as well.
#[cfg(all(
    target_family = "wasm",
    target_os = "unknown",
    not(any(
        feature = "js",
        getrandom_backend = "custom",
        getrandom_backend = "extern_impl"
    ))
))]
compile_error!(
    "haversack has no clock on this target: turn on its feature `js` if the program runs beside \
     JavaScript, as on Cloudflare Workers"
);

#[cfg(not(any(feature = "aws_lc_rs", feature = "fips", feature = "rust_crypto")))]
compile_error!(
    "haversack needs its cryptography: enable the feature `rust_crypto`, which is a default, or \
     `aws_lc_rs`"
);

pub mod adapter;
mod base;
mod carrier;
mod codec;
mod error;
pub mod foreign;
pub mod inspect;
mod keyed;
mod keys;
mod lifetime;
mod redirect;
mod session;
mod ticket;
mod token;
mod values;

#[cfg(feature = "actix")]
#[cfg_attr(docsrs, doc(cfg(feature = "actix")))]
pub mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "rocket")]
#[cfg_attr(docsrs, doc(cfg(feature = "rocket")))]
pub mod rocket;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "oauth")]
#[cfg_attr(docsrs, doc(cfg(feature = "oauth")))]
pub mod oauth;
#[cfg(feature = "poem")]
#[cfg_attr(docsrs, doc(cfg(feature = "poem")))]
pub mod poem;
#[cfg(feature = "salvo")]
#[cfg_attr(docsrs, doc(cfg(feature = "salvo")))]
pub mod salvo;

#[cfg(any(feature = "poem", feature = "salvo", feature = "tower"))]
#[cfg_attr(
    docsrs,
    doc(cfg(any(feature = "poem", feature = "salvo", feature = "tower")))
)]
pub use crate::http::slot::RequestOrParts;
#[cfg(all(feature = "asymmetric", any(feature = "aws_lc_rs", feature = "fips")))]
#[cfg_attr(docsrs, doc(cfg(all(feature = "asymmetric", feature = "aws_lc_rs"))))]
pub use crate::keys::jwt::AWS_LC;
#[cfg(feature = "jwt")]
#[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
pub use crate::keys::jwt::{Algorithm, CryptoProvider, JwtKey, JwtKeys};
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use crate::tower::{
    SessionFuture, SessionService,
    required::{RequiredFuture, RequiredService},
};
pub use crate::{
    adapter::{active::Active, fresh::Fresh, layer::SessionLayer, required::Required},
    base::{
        clock::{Clock, SystemClock},
        random::{Random, RandomError, SystemRandom},
    },
    carrier::SameSite,
    codec::{
        Codec,
        builder::CodecBuilder,
        event::{Event, What},
        facts::{Facts, StartedSince, Verdict},
        opened::Opened,
    },
    error::{ConfigError, Rejected, SaveError},
    keyed::Keyed,
    keys::{
        ring::{Key, KeyRing},
        source::{KeySource, KeysFromText},
    },
    lifetime::Lifetime,
    redirect::next_path,
    session::{Session, client::Answer},
    ticket::{Ticket, TicketBinding, UncheckedTicket, builder::TicketBuilder},
    token::{envelope::SessionId, keys::AnyKeys},
    values::{
        Values,
        error::ValueError,
        expiring::Expiring,
        flash::{Flash, Flashes, WithFlashes},
    },
};

/// The pages that are beside the front page in the repository.
#[cfg(any(doc, doctest))]
pub mod guide {
    /// How large a session gets through which proxy, and what caches do.
    pub mod behind_a_proxy {
        #![doc = ""]
        #![doc = "[clients]: crate::guide::clients"]
        #![doc = ""]
        #![doc = include_str!("../docs/behind-a-proxy.md")]
    }

    /// Changing what a session holds, while older tokens are out.
    pub mod changing_values {
        #![doc = ""]
        #![doc = include_str!("../docs/changing-values.md")]
    }

    /// What real browsers, proxies, caches and clients did.
    pub mod clients {
        #![doc = ""]
        #![doc = include_str!("../docs/clients.md")]
    }

    /// Other libraries' calls, and ours.
    pub mod coming_from {
        #![doc = ""]
        #![doc = "[moving-in]: crate::guide::moving_in"]
        #![doc = "[not-sticking-not-sent]: crate::guide::not_sticking#the-cookie-was-not-sent"]
        #![doc = "[store-example]: crate::guide::store_example"]
        #![doc = ""]
        #![doc = include_str!("../docs/coming-from.md")]
    }

    /// Cloudflare Workers, WASI, and other WebAssembly: what to turn on, and what it costs.
    pub mod edge {
        #![doc = ""]
        #![doc = "[readme-replacing-a-key]: crate#replacing-a-key"]
        #![doc = ""]
        #![doc = include_str!("../docs/edge.md")]
    }

    /// What each framework does, as one suite saw it over TCP, and which to take.
    pub mod frameworks {
        #![doc = ""]
        #![doc = "[speed-figures]: crate::guide::speed"]
        #![doc = ""]
        #![doc = include_str!("../docs/frameworks.md")]
    }

    /// Keys for many workers: what `haversack-fleet` keeps in a store, who can do what, set-up and runbook.
    pub mod fleet {
        #![doc = ""]
        #![doc = "[cli]: https://docs.rs/crate/haversack-cli"]
        #![doc = "[clients-fleet]: crate::guide::clients#a-fleet"]
        #![doc = "[format]: crate::guide::format"]
        #![doc = ""]
        #![doc = include_str!("../docs/fleet.md")]
    }

    /// The two formats of a token, for whoever reads or writes them in another language.
    pub mod format {
        #![doc = ""]
        #![doc = include_str!("../docs/format.md")]
    }

    /// What operators count: events as metrics, in the names of OpenTelemetry.
    pub mod metrics {
        #![doc = ""]
        #![doc = "[moving-in]: crate::guide::moving_in"]
        #![doc = ""]
        #![doc = include_str!("../docs/metrics.md")]
    }

    /// Moving in from another system without signing anyone out.
    pub mod moving_in {
        #![doc = ""]
        #![doc = "[metrics]: crate::guide::metrics"]
        #![doc = ""]
        // Its code needs the readers, and is compiled with them.
        #![cfg_attr(not(doctest), doc = include_str!("../docs/moving-in.md"))]
    }

    /// When a session does not stick.
    pub mod not_sticking {
        #![doc = ""]
        #![doc = "[behind-a-proxy]: crate::guide::behind_a_proxy"]
        #![doc = "[changing-values]: crate::guide::changing_values"]
        #![doc = "[readme-not-sticking]: crate#when-a-session-does-not-stick"]
        #![doc = "[readme-replacing-a-key]: crate#replacing-a-key"]
        #![doc = ""]
        #![doc = include_str!("../docs/not-sticking.md")]
    }

    /// What is defended, and what is not.
    pub mod security {
        #![doc = ""]
        #![doc = "[moving-in-safety]: crate::guide::moving_in#what-it-costs-in-safety"]
        #![doc = "[readme-replacing-a-key]: crate#replacing-a-key"]
        #![doc = ""]
        #![doc = include_str!("../SECURITY.md")]
    }

    /// What a session costs in a server, in figures.
    pub mod servers {
        #![doc = ""]
        #![doc = "```text"]
        #![doc = include_str!("../docs/servers.csv")]
        #![doc = "```"]
    }

    /// What a request costs, in figures.
    pub mod speed {
        #![doc = ""]
        #![doc = "```text"]
        #![doc = include_str!("../docs/speed.csv")]
        #![doc = "```"]
    }

    /// Testing an application: a handler, a request, and a test in which time passes.
    pub mod testing {
        #![doc = ""]
        #![doc = include_str!("../docs/testing.md")]
    }

    /// What a session adds to a program: crates, seconds to build, and kilobytes.
    pub mod weight {
        #![doc = ""]
        #![doc = include_str!("../docs/weight.md")]
    }

    /// A program that keeps data on the server under the session's id.
    pub mod store_example {
        #![doc = ""]
        #![doc = "```ignore"]
        #![doc = include_str!("../examples/store.rs")]
        #![doc = "```"]
    }
}
