//! Checks 1 and 6, of what was written.

use super::{History, Report, SLACK, Version, lower};
use crate::candidate::Maker;

impl History {
    pub(super) fn check_chain(&self, report: &mut Report) {
        for pair in self.versions.windows(2) {
            let [old, new] = pair else { continue };
            if let Some(fault) = self.step_fault(old, new) {
                report.faults.push(format!("{fault}: {old} -> {new}"));
            }
            let taken = new.acquired != old.acquired && !new.holder.is_empty();
            if let Some(maker) = self.maker(&new.holder)
                && taken
                && !old.holder.is_empty()
            {
                lower(&mut report.waits, maker, new.renewed.saturating_sub(old.renewed));
            }
        }
    }

    fn step_fault(&self, old: &Version, new: &Version) -> Option<&'static str> {
        if new.number <= old.number {
            return Some("a version does not come after the one before");
        }
        if new.holder.is_empty() {
            let release = !old.holder.is_empty() && new.transitions == old.transitions;
            return (!release).then_some("a release of nothing, or with other transitions");
        }
        if new.holder == old.holder && new.acquired == old.acquired {
            if new.transitions != old.transitions {
                return Some("a renewal with other transitions");
            }
            return (new.renewed <= old.renewed).then_some("a renewal that goes back in time");
        }
        if new.transitions != old.transitions + 1 {
            return Some("a takeover that does not count on by one");
        }
        if old.holder.is_empty() {
            return None;
        }
        if self.may_be_early(old, new) {
            return None;
        }
        let lease = old.seconds * 1_000_000_000;
        // client-go does not see that a record was renewed within one second.
        let early = match self.maker(&new.holder) {
            Some(Maker::ClientGo) => 1_000_000_000 + SLACK,
            Some(Maker::Kunobi) | None => SLACK,
        };
        (new.renewed + early < old.renewed + lease).then_some("a takeover of a lease that runs")
    }

    /// Tells whether a term may begin before the lease of the one before has run out: a candidate may
    /// take its own Lease back (rule O1), and anybody that of a process that has ended (rule C7).
    /// client-go takes its own back as well.
    fn may_be_early(&self, old: &Version, new: &Version) -> bool {
        let dead = |death: &(String, u64)| {
            death.0 == old.holder && (old.renewed..new.renewed).contains(&death.1)
        };
        new.holder == old.holder || self.deaths.iter().any(dead)
    }

    /// Checks that only the holder releases, and only after it has stopped.
    pub(super) fn check_releases(&self, report: &mut Report) {
        for pair in self.versions.windows(2) {
            let [old, new] = pair else { continue };
            if !new.holder.is_empty() || old.holder.is_empty() {
                continue;
            }
            if let Some(eraser) = self.eraser(old, new) {
                report.client_go.push(format!("{eraser} erased the Lease of its successor: {old}"));
                continue;
            }
            let Some(maker) = self.maker(&old.holder) else {
                report.faults.push(format!("released by somebody who never led: {old}"));
                continue;
            };
            let term = self.beliefs.iter().find(|belief| {
                belief.replica == old.holder && belief.transitions == old.transitions
            });
            if let Some(term) = term
                && term.until > new.renewed + CLOCKS
            {
                let replica = &old.holder;
                report.blame(maker, format!("{replica} released before it had stopped: {new}"));
            }
        }
    }

    /// Returns the client-go candidate that cleared the record of another, if one did.
    pub(super) fn eraser(&self, old: &Version, new: &Version) -> Option<&str> {
        let own = |claim: &&super::ReleaseClaim| claim.replica == old.holder;
        if self.releases.iter().filter(own).any(|claim| {
            // Our candidate reports only that it released, once a term.
            claim.answered + SLACK >= new.seen && claim.answered < new.seen + ANSWER
        }) {
            return None;
        }
        let foreign = self.releases.iter().find(|claim| {
            claim.maker == Maker::ClientGo
                && claim.replica != old.holder
                && claim.transitions == Some(new.transitions)
        });
        foreign.map(|claim| claim.replica.as_str())
    }
}

/// A process reads its two clocks one after the other: by how much the readings may differ.
const CLOCKS: u64 = 1_000_000;
/// How long an answer may take.
const ANSWER: u64 = 10_000_000_000;
