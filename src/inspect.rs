//! Why a token opens or does not: for operators, tests and tools.
//!
//! [`Codec::explain`](crate::Codec::explain) walks the checks of the page about the format and says
//! which one failed, and what was found. [`Outline::of`] looks at a token without any key, and
//! [`join`] makes one token of the cookies that it was cut into.
//!
//! What they say helps whoever forges tokens: keep it from those who send them.
//!
//! # Examples
//!
//! ```
//! use haversack::{Codec, Key, KeyRing, Rejected, inspect::{Check, Outcome}};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (key, other) = (Key::generate()?, Key::generate()?);
//! let login = Codec::<u64>::sealed("login", KeyRing::new(key.clone())).build()?;
//! let worker = Codec::<u64>::sealed("login", KeyRing::new(other.clone())).build()?;
//!
//! let explanation = worker.explain(login.seal(&7)?, 1);
//! assert_eq!(explanation.result().unwrap_err(), Rejected::UnknownKey);
//! assert_eq!(explanation.failed(), Some(Check::Key));
//! assert_eq!(explanation.outcome(Check::Shape), Outcome::Passed);
//! assert_eq!(explanation.key_id(), Some(&*key.id())); // what the token names
//! assert_eq!(explanation.known_keys(), [other.id()]); // what this worker has
//! # Ok(())
//! # }
//! ```

mod check;
mod explain;
mod explanation;

pub use self::{
    check::{Check, Outcome},
    explanation::{Audience, Explanation},
};
pub use crate::{
    carrier::{Joined, join},
    token::outline::{Flaw, Outline, TokenFormat},
};
