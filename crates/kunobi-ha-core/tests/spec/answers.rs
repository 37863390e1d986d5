//! What the answer to a write says: whether it counts, and by which rule not.

use kunobi_ha_core::{AttemptId, Lease, LeaseRecord, Outcome, Request};

use super::{
    monitor::Monitor,
    rows::Clause,
    shows::version,
    state::{
        CONTENDING, CREATE, LEADING, PROBATION, RECREATION, RELEASE, RELEASING, Slot, State,
        UNCONFIRMED, WITHDRAWING,
    },
    table::Take,
    violation::Violation,
};

/// What is wrong with the answer to a write, by rule.
struct Flaw {
    rule: &'static str,
    what: &'static str,
    /// The write may have been applied all the same.
    may_be_applied: bool,
}

impl Monitor {
    pub(super) fn write_answered(
        &mut self,
        k: usize,
        id: AttemptId,
        outcome: &Outcome,
    ) -> Result<(), Box<Violation>> {
        match outcome {
            Outcome::Written { lease, created } => self.written(k, id, lease, *created),
            Outcome::Unknown { .. } => {
                self.take(Take::GiveUp { k, to: UNCONFIRMED })?;
                self.keep_sixteen_unconfirmed()
            }
            Outcome::Found(_)
            | Outcome::Absent
            | Outcome::Conflict
            | Outcome::MethodNotAllowed
            | Outcome::Refused(_)
            | Outcome::Rejected { .. } => {
                self.turn.refused = Some(("8", "a write that failed does not count"));
                self.give_up(k, "10")
            }
        }
    }

    fn written(
        &mut self,
        k: usize,
        id: AttemptId,
        lease: &Lease,
        created: bool,
    ) -> Result<(), Box<Violation>> {
        let flaw = self.flaw(k, id, lease, created);
        let newly = created && self.state.slots[k].kind == CREATE;
        let contends = self.state.mode == CONTENDING || self.state.mode == WITHDRAWING;
        if newly && contends {
            self.grace_begins(lease);
        }
        match self.state.mode {
            CONTENDING => self.bid_answered(k, lease, flaw),
            PROBATION | LEADING => match flaw {
                None => self.renew(k, lease, false),
                Some(flaw) => self.flawed(k, &flaw),
            },
            RELEASING if self.state.slots[k].kind == RELEASE => {
                let released = flaw.as_ref().is_none_or(|flaw| flaw.may_be_applied);
                if released && lease.record.is_free() {
                    return self.release(lease);
                }
                self.turn.refused = Some(("8", "the answer does not show a release"));
                self.give_up(k, "8")
            }
            RELEASING => match flaw {
                None => self.retain(k, lease, false),
                Some(flaw) => self.give_up(k, flaw.rule),
            },
            _ => {
                let applied = flaw.is_none_or(|flaw| flaw.may_be_applied);
                let passed = self.sight.has_passed(lease);
                match self.own_bid(lease) {
                    Some(_) if applied && !passed => self.win_to_release(k, lease),
                    Some(_) | None => self.give_up(k, "8"),
                }
            }
        }
    }

    fn bid_answered(
        &mut self,
        k: usize,
        lease: &Lease,
        flaw: Option<Flaw>,
    ) -> Result<(), Box<Violation>> {
        self.names(k, lease);
        let newest = self.lease_seen().map_or(self.state.ver, version);
        let state = State { ver: newest.min(self.state.ver), ..self.state.clone() };
        let uid = self.book.uid(&lease.version.uid);
        let row = Take::Won { k, v: version(lease), uid, graced: false }.at(&state);
        let unheld =
            row.broken().map(|Clause(rule, _, what)| Flaw { rule, what, may_be_applied: false });
        match flaw.or(unheld) {
            Some(flaw) => {
                self.turn.refused = Some((flaw.rule, flaw.what));
                self.give_up(k, flaw.rule)
            }
            None => self.win(k, lease, false),
        }
    }

    fn flawed(&mut self, k: usize, flaw: &Flaw) -> Result<(), Box<Violation>> {
        self.turn.refused = Some((flaw.rule, flaw.what));
        if flaw.may_be_applied {
            self.take(Take::GiveUp { k, to: UNCONFIRMED })?;
            return self.keep_sixteen_unconfirmed();
        }
        self.give_up(k, flaw.rule)
    }

    /// Rules 7 and 8: a create counts with 201 only, an update with a larger version, and any write
    /// with exactly its record.
    fn flaw(&self, k: usize, id: AttemptId, lease: &Lease, created: bool) -> Option<Flaw> {
        let slot = self.state.slots[k];
        let (base, ours) = self.attempts.get(&id).and_then(|sent| parts(&sent.request))?;
        if (slot.kind == CREATE || slot.kind == RECREATION) && !created {
            let what = "a create was answered with 200";
            return Some(Flaw { rule: "7", what, may_be_applied: false });
        }
        let elsewhere = base.is_some_and(|base| base.uid != lease.version.uid);
        if elsewhere || version(lease) <= slot.base {
            let what = "the answer shows no newer version";
            return Some(Flaw { rule: "8", what, may_be_applied: false });
        }
        let what = "the answer shows another record";
        (*ours != lease.record).then_some(Flaw { rule: "8", what, may_be_applied: true })
    }

    pub(super) fn win(
        &mut self,
        k: usize,
        lease: &Lease,
        proof: bool,
    ) -> Result<(), Box<Violation>> {
        self.names(k, lease);
        let (before, sent) = (self.state.ver, self.state.slots[k].sent);
        self.state.grace = self.sight.grace_of(&lease.version.uid);
        let graced = self.state.grace > 0;
        let uid = self.book.uid(&lease.version.uid);
        self.unless_restored(Take::Won { k, v: version(lease), uid, graced })?;
        if let Some(term) = self.book.term(self.state.term) {
            term.uid = Some(lease.version.uid.clone());
            term.fence = lease.version.resource_version.get();
        }
        self.succeeded(lease, before, sent, proof);
        Ok(())
    }

    pub(super) fn renew(
        &mut self,
        k: usize,
        lease: &Lease,
        proof: bool,
    ) -> Result<(), Box<Violation>> {
        self.names(k, lease);
        let Slot { kind, sent, .. } = self.state.slots[k];
        let before = self.state.ver;
        let recreated = self.state.mode == PROBATION && kind == RECREATION;
        let uid = self.book.uid(&lease.version.uid);
        self.unless_restored(Take::Renewed { k, v: version(lease), uid })?;
        if let Some(term) = self.book.term(self.state.term) {
            term.uid = Some(lease.version.uid.clone());
        }
        if recreated {
            self.grace_begins(lease);
        }
        self.succeeded(lease, before, sent, proof);
        Ok(())
    }

    /// After a restore that no read has shown yet, a Lease may be known at a version below the
    /// newest: what it is compared with then is its own version.
    pub(super) fn unless_restored(&mut self, take: Take) -> Result<(), Box<Violation>> {
        let newest = self.state.ver;
        self.state.ver = self.lease_seen().map_or(newest, version).min(newest);
        self.take(take)?;
        self.state.ver = self.state.ver.max(newest);
        Ok(())
    }

    /// A success that was sent when the grace was over ends it.
    fn succeeded(&mut self, lease: &Lease, before: i64, sent: i64, proof: bool) {
        self.turn.success = Some(proof);
        let uid = &lease.version.uid;
        self.sight.grace.take_if(|(graced, until)| graced == uid && sent >= *until);
        if self.state.mode == LEADING {
            self.sight.creates.retain(|time| *time != lease.record.acquire_time);
        }
        self.learn(lease, before);
    }

    /// A create has no uid: its record has its identity from here.
    fn names(&mut self, k: usize, lease: &Lease) {
        if self.state.slots[k].base == 0 {
            self.state.slots[k].rec = self.book.record(&lease.version.uid, &lease.record);
        }
    }

    pub(super) fn learn(&mut self, lease: &Lease, before: i64) {
        if self.state.ver > before {
            self.sight.arrives();
        }
        self.sight.keep_own(lease.clone(), self.state.wait, self.state.lease);
    }
}

fn parts(request: &Request) -> Option<(Option<&kunobi_ha_core::Version>, &LeaseRecord)> {
    match request {
        Request::Read => None,
        Request::Create { record, .. } => Some((None, record)),
        Request::Update { version, record } => Some((Some(version), record)),
    }
}
