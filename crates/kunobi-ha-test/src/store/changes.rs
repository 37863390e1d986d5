//! The log of changes, from which watches and older lists are served.

use std::{collections::VecDeque, sync::Arc};

use super::{Object, steps};
use crate::{request::path::Key, status::Rejection};

/// The latest changes, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    log: VecDeque<Change>,
    /// Changes up to this version are forgotten.
    compacted: u64,
}

/// What one write did to one object.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) revision: u64,
    pub(crate) key: Key,
    /// The object before, unless it was created.
    pub(crate) old: Option<Arc<Object>>,
    pub(crate) new: After,
}

/// What there is after a change.
#[derive(Clone, Debug)]
pub(crate) enum After {
    Stored(Arc<Object>),
    /// Nothing. This is the last state of the object, with the version of its removal.
    Gone(Arc<Object>),
}

impl Changes {
    pub(super) fn put(
        &mut self,
        revision: u64,
        key: Key,
        old: Option<Arc<Object>>,
        new: Arc<Object>,
    ) {
        self.push(Change { revision, key, old, new: After::Stored(new) });
    }

    pub(super) fn removed(&mut self, revision: u64, key: Key, old: Arc<Object>, gone: Arc<Object>) {
        self.push(Change { revision, key, old: Some(old), new: After::Gone(gone) });
    }

    fn push(&mut self, change: Change) {
        if self.log.len() >= LONGEST_LOG
            && let Some(oldest) = self.log.pop_front()
        {
            self.compacted = oldest.revision;
        }
        self.log.push_back(change);
    }

    pub(super) fn compact(&mut self, revision: u64) {
        self.log.clear();
        self.compacted = revision;
    }

    /// Returns the changes after a version, oldest first, or 410 if some of them are forgotten.
    pub(crate) fn since(
        &self,
        revision: u64,
    ) -> Result<impl DoubleEndedIterator<Item = &Change>, Rejection> {
        if revision < self.compacted {
            return Err(Rejection::expired(revision, self.compacted));
        }
        let start = self.log.partition_point(|change| change.revision <= revision);
        Ok(self.log.range(start..).inspect(|_| steps::count()))
    }
}

const LONGEST_LOG: usize = 20_000;
