//! What a thread may rely on that hears of a change of leadership.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use kunobi_ha_core::{
    ClockReading, Elector, Input, Leadership, Lease, Outcome, Request, StepDownReason, Term,
    Timing, TimingConfig, Uid, Version,
};
use loom::thread;

use crate::{at, candidacy::Candidacy, in_every_order, state::ElectionState};

/// Wakes the thread that waits for a future.
struct Unpark(thread::Thread);

#[test]
fn who_hears_why_a_term_is_over_does_not_lead() {
    let term = term();
    in_every_order(move || {
        let (_, candidacy) = leading(term);
        let mut end = candidacy.end();
        let driver = candidacy.clone();
        let ending = thread::spawn(move || driver.publish(&lost(term), "a"));
        assert_eq!(block_on(end.wait()), StepDownReason::HolderChanged);
        assert_eq!(candidacy.time_left(), None);
        ending.join().expect("the driver ends");
    });
}

#[test]
fn who_hears_that_a_term_was_given_up_does_not_lead() {
    let term = term();
    in_every_order(move || {
        let (_, candidacy) = leading(term);
        let guard = candidacy.clone();
        let giving_up = thread::spawn(move || guard.revoke());
        assert_eq!(block_on(candidacy.end().wait()), StepDownReason::Cancelled);
        assert_eq!(candidacy.time_left(), None);
        giving_up.join().expect("the guard ends");
    });
}

#[test]
fn a_term_that_is_over_does_not_lead_for_anybody_that_asks() {
    let term = term();
    in_every_order(move || {
        let (_, candidacy) = leading(term);
        let driver = candidacy.clone();
        let ending = thread::spawn(move || driver.publish(&lost(term), "a"));
        let over = candidacy.is_over();
        assert!(!over || candidacy.time_left().is_none());
        ending.join().expect("the driver ends");
        assert!(candidacy.is_over());
    });
}

#[test]
fn the_first_reason_of_an_end_stays() {
    let term = term();
    in_every_order(move || {
        let (_, candidacy) = leading(term);
        let driver = candidacy.clone();
        let ending = thread::spawn(move || driver.publish(&lost(term), "a"));
        candidacy.revoke();
        let mut end = candidacy.end();
        let told = block_on(end.wait());
        ending.join().expect("the driver ends");
        assert_eq!(block_on(end.wait()), told);
        assert_eq!(candidacy.time_left(), None);
    });
}

#[test]
fn a_renewal_that_comes_while_a_term_is_given_up_prolongs_nothing() {
    let term = term();
    in_every_order(move || {
        let (_, candidacy) = leading(term);
        let driver = candidacy.clone();
        let renewing = thread::spawn(move || driver.publish(&leads(term, 100), "a"));
        candidacy.revoke();
        assert_eq!(candidacy.time_left(), None, "at once");
        renewing.join().expect("the driver ends");
        assert_eq!(candidacy.time_left(), None, "and later");
    });
}

#[test]
fn who_is_told_of_a_change_sees_it() {
    let term = term();
    in_every_order(move || {
        let (election, candidacy) = leading(term);
        let mut changes = election.changed.subscribe();
        let driver = candidacy.clone();
        let following = thread::spawn(move || {
            driver.publish(&Leadership::Following { holder: Some("b".into()) }, "a");
        });
        block_on(changes.changed());
        assert_eq!(election.belief.time_left(|| at(15)), None);
        assert_eq!(election.belief.holder().as_deref(), Some("b"));
        following.join().expect("the driver ends");
    });
}

/// A candidacy that leads from 15 until 20; the clock stands at 15.
fn leading(term: Term) -> (Arc<ElectionState>, Candidacy) {
    let election = Arc::new(ElectionState::new());
    let candidacy = Candidacy::begin(&election);
    candidacy.publish(&leads(term, 20), "a");
    assert_eq!(candidacy.time_left(), Some(Duration::from_nanos(5)));
    (election, candidacy)
}

const fn leads(term: Term, until: u64) -> Leadership {
    Leadership::Leading { term, valid_until: at(until) }
}

const fn lost(term: Term) -> Leadership {
    Leadership::Ended { term, reason: StepDownReason::HolderChanged }
}

/// Only an elector makes a term.
fn term() -> Term {
    let timing = Timing::new(TimingConfig::default()).expect("the defaults are valid");
    let mut elector = Elector::new("a", timing, 1).expect("it has a name");
    let mut handle = |input| elector.handle(ClockReading::new(at(1), 1, 1), input);
    let read = handle(Input::Acquire).send.expect("it reads first");
    let create = handle(Input::Answered { attempt: read.id, outcome: Outcome::Absent });
    let create = create.send.expect("then it creates");
    let Request::Create { record, .. } = create.request else { panic!("{create:?}") };
    let uid = Uid::new("1").expect("not empty");
    let version = Version { uid, resource_version: 1.try_into().expect("not zero") };
    let outcome = Outcome::Written { lease: Lease::new(version, record), created: true };
    match handle(Input::Answered { attempt: create.id, outcome }).publish {
        Some(Leadership::Leading { term, .. }) => term,
        other => panic!("{other:?}"),
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
