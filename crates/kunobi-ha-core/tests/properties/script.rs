//! Sequences of inputs: mostly what a server would say, and now and then nonsense.

use proptest::{collection, prelude::*};

/// One input, and how long after the last one it comes.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) after_millis: u64,
    /// The clock goes back by as much instead.
    pub(super) back: bool,
    pub(super) wall: i64,
    pub(super) digits: u32,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Acquire,
    /// To one of the last requests, counted from the newest.
    Answer {
        back: usize,
        answer: Answer,
    },
    Observed(Shown),
    ObservedDeleted,
    Died(Died),
    StepDown,
    Stop,
    Wake,
    /// Exactly when it asked to be called.
    WakeInTime,
}

#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// What a server says that applied it.
    Applied,
    Found(Shown),
    Absent,
    Written(Shown, bool),
    Conflict,
    MethodNotAllowed,
    Refused,
    Rejected(Option<u64>),
    Unknown(Option<u64>),
}

/// Whose process has ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Died {
    /// The holder of a record that somebody else wrote.
    Foreign,
    /// The holder of a record under our name that we did not write.
    UnderOurName,
    /// Our own, by the word of one of the last writes, counted from the newest.
    Ours(usize),
}

/// A record with a version.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// Relative to the newest version that was told.
    pub(super) version: i64,
    pub(super) uid: u8,
    pub(super) record: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// What one of the last writes would have written, counted from the newest.
    Ours(usize),
    Foreign {
        renewal: i64,
        duration: Option<i64>,
        transitions: Option<i64>,
    },
    UnderOurName(i64),
    Free,
    Empty,
}

pub(super) fn lines() -> impl Strategy<Value = Vec<Line>> {
    collection::vec(line(), 1..60)
}

prop_compose! {
    fn line()(
        after_millis in prop_oneof![4 => 0..50_u64, 3 => 50..3_000_u64, 1 => 3_000..20_000_u64],
        back in prop::bool::weighted(0.01),
        wall in prop_oneof![
            4 => Just(1_700_000_000_000_000), 2 => 0..i64::MAX, 1 => Just(-1), 1 => Just(i64::MIN),
        ],
        digits in any::<u32>(),
        what in what(),
    ) -> Line {
        Line { after_millis, back, wall, digits, what }
    }
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        4 => Just(What::Acquire),
        12 => (0..3_usize, answer()).prop_map(|(back, answer)| What::Answer { back, answer }),
        3 => shown().prop_map(What::Observed),
        1 => Just(What::ObservedDeleted),
        2 => died().prop_map(What::Died),
        1 => Just(What::StepDown),
        1 => Just(What::Stop),
        3 => Just(What::Wake),
        8 => Just(What::WakeInTime),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    let seconds = || prop_oneof![Just(None), (0..100_u64).prop_map(Some)];
    prop_oneof![
        8 => Just(Answer::Applied),
        6 => shown().prop_map(Answer::Found),
        5 => Just(Answer::Absent),
        2 => (shown(), any::<bool>()).prop_map(|(shown, created)| Answer::Written(shown, created)),
        2 => Just(Answer::Conflict),
        1 => Just(Answer::MethodNotAllowed),
        1 => Just(Answer::Refused),
        1 => seconds().prop_map(Answer::Rejected),
        2 => seconds().prop_map(Answer::Unknown),
    ]
}

fn died() -> impl Strategy<Value = Died> {
    prop_oneof![
        4 => Just(Died::Foreign),
        1 => Just(Died::UnderOurName),
        2 => (0..3_usize).prop_map(Died::Ours),
    ]
}

fn shown() -> impl Strategy<Value = Shown> {
    let version = prop_oneof![6 => 0..3_i64, 1 => -5..0_i64];
    let uid = prop_oneof![9 => Just(0_u8), 1 => Just(1)];
    (version, uid, content()).prop_map(|(version, uid, record)| Shown { version, uid, record })
}

fn content() -> impl Strategy<Value = Content> {
    let number = || {
        prop_oneof![Just(None), Just(Some(15)), Just(Some(i64::MAX)), any::<i64>().prop_map(Some)]
    };
    prop_oneof![
        4 => (0..4_usize).prop_map(Content::Ours),
        3 => (0..3_i64, number(), number()).prop_map(|(renewal, duration, transitions)| {
            Content::Foreign { renewal, duration, transitions }
        }),
        1 => (0..3_i64).prop_map(Content::UnderOurName),
        3 => Just(Content::Free),
        1 => Just(Content::Empty),
    ]
}
