//! What happens in an election, as told by the states of its Lease and by time.
//!
//! Pure: it is given what was seen, and when, and returns what happened. All times are those of our own clock.
//!
//! 1. A record counts as renewed when it was first seen to be different, not when it says that it was.
//! 2. While the server can't be reached, nothing is late: nobody looks.
//! 3. A state that is older than the last one that was seen says nothing.

mod cadence;
mod event;
mod held;
#[cfg(test)]
mod tests;

use tokio::time::Instant;

use self::held::{Held, Late};
pub(crate) use self::{
    cadence::{Cadence, leaves_no_margin},
    event::{Gap, What},
};
use crate::{hints, lease::Lease};

/// One Lease that is watched.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    state: State,
    cadence: Cadence,
    /// The server can't be reached.
    blind: bool,
    /// Since when nobody has looked away.
    looking: Instant,
}

#[derive(Clone, Debug)]
enum State {
    /// There is no Lease; since when, if it was seen to be deleted.
    Absent(Option<Vacancy>),
    /// Nobody holds it; since when, if it was seen to be released.
    Free(Box<Lease>, Option<Vacancy>),
    Held(Box<Held>),
}

/// The end of a leader.
#[derive(Clone, Debug)]
struct Vacancy {
    former: String,
    at: Instant,
    /// Whom it had been asked to hand over to, if it released.
    wish: Option<String>,
    /// Nobody looked in between.
    unsure: bool,
}

impl Track {
    /// Begins with what is seen now.
    pub(crate) fn begin(lease: Option<Lease>, now: Instant) -> Self {
        let state = match lease {
            None => State::Absent(None),
            Some(lease) if lease.holder.is_none() => State::Free(Box::new(lease), None),
            Some(lease) => State::Held(Box::new(Held::found(lease, now))),
        };
        Self { state, cadence: Cadence::default(), blind: false, looking: now }
    }

    /// Takes a state of the Lease that is seen now.
    pub(crate) fn saw(&mut self, lease: Lease, now: Instant) -> Vec<What> {
        if self.lease().is_some_and(|seen| !lease.is_newer_than(seen)) {
            return Vec::new();
        }
        let unsure = self.blind;
        let state = std::mem::replace(&mut self.state, State::Absent(None));
        let (state, happened) = match (state, lease.holder.clone()) {
            (State::Held(held), Some(holder)) => self.still_held(*held, lease, &holder, now),
            (State::Held(held), None) => {
                let (former, wish) = (held.holder().to_owned(), held.wish().map(Into::into));
                let unsure = unsure || held.since() < self.looking;
                let released = What::Released {
                    holder: former.clone(),
                    successor: hints::successor(&lease).map(Into::into),
                };
                let vacancy = Vacancy { former, at: now, wish, unsure };
                (State::Free(Box::new(lease), Some(vacancy)), vec![released])
            }
            (State::Free(_, vacancy), Some(holder)) => {
                let taken = taken_from(vacancy, holder, unsure, now);
                (State::Held(Box::new(Held::begun(lease, now))), vec![taken])
            }
            (State::Free(_, vacancy), None) => (State::Free(Box::new(lease), vacancy), Vec::new()),
            (State::Absent(vacancy), Some(holder)) => {
                let gap = vacancy.map(|vacancy| vacancy.gap(unsure, now));
                let created = What::Created { holder: Some(holder), gap };
                (State::Held(Box::new(Held::begun(lease, now))), vec![created])
            }
            (State::Absent(vacancy), None) => {
                let created = What::Created { holder: None, gap: None };
                (State::Free(Box::new(lease), vacancy), vec![created])
            }
        };
        self.state = state;
        happened
    }

    /// The Lease was deleted.
    pub(crate) fn gone(&mut self, now: Instant) -> Vec<What> {
        let unsure = self.blind;
        let mut holder = None;
        let vacancy = match std::mem::replace(&mut self.state, State::Absent(None)) {
            State::Absent(vacancy) => {
                self.state = State::Absent(vacancy);
                return Vec::new();
            }
            State::Free(_, vacancy) => vacancy,
            State::Held(held) => {
                let former = held.holder().to_owned();
                let unsure = unsure || held.since() < self.looking;
                holder = Some(former.clone());
                Some(Vacancy { former, at: now, wish: None, unsure })
            }
        };
        self.state = State::Absent(vacancy);
        vec![What::Deleted { holder }]
    }

    /// Time has passed: says what is late now.
    pub(crate) fn passed(&mut self, now: Instant) -> Vec<What> {
        let late = match (&mut self.state, self.blind) {
            (State::Held(held), false) => held.late(&self.cadence, self.looking, now),
            (State::Absent(_) | State::Free(..) | State::Held(_), _) => None,
        };
        late.into_iter().collect()
    }

    /// Returns when [`passed`](Self::passed) will have something to say, if nothing is seen before.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        match (&self.state, self.blind) {
            (State::Held(held), false) => held.next(&self.cadence, self.looking).map(|(at, _)| at),
            (State::Absent(_) | State::Free(..) | State::Held(_), _) => None,
        }
    }

    /// Whether the duration would now be said to have run out: worth one look before that is said.
    pub(crate) fn is_to_run_out(&self, now: Instant) -> bool {
        match (&self.state, self.blind) {
            (State::Held(held), false) => held
                .next(&self.cadence, self.looking)
                .is_some_and(|(at, late)| late == Late::RunOut && at <= now),
            (State::Absent(_) | State::Free(..) | State::Held(_), _) => false,
        }
    }

    /// The server can't be reached.
    pub(crate) const fn looks_away(&mut self) {
        self.blind = true;
    }

    pub(crate) const fn is_blind(&self) -> bool {
        self.blind
    }

    /// The server can be reached again.
    pub(crate) const fn looks_again(&mut self, now: Instant) {
        if self.blind {
            self.blind = false;
            self.looking = now;
        }
    }

    /// Returns the state that was seen last.
    pub(crate) fn lease(&self) -> Option<&Lease> {
        match &self.state {
            State::Absent(_) => None,
            State::Free(lease, _) => Some(lease),
            State::Held(held) => Some(held.lease()),
        }
    }

    pub(crate) const fn cadence(&self) -> &Cadence {
        &self.cadence
    }

    fn still_held(
        &mut self,
        mut held: Held,
        lease: Lease,
        holder: &str,
        now: Instant,
    ) -> (State, Vec<What>) {
        if !held.lease().same_term(&lease) {
            let gap = held.gap(self.blind, self.looking, now);
            let from = Some(held.holder().to_owned());
            let wished = held.wish() == Some(holder);
            let taken = What::TakenOver { holder: holder.into(), from, gap: Some(gap), wished };
            // It had run out, and nobody was woken in time to say so.
            let missed = held.run_out(now).filter(|_| gap.exact);
            let happened = missed.into_iter().chain([taken]).collect();
            return (State::Held(Box::new(Held::begun(lease, now))), happened);
        }
        let mut happened = Vec::new();
        if let Some((from, to)) = held.changed_duration(&lease) {
            happened.push(What::Changed { from, to });
        }
        if let Some(name) = held.new_wish(&lease) {
            happened.push(What::Wished { name });
        }
        if let Some(name) = held.withdrawn_wish(&lease) {
            happened.push(What::Withdrawn { name });
        }
        if held.lease().renewed == lease.renewed {
            held.note(lease);
        } else {
            let (after, exact) = held.silent(now);
            let late = held.was_late();
            let exact = exact && !self.blind && held.since() >= self.looking;
            if exact {
                self.cadence.add(after);
            }
            happened.push(What::Renewed { holder: holder.into(), after, exact, late });
            held.renew(lease, now);
        }
        (State::Held(Box::new(held)), happened)
    }
}

impl Vacancy {
    fn gap(&self, unsure: bool, now: Instant) -> Gap {
        let vacant = now.saturating_duration_since(self.at);
        Gap { silent: None, vacant, early: None, exact: !(self.unsure || unsure) }
    }
}

fn taken_from(vacancy: Option<Vacancy>, holder: String, unsure: bool, now: Instant) -> What {
    let Some(vacancy) = vacancy else {
        return What::TakenOver { holder, from: None, gap: None, wished: false };
    };
    let gap = vacancy.gap(unsure, now);
    if vacancy.wish.as_ref() == Some(&holder) {
        return What::HandedOver { holder, from: vacancy.former, gap };
    }
    What::TakenOver { holder, from: Some(vacancy.former), gap: Some(gap), wished: false }
}
