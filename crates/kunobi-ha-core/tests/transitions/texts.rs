//! What people read of the values that come out.

use kunobi_ha_core::{
    Elector, InvalidConfig, Refusal, Setback, StepDownReason, Timing, TimingConfig, Verb,
};

#[test]
fn every_reason_of_an_end_has_a_text_of_its_own() {
    let texts = [
        (StepDownReason::Cancelled, "leadership was given up"),
        (StepDownReason::ClockWentBack, "the clock went back"),
        (StepDownReason::HolderChanged, "the lease has another holder"),
        (StepDownReason::RecreationLost, "the lease was deleted and created by somebody else"),
        (StepDownReason::RenewDeadlineExceeded, "no renewal succeeded within the renew deadline"),
        (StepDownReason::Rewound, "the API server went back to an older state"),
    ];
    for (reason, text) in texts {
        assert_eq!(reason.to_string(), text);
    }
}

#[test]
fn every_setback_has_a_text_of_its_own() {
    let texts = [
        (Setback::Absent, "nothing was found (404)"),
        (Setback::Conflict, "a conflict (409)"),
        (Setback::MethodNotAllowed, "the method is not allowed (405)"),
        (Setback::Refused(Refusal::Forbidden), "refused"),
        (Setback::Rejected, "rejected"),
        (Setback::Unanswered, "no answer in time"),
        (Setback::Unknown, "no definite answer"),
        (Setback::Unfit, "an answer that does not fit"),
    ];
    for (setback, text) in texts {
        assert_eq!(setback.to_string(), text);
    }
}

#[test]
fn verbs_are_written_as_access_control_has_them() {
    let verbs = [Verb::Create, Verb::Get, Verb::Update];
    assert_eq!(verbs.map(|verb| verb.to_string()), ["create", "get", "update"]);
}

#[test]
fn an_invalid_configuration_is_debugged_as_it_is_displayed() {
    let wrong = InvalidConfig::IdentityEmpty;
    assert_eq!(format!("{wrong:?}"), wrong.to_string());
}

#[test]
fn an_elector_tells_its_name() {
    let timing = Timing::new(TimingConfig::default()).expect("the defaults are valid");
    let elector = Elector::new("a", timing, 1).expect("it has a name");
    assert_eq!(elector.identity(), "a");
}
