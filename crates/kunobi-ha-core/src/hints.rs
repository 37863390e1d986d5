//! What a Lease says beside its record: annotations, which decide nothing about safety.

use alloc::boxed::Box;

use crate::time::Timestamp;

/// The hints of a Lease, as served. They are no part of the record: a change of them alone changes
/// no age (rule 4), and other implementations leave them alone.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "drivers build it of what was served")]
pub struct Hints {
    /// Who is to lead next, by the word of the leader that released the Lease (rule P1).
    pub successor: Option<Successor>,
    /// Who is to lead, by the wish of somebody who may write annotations (rule P3).
    pub wish: Option<Box<str>>,
}

/// Who is to take a Lease that was released.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "drivers build it of what was served")]
pub struct Successor {
    /// The identity of that replica.
    pub identity: Box<str>,
    /// The acquireTime of the release that names it: it counts for that record only.
    pub released: Timestamp,
}
