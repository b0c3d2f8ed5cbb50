//! What happens to sessions, for those who count it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    base::observe,
    codec::facts::Facts,
    error::{Rejected, SaveError},
};

/// What happened to a session, for [`observe`](crate::CodecBuilder::observe). It shows no value and no
/// token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<'e> {
    /// The session's name.
    pub session: &'e str,
    /// What happened.
    pub what: What<'e>,
    /// What is known of the session, if there is one; of one that ended what the request had.
    pub facts: Option<Facts>,
}

impl Event<'_> {
    /// What happened as a stable word in `snake_case`, for counters: `opened`, `rejected`, `started`,
    /// `updated`, `renewed`, `resealed`, `ended`, `not_saved`, `moved_in`, `foreign_refused`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.what {
            What::Opened => "opened",
            What::Rejected { .. } => "rejected",
            What::Started => "started",
            What::Updated => "updated",
            What::Renewed => "renewed",
            What::Resealed => "resealed",
            What::Ended => "ended",
            What::NotSaved { .. } => "not_saved",
            What::MovedIn { .. } => "moved_in",
            What::ForeignRefused { .. } => "foreign_refused",
        }
    }

    /// Why, as a stable word in `snake_case`, if something went wrong: that of the [`Rejected`] or of the
    /// [`SaveError`]. OpenTelemetry's attribute `error.type`.
    #[must_use]
    pub fn error_type(&self) -> Option<&'static str> {
        match self.what {
            What::Rejected { reason, .. } | What::ForeignRefused { reason, .. } => {
                Some(reason.code())
            }
            What::NotSaved { error } => Some(error.code()),
            _ => None,
        }
    }
}

/// What happened to a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum What<'e> {
    /// A request had a live one.
    Opened,
    /// A token did not open.
    #[non_exhaustive]
    Rejected {
        /// Why.
        reason: Rejected,
        /// The key that the token names, if it is known: eight hexadecimal digits for a sealed one, the
        /// `kid` of a JWT.
        key_id: Option<&'e str>,
    },
    /// A response has a new one.
    Started,
    /// A response has it with another value.
    Updated,
    /// A response has it issued again, with the same value.
    Renewed,
    /// A response has it issued again, as the key that opened it is not the first of the ring, or its
    /// value was of an older shape.
    Resealed,
    /// A response has the client forget it.
    Ended,
    /// A response should have had it, and could not.
    #[non_exhaustive]
    NotSaved {
        /// Why.
        error: &'e SaveError,
    },
    /// A response has one that [was another system's](crate::CodecBuilder::also_reads), and removes
    /// that system's cookies.
    #[non_exhaustive]
    MovedIn {
        /// The system, as its reader names it.
        system: &'e str,
    },
    /// A request had a session of another system that was not read; its cookies stay.
    #[non_exhaustive]
    ForeignRefused {
        /// The system, as its reader names it.
        system: &'e str,
        /// Why.
        reason: Rejected,
        /// What is wrong with it: one of a few fixed texts.
        detail: &'static str,
    },
}

impl What<'_> {
    /// Whether it is an event of the feature `tracing`, observer or not.
    pub(crate) fn is_traced(&self) -> bool {
        matches!(self, What::Rejected { .. } | What::ForeignRefused { .. })
    }
}

/// Who is told.
pub(crate) type Observer = dyn Fn(&Event<'_>) + Send + Sync;

/// Tells the application's observer and the feature `tracing`; a panic of the observer costs nothing.
pub(crate) fn tell(observer: Option<&Observer>, event: &Event<'_>) {
    match event.what {
        What::Rejected { reason, key_id } => {
            observe::rejected(event.session, reason.code(), key_id);
        }
        What::ForeignRefused {
            system,
            reason,
            detail,
        } => observe::foreign_refused(event.session, system, reason.code(), detail),
        _ => {}
    }
    if let Some(observer) = observer {
        // It is the application's own code, and no request is to fail for it.
        let _ = catch_unwind(AssertUnwindSafe(|| observer(event)));
    }
}
