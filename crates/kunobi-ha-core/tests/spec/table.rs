//! The steps of the protocol, by name and parameters.

use super::{
    rows::{self, Row},
    state::State,
};

/// A step that an elector may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Take {
    Pass { t: i64 },
    ClockBack { t: i64 },
    Acquire,
    Show(Shown),
    ShowAbsent { w: i64, after: bool },
    ToldDead { t: i64 },
    Takeover { k: usize, t: i64, r: i64 },
    Outlive { k: usize, t: i64, r: i64, own_name: bool },
    Retake { k: usize, t: i64, r: i64 },
    Create { k: usize, t: i64, r: i64 },
    Renew { k: usize, r: i64 },
    ReCreate { k: usize, r: i64 },
    Release { k: usize, r: i64 },
    Won { k: usize, v: i64, uid: i64, graced: bool },
    Renewed { k: usize, v: i64, uid: i64 },
    Lapse,
    End { to: i64 },
    StepDown,
    Withdraw,
    WonToBeReleased { k: usize, v: i64, uid: i64 },
    Finish,
    Fail,
    GiveUp { k: usize, to: i64 },
    Forget,
    GraceBegins,
}

/// A record that was shown by a read (`after`: one that was sent after `ver` had arrived) or by an
/// event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Shown {
    pub(crate) v: i64,
    pub(crate) r: i64,
    pub(crate) owner: i64,
    pub(crate) seen: i64,
    pub(crate) uid: i64,
    pub(crate) w: i64,
    pub(crate) after: bool,
}

impl Take {
    /// Judges the step at a state.
    pub(crate) fn at(self, s: &State) -> Row {
        match self {
            Self::Pass { t } => rows::pass(s, t),
            Self::ClockBack { t } => rows::clock_back(s, t),
            Self::Acquire => rows::acquire(s),
            Self::Show(shown) => rows::show(s, shown),
            Self::ShowAbsent { w, after } => rows::show_absent(s, w, after),
            Self::ToldDead { t } => rows::told_dead(s, t),
            Self::Takeover { k, t, r } => rows::take_over(s, k, t, r),
            Self::Outlive { k, t, r, own_name } => rows::outlive(s, k, t, r, own_name),
            Self::Retake { k, t, r } => rows::retake(s, k, t, r),
            Self::Create { k, t, r } => rows::create(s, k, t, r),
            Self::Renew { k, r } => rows::renew(s, k, r),
            Self::ReCreate { k, r } => rows::re_create(s, k, r),
            Self::Release { k, r } => rows::release(s, k, r),
            Self::Won { k, v, uid, graced } => rows::won(s, k, v, uid, graced),
            Self::Renewed { k, v, uid } => rows::renewed(s, k, v, uid),
            Self::Lapse => rows::lapse(s),
            Self::End { to } => rows::end(s, to),
            Self::StepDown => rows::step_down(s),
            Self::Withdraw => rows::withdraw(s),
            Self::WonToBeReleased { k, v, uid } => rows::won_to_be_released(s, k, v, uid),
            Self::Finish => rows::finish(s),
            Self::Fail => rows::fail(s),
            Self::GiveUp { k, to } => rows::give_up(s, k, to),
            Self::Forget => rows::forget(s),
            Self::GraceBegins => rows::grace_begins(s),
        }
    }

    /// Tells whether nothing that was sent before is waited for after it.
    pub(crate) const fn ends_a_phase(self) -> bool {
        match self {
            Self::ClockBack { .. } | Self::Lapse | Self::End { .. } | Self::Finish | Self::Fail => {
                true
            }
            Self::Pass { .. }
            | Self::Acquire
            | Self::Show(_)
            | Self::ShowAbsent { .. }
            | Self::ToldDead { .. }
            | Self::Takeover { .. }
            | Self::Outlive { .. }
            | Self::Retake { .. }
            | Self::Create { .. }
            | Self::Renew { .. }
            | Self::ReCreate { .. }
            | Self::Release { .. }
            | Self::Won { .. }
            | Self::Renewed { .. }
            | Self::StepDown
            | Self::Withdraw
            | Self::WonToBeReleased { .. }
            | Self::GiveUp { .. }
            | Self::Forget
            | Self::GraceBegins => false,
        }
    }
}
