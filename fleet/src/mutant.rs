//! Faults of the protocol that can be switched on in tests, to see that they are found.

/// A rule of the protocol that is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// A cut-off is of the second in which it was asked for, whatever other clocks say.
    CutOffWithoutSkew,
    /// A key opens no longer than what it sealed lives at most.
    DropWithoutOutage,
    /// What a listing leaves out is gone.
    ForgetUnlisted,
    /// Cut-offs are listed from the newest that was seen.
    ListFromLastSeen,
    /// A worker that cannot reach the store makes a key of its own.
    MintWhenDown,
    /// A key is made again under the name of one that was revoked.
    OverlookTombstones,
    /// A key seals as soon as it is made.
    SealWithoutLead,
}

#[cfg(not(test))]
pub(crate) const fn broken(_: Mutant) -> bool {
    false
}

#[cfg(test)]
pub(crate) use self::switch::{break_rule, broken};

#[cfg(test)]
mod switch {
    use std::cell::Cell;

    use super::Mutant;

    thread_local! {
        static BROKEN: Cell<Option<Mutant>> = const { Cell::new(None) };
    }

    pub(crate) fn broken(mutant: Mutant) -> bool {
        BROKEN.get() == Some(mutant)
    }

    /// Breaks a rule, or none, for all that this thread does from now on.
    pub(crate) fn break_rule(mutant: Option<Mutant>) {
        BROKEN.set(mutant);
    }
}
