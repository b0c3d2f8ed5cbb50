//! What the measurements share: the values, what is compared with what, the applications and the chart.

#[cfg(feature = "compare")]
pub mod apps;
#[cfg(feature = "compare")]
pub mod carried;
pub mod columns;
pub mod compared;
#[cfg(feature = "fleet")]
pub mod memory;
#[cfg(feature = "compare")]
pub mod primitives;
pub mod quartiles;
#[cfg(feature = "compare")]
pub mod svg;
pub mod target;
pub mod turns;
pub mod values;
