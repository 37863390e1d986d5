//! Takeovers before the Lease has its age: after news (rule C4), and of an own record (rule O1).

use kunobi_ha_core::{ClockReading, Input, LeaseTime, Request, Step};

use super::{Dead, Replica, World, author};
use crate::{
    marks::Mark,
    setup::{Rumours, Setup},
};

/// Whether an elector that is told the same would write, too.
#[derive(Clone, Copy, Debug)]
pub(super) struct Otherwise {
    /// If it knew of no death.
    without_news: bool,
    /// If it had lost no term.
    without_retake: bool,
}

impl Replica {
    pub(super) fn otherwise(&self, at: ClockReading, input: &Input, setup: &Setup) -> Otherwise {
        let writes = |mut elector: kunobi_ha_core::Elector| {
            let is_news = matches!(input, Input::HolderDied { .. });
            let input = if is_news { Input::Wake } else { input.clone() };
            has_write(&elector.handle(at, input))
        };
        Otherwise {
            without_news: !setup.has_news() || writes(self.elector.without_news()),
            without_retake: setup.faults.retakes == 0 || writes(self.elector.without_retake()),
        }
    }
}

impl World {
    /// Judges a write that would not be sent otherwise.
    pub(super) fn judge_early(
        &mut self,
        who: usize,
        step: &Step,
        otherwise: Otherwise,
        setup: &Setup,
    ) {
        let Some(request) = step.send.as_ref().map(|attempt| &attempt.request) else { return };
        if !has_write(step) || (otherwise.without_news && otherwise.without_retake) {
            return;
        }
        let Request::Update { version, .. } = request else {
            self.breaks("rule C4: nothing but its age lets a missing Lease be created");
            return;
        };
        // A write on an older version fails.
        let Some(over) = self.register.lease.as_ref().filter(|it| it.version == *version) else {
            return;
        };
        let mut wrong = None;
        if !otherwise.without_news {
            let named = over.record.holder.as_deref() == Some(setup.replicas[who].identity);
            setup.marks.set(if named { Mark::DiedItself } else { Mark::Died });
            let is_of = |dead: &Dead| {
                over.record.holder.as_deref() == Some(dead.holder)
                    && over.record.acquire_time == LeaseTime::At(dead.acquire_time)
            };
            let true_news = self.register.dead.iter().any(is_of);
            if !true_news && setup.faults.rumours != Rumours::ToAll {
                wrong = Some("rule C4: news apply to the term that they name");
            }
        }
        if !otherwise.without_retake {
            setup.marks.set(Mark::Retaken);
            let own = u64::try_from(who).unwrap_or(u64::MAX) + 1;
            if author(&over.record) != Some(own) || over.record.is_free() {
                wrong = Some("rule O1: an elector retakes its own record");
            } else if self.replicas[who].led_in.as_ref() != Some(&over.version.uid) {
                wrong = Some("rule O1: a term is retaken in the Lease in which it ended");
            }
        }
        if let Some(rule) = wrong {
            self.breaks(rule);
        }
    }
}

fn has_write(step: &Step) -> bool {
    step.send.as_ref().is_some_and(|attempt| attempt.request != Request::Read)
}
