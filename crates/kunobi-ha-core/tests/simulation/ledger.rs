//! Every state of the Lease that there ever was, and its author: what the oracles judge by.

use std::collections::BTreeMap;

use kunobi_ha_core::{AttemptId, LeaseRecord, Version};

use crate::simulation::{server::Stored, world::Sender};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Author {
    Elector(Sender, AttemptId),
    /// Somebody that may: labels change, the record does not.
    Administrator,
    Vandal,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) state: Stored,
    pub(crate) author: Author,
}

/// Unlike the server, it forgets nothing when a backup is restored.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    applied: BTreeMap<(Sender, AttemptId), usize>,
    /// From a restore on, versions come again.
    pub(crate) restored: bool,
}

impl Ledger {
    pub(crate) fn record(&mut self, state: Stored, author: Author) {
        if let Author::Elector(sender, id) = author {
            self.applied.insert((sender, id), self.entries.len());
        }
        self.entries.push(Entry { state, author });
    }

    /// Returns how many states there were so far.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the place of the state that this attempt made, if it was applied.
    pub(crate) fn applied(&self, sender: Sender, id: AttemptId) -> Option<usize> {
        self.applied.get(&(sender, id)).copied()
    }

    /// Tells whether such a version ever stood.
    pub(crate) fn has(&self, such: impl Fn(&Version, &LeaseRecord) -> bool) -> bool {
        let fits = |entry: &Entry| entry.state.as_ref().is_some_and(|(v, r)| such(v, r));
        self.entries.iter().rev().any(fits)
    }

    /// Returns the record that stood, or stands, at this version.
    pub(crate) fn record_at(&self, version: &Version) -> Option<&LeaseRecord> {
        let states = self.entries.iter().rev().filter_map(|entry| entry.state.as_ref());
        states.into_iter().find(|(v, _)| v == version).map(|(_, record)| record)
    }

    /// Returns the newest state.
    pub(crate) fn newest(&self) -> Option<&Stored> {
        self.entries.last().map(|entry| &entry.state)
    }

    /// Tells whether somebody interfered after one of these states and not after the other.
    pub(crate) fn interfered_between(&self, one: usize, other: usize) -> bool {
        let (first, last) = (one.min(other), one.max(other));
        self.entries[first + 1..=last].iter().any(|entry| entry.author == Author::Vandal)
    }

    pub(crate) fn interfered_since(&self, place: usize) -> bool {
        self.interfered_between(place, self.entries.len() - 1)
    }

    /// Returns the states that stood at or after a time at which there were `count` of them.
    pub(crate) fn since(&self, count: usize) -> &[Entry] {
        &self.entries[count.saturating_sub(1)..]
    }
}
