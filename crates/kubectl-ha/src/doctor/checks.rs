//! What is checked. Each function looks at one election and says what it saw; `rules` says what that
//! means.

#![expect(
    clippy::unnecessary_wraps,
    reason = "the functions of the table have one type, whether they can be kept from looking or not"
)]

pub(super) mod access;
pub(super) mod durations;
pub(super) mod holder;
pub(super) mod identity;
pub(super) mod leading;
pub(super) mod lease;
pub(super) mod placement;
pub(super) mod readiness;
pub(super) mod shutdown;
pub(super) mod terms;
