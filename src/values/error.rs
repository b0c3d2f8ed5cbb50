//! What goes wrong with one value among others.

use std::{any::type_name, error::Error, fmt};

use crate::base::json;

/// A value couldn't be written to [`Values`](crate::Values) or [`Flashes`](crate::Flashes), or
/// isn't of the type that it was read as.
///
/// It tells the name and the type, and shows nothing of the value.
///
/// # Examples
///
/// ```
/// # use haversack::{Values};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut values = Values::new();
/// values.insert("theme", "dark")?;
/// let error = values.get::<u64>("theme").unwrap_err();
/// assert_eq!(error.to_string(), "the value of \"theme\" is not of the type u64");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    key: String,
    wanted: &'static str,
    /// What is wrong with it as a value of the type; `None` if it is not one.
    problem: Option<&'static str>,
}

impl ValueError {
    /// It was read as a `V`, and is none.
    pub(crate) fn not_a<V>(key: &str) -> ValueError {
        ValueError {
            key: key.into(),
            wanted: type_name::<V>(),
            problem: None,
        }
    }

    /// It is a `V` that JSON has no form for, or none that could be read back.
    pub(crate) fn not_written<V: ?Sized>(key: &str, error: &serde_json::Error) -> ValueError {
        ValueError {
            key: key.into(),
            wanted: type_name::<V>(),
            problem: Some(json::write::problem(error)),
        }
    }

    /// The name of the value, or the category of a flash.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ValueError {
            key,
            wanted,
            problem,
        } = self;
        match problem {
            None => write!(f, "the value of {key:?} is not of the type {wanted}"),
            Some(problem) => write!(f, "the value of {key:?}, of the type {wanted}, {problem}"),
        }
    }
}

impl Error for ValueError {}
