//! `matchConditions`: expressions in CEL, all of which must hold. Without the feature `cel`, a configuration that has
//! some is refused.

#[cfg(feature = "cel")]
mod evaluated;
#[cfg(not(feature = "cel"))]
mod refused;

#[cfg(feature = "cel")]
pub(super) use self::evaluated::{Conditions, problem};
#[cfg(not(feature = "cel"))]
pub(super) use self::refused::{Conditions, problem};
