//! Where the one driver of an election is: in its slot, or checked out by the candidacy that takes
//! part.
//!
//! # Threads
//!
//! Any thread may check the driver out or put it back; the lock of [`SlotCell`] says who has it. Only
//! the one that has checked it out uses it, so that the lock of the driver itself is never waited
//! for: it is there because the driver comes back when a [`CheckedOut`] is dropped, wherever that is.

mod cell;

use std::sync::Arc;

use kunobi_ha_core::Input;
use tokio::sync::{self, Notify, OwnedMutexGuard};

use self::cell::{CheckOut, SlotCell};
use super::{candidacy::Candidacy, driver::Driver, state::ElectionState};
use crate::error::{Error, Result};

/// Keeps the driver while the election takes no part.
///
/// rule 16: an election has one elector for life, across its `acquire`s.
pub(super) struct Slot {
    cell: SlotCell<Kept, Candidacy>,
    returned: Notify,
}

type Kept = Arc<sync::Mutex<Driver>>;

/// A driver that takes part in a candidacy. When this is dropped, it stops and goes back.
pub(super) struct CheckedOut {
    // First, so that it is unlocked when it is put back.
    driver: OwnedMutexGuard<Driver>,
    place: Reserved,
}

/// The place of a driver that is checked out. When this is dropped, the driver is back.
struct Reserved {
    slot: Arc<Slot>,
    candidacy: Candidacy,
    /// Not there before it is made.
    driver: Option<Kept>,
}

impl Slot {
    /// Begins a candidacy with the driver; waits for one that is on its way back.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the driver goes back.
    pub(super) async fn check_out(
        self: &Arc<Self>,
        election: &Arc<ElectionState>,
        make: impl FnOnce(Candidacy) -> Driver,
    ) -> Result<CheckedOut> {
        let (candidacy, kept) = loop {
            let returned = self.returned.notified();
            match self.cell.check_out(|| Candidacy::begin(election), Candidacy::is_over) {
                CheckOut::CheckedOut(candidacy, kept) => break (candidacy, kept),
                CheckOut::InUse => return Err(Error::AlreadyLeading),
                CheckOut::Returning => returned.await,
            }
        };
        let mut place = Reserved { slot: Arc::clone(self), candidacy, driver: kept };
        let joins = place.driver.is_some();
        let new = || Arc::new(sync::Mutex::new(make(place.candidacy.clone())));
        let kept = place.driver.take().unwrap_or_else(new);
        place.driver = Some(Arc::clone(&kept));
        let mut driver = kept.lock_owned().await;
        if joins {
            driver.join(place.candidacy.clone());
        }
        Ok(CheckedOut { driver, place })
    }
}

impl CheckedOut {
    pub(super) fn driver(&mut self) -> &mut Driver {
        &mut self.driver
    }

    /// Returns what it takes part in.
    pub(super) fn candidacy(&self) -> &Candidacy {
        &self.place.candidacy
    }
}

impl Drop for CheckedOut {
    fn drop(&mut self) {
        self.place.candidacy.revoke();
        if !std::thread::panicking() {
            self.driver.tell(Input::Stop);
        }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // A machine that panicked half-way is not used again, and neither is one whose recorder
        // panicked when it was told of the end.
        if std::thread::panicking() && self.driver.take().is_some() {
            self.candidacy.abandon();
        }
        self.slot.cell.put_back(self.driver.take());
        self.slot.returned.notify_waiters();
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self { cell: SlotCell::new(), returned: Notify::new() }
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without what is locked: the writer that this prints to may be slow, or take the lock.
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}
