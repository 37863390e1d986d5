//! What a reader sees while another thread writes.

use std::time::Duration;

use loom::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::{at, in_every_order, lead, leading, sync::lock};

#[test]
fn who_sees_a_deadline_sees_when_it_was_issued() {
    in_every_order(|| {
        let (belief, candidacy) = leading();
        let reader = Arc::clone(&belief);
        let reading = thread::spawn(move || {
            // The clock has gone back to before the renewal, and is after the previous deadline.
            assert_eq!(reader.time_left(|| at(25)), None);
        });
        lead(&belief, candidacy, 1, (30, 40));
        reading.join().expect("the reader holds");
    });
}

#[test]
fn a_publication_is_not_taken_for_one_to_come() {
    in_every_order(|| {
        let (belief, candidacy) = leading();
        // A clock orders nothing: only what is read after something else is.
        let clock = Arc::new(AtomicU64::new(15));
        let (reader, hand) = (Arc::clone(&belief), Arc::clone(&clock));
        let reading = thread::spawn(move || reader.time_left(|| at(hand.load(Ordering::Relaxed))));
        clock.store(16, Ordering::Relaxed);
        lead(&belief, candidacy, 1, (clock.load(Ordering::Relaxed), 40));
        assert!(reading.join().expect("the reader ends").is_some(), "it leads all the time");
    });
}

#[test]
fn a_renewal_leaves_no_gap() {
    in_every_order(|| {
        let (belief, candidacy) = leading();
        let reader = Arc::clone(&belief);
        let reading = thread::spawn(move || reader.time_left(|| at(15)));
        lead(&belief, candidacy, 1, (15, 40));
        let left = reading.join().expect("the reader ends");
        assert!([5, 25].map(|left| Some(Duration::from_nanos(left))).contains(&left), "{left:?}");
    });
}

#[test]
fn a_handle_of_an_earlier_candidacy_does_not_lead_by_a_later_one() {
    in_every_order(|| {
        let (belief, earlier) = leading();
        let reader = Arc::clone(&belief);
        let reading = thread::spawn(move || {
            // The first term was over at 20.
            assert_eq!(reader.time_left_of(earlier, || at(50)), None);
        });
        let later = belief.begin();
        lead(&belief, later, 2, (45, 100));
        reading.join().expect("the reader holds");
    });
}

#[test]
fn a_handle_of_a_new_candidacy_does_not_lead_by_an_earlier_one() {
    in_every_order(|| {
        let (belief, _) = leading();
        let later = belief.begin();
        let reader = Arc::clone(&belief);
        let reading = thread::spawn(move || reader.time_left_of(later, || at(15)));
        lead(&belief, later, 2, (15, 100));
        let left = reading.join().expect("the reader ends");
        assert!(left.is_none_or(|left| left == Duration::from_nanos(85)), "{left:?}");
    });
}

#[test]
fn who_has_heard_of_the_end_does_not_lead() {
    in_every_order(|| {
        let (belief, candidacy) = leading();
        // In the library, a channel of tokio reports it.
        let told = Arc::new(Mutex::new(false));
        let (reader, heard) = (Arc::clone(&belief), Arc::clone(&told));
        let reading = thread::spawn(move || {
            let heard = *lock(&heard);
            let left = reader.time_left(|| at(15));
            assert!(!heard || left.is_none(), "{left:?}");
        });
        lead(&belief, candidacy, 1, (15, 100));
        if let Some(mut writer) = belief.writer(candidacy) {
            writer.end();
        }
        *lock(&told) = true;
        reading.join().expect("the reader holds");
        assert_eq!((belief.term(), belief.holder()), (None, None));
    });
}
