//! Giving the Lease back after the term has ended: bounded, and truthful about what became of it.

mod reading;

use alloc::boxed::Box;

use super::{
    Phase,
    attempts::{Attempts, Kind},
    kernel::Kernel,
    pace::Pace,
    progress::Progress,
    pursuit::{Pursuit, Want},
    reign::Reign,
};
use crate::{
    observation::View,
    record::Tenure,
    step::{Leadership, Release, Request, Step},
    time::{ClockReading, Instant},
};

/// Nobody here believes any more; the Lease may still carry our name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Releasing {
    /// The term that has ended: only its record may be released.
    ended: Tenure,
    /// Those of the release, and the renewals that were under way when the term ended.
    pub(super) attempts: Attempts,
    pub(super) progress: Progress,
    pursuit: Pursuit,
    deadline: Instant,
    /// When others may take the Lease over if the release fails.
    held_until: Instant,
}

impl Releasing {
    pub(super) fn new(ended: Reign, kernel: &Kernel, now: Instant) -> Self {
        let config = kernel.config();
        let remaining = config.lease_duration.saturating_sub(config.renew_deadline);
        let (deadline, held_until) =
            (now.after(config.release_timeout), ended.valid_until.after(remaining));
        Self::of(ended.tenure, ended.attempts, (now, deadline), held_until)
    }

    /// Begins to release, in the time from one instant to the other.
    pub(super) fn of(
        ended: Tenure,
        attempts: Attempts,
        (now, deadline): (Instant, Instant),
        held_until: Instant,
    ) -> Self {
        let (progress, pursuit) = (Progress::default(), Pursuit::starting_at(now));
        Self { ended, attempts, progress, pursuit, deadline, held_until }
    }

    pub(super) fn proceed(
        mut self: Box<Self>,
        kernel: &mut Kernel,
        reading: ClockReading,
        step: &mut Step,
    ) -> Phase {
        let now = reading.monotonic;
        let gone = !matches!(kernel.sight.view, View::Present(_));
        let pending = self.pursuit.awaits_look() || self.attempts.open().next().is_some();
        let over = if now >= self.deadline {
            Some(self.still_held(kernel))
        } else if gone && !pending {
            Some(Release::NotOurs)
        } else {
            None
        };
        if let Some(release) = over {
            // One publication a step: readers must see the end of the term first.
            if step.publish.is_some() {
                step.wake_at = Some(now);
                return Phase::Releasing(self);
            }
            return self.finish(kernel, release, now, step);
        }
        match self.next(now, kernel) {
            Want::Look => {
                let pace = Pace::of_release(kernel.config(), self.deadline);
                kernel.look(&mut self.attempts, now, pace, step);
            }
            Want::Write => {
                self.write(kernel, reading, step);
                self.pursuit.sent();
            }
            Want::Wait(_) => {}
        }
        let (silence, config) = (self.attempts.silence(), kernel.config());
        self.progress.tell(silence, config, now, step);
        let wake = self.next(now, kernel).wake_at(now);
        let tell_at = self.progress.tell_at(silence, config);
        step.wake_at = Some(tell_at.map_or(wake, |at| at.min(wake)));
        Phase::Releasing(self)
    }

    fn next(&self, now: Instant, kernel: &Kernel) -> Want {
        let own = |kind| kind == Kind::Release;
        match self.pursuit.next(now, self.deadline, &self.attempts, own) {
            // The Lease was deleted; what would create it again is still under way.
            Want::Write if kernel.sight.present().is_none() => Want::Wait(self.deadline),
            want @ (Want::Look | Want::Wait(_) | Want::Write) => want,
        }
    }

    /// Every renewal that may have been applied holds the Lease for as long again.
    fn still_held(&self, kernel: &Kernel) -> Release {
        let lease = kernel.config().lease_duration;
        let until = self.attempts.last_write().map(|last| last.sent.after(lease));
        Release::StillHeld { until: until.map_or(self.held_until, |at| at.max(self.held_until)) }
    }

    /// A renewal that was sent then was applied.
    fn renewed(&mut self, sent: Instant, kernel: &Kernel) {
        self.held_until = self.held_until.max(sent.after(kernel.config().lease_duration));
    }

    fn write(&mut self, kernel: &mut Kernel, reading: ClockReading, step: &mut Step) {
        let Some(seen) = kernel.sight.present() else {
            return;
        };
        let (version, read) = (seen.version.clone(), seen.record.clone());
        let record = kernel.release_record(&read, reading);
        let request = Request::Update { version, record };
        let (now, pace) = (reading.monotonic, Pace::of_release(kernel.config(), self.deadline));
        kernel.send(&mut self.attempts, Kind::Release, request, now, pace, step);
    }

    pub(super) fn give_up(self, kernel: &mut Kernel, now: Instant, step: &mut Step) -> Phase {
        let release = self.still_held(kernel);
        self.finish(kernel, release, now, step)
    }

    fn finish(
        mut self,
        kernel: &mut Kernel,
        release: Release,
        now: Instant,
        step: &mut Step,
    ) -> Phase {
        self.attempts.drop_all(step);
        // A replica that gives a Lease up and contends at once would mostly win it back.
        kernel.contend_from = now.after(kernel.config().retry_period * 2);
        step.publish(Leadership::Released(release));
        step.wake_at = None;
        Phase::Idle
    }
}
