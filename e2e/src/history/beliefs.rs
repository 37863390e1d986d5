//! Checks 2 to 5, of what was believed.

use super::{Belief, History, Overlap, Report, SLACK, lower, milliseconds};
use crate::candidate::Maker;

impl History {
    /// Checks that each term is in the chain, that tokens grow, and that beliefs of ours end in time.
    pub(super) fn check_terms(&self, report: &mut Report) {
        for belief in &self.beliefs {
            self.check_term(belief, report);
        }
        for pair in self.beliefs.windows(2) {
            let [old, new] = pair else { continue };
            if new.transitions <= old.transitions {
                report.faults.push(format!("transitions do not grow: {old} -> {new}"));
            }
        }
        let fenced: Vec<_> = self.beliefs.iter().filter(|belief| belief.fence.is_some()).collect();
        for pair in fenced.windows(2) {
            if pair[1].fence <= pair[0].fence {
                report.faults.push(format!("fences do not grow: {} -> {}", pair[0], pair[1]));
            }
        }
    }

    fn check_term(&self, belief: &Belief, report: &mut Report) {
        let mut written = self.versions.iter().filter(|version| {
            version.holder == belief.replica && version.transitions == belief.transitions
        });
        let Some(last) = written.clone().max_by_key(|version| version.number) else {
            report.faults.push(format!("a term that was never written: {belief}"));
            return;
        };
        if belief.fence.is_some_and(|fence| !written.any(|version| version.number == fence)) {
            report.faults.push(format!("a fence that is not a version of its term: {belief}"));
        }
        let deadline = u64::try_from(self.deadline.as_nanos()).unwrap_or(u64::MAX);
        if belief.maker == Maker::Kunobi && belief.until > last.renewed + deadline + SLACK {
            report.faults.push(format!("believes after its renew deadline: {belief}"));
        }
    }

    /// Checks that no two candidates believe at the same time.
    pub(super) fn check_exclusion(&self, report: &mut Report) {
        for (index, new) in self.beliefs.iter().enumerate() {
            for old in &self.beliefs[..index] {
                if old.replica == new.replica {
                    continue;
                }
                let length = old.overlap(new);
                if length > 0 {
                    let (fault, pair) = (self.at_fault(old, new), (old.maker, new.maker));
                    report.overlaps.push(Overlap { fault, pair, length });
                    let length = milliseconds(length);
                    report.blame(fault, format!("{length} of two leaders: {old} and {new}"));
                }
            }
            let before = index.checked_sub(1).and_then(|index| self.beliefs.get(index));
            if let Some(old) = before.filter(|old| old.replica != new.replica)
                && let Some(gap) = new.from.checked_sub(old.until)
            {
                lower(&mut report.gaps, (old.maker, new.maker), gap);
            }
        }
    }

    /// Tells whose fault it is that `old` believes when `new` does: its own, unless client-go has
    /// taken its Lease away meanwhile.
    fn at_fault(&self, old: &Belief, new: &Belief) -> Maker {
        let erased = self.versions.windows(2).any(|pair| {
            let [before, after] = pair else { return false };
            after.holder.is_empty()
                && before.holder == old.replica
                && before.transitions == old.transitions
                && new.transitions > old.transitions
                && self.eraser(before, after).is_some()
        });
        if erased { Maker::ClientGo } else { old.maker }
    }
}

impl Belief {
    /// Returns for how long two believe, in nanoseconds. A client-go candidate that stands still
    /// is not asked what it thinks.
    fn overlap(&self, new: &Self) -> u64 {
        let (from, until) = (self.from.max(new.from), self.until.min(new.until));
        let length = until.saturating_sub(from);
        if self.maker == Maker::Kunobi {
            return length;
        }
        let still = self.pauses.iter().map(|(begin, end)| {
            let (begin, end) = (from.max(*begin), until.min(*end));
            end.saturating_sub(begin)
        });
        length.saturating_sub(still.sum())
    }
}

impl std::fmt::Display for Belief {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { replica, from, until, transitions, fence, .. } = self;
        write!(out, "{replica} from {from} until {until}, transitions {transitions}")?;
        fence.map_or(Ok(()), |fence| write!(out, ", fence {fence}"))
    }
}
