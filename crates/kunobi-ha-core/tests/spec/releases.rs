//! What the answers to a release, and to a bid that was given up, say.

use kunobi_ha_core::Lease;

use super::{
    monitor::Monitor,
    shows::version,
    state::{FREE, TAKEOVER},
    table::{Shown, Take},
    turn::Ending,
    violation::Violation,
};

impl Monitor {
    /// A renewal of a term that has ended was applied: its record is shown.
    pub(super) fn retain(
        &mut self,
        k: usize,
        lease: &Lease,
        proof: bool,
    ) -> Result<(), Box<Violation>> {
        if let Some(term) = self.book.term(self.state.term) {
            term.uid = Some(lease.version.uid.clone());
        }
        let owner = self.state.term;
        self.show_own(lease, owner, self.state.lease)?;
        self.give_up(k, "10")?;
        self.settle("15", |_, _| proof)?;
        self.supersede()
    }

    pub(super) fn release(&mut self, lease: &Lease) -> Result<(), Box<Violation>> {
        let w = self.sight.wait_for(&lease.record, self.state.lease);
        self.show_own(lease, FREE, w)?;
        self.finish(Ending::Released)
    }

    /// A write that ends no wait of ours is known by its answer.
    fn show_own(&mut self, lease: &Lease, owner: i64, w: i64) -> Result<(), Box<Violation>> {
        let (before, v) = (self.state.ver, version(lease));
        let r = self.book.record(&lease.version.uid, &lease.record);
        let uid = self.book.uid(&lease.version.uid);
        if v < before {
            // After a restore, a create is answered with a version below the newest. No read has shown
            // a rewind yet.
            let doubt = self.state.doubt;
            self.take(Take::Forget)?;
            self.state.doubt = doubt;
        }
        // A free record shows no term.
        self.take(Take::Show(Shown { v, r, owner, seen: owner, uid, w, after: true }))?;
        self.state.ver = before.max(v);
        self.learn(lease, before);
        Ok(())
    }

    /// A bid that was given up has won. In a create grace it is kept, or another would skip it.
    pub(super) fn win_to_release(&mut self, k: usize, lease: &Lease) -> Result<(), Box<Violation>> {
        let Lease { version: at, record, .. } = lease;
        let (uid, now) = (&at.uid, self.state.now);
        self.sight.grace.take_if(|(graced, until)| graced == uid && now >= *until);
        if self.sight.grace_of(uid) > 0 {
            return self.finish(Ending::Withdrawn);
        }
        let before = self.state.ver;
        // Rule 16: the record may have been altered on the way.
        self.state.slots[k].rec = self.book.record(uid, record);
        let uid = self.book.uid(uid);
        self.unless_restored(Take::WonToBeReleased { k, v: version(lease), uid })?;
        self.give_up(k, "10")?;
        self.settle("10", |slot, _| slot.kind == TAKEOVER)?;
        if let Some(term) = self.book.term(self.state.term) {
            term.uid = Some(lease.version.uid.clone());
            term.transitions = lease.record.transitions();
            term.fence = lease.version.resource_version.get();
        }
        self.learn(lease, before);
        Ok(())
    }
}
