//! Where the one driver of an election is: in its slot, or with the candidacy that takes part.

use std::sync::Arc;

use kunobi_ha_core::Input;
use tokio::sync::Notify;

use super::{
    candidacy::Candidacy,
    driver::Driver,
    state::{CandidacyNumber, Shared},
};
use crate::{
    error::{Error, Result},
    sync::{Mutex, MutexGuard, lock},
};

/// Where the driver is kept while nobody takes part.
#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<SlotState>,
    returned: Notify,
}

#[derive(Default)]
enum SlotState {
    /// Never built, or lost to a panic.
    #[default]
    Empty,
    In(Box<Driver>),
    /// This candidacy contends or leads.
    Out(CandidacyNumber),
    /// Nobody believes any more; the driver is on its way back.
    Returning,
}

/// A driver that is taken out of its slot. When this is dropped, it stops taking part and goes back.
pub(super) struct CheckedOut {
    driver: Option<Box<Driver>>,
    slot: Arc<Slot>,
    /// What it takes part in since it was taken.
    pub(super) candidacy: Candidacy,
}

/// A driver that has been told to stop; it arrives whatever comes of that.
struct Return<'a> {
    driver: Option<Box<Driver>>,
    checked_out: &'a CheckedOut,
}

impl Slot {
    /// Takes the driver; waits for one that is on its way back.
    pub(super) async fn check_out(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        build: impl FnOnce(Candidacy) -> Result<Driver>,
    ) -> Result<CheckedOut> {
        let (candidacy, driver) = loop {
            let returned = self.returned.notified();
            if let Some(taken) = self.try_check_out(shared)? {
                break taken;
            }
            returned.await;
        };
        let mut checked_out = CheckedOut { driver, slot: Arc::clone(self), candidacy };
        match &mut checked_out.driver {
            Some(driver) => driver.join(checked_out.candidacy.clone()),
            None => checked_out.driver = Some(Box::new(build(checked_out.candidacy.clone())?)),
        }
        Ok(checked_out)
    }

    /// Begins a candidacy, with the driver if there is one; not if it is on its way back.
    fn try_check_out(
        &self,
        shared: &Arc<Shared>,
    ) -> Result<Option<(Candidacy, Option<Box<Driver>>)>> {
        let mut state = self.state();
        let driver = match std::mem::take(&mut *state) {
            SlotState::Empty => None,
            SlotState::In(driver) => Some(driver),
            SlotState::Out(by) => {
                *state = SlotState::Out(by);
                return Err(Error::AlreadyLeading);
            }
            SlotState::Returning => {
                *state = SlotState::Returning;
                return Ok(None);
            }
        };
        let candidacy = Candidacy::begin(shared);
        *state = SlotState::Out(candidacy.number());
        Ok(Some((candidacy, driver)))
    }

    /// The term of this candidacy is over: who asks next need only wait.
    pub(super) fn expect_return(&self, candidacy: &Candidacy) {
        let mut state = self.state();
        if matches!(*state, SlotState::Out(by) if by == candidacy.number()) {
            *state = SlotState::Returning;
        }
    }

    fn put_back(&self, driver: Option<Box<Driver>>) {
        *self.state() = driver.map_or(SlotState::Empty, SlotState::In);
        self.returned.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, SlotState> {
        // What is stored under this lock is whole at any time.
        lock(&self.state)
    }
}

impl CheckedOut {
    pub(super) fn driver(&mut self) -> Option<&mut Driver> {
        self.driver.as_deref_mut()
    }
}

impl Drop for CheckedOut {
    fn drop(&mut self) {
        self.candidacy.revoke();
        let mut way = Return { driver: self.driver.take(), checked_out: self };
        if let Some(driver) = &mut way.driver
            && !std::thread::panicking()
        {
            driver.tell(Input::Stop);
        }
    }
}

impl Drop for Return<'_> {
    fn drop(&mut self) {
        // A machine that panicked half-way is not to be trusted any more; nor is one whose recorder
        // panicked when it was told of the end.
        if std::thread::panicking() && self.driver.take().is_some() {
            self.checked_out.candidacy.gone();
        }
        self.checked_out.slot.put_back(self.driver.take());
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without what is locked: the one who writes may be slow, or ask for it.
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}
