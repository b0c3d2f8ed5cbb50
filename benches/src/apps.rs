//! The applications: each library as its documentation shows it, behind the same routes.
//!
//! `/starts` begins a session. `/reads` and `/changes` use it, and answer `in`, or `out` if there is none.
//! `/ignores` does not ask for it, and answers `in`.

pub mod actix;
pub mod bare;
pub mod jar;
pub mod layers;
pub mod least;
pub mod ours;
