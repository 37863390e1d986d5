//! The annotations by which replicas tell each other who is to lead next. They are no part of the
//! record, and nothing of the election's safety depends on them (rule P4).

use kunobi_ha_core::{Hints, LeaseTime, Successor};

use super::{Fields, read_time};

/// Reads what the annotations of a Lease say. What can't be understood says nothing.
pub(super) fn read(metadata: &Fields) -> Hints {
    let annotations = metadata.object("annotations").unwrap_or_default();
    let text = |name| annotations.text(name).ok().flatten();
    let successor = text(SUCCESSOR).and_then(|text| read_successor(&text));
    Hints { successor, wish: text(WISH).filter(|name| is_identity(name)).map(Box::from) }
}

fn read_successor(text: &str) -> Option<Successor> {
    let (identity, released) = text.rsplit_once(' ').filter(|(name, _)| is_identity(name))?;
    match read_time(Some(released.to_owned())) {
        LeaseTime::At(released) => Some(Successor { identity: identity.into(), released }),
        LeaseTime::Absent | LeaseTime::Text(_) => None,
    }
}

/// Tells whether a candidate can be called so in an annotation. It is neither long nor easily
/// mistaken for another.
pub(in crate::leader::driver) fn is_identity(name: &str) -> bool {
    (1..=LONGEST_IDENTITY).contains(&name.len()) && name.trim() == name
}

/// Removes what was said for another term; a release may name a successor, with its own acquireTime.
pub(super) fn replace(metadata: &mut Fields, successor: Option<(&str, String)>) {
    let is_there = metadata.object("annotations").is_some_and(|annotations| {
        [SUCCESSOR, WISH].into_iter().any(|name| annotations.get(name).is_some())
    });
    if !is_there && successor.is_none() {
        return;
    }
    metadata.change("annotations", |annotations| {
        annotations.remove(WISH);
        match successor {
            Some((name, released)) => annotations.set(SUCCESSOR, format!("{name} {released}")),
            None => annotations.remove(SUCCESSOR),
        }
    });
}

const SUCCESSOR: &str = "kunobi.ninja/successor";
const WISH: &str = "kunobi.ninja/wish";
/// That of a Pod has 253 bytes at most, and client-go adds a UUID to the name of a host.
const LONGEST_IDENTITY: usize = 512;

#[cfg(test)]
mod tests;
