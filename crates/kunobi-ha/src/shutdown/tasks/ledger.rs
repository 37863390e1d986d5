//! What runs, what was cut off, and what may still begin.
//!
//! 1. An account counts exactly the entries of its scope.
//! 2. Nothing is entered into a scope that is closed, and none opens again.
//! 3. A task whose entry is marked as aborted has been aborted, or is as soon as its handle is
//!    here: [`Ledger::abort`] and [`Ledger::started`] can come in either order.

use std::{collections::BTreeMap, sync::Arc};

use tokio::task::AbortHandle;

use super::{
    scope::{LeaseId, Part, Scope, TermId},
    tally::Tally,
};

/// What runs, what was cut off, and what may still begin.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    next: u64,
    running: BTreeMap<u64, Entry>,
    accounts: BTreeMap<Scope, Account>,
    closed: Closed,
    /// Whether the end of the program cut anything off.
    end_cut_off: bool,
}

/// What still runs although it should not.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Tasks: they were aborted, and have not been polled since.
    pub(crate) aborted: Tally,
    /// Guards and tracked futures: only their owners can drop them.
    pub(crate) held: Tally,
}

#[derive(Debug)]
struct Entry {
    scope: Scope,
    name: Arc<str>,
    kind: TaskKind,
    aborted: bool,
}

/// How an entry can be ended from here.
#[derive(Debug)]
enum TaskKind {
    /// Not at all: it is a guard or a tracked future.
    Held,
    /// A task that is being spawned: it is aborted when its handle arrives.
    Starting,
    Task(AbortHandle),
}

#[derive(Debug, Default)]
struct Account {
    running: usize,
    /// What did not end by itself.
    cut_off: Tally,
}

#[derive(Debug, Default)]
struct Closed {
    all: bool,
    before_release: bool,
    /// Of each Lease, the terms up to this one.
    terms: BTreeMap<LeaseId, u64>,
}

impl Ledger {
    /// Enters a guard or a tracked future; `None` if its scope is closed.
    pub(super) fn enter(&mut self, scope: Scope, name: &Arc<str>) -> Option<u64> {
        self.add(scope, name, TaskKind::Held)
    }

    /// Enters a task that is about to be spawned; `None` if its scope is closed.
    pub(super) fn enter_task(&mut self, scope: Scope, name: &Arc<str>) -> Option<u64> {
        self.add(scope, name, TaskKind::Starting)
    }

    fn add(&mut self, scope: Scope, name: &Arc<str>, kind: TaskKind) -> Option<u64> {
        if self.closed.has(scope) {
            return None;
        }
        let id = self.next;
        self.next += 1;
        let name = Arc::clone(name);
        self.running.insert(id, Entry { scope, name, kind, aborted: false });
        self.accounts.entry(scope).or_default().running += 1;
        Some(id)
    }

    /// Takes the handle of a task that was entered, and aborts the task if that was asked for
    /// meanwhile.
    pub(super) fn started(&mut self, id: u64, task: AbortHandle) {
        let Some(entry) = self.running.get_mut(&id) else { return };
        if entry.aborted {
            task.abort();
        }
        entry.kind = TaskKind::Task(task);
    }

    /// Removes an entry; `ended` says that it has ended by itself.
    pub(super) fn leave(&mut self, id: u64, ended: bool) {
        let Some(Entry { scope, name, aborted, .. }) = self.running.remove(&id) else { return };
        let account = self.accounts.entry(scope).or_default();
        account.running -= 1;
        if aborted || !ended {
            account.cut_off.note(name);
        }
    }

    pub(super) fn is_idle(&self, part: Part) -> bool {
        self.accounts_of(part).all(|account| account.running == 0)
    }

    /// Returns the names of what runs, in the order in which it began.
    pub(super) fn running(&self, part: Part) -> Vec<Arc<str>> {
        self.entries_of(part).map(|entry| Arc::clone(&entry.name)).collect()
    }

    pub(super) fn left(&self, part: Part) -> Left {
        let mut left = Left::default();
        for entry in self.entries_of(part) {
            let names = match entry.kind {
                TaskKind::Held => &mut left.held,
                TaskKind::Starting | TaskKind::Task(_) => &mut left.aborted,
            };
            names.extend(&Tally::of(&[Arc::clone(&entry.name)]));
        }
        left
    }

    /// Returns the names of what has not ended, or not by itself.
    pub(super) fn unfinished(&self, part: Part) -> Tally {
        let mut all = Tally::of(&self.running(part));
        self.accounts_of(part).for_each(|account| all.extend(&account.cut_off));
        all
    }

    /// Closes this part, aborts its tasks, and marks all its entries as cut off.
    pub(super) fn abort(&mut self, part: Part) {
        self.close(part);
        self.end_cut_off |= matches!(part, Part::All) && !self.running.is_empty();
        for entry in self.running.values_mut().filter(|entry| part.has(entry.scope)) {
            entry.aborted = true;
            match &entry.kind {
                TaskKind::Task(task) => task.abort(),
                TaskKind::Held | TaskKind::Starting => {}
            }
        }
    }

    /// Lets nothing of this part begin from now on.
    pub(super) fn close(&mut self, part: Part) {
        match part {
            Part::All => self.closed.all = true,
            Part::BeforeRelease(lease) => {
                self.closed.close_terms(TermId { lease, number: u64::MAX });
                // The term of another Lease may still hand work to it, and that Lease waits for it.
                self.closed.before_release |= !self.has_running_terms();
            }
            Part::Of(Scope::Term(term)) => self.closed.close_terms(term),
            // They last as long as the process.
            Part::Of(Scope::Always | Scope::BeforeRelease) => {}
        }
    }

    /// Closes a scope that is over, and forgets what was cut off in it. What the end of the program cut
    /// off is not forgotten: it counts for what is still to be released.
    #[cfg(feature = "operator")]
    pub(super) fn forget(&mut self, scope: Scope) {
        self.close(Part::Of(scope));
        if self.end_cut_off {
            return;
        }
        self.accounts.entry(scope).or_default().cut_off = Tally::default();
        self.accounts.retain(|of, account| *of != scope || account.running > 0);
    }

    fn has_running_terms(&self) -> bool {
        self.running.values().any(|entry| match entry.scope {
            Scope::Term(_) => true,
            Scope::Always | Scope::BeforeRelease => false,
        })
    }

    fn entries_of(&self, part: Part) -> impl Iterator<Item = &Entry> {
        self.running.values().filter(move |entry| part.has(entry.scope))
    }

    fn accounts_of(&self, part: Part) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(move |(scope, _)| part.has(**scope)).map(|(_, of)| of)
    }
}

impl Closed {
    fn has(&self, scope: Scope) -> bool {
        match scope {
            Scope::Always => self.all,
            Scope::BeforeRelease => self.all || self.before_release,
            Scope::Term(term) => {
                self.all || self.terms.get(&term.lease).is_some_and(|last| term.number <= *last)
            }
        }
    }

    /// Closes this term and those of its Lease before it.
    fn close_terms(&mut self, TermId { lease, number }: TermId) {
        let last = self.terms.entry(lease).or_default();
        *last = number.max(*last);
    }
}

#[cfg(all(test, feature = "operator"))]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_in_one_scope_is_forgotten_and_what_runs_is_not() {
        let mut ledger = Ledger::default();
        let term = Scope::Term(TermId { lease: LeaseId(0), number: 1 });
        let enter = |ledger: &mut Ledger, scope, name: &str| ledger.enter(scope, &name.into());
        let cut_off = enter(&mut ledger, term, "cut off").unwrap();
        let slow = enter(&mut ledger, term, "slow").unwrap();
        let always = enter(&mut ledger, Scope::Always, "always").unwrap();
        ledger.leave(cut_off, false);
        ledger.forget(term);
        assert_eq!(ledger.unfinished(Part::Of(term)).to_string(), "slow");
        assert!(!ledger.is_idle(Part::Of(term)) && !ledger.is_idle(Part::Of(Scope::Always)));
        ledger.leave(slow, true);
        ledger.forget(term);
        assert_eq!(ledger.accounts.keys().collect::<Vec<_>>(), [&Scope::Always]);
        ledger.leave(always, true);
        assert!(ledger.is_idle(Part::All));
    }
}
