//! Random states and steps. About half of the guards hold, for each row.

use std::{collections::BTreeMap, fmt::Write};

use super::{
    json,
    rows::{Clause, Row},
    state::{
        ABSENT, CONTENDING, CREATE, FOREIGN, FREE, IDLE, LEADING, NONE, OUTSTANDING, PRESENT,
        PROBATION, RECREATION, RELEASING, RENEWAL, Slot, State, TAKEOVER, UNCONFIRMED, WITHDRAWING,
    },
    table::{Shown, Take},
};

/// A state, a step, and what the table makes of them.
struct Pair {
    before: State,
    take: Take,
    row: Row,
}

struct Dice(u64);

#[test]
fn each_row_can_be_taken_and_can_be_refused() {
    let mut counts = BTreeMap::<_, [u32; 2]>::new();
    for Pair { row, .. } in pairs(1, 20_000) {
        counts.entry(row.name).or_default()[usize::from(row.broken().is_none())] += 1;
    }
    assert_eq!(counts.len(), usize::try_from(ROWS).unwrap());
    for (name, [refused, taken]) in counts {
        println!("{name}: {refused} refused, {taken} taken");
        assert!(taken > 200, "{name} is hardly ever taken");
        // A read that was sent late can always show that the server has gone back.
        assert!(refused > 100 || name == "forget", "{name} is hardly ever refused");
    }
}

// rule 2: nothing but a success makes belief or makes it longer
// rule 15: a read alone is not a success
#[test]
fn only_a_success_makes_or_prolongs_belief() {
    for Pair { before, take, row } in pairs(2, 20_000) {
        let after = row.after.clone();
        if row.broken().is_some() || !after.believes() {
            continue;
        }
        let sent = match take {
            Take::Won { k, .. } => Some(before.slots[k].sent + before.deadline),
            Take::Renewed { k, .. } => {
                Some((before.slots[k].sent + before.deadline).max(before.until))
            }
            _ => None,
        };
        let kept = before.mode == LEADING && after.until == before.until;
        assert!(kept || sent == Some(after.until), "{take:?} from {before:?} to {after:?}");
    }
}

#[test]
fn each_clause_of_a_guard_names_a_rule() {
    for Pair { row, .. } in pairs(4, 1_000) {
        for Clause(rule, _, what) in row.guard {
            assert!((1..=16).contains(&rule) && !what.is_empty(), "{}", row.name);
        }
    }
}

// rule 2: the attempts of a phase end with it
#[test]
fn what_ends_a_phase_leaves_nothing_that_could_count() {
    for Pair { take, row, .. } in pairs(3, 20_000) {
        if take.ends_a_phase() && row.broken().is_none() {
            assert!(row.after.slots.iter().all(|slot| !slot.is_live()), "{take:?}");
            assert!(!row.after.holds() && row.after.term == 0, "{take:?}");
        }
    }
}

#[test]
fn pairs_are_written_where_they_are_asked_for() {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let (count, seed) = (number("PAIRS").unwrap_or(100), number("SEED").unwrap_or(1));
    let mut text = String::new();
    for Pair { before, take, row } in pairs(seed, count) {
        writeln!(text, "{}", json::line(&before, take, &row)).unwrap();
    }
    assert_eq!(text.lines().count(), usize::try_from(count).unwrap());
    if let Ok(path) = std::env::var("PAIRS_OUT") {
        std::fs::write(&path, text).unwrap();
        println!("seed {seed}: {count} pairs in {path}");
    }
}

fn pairs(seed: u64, count: u64) -> impl Iterator<Item = Pair> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..count).map(move |n| {
        let k = dice.below(2);
        let mut before = dice.state();
        let take = dice.take(n % ROWS, usize::try_from(k).unwrap(), &before);
        if dice.chance(6) {
            dice.suit(&mut before, take);
        }
        let row = take.at(&before);
        Pair { before, take, row }
    })
}

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 2).unwrap() % bound
    }

    fn chance(&mut self, in_ten: i64) -> bool {
        self.below(10) < in_ten
    }

    fn state(&mut self) -> State {
        let lease = 2 + self.below(9);
        State {
            lease,
            deadline: 1 + self.below(lease - 1),
            grace_length: if self.chance(5) { 0 } else { 1 + self.below(10) },
            now: self.below(40),
            mode: self.below(6),
            until: self.below(50),
            term: self.below(4),
            grace: if self.chance(5) { 0 } else { self.below(50) },
            known: self.below(3),
            ver: self.below(12),
            rec: self.below(5),
            owner: self.below(5) - 1,
            since: self.below(40),
            wait: self.below(14),
            slots: vec![self.slot(), self.slot()],
        }
    }

    fn slot(&mut self) -> Slot {
        if self.chance(3) {
            return Slot::default();
        }
        Slot {
            state: 1 + self.below(2),
            kind: 1 + self.below(5),
            base: self.below(12),
            sent: self.below(40),
            term: self.below(4),
            rec: self.below(5),
        }
    }

    fn take(&mut self, row: u64, k: usize, s: &State) -> Take {
        match row {
            0 => Take::Pass { t: self.below(80) },
            1 => Take::ClockBack { t: self.below(40) },
            2 => Take::Acquire,
            3 => Take::Show(Shown {
                v: self.below(15),
                r: self.below(5),
                owner: self.below(5) - 1,
                w: self.below(14) + self.below(s.lease),
                after: self.chance(5),
            }),
            4 => Take::ShowAbsent { w: self.below(14), after: self.chance(5) },
            5 => Take::Takeover { k, t: 1 + self.below(4), r: self.below(5) },
            6 => Take::Create { k, t: 1 + self.below(4), r: self.below(5) },
            7 => Take::Renew { k, r: self.below(5) },
            8 => Take::ReCreate { k, r: self.below(5) },
            9 => Take::Release { k, r: self.below(5) },
            10 => Take::Won { k, v: self.below(15), graced: self.chance(5) },
            11 => Take::Renewed { k, v: self.below(15) },
            12 => Take::Lapse,
            13 => Take::End { to: self.below(3) },
            14 => Take::StepDown,
            15 => Take::Withdraw,
            16 => Take::WonToBeReleased { k, v: self.below(15) },
            17 => Take::Finish,
            18 => Take::Fail,
            19 => Take::GiveUp { k, to: self.below(3) },
            20 => Take::Forget,
            _ => Take::GraceBegins,
        }
    }

    /// Bends a state so that the guard holds more often.
    fn suit(&mut self, s: &mut State, take: Take) {
        let holder = if self.chance(5) { PROBATION } else { LEADING };
        let future = s.now + 1 + self.below(9);
        match take {
            Take::Acquire => s.mode = IDLE,
            Take::Takeover { k, .. } => self.may_bid(s, k, PRESENT),
            Take::Create { k, .. } => self.may_bid(s, k, ABSENT),
            Take::Renew { k, .. } | Take::ReCreate { k, .. } => {
                let known = if matches!(take, Take::Renew { .. }) { PRESENT } else { ABSENT };
                (s.mode, s.until, s.known, s.owner) = (holder, future, known, s.term);
                s.slots[k] = Slot { state: NONE, ..s.slots[k] };
            }
            Take::Release { k, .. } => {
                (s.mode, s.known, s.owner) = (RELEASING, PRESENT, s.term);
                s.slots[k] = Slot { state: NONE, ..s.slots[k] };
            }
            Take::Won { k, v, .. } | Take::WonToBeReleased { k, v } => {
                let wins = matches!(take, Take::Won { .. });
                s.mode = if wins { CONTENDING } else { WITHDRAWING };
                let kind = if self.chance(5) { TAKEOVER } else { CREATE };
                s.slots[k] = Slot { kind, ..self.live(s, v) };
            }
            Take::Renewed { k, v } => {
                (s.mode, s.until) = (holder, future);
                let kind = if self.chance(5) { RENEWAL } else { RECREATION };
                s.slots[k] = Slot { kind, ..self.live(s, v) };
            }
            Take::Lapse => (s.mode, s.until) = (holder, self.below(s.now + 1)),
            Take::End { to } => s.mode = if to == IDLE { LEADING } else { PROBATION },
            Take::StepDown => s.mode = LEADING,
            Take::Withdraw => {
                s.mode = CONTENDING;
                s.slots[0] = Slot { kind: CREATE, ..self.live(s, 9) };
            }
            Take::Finish => s.mode = if self.chance(5) { RELEASING } else { WITHDRAWING },
            Take::Fail => s.mode = CONTENDING,
            Take::Show(Shown { v, r, owner, .. }) => {
                s.ver = self.below(v + 1);
                if self.chance(5) {
                    (s.known, s.rec, s.owner) = (PRESENT, r, owner.clamp(FOREIGN, FREE));
                }
            }
            Take::GiveUp { k, .. } => s.slots[k] = self.live(s, 9),
            Take::Pass { .. }
            | Take::ClockBack { .. }
            | Take::ShowAbsent { .. }
            | Take::Forget
            | Take::GraceBegins => {}
        }
    }

    fn may_bid(&mut self, s: &mut State, k: usize, known: i64) {
        (s.mode, s.known) = (CONTENDING, known);
        s.since = s.now - s.wait - self.below(3) + self.below(2);
        s.slots[k] = Slot::default();
    }

    /// A write that would be answered with that version.
    fn live(&mut self, s: &State, v: i64) -> Slot {
        Slot {
            state: if self.chance(5) { OUTSTANDING } else { UNCONFIRMED },
            base: self.below(v + 1),
            sent: (s.now - self.below(s.deadline + 1)).max(0),
            term: s.term,
            rec: self.below(5),
            kind: TAKEOVER,
        }
    }
}

const ROWS: u64 = 22;
