//! rule 12: a write that is refused after a silence.

use kunobi_ha_core::{Failure, Leadership, Outcome, Refusal, Verb};

use crate::transitions::{
    phases::following,
    probe::{event, foreign},
};

// rule 12: a refusal of a write sent more than 2 R after the last usable answer is not final yet
#[test]
fn a_refused_takeover_is_final_up_to_two_retry_periods_after_the_last_sign_of_the_server() {
    let failure = Failure::Refused { verb: Verb::Update, refusal: Refusal::Forbidden };
    for (silence, published) in [
        (1_500, Some(Leadership::Failed(failure))),
        (4_000, Some(Leadership::Failed(failure))),
        (4_001, None),
    ] {
        let mut probe = following();
        probe.at(16_010 - silence, event(6, foreign(0)));
        while probe.now < 16_010 {
            probe.wake();
        }
        assert!(probe.brief().contains("onto 6"), "{}", probe.brief());
        probe.answer(16_020, Outcome::Refused(Refusal::Forbidden));
        assert_eq!(probe.last.publish, published, "after {silence} ms");
    }
}
