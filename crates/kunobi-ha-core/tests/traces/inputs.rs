//! What an elector is told, as words.

use std::time::Duration;

use kunobi_ha_core::{Input, Lease, Observed, Outcome, Refusal};

use super::{objects::Objects, tape::write};

pub(crate) fn write_input(text: &mut String, objects: &mut Objects, input: &Input) {
    match input {
        Input::Acquire => text.push_str(" AQ"),
        Input::StepDown => text.push_str(" SD"),
        Input::Stop => text.push_str(" ST"),
        Input::Wake => text.push_str(" WK"),
        Input::HolderDied { holder, acquire_time } => {
            let (holder, time) = (objects.text(holder), acquire_time.as_unix_micros());
            write(text, format_args!(" HD{holder},{time}"));
        }
        Input::Observed(Observed::Deleted) => text.push_str(" OX"),
        Input::Observed(Observed::Found(Lease { version, record, .. })) => {
            text.push_str(" OF");
            objects.write_version(text, version);
            objects.write_record(text, record);
        }
        Input::Answered { attempt, outcome } => {
            write(text, format_args!(" AN{} ", attempt.get()));
            write_outcome(text, objects, outcome);
        }
    }
}

fn write_outcome(text: &mut String, objects: &mut Objects, outcome: &Outcome) {
    match outcome {
        Outcome::Found(Lease { version, record, .. }) => {
            text.push_str("fo");
            objects.write_version(text, version);
            objects.write_record(text, record);
        }
        Outcome::Written { lease: Lease { version, record, .. }, created } => {
            text.push_str(if *created { "cr" } else { "wr" });
            objects.write_version(text, version);
            objects.write_record(text, record);
        }
        Outcome::Absent => text.push_str("ab"),
        Outcome::Conflict => text.push_str("cf"),
        Outcome::MethodNotAllowed => text.push_str("mn"),
        Outcome::Refused(refusal) => text.push_str(of_refusal(*refusal)),
        Outcome::Rejected { retry_after } => write_delay(text, "rj", *retry_after),
        Outcome::Unknown { retry_after } => write_delay(text, "un", *retry_after),
    }
}

pub(crate) fn of_refusal(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Forbidden => "rff",
        Refusal::Invalid => "rfi",
        Refusal::NamespaceMissing => "rfn",
        Refusal::NotALease => "rfl",
        Refusal::Unauthorized => "rfu",
    }
}

fn write_delay(text: &mut String, tag: &str, delay: Option<Duration>) {
    text.push_str(tag);
    if let Some(delay) = delay {
        write(text, format_args!("{}", delay.as_nanos()));
    }
}
