//! Who leads next: successors and wishes.

use kunobi_ha_core::{
    Hints, Input, Lease, LeaseRecord, LeaseTime, Notice, Observed, Outcome, Successor, Takeover,
    Timestamp,
};

use crate::transitions::{
    phases::taking_over,
    probe::{Probe, at_version, foreign},
};

// rule P2: the successor writes at once, the others wait for 1.5 R, and then say that it did not come
#[test]
fn others_let_the_named_successor_go_first() {
    let named = |identity: &str| Some(successor(identity, RELEASED));
    for (hint, at) in [(None, 1_010), (named("me"), 1_010), (named("third"), 4_010)] {
        let (wrote, absent) = takes_free(hint.clone());
        assert_eq!(wrote, at, "{hint:?}");
        // rule P4: it is told, and costs no more
        let expected = (at > 1_010).then(|| Notice::SuccessorAbsent { successor: "third".into() });
        assert_eq!(absent, expected);
    }
}

// rule P1: a successor counts for the release that named it
#[test]
fn the_successor_of_an_older_release_is_not_heeded() {
    assert_eq!(takes_free(Some(successor("third", RELEASED - 1))), (1_010, None));
}

// rule P3: a wish that appears during a term is told once, and not within L of its beginning
#[test]
fn a_wish_is_told_once_a_term_and_not_before_the_term_is_as_old_as_a_lease() {
    let mut leader = Leader::under(None);
    assert_eq!(leader.wished(20_000, Some("third")), []);
    assert_eq!(leader.until(31_000), []);
    assert_eq!(leader.until(34_000), [wish_for("third")]);
    assert_eq!(leader.wished(40_000, Some("third")), []);
    assert_eq!(leader.wished(41_000, Some("fourth")), []);
}

// rule P3: what was wished before the term does not count in it, unless it is wished again
#[test]
fn a_wish_from_before_the_term_is_not_told() {
    let mut leader = Leader::under(Some("third"));
    assert_eq!(leader.wished(40_000, Some("third")), []);
    assert_eq!(leader.wished(40_100, None), []);
    assert_eq!(leader.wished(40_200, Some("third")), [wish_for("third")]);
    let mut leader = Leader::under(Some("third"));
    assert_eq!(leader.wished(40_000, Some("fourth")), [wish_for("fourth")]);
}

// rule P3: a leader that is wished for leads already
#[test]
fn a_wish_for_the_leader_is_none() {
    let mut leader = Leader::under(None);
    assert_eq!(leader.wished(40_000, Some("me")), []);
    assert_eq!(leader.wished(40_100, Some("third")), [wish_for("third")]);
}

// rule P3: what a leader does about a wish is the program's choice
#[test]
fn a_wish_moves_nothing_by_itself() {
    let requests = |wish| {
        let mut leader = Leader::under(None);
        leader.wished(40_000, wish);
        leader.until(60_000);
        leader.probe.sent
    };
    assert_eq!(requests(Some("third")), requests(None));
}

/// Finds a Lease that was released, with this hint; returns when it bids, and what it says then of
/// the successor.
fn takes_free(hint: Option<Successor>) -> (u64, Option<Notice>) {
    let mut probe = Probe::new(|_| {});
    let free = Lease {
        hints: Hints { successor: hint, wish: None },
        ..Lease::new(at_version(5), released())
    };
    probe.at(1000, Input::Acquire);
    probe.answer(1010, Outcome::Found(free.clone()));
    let wrote = probe.writes_at(&Outcome::Found(free));
    let told = |notice: &&Notice| matches!(notice, Notice::SuccessorAbsent { .. });
    let absent = probe.last.notices.iter().find(told).cloned();
    probe.answer(wrote + 10, probe.written(6, false));
    assert!(probe.last.notices.contains(&Notice::TermBegan { how: Takeover::Released }));
    (wrote, absent)
}

/// Leads since 16.02 s; its Lease has this wish.
struct Leader {
    probe: Probe,
    version: u64,
    wish: Option<&'static str>,
}

impl Leader {
    fn under(wish: Option<&'static str>) -> Self {
        let mut leader = Self { probe: taking_over(), version: 5, wish };
        assert_eq!(leader.answer(), []);
        assert!(leader.probe.leads(), "{}", leader.probe.brief());
        leader
    }

    /// Answers the newest write.
    fn answer(&mut self) -> Vec<Notice> {
        let lease = self.lease();
        self.probe.answer(self.probe.now + 10, Outcome::Written { lease, created: false });
        self.told()
    }

    /// Renews until then.
    fn until(&mut self, at: u64) -> Vec<Notice> {
        let mut told = Vec::new();
        while self.probe.now + 2_000 < at {
            self.probe.wake();
            told.extend(self.told());
            if self.probe.last.send.is_some() {
                told.extend(self.answer());
            }
        }
        told
    }

    /// Sees this wish, or none, at this time; returns what is told of wishes.
    fn wished(&mut self, at: u64, wish: Option<&'static str>) -> Vec<Notice> {
        let mut told = self.until(at);
        self.wish = wish;
        let lease = self.lease();
        self.probe.at(at, Input::Observed(Observed::Found(lease)));
        told.extend(self.told());
        told
    }

    fn lease(&mut self) -> Lease {
        self.version += 1;
        let hints = Hints { wish: self.wish.map(Into::into), successor: None };
        Lease { hints, ..Lease::new(at_version(self.version), self.probe.record()) }
    }

    fn told(&self) -> Vec<Notice> {
        let wished = |notice: &&Notice| matches!(notice, Notice::Wished { .. });
        self.probe.last.notices.iter().filter(wished).cloned().collect()
    }
}

fn wish_for(successor: &str) -> Notice {
    Notice::Wished { successor: successor.into() }
}

fn released() -> LeaseRecord {
    LeaseRecord {
        holder: None,
        duration_seconds: Some(1),
        acquire_time: LeaseTime::At(Timestamp::from_unix_micros(RELEASED)),
        ..foreign(0)
    }
}

fn successor(identity: &str, released: i64) -> Successor {
    Successor { identity: identity.into(), released: Timestamp::from_unix_micros(released) }
}

const RELEASED: i64 = 5_000_000;
