//! The log of checks that begin to pass or to fail: a kubelet shows no reasons.
//!
//! A probe records what it is about to answer, so that every answer that differs from the one before
//! it has a line. Nothing else records. A scrape and [`Health::checks`](super::Health::checks) read the
//! same conditions and leave no trace here.
//!
//! Some conditions change by time alone: a heartbeat gets old, the last result of a poll too, and an
//! election hears of no leader. No code runs at that moment. The next probe of the endpoint finds
//! the change and logs it, with the reason that holds then. If the change is undone before that
//! probe, it has no line: no probe was answered with it.
//!
//! # Lock
//!
//! Any thread may probe. The lock protects what was told last of each check. A probe holds it while
//! it views the checks as well, so that concurrent probes record in the order of their views.
//! Otherwise the older view could be recorded last, and the log would tell of two changes that never
//! were. Lines are written after the lock is released: the subscriber is the user's code, and may
//! probe in its turn.

use std::mem;

use super::check::Viewed;
use crate::{
    journal::{info, warn},
    sync::{Mutex, lock},
};

/// What the last probe was told of each check.
#[derive(Debug)]
pub(super) struct Transitions(Mutex<Vec<Logged>>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Logged {
    Nothing,
    Passes,
    Fails,
}

impl Transitions {
    pub(super) fn new(checks: usize) -> Self {
        Self(Mutex::new(vec![Logged::Nothing; checks]))
    }

    /// Takes a view for a probe, and logs each check of which the last probe was told something else.
    pub(super) fn record<'a>(&self, view: impl FnOnce() -> Vec<Viewed<'a>>) -> Vec<Viewed<'a>> {
        let mut told = lock(&self.0);
        let viewed = view();
        let mut changed = Vec::new();
        for one in &viewed {
            let now = if one.status.is_ok() { Logged::Passes } else { Logged::Fails };
            if mem::replace(&mut told[one.index], now) != now {
                changed.push(one);
            }
        }
        drop(told);
        for one in changed {
            log(one);
        }
        viewed
    }
}

fn log(Viewed { check, status, .. }: &Viewed<'_>) {
    let (endpoint, name) = (check.kind.endpoint().word(), &check.name);
    match status {
        Ok(()) => info!(endpoint, check = %name, "check passes"),
        Err(why) => warn!(endpoint, check = %name, "check fails: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::{
        super::{
            check::{Check, CheckKind, Condition},
            flag::Flag,
        },
        *,
    };

    #[test]
    fn a_probe_does_not_view_the_checks_while_another_one_has_yet_to_record() {
        let check = Check {
            kind: CheckKind::Ready,
            name: "caches".into(),
            condition: Condition::Set(Flag::default()),
        };
        let viewed = |status| vec![Viewed { index: 0, check: &check, status }];
        let transitions = Transitions::new(1);
        let (views, viewing) = mpsc::channel();
        thread::scope(|scope| {
            transitions.record(|| {
                scope.spawn(|| {
                    transitions.record(|| {
                        views.send(()).unwrap();
                        viewed(Err("it is not set".into()))
                    });
                });
                let overtaken = viewing.recv_timeout(Duration::from_millis(100));
                assert!(overtaken.is_err(), "the later view is recorded first");
                viewed(Ok(()))
            });
        });
        assert_eq!(*lock(&transitions.0), [Logged::Fails]);
    }
}
