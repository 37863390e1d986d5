//! An elector in each phase, and each kind of input.

use kunobi_ha_core::{Attempt, Input, Lease, LeaseRecord, Observed, Outcome, Refusal};

use crate::transitions::probe::{
    LOST, Probe, at_version, event, foreign, found, record_of, seconds,
};

/// What happens to an elector in some phase.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    Acquire,
    FoundForeign,
    FoundOurs,
    Absent,
    Written,
    Created,
    Conflict,
    MethodNotAllowed,
    Refused,
    Rejected,
    Unknown,
    ForeignEvent,
    RelabelledEvent,
    DeletedEvent,
    StepDown,
    Stop,
    Wake,
}

/// Tells the elector at `now`, and returns its step in a line. Answers go to the newest request.
pub(crate) fn react(mut probe: Probe, told: Told) -> String {
    let now = probe.now + 5;
    let newest = probe.sent.last().cloned();
    let ours = newest.as_ref().and_then(record_of).cloned();
    let ours = ours.or_else(|| last_written(&probe.sent)).unwrap_or_default();
    let answer = |outcome| match newest {
        Some(Attempt { id, .. }) => Input::Answered { attempt: id, outcome },
        None => Input::Wake,
    };
    let written =
        |created| Outcome::Written { lease: Lease::new(at_version(90), ours.clone()), created };
    let retry_after = Some(seconds(5));
    let input = match told {
        Told::Acquire => Input::Acquire,
        Told::FoundForeign => answer(found(90, foreign(9))),
        Told::FoundOurs => answer(found(90, ours.clone())),
        Told::Absent => answer(Outcome::Absent),
        Told::Written => answer(written(false)),
        Told::Created => answer(written(true)),
        Told::Conflict => answer(Outcome::Conflict),
        Told::MethodNotAllowed => answer(Outcome::MethodNotAllowed),
        Told::Refused => answer(Outcome::Refused(Refusal::Forbidden)),
        Told::Rejected => answer(Outcome::Rejected { retry_after }),
        Told::Unknown => answer(LOST),
        Told::ForeignEvent => event(90, foreign(9)),
        Told::RelabelledEvent => event(90, shown(&probe)),
        Told::DeletedEvent => Input::Observed(Observed::Deleted),
        Told::StepDown => Input::StepDown,
        Told::Stop => Input::Stop,
        Told::Wake => {
            probe.wake_or_stay();
            return probe.brief();
        }
    };
    probe.at(now, input);
    probe.brief()
}

impl Probe {
    fn wake_or_stay(&mut self) {
        if self.last.wake_at.is_some() {
            self.wake();
        } else {
            self.at(self.now + 5, Input::Wake);
        }
    }
}

fn last_written(sent: &[Attempt]) -> Option<LeaseRecord> {
    sent.iter().rev().find_map(record_of).cloned()
}

/// The record that the elector knows, if any; only its version is new.
fn shown(probe: &Probe) -> LeaseRecord {
    let leads =
        probe.elector.version().is_some_and(|version| version.resource_version.get() == OURS);
    match probe.sent.iter().find_map(record_of) {
        Some(record) if leads => record.clone(),
        Some(_) | None => foreign(0),
    }
}

pub(crate) fn idle() -> Probe {
    Probe::new(|_| {})
}

/// Released at 3020, asked again at 3030: it waits 2 R.
pub(crate) fn cooling_down() -> Probe {
    let mut probe = releasing();
    let freed = probe.written(8, false);
    probe.answer(3020, freed);
    probe.at(3030, Input::Acquire);
    probe
}

/// The first read is under way.
pub(crate) fn contending_without_a_view() -> Probe {
    let mut probe = idle();
    probe.at(1000, Input::Acquire);
    probe
}

/// Has seen `other` at version 5, at 1010.
pub(crate) fn following() -> Probe {
    let mut probe = contending_without_a_view();
    probe.answer(1010, found(5, foreign(0)));
    probe
}

/// Has seen `other`, and then nothing at 4010.
pub(crate) fn waiting_after_a_deletion() -> Probe {
    let mut probe = following();
    probe.at(4000, Input::Wake);
    probe.answer(4010, Outcome::Absent);
    probe
}

/// Waited `other` out, and bids onto version 5 at 16010.
pub(crate) fn taking_over() -> Probe {
    let mut probe = following();
    for _ in 0..30 {
        probe.wake();
        match probe.newest().request.verb() {
            kunobi_ha_core::Verb::Get => probe.answer(probe.now + 1, found(5, foreign(0))),
            kunobi_ha_core::Verb::Create | kunobi_ha_core::Verb::Update => break,
        };
    }
    probe
}

/// Bid onto version 5 at 16010, and was given up at 16020.
pub(crate) fn withdrawing() -> Probe {
    let mut probe = taking_over();
    probe.at(16_020, Input::StepDown);
    probe
}

/// Saw nothing at 1010, and creates.
pub(crate) fn creating() -> Probe {
    let mut probe = contending_without_a_view();
    probe.answer(1010, Outcome::Absent);
    probe
}

/// Created at 1020 under a grace of 15 s: renews without belief.
pub(crate) fn on_probation() -> Probe {
    let mut probe = Probe::new(|config| config.create_grace = seconds(15));
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Absent);
    let created = probe.written(OURS, true);
    probe.answer(1020, created);
    probe
}

/// Leads version 7 by a create that was sent at 1010.
pub(crate) fn leading() -> Probe {
    let mut probe = creating();
    let created = probe.written(OURS, true);
    probe.answer(1020, created);
    probe
}

/// A renewal is under way since 3010.
pub(crate) fn renewing() -> Probe {
    let mut probe = leading();
    probe.wake();
    probe
}

/// A second renewal joined the first.
pub(crate) fn hedging() -> Probe {
    let mut probe = renewing();
    probe.wake();
    probe
}

/// The renewal was answered with 409 at 3020, and a read is under way.
pub(crate) fn reading_after_a_conflict() -> Probe {
    let mut probe = renewing();
    probe.answer(3020, Outcome::Conflict);
    probe
}

/// The Lease is gone, and our re-creation is under way since 3030.
pub(crate) fn recreating() -> Probe {
    let mut probe = reading_after_a_conflict();
    probe.answer(3030, Outcome::Absent);
    probe
}

/// Stepped down at 3010, the release is under way.
pub(crate) fn releasing() -> Probe {
    let mut probe = leading();
    probe.at(3000, Input::StepDown);
    probe
}

/// The version that the create won.
pub(crate) const OURS: u64 = 7;
