//! A driver that comes back to its slot while others ask for it.

use loom::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
};

use crate::{
    Terms, at,
    belief::CandidacyNumber,
    cell::{CheckOut, SlotCell},
    in_every_order, lead,
};

#[derive(Clone)]
struct Candidacy {
    number: CandidacyNumber,
    over: Arc<AtomicBool>,
}

/// The part of an election that its slot knows.
struct Election {
    belief: Terms,
    slot: SlotCell<Driver, Candidacy>,
    /// How many candidacies have a driver.
    users: AtomicU32,
    made: AtomicU32,
}

struct Driver;

#[test]
fn one_driver_serves_those_who_ask_at_the_same_time() {
    in_every_order(|| {
        let election = Arc::new(Election::new());
        let other = Arc::clone(&election);
        let asking = thread::spawn(move || other.take_part());
        let mine = election.take_part();
        let theirs = asking.join().expect("the other ends");
        assert!(mine || theirs, "nobody had it");
        assert_eq!(election.made.load(Ordering::Acquire), 1);
        assert_eq!(election.belief.time_left(|| at(15)), None);
    });
}

#[test]
fn a_term_that_is_over_keeps_nobody_out() {
    in_every_order(|| {
        let election = Arc::new(Election::new());
        let CheckOut::CheckedOut(first, None) = election.check_out() else {
            panic!("nobody has it");
        };
        lead(&election.belief, first.number, 1, (10, 20));
        election.give_up(&first);
        let other = Arc::clone(&election);
        let returning = thread::spawn(move || other.slot.put_back(Some(Driver)));
        // As in the library, which waits for the return in between.
        let second = loop {
            match election.check_out() {
                CheckOut::CheckedOut(second, kept) => {
                    assert!(kept.is_some(), "it was not lost on its way");
                    break second;
                }
                CheckOut::Returning => thread::yield_now(),
                CheckOut::InUse => panic!("the term was over before"),
            }
        };
        assert_ne!(first.number, second.number);
        assert_eq!(election.belief.time_left_of(first.number, || at(15)), None);
        returning.join().expect("the driver came back");
    });
}

impl Election {
    fn new() -> Self {
        Self {
            belief: Terms::new(),
            slot: SlotCell::new(),
            users: AtomicU32::new(0),
            made: AtomicU32::new(0),
        }
    }

    fn check_out(&self) -> CheckOut<Driver, Candidacy> {
        self.slot.check_out(
            || Candidacy { number: self.belief.begin(), over: Arc::new(AtomicBool::new(false)) },
            |candidacy| candidacy.over.load(Ordering::Acquire),
        )
    }

    /// Leads for a moment, unless another candidacy leads. Tells whether it did.
    fn take_part(&self) -> bool {
        let CheckOut::CheckedOut(candidacy, kept) = self.check_out() else { return false };
        assert_eq!(self.users.fetch_add(1, Ordering::AcqRel), 0, "two have it");
        if kept.is_none() {
            self.made.fetch_add(1, Ordering::AcqRel);
        }
        assert!(lead(&self.belief, candidacy.number, 1, (10, 20)), "its candidacy is the last one");
        self.give_up(&candidacy);
        self.users.fetch_sub(1, Ordering::AcqRel);
        self.slot.put_back(Some(Driver));
        true
    }

    fn give_up(&self, candidacy: &Candidacy) {
        if let Some(mut writer) = self.belief.writer(candidacy.number) {
            writer.revoke();
        }
        candidacy.over.store(true, Ordering::Release);
    }
}
