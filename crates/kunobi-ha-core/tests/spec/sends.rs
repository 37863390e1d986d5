//! What an elector may send: a read, or a write that is a row.

use kunobi_ha_core::{
    Attempt, Input, Lease, LeaseRecord, LeaseTime, Observed, Outcome, Request, Version,
};

use super::{
    attempts::{Answer, Sent},
    monitor::Monitor,
    state::{CONTENDING, IDLE, PROBATION, RELEASING, Slot, State, TAKEOVER, WITHDRAWING},
    table::Take,
    violation::Violation,
};

impl Monitor {
    pub(super) fn sends(&mut self, attempt: &Attempt) -> Result<(), Box<Violation>> {
        let State { mode, now, .. } = self.state;
        self.must("16", "acquire", mode != IDLE, "nothing is sent while idle")?;
        let early = mode == CONTENDING && now < self.quiet_until;
        self.must("16", "acquire", !early, "after a release, 2 R are waited for")?;
        let outstanding = self.attempts.values().filter(|sent| sent.open).count();
        self.must("10", "give up", outstanding < 2, "two attempts at most are outstanding")?;
        let slot = match &attempt.request {
            Request::Read => Err("10"),
            Request::Create { record, .. } => Ok(self.creates(record)?),
            Request::Update { version, record } => Ok(self.updates(version, record)?),
        };
        if let Ok(k) = slot {
            self.in_slot[k] = Some(attempt.id);
            if self.sends.len() == MOST_SENDS {
                self.sends.pop_front();
            }
            self.sends.push_back(now);
        }
        self.sight.last_sent = Some(attempt.id);
        let request = attempt.request.clone();
        let is_open_read = |sent: &Sent| sent.open && sent.request == Request::Read;
        let other = self.attempts.iter().find(|(_, sent)| is_open_read(sent));
        let joins = other.filter(|_| request == Request::Read);
        let joins = joins.map(|(id, sent)| sent.joins.unwrap_or(*id));
        let sent = Sent { request, open: true, slot, at: now, joins, answer: Answer::Not };
        self.attempts.insert(attempt.id, sent);
        Ok(())
    }

    fn creates(&mut self, record: &LeaseRecord) -> Result<usize, Box<Violation>> {
        self.check_record(record)?;
        let k = self.free_slot();
        if self.state.holds() {
            self.take(Take::ReCreate { k, r: UNNAMED })?;
            self.check_term(record)?;
            if self.state.mode == PROBATION {
                self.expects_a_grace(&record.acquire_time);
            }
            return Ok(k);
        }
        let t = self.book.bid(None, record);
        self.take(Take::Create { k, t, r: UNNAMED })?;
        self.expects_a_grace(&record.acquire_time);
        Ok(k)
    }

    fn updates(
        &mut self,
        version: &Version,
        record: &LeaseRecord,
    ) -> Result<usize, Box<Violation>> {
        self.check_record(record)?;
        let seen = self.lease_seen().map(|lease| &lease.version);
        self.must("7", "renew", seen == Some(version), "an update is made on the version known")?;
        let k = self.free_slot();
        let r = self.book.record(&version.uid, record);
        if record.is_free() {
            self.take(Take::Release { k, r })?;
        } else if self.state.holds() {
            self.take(Take::Renew { k, r })?;
            self.check_term(record)?;
        } else {
            let t = self.book.bid(Some(&version.uid), record);
            let other = |slot: &Slot| slot.is_live() && slot.kind == TAKEOVER && slot.term != t;
            let shared = !self.state.slots.iter().any(other);
            self.must("9", "take over", shared, "all attempts of a bid share an acquireTime")?;
            self.bids(k, t, r, record)?;
            let before = self.lease_seen().map_or(0, |lease| lease.record.transitions());
            let raised = record.transitions() == before.saturating_add(1);
            self.must("16", "take over", raised, "a takeover increases the transitions")?;
        }
        // After a restore, a create is answered with a version below the newest.
        let base = i64::try_from(version.resource_version.get()).unwrap_or(i64::MAX);
        self.state.slots[k].base = base;
        Ok(k)
    }

    /// Rule 9, and what is on the wire.
    fn check_record(&mut self, record: &LeaseRecord) -> Result<(), Box<Violation>> {
        let LeaseTime::At(time) = record.renew_time else {
            return Err(self.violation("9", "renew", "there is no renewTime".into()));
        };
        let increases = self.last_renew_time.replace(time) < Some(time);
        self.must("9", "renew", increases, "renewTime strictly increases")?;
        let ended = self.state.mode == RELEASING || self.state.mode == WITHDRAWING;
        self.must(
            "16",
            "release",
            record.is_free() == ended,
            "a release, and nothing else, frees",
        )?;
        let named = record.is_free() || record.holder.as_deref() == Some(&*self.identity);
        self.must("9", "renew", named, "we write our own name")
    }

    fn check_term(&mut self, record: &LeaseRecord) -> Result<(), Box<Violation>> {
        let ours = self.book.term(self.state.term).is_some_and(|term| {
            term.acquire_time == record.acquire_time && term.transitions == record.transitions()
        });
        self.must("9", "renew", ours, "a renewal is of its term")
    }

    /// The answer to this create may be lost.
    fn expects_a_grace(&mut self, acquire_time: &LeaseTime) {
        if self.state.grace_length > 0 && !self.sight.creates.contains(acquire_time) {
            self.sight.creates.push(acquire_time.clone());
        }
    }

    fn free_slot(&mut self) -> usize {
        let free = self.state.slots.iter().position(|slot| !slot.is_live());
        free.unwrap_or_else(|| {
            self.state.slots.push(Slot::default());
            self.in_slot.push(None);
            self.state.slots.len() - 1
        })
    }

    /// Tells whether a write that might count was sent at this instant.
    pub(super) fn attempts_sent_at(&self, sent: i64) -> bool {
        self.sends.contains(&sent)
    }

    /// Tells whether assumption A1 is broken: a version is shown again, with another record or uid, or a
    /// Lease is created that was there before.
    pub(super) fn breaks_a1(&mut self, input: &Input) -> bool {
        let (shown, created) = match input {
            Input::Observed(Observed::Found(shown))
            | Input::Answered { outcome: Outcome::Found(shown), .. } => (shown, None),
            Input::Answered { attempt, outcome: Outcome::Written { lease, created } } => {
                let sent = self.attempts.get(attempt).map(|sent| &sent.request);
                (lease, Some(*created && matches!(sent, Some(Request::Create { .. }))))
            }
            Input::Acquire
            | Input::Answered { .. }
            | Input::HolderDied { .. }
            | Input::Observed(Observed::Deleted)
            | Input::StepDown
            | Input::Stop
            | Input::Wake => return false,
        };
        let number = shown.version.resource_version;
        let uid = shown.version.uid.as_str().to_owned();
        let oldest = self.oldest.entry(uid).or_insert(number);
        let existed = created == Some(true) && *oldest < number;
        *oldest = number.min(*oldest);
        let other = |seen: &Lease| (&seen.version, &seen.record) != (&shown.version, &shown.record);
        let again = |seen: &Lease| seen.version.resource_version == number && other(seen);
        existed || (created.is_none() && self.lease_seen().is_some_and(again))
    }
}

/// The record of a create has its identity when its uid is known.
const UNNAMED: i64 = 0;
const MOST_SENDS: usize = 16;
