//! What operators see, with the feature `tracing`; nothing otherwise.

use std::fmt;

/// A token did not open.
pub(crate) fn rejected(name: &str, reason: &'static str, key_id: Option<&str>) {
    #[cfg(feature = "tracing")]
    tracing::debug!(
        target: "haversack",
        session = name,
        reason,
        key = key_id,
        "token rejected"
    );
    #[cfg(not(feature = "tracing"))]
    let _ = (name, reason, key_id);
}

/// A session of another system was not read.
pub(crate) fn foreign_refused(
    name: &str,
    system: &str,
    reason: &'static str,
    detail: &'static str,
) {
    #[cfg(feature = "tracing")]
    tracing::debug!(
        target: "haversack",
        session = name,
        system,
        reason,
        detail,
        "session of another system refused"
    );
    #[cfg(not(feature = "tracing"))]
    let _ = (name, system, reason, detail);
}

/// The keys were replaced; `key_id` is the one that seals from now on, if there is one.
pub(crate) fn rotated(name: &str, key_id: Option<&str>) {
    #[cfg(feature = "tracing")]
    tracing::info!(target: "haversack", session = name, key = key_id, "keys rotated");
    #[cfg(not(feature = "tracing"))]
    let _ = (name, key_id);
}

/// A response has so many octets of cookies that a proxy with small buffers refuses it.
pub(crate) fn large(name: &str, octets: usize) {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        target: "haversack",
        session = name,
        octets,
        "the session's cookies are more than nginx takes in a response by default: keep less in the \
         session, or raise proxy_buffer_size"
    );
    #[cfg(not(feature = "tracing"))]
    let _ = (name, octets);
}

/// Something that nobody asked for, or that went well but for this, was not written. The text of an
/// error has no value in it.
pub(crate) fn unwritten(name: &str, what: &'static str, error: &dyn fmt::Display) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "haversack", session = name, error = %error, "{what}");
    #[cfg(not(feature = "tracing"))]
    let _ = (name, what, error);
}

/// A request got a 500: a mistake of the program, or a session that could not be written. The text
/// of an error has no value in it.
pub(crate) fn failed(what: &'static str, name: Option<&str>, error: &dyn fmt::Display) {
    #[cfg(feature = "tracing")]
    tracing::error!(target: "haversack", session = name, error = %error, "{what}");
    #[cfg(not(feature = "tracing"))]
    let _ = (what, name, error);
}

/// A codec was built whose cookie travels over plain http, which in a release build is hardly
/// meant.
pub(crate) fn insecure(name: &str) {
    #[cfg(feature = "tracing")]
    if !cfg!(debug_assertions) {
        tracing::warn!(
            target: "haversack",
            session = name,
            "the cookie travels over plain http, where anyone on the way can copy it; \
             remove .insecure()"
        );
    }
    #[cfg(not(feature = "tracing"))]
    let _ = name;
}
