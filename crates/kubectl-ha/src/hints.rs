//! What the annotations of a Lease say about who is to lead next. They are those of kunobi-ha (`PROTOCOL.md`, rules P1
//! to P4); no other library reads them.

use crate::lease::Lease;

/// Returns who is wished for as the leader.
pub(crate) fn wish(lease: &Lease) -> Option<&str> {
    lease.annotations.get(WISH).map(String::as_str).filter(|name| !name.is_empty())
}

/// Returns whom the release that this Lease shows names as its successor.
pub(crate) fn successor(lease: &Lease) -> Option<&str> {
    let (name, released) = lease.annotations.get(SUCCESSOR)?.rsplit_once(' ')?;
    lease.acquired.as_ref().is_some_and(|acquired| acquired.text == released).then_some(name)
}

/// The annotation with which a leader is asked to hand over.
pub(crate) const WISH: &str = "kunobi.ninja/wish";
const SUCCESSOR: &str = "kunobi.ninja/successor";
