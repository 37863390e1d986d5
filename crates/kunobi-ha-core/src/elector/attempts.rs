//! The requests of an elector: at most two outstanding, and those that may have been applied.

use alloc::vec::Vec;
use core::time::Duration;

use super::progress::Silence;
use crate::{
    input::Outcome,
    record::{LeaseRecord, Uid, Version},
    step::{AttemptId, CreateVia, Step, Verb},
    time::Instant,
};

/// Why a request was sent.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Kind {
    Create(CreateVia),
    Look,
    Recreate(CreateVia),
    Release,
    Renew,
    Takeover,
}

/// One request whose effect may still show.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Try {
    pub(super) id: AttemptId,
    pub(super) kind: Kind,
    pub(super) sent: Instant,
    /// When a second request joins it.
    pub(super) join_at: Instant,
    /// Until when nothing takes its place, unless it is answered or void.
    pub(super) kept_until: Instant,
    /// Nothing replaces another before this.
    pub(super) followed_from: Instant,
    /// What it is guarded by; a look and a create have none.
    pub(super) base: Option<Version>,
    /// What it would write; a look writes nothing.
    pub(super) record: Option<LeaseRecord>,
    /// A read has shown already that it succeeded; only its answer is still on the way.
    pub(super) settled: bool,
}

/// The requests of one candidacy, one term or one release: what ends takes its own along, so that
/// no answer can count for what came after.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Attempts {
    /// Outstanding, oldest first; never more than two.
    live: Vec<Try>,
    /// Writes that are not outstanding, have no definite answer, and may have been applied.
    doubtful: Vec<Try>,
    /// Since when nothing was answered.
    silence: Option<Silence>,
}

impl Attempts {
    pub(super) fn push(&mut self, new: Try, step: &mut Step) {
        while self.live.len() >= MOST_OUTSTANDING {
            self.make_room(new.kind, step);
        }
        // A leader for years has no more of them, and there may be thousands of electors.
        self.silence.get_or_insert(Silence { since: new.sent, verb: new.kind.verb() });
        self.live.reserve_exact(MOST_OUTSTANDING - self.live.len());
        self.live.push(new);
    }

    /// Drops the one that is missed least: settled, then of another sort, then the one that has had
    /// its time.
    fn make_room(&mut self, kind: Kind, step: &mut Step) {
        let position = |wanted: &dyn Fn(&Try) -> bool| self.live.iter().position(wanted);
        let victim = position(&|t| t.settled)
            .or_else(|| position(&|t| !t.kind.is_like(kind)))
            .or_else(|| {
                let expires_first = self.live.iter().enumerate().min_by_key(|(_, t)| t.kept_until);
                expires_first.map(|(position, _)| position)
            })
            .unwrap_or(0);
        let victim = self.live.remove(victim);
        step.drop.push(victim.id);
        self.doubt(victim);
    }

    /// Takes the attempt that was answered out, unless it was dropped before.
    pub(super) fn take(&mut self, id: AttemptId) -> Option<Try> {
        let position = self.live.iter().position(|t| t.id == id)?;
        self.silence = None;
        Some(self.live.remove(position))
    }

    /// Keeps a write without a definite answer: a read can prove it, or show what is to be released.
    pub(super) fn doubt(&mut self, attempt: Try) {
        if attempt.settled || attempt.kind.reads() {
            return;
        }
        if self.doubtful.len() >= MOST_DOUBTFUL {
            self.doubtful.remove(0);
        }
        self.doubtful.push(attempt);
    }

    /// Returns the send instant of the attempt that wrote exactly this record, and counts it as
    /// answered. All others are void: they were guarded by the version that it replaced.
    pub(super) fn prove(
        &mut self,
        uid: &Uid,
        record: &LeaseRecord,
        step: &mut Step,
    ) -> Option<Try> {
        let wrote = |t: &Try| {
            let same_object = t.base.as_ref().is_none_or(|base| base.uid == *uid);
            !t.settled && t.kind.provable() && same_object && t.record.as_ref() == Some(record)
        };
        let proved = self.live.iter().chain(&self.doubtful).find(|t| wrote(t))?.clone();
        self.doubtful.clear();
        self.silence = None;
        self.live.retain_mut(|t| {
            t.settled |= t.id == proved.id;
            if !t.settled {
                step.drop.push(t.id);
            }
            t.settled
        });
        Some(proved)
    }

    /// Drops the looks: another was answered, or what they say is older than a conflict.
    pub(super) fn drop_looks(&mut self, step: &mut Step) {
        self.drop_if(|t| t.kind.reads(), step);
    }

    /// Drops the writes of this kind, which can't have been applied and can't be any more.
    pub(super) fn drop_void(&mut self, kind: Kind, step: &mut Step) {
        self.drop_if(|t| t.kind == kind, step);
        self.doubtful.retain(|t| t.kind != kind);
    }

    /// Drops the writes of this kind, for which there is nothing left to write over; an old 404 may
    /// say so, and then they were applied all the same.
    pub(super) fn drop_doubtful(&mut self, kind: Kind, step: &mut Step) {
        let (dropped, live) =
            core::mem::take(&mut self.live).into_iter().partition(|t| t.kind == kind);
        self.live = live;
        let dropped: Vec<Try> = dropped;
        for attempt in dropped {
            step.drop.push(attempt.id);
            self.doubt(attempt);
        }
    }

    /// Drops what was sent so long ago that no answer can count; returns the last of them.
    pub(super) fn expire(&mut self, now: Instant, after: Duration, step: &mut Step) -> Option<Try> {
        let old = |t: &Try| now >= t.sent.after(after);
        if !self.live.iter().chain(&self.doubtful).any(old) {
            return None;
        }
        let expired = self.open().filter(|t| old(t)).last().cloned();
        self.drop_if(old, step);
        self.doubtful.retain(|t| !old(t));
        expired
    }

    /// Drops the writes that a newer version has made void; tells whether there were any.
    pub(super) fn supersede(&mut self, newest: &Version, step: &mut Step) -> bool {
        let outstanding = self.live.len();
        let void = |t: &Try| t.base.as_ref().is_some_and(|base| base != newest) && !t.settled;
        self.drop_if(void, step);
        self.doubtful.retain(|t| !void(t));
        self.live.len() < outstanding
    }

    /// Drops the creates of a candidate: a record was read that none of them wrote.
    pub(super) fn drop_creates(&mut self, step: &mut Step) {
        self.drop_if(|t| matches!(t.kind, Kind::Create(_)), step);
    }

    /// Tells whether this record is what an outstanding create would write.
    pub(super) fn is_of_create(&self, record: &LeaseRecord) -> bool {
        self.live
            .iter()
            .any(|t| matches!(t.kind, Kind::Create(_)) && t.record.as_ref() == Some(record))
    }

    pub(super) fn drop_all(&mut self, step: &mut Step) {
        self.drop_if(|_| true, step);
        self.doubtful.clear();
    }

    /// Returns the last write of a holder that may have been applied for all that is known.
    pub(super) fn last_write(&self) -> Option<&Try> {
        let writes = self.open_writes().chain(&self.doubtful);
        writes.filter(|t| t.kind != Kind::Release).max_by_key(|t| t.sent)
    }

    /// Returns what waits for an answer for longest, if nothing was answered since.
    pub(super) fn silence(&self) -> Option<Silence> {
        self.silence.filter(|_| self.open().next().is_some())
    }

    pub(super) const fn has_doubtful(&self) -> bool {
        !self.doubtful.is_empty()
    }

    pub(super) fn clear_doubtful(&mut self) {
        self.doubtful.clear();
    }

    fn drop_if(&mut self, dropped: impl Fn(&Try) -> bool, step: &mut Step) {
        self.live.retain(|t| {
            let gone = dropped(t);
            if gone {
                step.drop.push(t.id);
            }
            !gone
        });
    }

    /// The outstanding attempts whose success is not known yet, oldest first.
    pub(super) fn open(&self) -> impl Iterator<Item = &Try> {
        self.live.iter().filter(|t| !t.settled)
    }

    pub(super) fn open_looks(&self) -> impl Iterator<Item = &Try> {
        self.open().filter(|t| t.kind.reads())
    }

    pub(super) fn open_writes(&self) -> impl Iterator<Item = &Try> {
        self.open().filter(|t| !t.kind.reads())
    }
}

impl Try {
    /// Tells whether an answer with this version says that something was written: a server skips
    /// an update that changes nothing, and answers with the old one.
    pub(super) fn has_written(&self, version: &Version) -> bool {
        self.base.as_ref().is_none_or(|base| {
            base.uid == version.uid && version.resource_version > base.resource_version
        })
    }
}

impl Kind {
    pub(super) const fn reads(self) -> bool {
        matches!(self, Self::Look)
    }

    /// Tells whether one can take the place of the other: a renewal that is under way when the
    /// term ends is not waited for.
    pub(super) fn is_like(self, other: Self) -> bool {
        self.reads() == other.reads() && (self == Self::Release) == (other == Self::Release)
    }

    pub(super) const fn verb(self) -> Verb {
        match self {
            Self::Create(_) | Self::Recreate(_) => Verb::Create,
            Self::Look => Verb::Get,
            Self::Release | Self::Renew | Self::Takeover => Verb::Update,
        }
    }

    /// Tells whether the server did what was asked, or found that it could not: an elector that is
    /// answered so has the right to ask.
    pub(super) const fn is_served_by(self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Absent | Outcome::Found { .. } => self.reads(),
            Outcome::Conflict | Outcome::Written { .. } => !self.reads(),
            Outcome::MethodNotAllowed
            | Outcome::Refused(_)
            | Outcome::Rejected { .. }
            | Outcome::Unknown { .. } => false,
        }
    }

    /// A create is not: its record carries no uid, so that a read can't tell whose it is.
    const fn provable(self) -> bool {
        match self {
            Self::Create(_) | Self::Look => false,
            Self::Recreate(_) | Self::Release | Self::Renew | Self::Takeover => true,
        }
    }
}

const MOST_OUTSTANDING: usize = 2;
/// More than fit into a renew deadline with the usual settings; losing one loses no safety.
const MOST_DOUBTFUL: usize = 16;
