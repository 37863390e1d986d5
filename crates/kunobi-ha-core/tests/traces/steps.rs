//! What an elector does, as words.

use kunobi_ha_core::{
    Attempt, Connection, CreateVia, Failure, Instant, Leadership, Notice, Release, Request,
    Setback, Step, StepDownReason, Takeover, Verb,
};

use super::{inputs::of_refusal, objects::Objects, tape::write};

pub(crate) fn write_step(text: &mut String, objects: &mut Objects, now: u64, step: &Step) {
    let Step { publish, notices, drop, send, wake_at } = step;
    if let Some(published) = publish {
        write_leadership(text, objects, now, published);
    }
    for notice in notices {
        write_notice(text, objects, notice);
    }
    for dropped in drop {
        write(text, format_args!(" x{}", dropped.get()));
    }
    if let Some(attempt) = send {
        write_attempt(text, objects, attempt);
    }
    if let Some(at) = wake_at {
        write(text, format_args!(" k{:+}", from_now(*at, now)));
    }
}

fn write_leadership(text: &mut String, objects: &Objects, now: u64, published: &Leadership) {
    match published {
        Leadership::Following { holder } => {
            write(text, format_args!(" pf{}", objects.optional(holder.as_deref())));
        }
        Leadership::Leading { term, valid_until } => {
            let until = from_now(*valid_until, now);
            write(text, format_args!(" pl{},{until:+}", objects.term(*term)));
        }
        Leadership::Ended { term, reason } => {
            let reason = match reason {
                StepDownReason::Cancelled => "c",
                StepDownReason::ClockWentBack => "k",
                StepDownReason::HolderChanged => "h",
                StepDownReason::RecreationLost => "r",
                StepDownReason::RenewDeadlineExceeded => "d",
                StepDownReason::Rewound => "w",
                other => panic!("{other:?} has no tag"),
            };
            write(text, format_args!(" pe{reason}{}", objects.term(*term)));
        }
        Leadership::Released(Release::NotHeld) => text.push_str(" prn"),
        Leadership::Released(Release::NotOurs) => text.push_str(" pro"),
        Leadership::Released(Release::Released) => text.push_str(" prr"),
        Leadership::Released(Release::StillHeld { until }) => {
            write(text, format_args!(" prs{:+}", from_now(*until, now)));
        }
        Leadership::Released(other) => panic!("{other:?} has no tag"),
        Leadership::Failed(Failure::ObserveTimeout) => text.push_str(" pxo"),
        Leadership::Failed(Failure::Refused { verb, refusal }) => {
            write(text, format_args!(" pxr {} {}", of_verb(*verb), of_refusal(*refusal)));
        }
        Leadership::Failed(other) => panic!("{other:?} has no tag"),
        Leadership::Withdrawn => text.push_str(" pw"),
    }
}

fn write_notice(text: &mut String, objects: &Objects, notice: &Notice) {
    match notice {
        Notice::Altered { verb } => write(text, format_args!(" na {}", of_verb(*verb))),
        Notice::CreateOverwrote => text.push_str(" no"),
        Notice::Failing { verb, setback } => {
            write(text, format_args!(" nf {} {}", of_verb(*verb), of_setback(*setback)));
        }
        Notice::Following { holder } => {
            write(text, format_args!(" nh{}", objects.optional(holder.as_deref())));
        }
        Notice::Lapsed { verb, setback } => {
            write(text, format_args!(" nl {} {}", of_verb(*verb), of_setback(*setback)));
        }
        Notice::IdentityCollision => text.push_str(" ni"),
        Notice::NothingWritten => text.push_str(" nn"),
        Notice::Refused { verb, refusal } => {
            write(text, format_args!(" nr {} {}", of_verb(*verb), of_refusal(*refusal)));
        }
        Notice::Rewound { from, to } => write(text, format_args!(" nw{from},{to}")),
        Notice::SuccessorAbsent { successor } => {
            write(text, format_args!(" ns{}", objects.text(successor)));
        }
        Notice::TermBegan { how } => text.push_str(of_takeover(*how)),
        Notice::ToldDead => text.push_str(" nd"),
        Notice::Wished { successor } => write(text, format_args!(" nv{}", objects.text(successor))),
        other => panic!("{other:?} has no tag"),
    }
}

fn write_attempt(text: &mut String, objects: &mut Objects, attempt: &Attempt) {
    let Attempt { id, request, connection } = attempt;
    let tag = match request {
        Request::Read => "sg",
        Request::Create { via: CreateVia::Put, .. } => "sc",
        Request::Create { via: CreateVia::Post, .. } => "sp",
        Request::Update { .. } => "su",
    };
    write(text, format_args!(" {tag}{}", id.get()));
    match request {
        Request::Read => {}
        Request::Create { record, via: _ } => objects.write_record(text, record),
        Request::Update { version, record } => {
            objects.write_version(text, version);
            objects.write_record(text, record);
        }
    }
    match connection {
        Connection::Any => {}
        Connection::New => text.push_str(" sn"),
    }
}

fn of_takeover(how: Takeover) -> &'static str {
    match how {
        Takeover::Created => " nbc",
        Takeover::Died => " nbd",
        Takeover::Expired => " nbe",
        Takeover::Released => " nbf",
        Takeover::Retaken => " nbr",
        other => panic!("{other:?} has no tag"),
    }
}

fn of_verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "yc",
        Verb::Get => "yg",
        Verb::Update => "yu",
    }
}

fn of_setback(setback: Setback) -> String {
    let tag = match setback {
        Setback::Refused(refusal) => return format!("zr {}", of_refusal(refusal)),
        Setback::Absent => "za",
        Setback::Conflict => "zc",
        Setback::MethodNotAllowed => "zm",
        Setback::Rejected => "zj",
        Setback::Unanswered => "zn",
        Setback::Unknown => "zu",
        Setback::Unfit => "zx",
        other => panic!("{other:?} has no tag"),
    };
    tag.to_owned()
}

fn from_now(at: Instant, now: u64) -> i128 {
    i128::from(at.as_nanos()) - i128::from(now)
}
