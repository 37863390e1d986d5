//! rule 8: a release or a withdrawn bid whose answer shows something else than was sent.

use kunobi_ha_core::{
    Input, Leadership, Lease, LeaseRecord, Notice, Outcome, Release, Request, Verb,
};

use crate::transitions::{
    phases::{OURS, releasing, renewing, withdrawing},
    probe::{at_version, found},
};

#[test]
fn a_release_whose_answer_shows_no_new_version_is_not_called_released() {
    for version in [OURS, 6] {
        let mut probe = releasing();
        let same = probe.written(version, false);
        probe.answer(3010, same);
        assert_eq!(probe.last.publish, None, "{}", probe.brief());
    }
}

#[test]
fn a_release_that_is_altered_on_the_way_is_not_called_released_while_it_names_a_holder() {
    let mut probe = releasing();
    let altered = LeaseRecord { holder: Some("me".into()), ..probe.record() };
    let lease = Lease::new(at_version(8), altered.clone());
    probe.answer(3010, Outcome::Written { lease, created: false });
    assert_eq!(probe.last.notices, [Notice::Altered { verb: Verb::Update }]);
    assert_eq!(probe.last.publish, None);
    assert_eq!(probe.newest().request, Request::Read);
    probe.answer(3020, found(8, altered));
    assert_eq!(probe.brief(), "release: NotOurs");
}

#[test]
fn a_release_that_is_altered_on_the_way_and_free_is_released_and_reported() {
    let mut probe = releasing();
    let altered = LeaseRecord { strategy: Some("webhook".into()), ..probe.record() };
    let lease = Lease::new(at_version(8), altered);
    probe.answer(3010, Outcome::Written { lease, created: false });
    assert_eq!(probe.last.notices, [Notice::Altered { verb: Verb::Update }]);
    assert_eq!(probe.last.publish, Some(Leadership::Released(Release::Released)));
}

#[test]
fn a_takeover_that_is_altered_on_the_way_is_reported() {
    let mut probe = withdrawing();
    let altered = LeaseRecord { holder: Some("another".into()), ..probe.record() };
    let lease = Lease::new(at_version(8), altered);
    probe.answer(16_020, Outcome::Written { lease, created: false });
    assert_eq!(probe.last.notices, [Notice::Altered { verb: Verb::Update }]);
    assert_eq!(probe.last.publish, Some(Leadership::Withdrawn));
}

#[test]
fn a_renewal_that_is_altered_on_the_way_and_answered_after_the_step_down_is_reported_and_read() {
    let mut probe = renewing();
    let renewal = probe.newest().clone();
    let altered = LeaseRecord { holder: Some("another".into()), ..probe.record() };
    probe.at(3015, Input::StepDown);
    let lease = Lease::new(at_version(8), altered.clone());
    probe.answer_to(&renewal, 3020, Outcome::Written { lease, created: false });
    assert_eq!(probe.last.notices, [Notice::Altered { verb: Verb::Update }]);
    assert_eq!(probe.newest().request, Request::Read, "nothing of another's is released");
    probe.answer(3030, found(8, altered));
    assert!(probe.brief().starts_with("release: NotOurs"), "{}", probe.brief());
}
