//! What goes wrong, to which requests, and in which phase it begins.

use std::time::Duration;

use kunobi_ha_core::{
    Lease, LeaseRecord, LeaseTime, Outcome, Refusal, Request, Timestamp, Uid, Version,
};

/// The answer to every request that is in trouble.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Constant {
    Absent,
    Conflict,
    MethodNotAllowed,
    Refused(Refusal),
    Rejected(Option<u64>),
    Unknown(Option<u64>),
    /// The Lease of a holder that is dead.
    FoundHeld,
    FoundFree,
    /// A 201 or 200 that shows what somebody else wrote.
    WrittenByAnother {
        created: bool,
    },
    /// What was asked for, under a version that is not new.
    WrittenInVain,
}

/// Which requests are in trouble; the others are answered as a server would.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    Everything,
    Reads,
    Writes,
}

/// Where the elector is when the trouble begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// It has not asked for anything yet.
    Starting,
    /// It has read a holder that does not renew any more.
    Following,
    /// It has created the Lease and renews it without belief.
    Graced,
    Leading,
    Releasing,
}

/// What the watch brings meanwhile, once a retry period.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Watched {
    Nothing,
    /// The Lease as it was before the trouble, again and again.
    OldNews,
    /// A deletion, again and again.
    Deletions,
}

pub(crate) fn constants() -> Vec<Constant> {
    let hints = [None, Some(0), Some(1), Some(3600)];
    let refusals =
        [Refusal::Forbidden, Refusal::Invalid, Refusal::NamespaceMissing, Refusal::NotALease];
    let mut all = vec![
        Constant::Absent,
        Constant::Conflict,
        Constant::MethodNotAllowed,
        Constant::FoundHeld,
        Constant::FoundFree,
        Constant::WrittenByAnother { created: true },
        Constant::WrittenByAnother { created: false },
        Constant::WrittenInVain,
    ];
    all.extend(refusals.map(Constant::Refused));
    all.extend(hints.map(Constant::Rejected));
    all.extend(hints.map(Constant::Unknown));
    all
}

pub(crate) const SCOPES: [Scope; 3] = [Scope::Everything, Scope::Reads, Scope::Writes];

pub(crate) const STAGES: [Stage; 5] =
    [Stage::Starting, Stage::Following, Stage::Graced, Stage::Leading, Stage::Releasing];

pub(crate) const WATCHED: [Watched; 3] = [Watched::Nothing, Watched::OldNews, Watched::Deletions];

impl Constant {
    pub(crate) fn answer(self, request: &Request) -> Outcome {
        let seconds = |hint: Option<u64>| hint.map(Duration::from_secs);
        match self {
            Self::Absent => Outcome::Absent,
            Self::Conflict => Outcome::Conflict,
            Self::MethodNotAllowed => Outcome::MethodNotAllowed,
            Self::Refused(refusal) => Outcome::Refused(refusal),
            Self::Rejected(hint) => Outcome::Rejected { retry_after: seconds(hint) },
            Self::Unknown(hint) => Outcome::Unknown { retry_after: seconds(hint) },
            Self::FoundHeld => Outcome::Found(Lease::new(version(LATER), dead())),
            Self::FoundFree => {
                let record = LeaseRecord { holder: None, ..dead() };
                Outcome::Found(Lease::new(version(LATER), record))
            }
            Self::WrittenByAnother { created } => {
                Outcome::Written { lease: Lease::new(version(LATER), dead()), created }
            }
            Self::WrittenInVain => match request {
                Request::Read => Outcome::Unknown { retry_after: None },
                Request::Create { record, .. } => Outcome::Written {
                    lease: Lease::new(version(LATER), record.clone()),
                    created: false,
                },
                Request::Update { version, record } => Outcome::Written {
                    lease: Lease::new(version.clone(), record.clone()),
                    created: false,
                },
            },
        }
    }
}

impl Scope {
    pub(crate) fn covers(self, request: &Request) -> bool {
        match self {
            Self::Everything => true,
            Self::Reads => matches!(request, Request::Read),
            Self::Writes => !matches!(request, Request::Read),
        }
    }
}

/// The record of a holder that does not renew any more.
pub(crate) fn dead() -> LeaseRecord {
    LeaseRecord {
        holder: Some("dead".into()),
        duration_seconds: Some(1),
        acquire_time: LeaseTime::At(Timestamp::from_unix_micros(5)),
        renew_time: LeaseTime::At(Timestamp::from_unix_micros(6)),
        transitions: Some(3),
        ..LeaseRecord::default()
    }
}

pub(crate) fn version(number: u64) -> Version {
    let uid = Uid::new("uid").unwrap();
    Version { uid, resource_version: number.try_into().unwrap() }
}

/// Greater than all that an honest server counts to.
const LATER: u64 = 1_000_000;
