//! The terms that this elector tried to begin: what tells our records from everybody's (rule 9).

use alloc::vec::Vec;

use crate::{
    lease::{Lease, Uid},
    record::LeaseTime,
    time::Timestamp,
};

/// Newest last.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct OwnTerms {
    tried: Vec<(Uid, Timestamp)>,
}

impl OwnTerms {
    /// Notes that a term of this acquireTime may begin, or has begun, in this Lease.
    pub(super) fn claim(&mut self, uid: &Uid, acquire_time: Timestamp) {
        if self.tried.iter().any(|(known, time)| known == uid && *time == acquire_time) {
            return;
        }
        if self.tried.len() >= MOST_TERMS {
            self.tried.remove(0);
        }
        self.tried.push((uid.clone(), acquire_time));
    }

    /// Tells whether this Lease shows one of them.
    pub(super) fn contain(&self, lease: &Lease) -> bool {
        self.tried.iter().any(|(uid, time)| {
            *uid == lease.version.uid && lease.record.acquire_time == LeaseTime::At(*time)
        })
    }

    /// Tells whether a term of this acquireTime is one of them, in whichever Lease.
    pub(super) fn tried(&self, acquire_time: Timestamp) -> bool {
        self.tried.iter().any(|(_, time)| *time == acquire_time)
    }

    /// Forgets all, because the server has.
    pub(super) fn forget(&mut self) {
        self.tried.clear();
    }
}

/// Older ones can't be renewed under our name any more: their takeovers are long decided.
pub(super) const MOST_TERMS: usize = 8;

#[cfg(feature = "model")]
impl OwnTerms {
    /// A term that no record can show is as good as none.
    pub(super) fn rename(&mut self, names: &mut dyn crate::model::Rename) {
        self.tried.retain_mut(|(_, time)| names.remembered(time));
    }
}
