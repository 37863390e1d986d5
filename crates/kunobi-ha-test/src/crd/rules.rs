//! Rules of a schema in CEL (`x-kubernetes-validations`). Without the feature `cel` they are known,
//! but not evaluated.

#[cfg(feature = "cel")]
mod evaluated;
#[cfg(not(feature = "cel"))]
mod ignored;

#[cfg(feature = "cel")]
pub(crate) use self::evaluated::Expression;
#[cfg(feature = "cel")]
pub(super) use self::evaluated::{Rules, check};
#[cfg(not(feature = "cel"))]
pub(super) use self::ignored::{Rules, check};
