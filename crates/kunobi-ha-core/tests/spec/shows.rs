//! What a read or an event shows: a proof, the end of a term, or news of the Lease.

use kunobi_ha_core::{AttemptId, Lease, LeaseTime, Request};

use super::{
    monitor::{Monitor, nanos},
    state::{
        ABSENT, CONTENDING, CREATE, IDLE, LEADING, OUTSTANDING, PRESENT, PROBATION, RECREATION,
        RELEASE, RELEASING, RENEWAL, Slot, TAKEOVER, UNCONFIRMED, WITHDRAWING,
    },
    table::{Shown, Take},
    turn::{Ending, Why},
    violation::Violation,
};

impl Monitor {
    pub(super) fn shown(
        &mut self,
        read: Option<AttemptId>,
        lease: &Lease,
    ) -> Result<(), Box<Violation>> {
        let (v, before) = (version(lease), self.state.ver);
        let after = read.is_some_and(|read| self.sight.is_after(read));
        if self.state.mode == IDLE {
            self.turn.refused = Some(("2", "an idle elector is told nothing"));
            return Ok(());
        }
        if !(v > before || (v == before && after)) {
            if after {
                return self.rewound(lease);
            }
            self.turn.refused = Some(("13", "what is old says nothing"));
            return Ok(());
        }
        self.turn.refused = Some(("15", "what is shown proves nothing"));
        let r = self.book.record(&lease.version.uid, &lease.record);
        match self.state.mode {
            CONTENDING => self.shown_to_candidate(lease, r, after),
            PROBATION | LEADING => self.shown_to_holder(lease, r, after),
            RELEASING => self.shown_to_release(lease, r, after),
            _ => self.shown_to_withdrawal(lease, after),
        }
    }

    /// Rule 13: the server has gone back.
    fn rewound(&mut self, lease: &Lease) -> Result<(), Box<Violation>> {
        self.turn.refused = Some(("13", "after a rewind nothing counts"));
        match self.state.mode {
            LEADING => {
                self.turn.ended = Some(Why::Rewind);
                self.take(Take::End { to: IDLE })?;
            }
            PROBATION => {
                self.turn.lost = true;
                self.take(Take::End { to: CONTENDING })?;
            }
            RELEASING => self.finish(Ending::NotOurs)?,
            WITHDRAWING => self.finish(Ending::Withdrawn)?,
            _ => {}
        }
        self.take(Take::Forget)?;
        self.settle("13", |_, _| true)?;
        self.sight.forget();
        self.adopt(lease, true)
    }

    fn shown_to_candidate(
        &mut self,
        lease: &Lease,
        r: i64,
        after: bool,
    ) -> Result<(), Box<Violation>> {
        // Rule 7: a create no longer counts once a record is read that no outstanding one writes.
        let created = |slot: &Slot, record| {
            slot.state == OUTSTANDING && slot.kind == CREATE && record == Some(&lease.record)
        };
        if !(0..self.state.slots.len()).any(|k| created(&self.state.slots[k], self.record_in(k))) {
            self.settle("7", |slot, _| slot.state == OUTSTANDING && slot.kind == CREATE)?;
        }
        if let Some(k) = self.proved(|slot| slot.kind == TAKEOVER && slot.rec == r) {
            let Slot { sent, .. } = self.state.slots[k];
            if self.state.now < sent.saturating_add(self.state.deadline) {
                return self.win(k, lease, true);
            }
            self.turn.refused = Some(("2", "it is proved too late"));
            self.settle("15", |_, _| true)?;
        }
        let same = self.state.known == PRESENT && self.state.rec == r;
        self.adopt(lease, after)?;
        self.supersede()?;
        if same {
            return Ok(());
        }
        // Another record was written since, so that nothing which is unconfirmed can be shown.
        self.settle("15", |slot, _| slot.state == UNCONFIRMED)
    }

    fn shown_to_holder(
        &mut self,
        lease: &Lease,
        r: i64,
        after: bool,
    ) -> Result<(), Box<Violation>> {
        if let Some(k) = self.proved_to_keep(lease, r) {
            return self.renew(k, lease, true);
        }
        let term = self.state.term;
        if self.book.owner(lease, &self.identity, term) == term {
            self.adopt(lease, after)?;
            return self.supersede();
        }
        let recreating = self.state.known == ABSENT;
        if self.state.mode == LEADING {
            let why = if recreating { Why::Recreation } else { Why::Holder };
            self.turn.ended = Some(why);
            self.take(Take::End { to: IDLE })?;
        } else {
            self.turn.lost = true;
            self.take(Take::End { to: CONTENDING })?;
        }
        self.adopt(lease, after)
    }

    fn shown_to_release(
        &mut self,
        lease: &Lease,
        r: i64,
        after: bool,
    ) -> Result<(), Box<Violation>> {
        if self.proved(|slot| slot.kind == RELEASE && slot.rec == r).is_some() {
            return self.release(lease);
        }
        if let Some(k) = self.proved_to_keep(lease, r) {
            return self.retain(k, lease, true);
        }
        let term = self.state.term;
        if self.book.owner(lease, &self.identity, term) == term {
            self.adopt(lease, after)?;
            return self.supersede();
        }
        self.finish(Ending::NotOurs)?;
        self.adopt(lease, after)
    }

    fn shown_to_withdrawal(&mut self, lease: &Lease, after: bool) -> Result<(), Box<Violation>> {
        if let Some(k) = self.own_bid(lease) {
            return self.win_to_release(k, lease);
        }
        // Its bids stay: rule 16 lets it release whatever they turn out to have won.
        self.adopt(lease, after)
    }

    pub(super) fn absent(&mut self, read: AttemptId) -> Result<(), Box<Violation>> {
        if self.state.mode == IDLE || !self.sight.is_after(read) {
            return Ok(());
        }
        if self.state.mode == CONTENDING {
            // Nothing can be written to a Lease that is gone. To a holder the 404 may be older.
            self.settle("10", |slot, _| slot.base > 0)?;
        }
        self.take(Take::ShowAbsent { w: self.sight.wait_for_absence(), after: true })?;
        self.sight.seen = None;
        Ok(())
    }

    /// What was shown is known from now on.
    pub(super) fn adopt(&mut self, lease: &Lease, after: bool) -> Result<(), Box<Violation>> {
        let Lease { version: at, record, .. } = lease;
        // The grace of a create whose answer was lost begins when its record is shown.
        let created = self.sight.creates.contains(&record.acquire_time);
        if created && self.sight.grace_of(&at.uid) == 0 {
            self.take(Take::GraceBegins)?;
            self.grace_begins(lease);
        }
        self.state.grace = self.sight.grace_of(&at.uid);
        let r = self.book.record(&at.uid, record);
        let owner = self.book.owner(lease, &self.identity, self.state.term);
        let seen = self.book.seen(lease, &self.identity, self.state.term);
        let uid = self.book.uid(&at.uid);
        let w = self.sight.wait_for(record, self.state.lease);
        let shown = Shown { v: version(lease), r, owner, seen, uid, w, after };
        let newer = shown.v > self.state.ver;
        self.take(Take::Show(shown))?;
        if newer {
            self.sight.arrives();
        }
        self.sight.keep(lease.clone(), self.state.wait, self.state.lease);
        Ok(())
    }

    /// A create of ours was applied in this Lease: its grace counts from now on.
    pub(super) fn grace_begins(&mut self, lease: &Lease) {
        self.sight.creates.retain(|time| *time != lease.record.acquire_time);
        let length = nanos(self.config.create_grace);
        if length > 0 {
            let until = self.state.now.saturating_add(length);
            self.sight.grace = Some((lease.version.uid.clone(), until));
        }
    }

    /// Rule 10: writes to an older version are void.
    pub(super) fn supersede(&mut self) -> Result<(), Box<Violation>> {
        let newest = self.lease_seen().map(|lease| lease.version.clone());
        self.settle("10", |_, request| match request {
            Some(Request::Update { version, .. }) => newest.as_ref() != Some(version),
            Some(Request::Read | Request::Create { .. }) | None => false,
        })
    }

    fn record_in(&self, k: usize) -> Option<&kunobi_ha_core::LeaseRecord> {
        let sent = self.in_slot[k].and_then(|id| self.attempts.get(&id))?;
        match &sent.request {
            Request::Read => None,
            Request::Create { record, .. } | Request::Update { record, .. } => Some(record),
        }
    }

    fn proved(&self, is_shown: impl Fn(&Slot) -> bool) -> Option<usize> {
        self.state.slots.iter().position(|slot| slot.is_live() && is_shown(slot))
    }

    /// Rule 15: a term can prove its renewal, and that it created its Lease again.
    fn proved_to_keep(&mut self, lease: &Lease, r: i64) -> Option<usize> {
        let recreated = (0..self.state.slots.len()).find(|k| {
            let slot = self.state.slots[*k];
            slot.is_live() && slot.kind == RECREATION && self.record_in(*k) == Some(&lease.record)
        });
        if let Some(k) = recreated {
            self.state.slots[k].rec = r;
            return recreated;
        }
        self.proved(|slot| slot.kind == RENEWAL && slot.rec == r)
    }

    /// Rule 16: a withdrawal knows its record by holder and acquireTime.
    pub(super) fn own_bid(&self, lease: &Lease) -> Option<usize> {
        let named = lease.record.holder.as_deref() == Some(&*self.identity);
        let bids = |k: &usize| {
            let time = self.record_in(*k).map_or(&LeaseTime::Absent, |ours| &ours.acquire_time);
            self.state.slots[*k].bids() && *time == lease.record.acquire_time
        };
        (0..self.state.slots.len()).find(bids).filter(|_| named)
    }
}

pub(super) fn version(lease: &Lease) -> i64 {
    i64::try_from(lease.version.resource_version.get()).unwrap_or(i64::MAX)
}
