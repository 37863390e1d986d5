//! Where the one driver of an election is: at home, or with the candidacy that takes part.

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

/// The home of a driver.
#[derive(Default)]
pub(super) struct Home {
    place: Mutex<Place>,
    returned: Notify,
}

#[derive(Default)]
enum Place {
    /// Never built, or lost to a panic.
    #[default]
    Unbuilt,
    Home(Box<Driver>),
    /// This candidacy contends or leads.
    Taken(CandidacyNumber),
    /// Nobody believes any more; the driver is on its way home.
    Returning,
}

/// A driver away from home. Dropped, it stops taking part and goes home.
pub(super) struct Seat {
    driver: Option<Box<Driver>>,
    home: Arc<Home>,
    /// What it takes part in since it was taken.
    pub(super) candidacy: Candidacy,
}

/// A driver that has been told to stop; it arrives whatever comes of that.
struct WayHome<'a> {
    driver: Option<Box<Driver>>,
    seat: &'a Seat,
}

impl Home {
    /// Takes the driver; waits for one that is on its way home.
    pub(super) async fn take(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        build: impl FnOnce(Candidacy) -> Result<Driver>,
    ) -> Result<Seat> {
        let (candidacy, driver) = loop {
            let returned = self.returned.notified();
            if let Some(taken) = self.try_take(shared)? {
                break taken;
            }
            returned.await;
        };
        let mut seat = Seat { driver, home: Arc::clone(self), candidacy };
        match &mut seat.driver {
            Some(driver) => driver.join(seat.candidacy.clone()),
            None => seat.driver = Some(Box::new(build(seat.candidacy.clone())?)),
        }
        Ok(seat)
    }

    /// Begins a candidacy, with the driver if there is one; not if it is on its way home.
    fn try_take(&self, shared: &Arc<Shared>) -> Result<Option<(Candidacy, Option<Box<Driver>>)>> {
        let mut place = self.place();
        let driver = match std::mem::take(&mut *place) {
            Place::Unbuilt => None,
            Place::Home(driver) => Some(driver),
            Place::Taken(by) => {
                *place = Place::Taken(by);
                return Err(Error::AlreadyLeading);
            }
            Place::Returning => {
                *place = Place::Returning;
                return Ok(None);
            }
        };
        let candidacy = Candidacy::begin(shared);
        *place = Place::Taken(candidacy.number());
        Ok(Some((candidacy, driver)))
    }

    /// The term of this candidacy is over: who asks next need only wait.
    pub(super) fn expect_return(&self, candidacy: &Candidacy) {
        let mut place = self.place();
        if matches!(*place, Place::Taken(by) if by == candidacy.number()) {
            *place = Place::Returning;
        }
    }

    fn put(&self, driver: Option<Box<Driver>>) {
        *self.place() = driver.map_or(Place::Unbuilt, Place::Home);
        self.returned.notify_waiters();
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        // What is stored under this lock is whole at any time.
        lock(&self.place)
    }
}

impl Seat {
    pub(super) fn driver(&mut self) -> Option<&mut Driver> {
        self.driver.as_deref_mut()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.candidacy.revoke();
        let mut way = WayHome { driver: self.driver.take(), seat: self };
        if let Some(driver) = &mut way.driver
            && !std::thread::panicking()
        {
            driver.tell(Input::Stop);
        }
    }
}

impl Drop for WayHome<'_> {
    fn drop(&mut self) {
        // A machine that panicked half-way is not to be trusted any more; nor is one whose recorder
        // panicked when it was told of the end.
        if std::thread::panicking() && self.driver.take().is_some() {
            self.seat.candidacy.gone();
        }
        self.seat.home.put(self.driver.take());
    }
}

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without what is locked: the one who writes may be slow, or ask for it.
        f.debug_struct("Home").finish_non_exhaustive()
    }
}
