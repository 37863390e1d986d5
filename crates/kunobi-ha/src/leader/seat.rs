//! Where the one driver of an election is: at home, or with whoever takes part.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kunobi_ha_core::Input;
use tokio::sync::Notify;

use super::{driver::Driver, state::Candidacy};
use crate::error::{Error, Result};

/// The home of a driver.
#[derive(Debug, Default)]
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
    /// Somebody contends or leads.
    Taken,
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

impl Home {
    /// Takes the driver; waits for one that is on its way home.
    pub(super) async fn take(
        self: &Arc<Self>,
        build: impl FnOnce() -> Result<Driver>,
    ) -> Result<Seat> {
        let mut build = Some(build);
        loop {
            let returned = self.returned.notified();
            if let Some(driver) = self.try_take(&mut build)? {
                let candidacy = driver.shared().admit();
                return Ok(Seat { driver: Some(driver), home: Arc::clone(self), candidacy });
            }
            returned.await;
        }
    }

    /// Takes the driver unless it is on its way home.
    fn try_take<F>(&self, build: &mut Option<F>) -> Result<Option<Box<Driver>>>
    where
        F: FnOnce() -> Result<Driver>,
    {
        let mut place = self.place();
        match std::mem::take(&mut *place) {
            Place::Unbuilt => {
                let Some(build) = build.take() else { return Err(Error::AlreadyLeading) };
                let driver = Box::new(build()?);
                *place = Place::Taken;
                Ok(Some(driver))
            }
            Place::Home(driver) => {
                *place = Place::Taken;
                Ok(Some(driver))
            }
            Place::Taken => {
                *place = Place::Taken;
                Err(Error::AlreadyLeading)
            }
            Place::Returning => {
                *place = Place::Returning;
                Ok(None)
            }
        }
    }

    /// The term is over: whoever asks next need only wait.
    pub(super) fn expect_return(&self) {
        let mut place = self.place();
        if matches!(*place, Place::Taken) {
            *place = Place::Returning;
        }
    }

    fn put(&self, driver: Option<Box<Driver>>) {
        *self.place() = driver.map_or(Place::Unbuilt, Place::Home);
        self.returned.notify_waiters();
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        // What is stored under this lock is whole at any time.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    pub(super) fn driver(&mut self) -> Option<&mut Driver> {
        self.driver.as_deref_mut()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(driver) = &mut self.driver {
            driver.shared().revoke(self.candidacy);
            // A machine that panicked half-way is not to be trusted any more.
            if std::thread::panicking() {
                self.driver = None;
            } else {
                driver.tell(Input::Stop);
            }
        }
        self.home.put(self.driver.take());
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unbuilt => "Unbuilt",
            Self::Home(_) => "Home",
            Self::Taken => "Taken",
            Self::Returning => "Returning",
        })
    }
}
