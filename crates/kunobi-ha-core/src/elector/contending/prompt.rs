//! How promptly reads are answered that show a lost term: what taking it back rests on (rule O1).

use core::time::Duration;

use crate::time::Instant;

/// The last reads of this candidacy.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct PromptReads {
    /// How many of the last requests were answered so.
    in_a_row: u8,
    /// When the last read was sent that joined no other.
    asked: Instant,
}

impl PromptReads {
    pub(super) const fn none(now: Instant) -> Self {
        Self { in_a_row: 0, asked: now }
    }

    /// A read was sent that joins no other. What joins it takes as long as both: over a network that
    /// loses every other request, no answer is prompt.
    pub(super) const fn asked(&mut self, now: Instant) {
        self.asked = now;
    }

    /// Something else came, or nothing.
    pub(super) const fn broken(&mut self) {
        self.in_a_row = 0;
    }

    /// A read has shown the lost term; tells whether another one is to follow.
    pub(super) fn answered(&mut self, now: Instant, within: Duration) -> bool {
        if now.since(self.asked) > within {
            self.broken();
            return false;
        }
        self.in_a_row = self.in_a_row.saturating_add(1).min(ENOUGH);
        self.in_a_row < ENOUGH
    }

    pub(super) const fn suffice(self) -> bool {
        self.in_a_row >= ENOUGH
    }
}

/// So many prompt answers in a row show that the outage is over.
const ENOUGH: u8 = 2;

#[cfg(feature = "model")]
impl PromptReads {
    pub(super) fn canonical(&mut self, within: Duration, frame: &crate::model::Frame) {
        let mut late = frame.tick;
        while late <= within {
            late += frame.tick;
        }
        self.asked = if frame.retakes { frame.within(late, self.asked) } else { frame.shown_as };
    }
}
