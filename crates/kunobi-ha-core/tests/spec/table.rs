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
    Takeover { k: usize, t: i64, r: i64 },
    Create { k: usize, t: i64, r: i64 },
    Renew { k: usize, r: i64 },
    ReCreate { k: usize, r: i64 },
    Release { k: usize, r: i64 },
    Won { k: usize, v: i64, graced: bool },
    Renewed { k: usize, v: i64 },
    Lapse,
    End { to: i64 },
    StepDown,
    Withdraw,
    WonToBeReleased { k: usize, v: i64 },
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
            Self::Takeover { k, t, r } => rows::take_over(s, k, t, r),
            Self::Create { k, t, r } => rows::create(s, k, t, r),
            Self::Renew { k, r } => rows::renew(s, k, r),
            Self::ReCreate { k, r } => rows::re_create(s, k, r),
            Self::Release { k, r } => rows::release(s, k, r),
            Self::Won { k, v, graced } => rows::won(s, k, v, graced),
            Self::Renewed { k, v } => rows::renewed(s, k, v),
            Self::Lapse => rows::lapse(s),
            Self::End { to } => rows::end(s, to),
            Self::StepDown => rows::step_down(s),
            Self::Withdraw => rows::withdraw(s),
            Self::WonToBeReleased { k, v } => rows::won_to_be_released(s, k, v),
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
            | Self::Takeover { .. }
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
