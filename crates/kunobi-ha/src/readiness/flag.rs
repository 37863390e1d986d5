//! A check that the program sets and clears.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A check that passes while it is set. Clones set the same check.
#[derive(Clone, Debug, Default)]
pub struct Flag(Arc<FlagState>);

#[derive(Debug, Default)]
struct FlagState {
    set: AtomicBool,
    ever: AtomicBool,
}

impl Flag {
    /// Sets or clears it. The next probe sees the change. It may be called on any thread.
    pub fn set(&self, well: bool) {
        self.0.set.store(well, Ordering::Release);
        if well {
            self.0.ever.store(true, Ordering::Release);
        }
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.set.load(Ordering::Acquire)
    }

    pub(super) fn was_ever_set(&self) -> bool {
        self.0.ever.load(Ordering::Acquire)
    }
}
