//! What goes wrong in a fleet, for operators.

use std::{error::Error, fmt, sync::Arc};

use haversack::{ConfigError, RandomError, SaveError};

use crate::store::StoreError;

/// Something that a fleet could not do, or found in its store.
///
/// The text names the store, the object, what is wrong and what to do. It never has a key in it.
#[derive(Clone)]
pub struct FleetError {
    store: Arc<str>,
    object: Option<String>,
    problem: String,
    fix: &'static str,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl FleetError {
    /// The object that it is about, if it is one.
    #[must_use]
    pub fn object(&self) -> Option<&str> {
        self.object.as_deref()
    }
}

/// The same before it is known in which store it was.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) object: Option<String>,
    problem: String,
    fix: &'static str,
    source: Option<Arc<dyn Error + Send + Sync>>,
    /// The store gave no answer: it may be another one the next time.
    pub(crate) is_unanswered: bool,
}

impl Problem {
    pub(crate) fn new(problem: impl Into<String>, fix: &'static str) -> Problem {
        Problem {
            object: None,
            problem: problem.into(),
            fix,
            source: None,
            is_unanswered: false,
        }
    }

    pub(crate) fn with(
        object: impl fmt::Display,
        problem: impl Into<String>,
        fix: &'static str,
    ) -> Problem {
        Problem {
            object: Some(object.to_string()),
            ..Problem::new(problem, fix)
        }
    }

    /// The store did not do what it was asked.
    pub(crate) fn unanswered(verb: &str, object: impl fmt::Display, error: StoreError) -> Problem {
        Problem {
            source: Some(Arc::new(error)),
            is_unanswered: true,
            ..Problem::with(object, format!("the store did not {verb} it"), REACH)
        }
    }

    pub(crate) fn unlisted(error: StoreError) -> Problem {
        Problem {
            source: Some(Arc::new(error)),
            is_unanswered: true,
            ..Problem::new("the store did not list its objects", REACH)
        }
    }

    pub(crate) fn caused(mut self, source: impl Error + Send + Sync + 'static) -> Problem {
        self.source = Some(Arc::new(source));
        self
    }

    pub(crate) fn at(self, store: &Arc<str>) -> FleetError {
        let Problem {
            object,
            problem,
            fix,
            source,
            is_unanswered: _,
        } = self;
        FleetError {
            store: Arc::clone(store),
            object,
            problem,
            fix,
            source,
        }
    }
}

impl From<RandomError> for Problem {
    fn from(error: RandomError) -> Problem {
        let fix = "the operating system must provide it";
        Problem::new("there is no randomness for a key", fix).caused(error)
    }
}

impl From<SaveError> for Problem {
    fn from(error: SaveError) -> Problem {
        let fix = "see the error below it";
        Problem::new("an object could not be wrapped", fix).caused(error)
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Problem {
        Problem::new("the keys cannot be used", "see the error below it").caused(error)
    }
}

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.store)?;
        if let Some(object) = &self.object {
            write!(f, "{object}: ")?;
        }
        write!(f, "{}", self.problem)?;
        if let Some(source) = &self.source {
            write!(f, " ({source})")?;
        }
        write!(f, "; {}", self.fix)
    }
}

impl fmt::Debug for FleetError {
    /// The same sentence, as a program whose `main` returns the error shows this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Error for FleetError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

const REACH: &str =
    "check that it can be reached and that this program may read, list, create and delete there";
