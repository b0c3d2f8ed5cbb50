//! What every part is told.

use std::path::PathBuf;

/// How the whole is run.
#[derive(Debug)]
pub(crate) struct Context {
    /// The long form of each part.
    pub(crate) long: bool,
    /// A folder for pictures of what a person would see.
    pub(crate) screenshots: Option<PathBuf>,
}

impl Context {
    /// How often to do something: in the short form, and in the long one.
    pub(crate) fn times<N>(&self, short: N, long: N) -> N {
        if self.long { long } else { short }
    }
}
