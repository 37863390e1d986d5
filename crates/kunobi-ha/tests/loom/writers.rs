//! The state that is left when two threads write at the same time.

use loom::{sync::Arc, thread};

use crate::{at, in_every_order, lead, leading};

#[test]
fn what_was_revoked_is_not_revived() {
    in_every_order(|| {
        let (belief, candidacy) = leading();
        let driver = Arc::clone(&belief);
        let renewing = thread::spawn(move || {
            lead(&driver, candidacy, 1, (15, 100));
        });
        if let Some(mut writer) = belief.writer(candidacy) {
            writer.revoke();
        }
        assert_eq!(belief.time_left(|| at(16)), None, "at once");
        renewing.join().expect("the driver ends");
        assert_eq!(belief.time_left(|| at(16)), None, "and later");
        assert_eq!(belief.term(), None);
    });
}

#[test]
fn an_earlier_candidacy_publishes_nothing_once_a_later_one_has_begun() {
    in_every_order(|| {
        let (belief, earlier) = leading();
        let driver = Arc::clone(&belief);
        let renewing = thread::spawn(move || {
            lead(&driver, earlier, 1, (15, 100));
        });
        let later = belief.begin();
        assert_eq!(belief.time_left(|| at(16)), None, "at once");
        renewing.join().expect("the driver ends");
        assert_eq!(belief.time_left(|| at(16)), None, "and later");
        assert_eq!((belief.term(), belief.candidacy()), (None, Some(later)));
    });
}

#[test]
fn candidacies_that_begin_at_the_same_time_are_two() {
    in_every_order(|| {
        let (belief, first) = leading();
        let other = Arc::clone(&belief);
        let beginning = thread::spawn(move || other.begin());
        let mine = belief.begin();
        let theirs = beginning.join().expect("the other ends");
        assert_ne!(mine, theirs);
        assert!(mine != first && theirs != first);
        let late = if belief.candidacy() == Some(mine) { theirs } else { mine };
        assert!(!lead(&belief, late, 2, (15, 100)), "only the last one has a say");
    });
}
