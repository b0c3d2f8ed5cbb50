//! What every part is told.

/// How the whole is run.
#[derive(Debug)]
pub(crate) struct Context {
    /// The long form of each part.
    pub(crate) long: bool,
}

impl Context {
    /// How often to do something: in the short form, and in the long one.
    pub(crate) fn times<N>(&self, short: N, long: N) -> N {
        if self.long { long } else { short }
    }
}
