//! Draws states and steps.

use super::super::{
    state::{
        ABSENT, CONTENDING, CREATE, FOREIGN, FREE, IDLE, LEADING, NONE, OUTSTANDING, PRESENT,
        PROBATION, RECREATION, RELEASING, RENEWAL, Slot, State, TAKEOVER, UNCONFIRMED, WITHDRAWING,
    },
    table::{Shown, Take},
};

pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 2).unwrap() % bound
    }

    pub(super) fn chance(&mut self, in_ten: i64) -> bool {
        self.below(10) < in_ten
    }

    pub(super) fn state(&mut self) -> State {
        let lease = 2 + self.below(9);
        State {
            lease,
            deadline: 1 + self.below(lease - 1),
            retry: self.below(6),
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
            seen: self.below(4),
            uid: self.below(3),
            term_since: self.below(40),
            dead: self.below(4),
            doubt: self.below(40),
            lost: self.below(4),
            lost_in: self.below(3),
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

    pub(super) fn take(&mut self, row: u64, k: usize, s: &State) -> Take {
        match row {
            0 => Take::Pass { t: self.below(80) },
            1 => Take::ClockBack { t: self.below(40) },
            2 => Take::Acquire,
            3 => Take::Show(Shown {
                v: self.below(15),
                r: self.below(5),
                owner: self.below(5) - 1,
                seen: self.below(4),
                uid: self.below(3),
                w: self.below(14) + self.below(s.lease),
                after: self.chance(5),
            }),
            4 => Take::ShowAbsent { w: self.below(14), after: self.chance(5) },
            5 => Take::Takeover { k, t: 1 + self.below(4), r: self.below(5) },
            6 => Take::Create { k, t: 1 + self.below(4), r: self.below(5) },
            7 => Take::Renew { k, r: self.below(5) },
            8 => Take::ReCreate { k, r: self.below(5) },
            9 => Take::Release { k, r: self.below(5) },
            10 => {
                let graced = self.chance(5);
                Take::Won { k, v: self.below(15), uid: self.below(3), graced }
            }
            11 => Take::Renewed { k, v: self.below(15), uid: self.below(3) },
            12 => Take::Lapse,
            13 => Take::End { to: self.below(3) },
            14 => Take::StepDown,
            15 => Take::Withdraw,
            16 => Take::WonToBeReleased { k, v: self.below(15), uid: self.below(3) },
            17 => Take::Finish,
            18 => Take::Fail,
            19 => Take::GiveUp { k, to: self.below(3) },
            20 => Take::Forget,
            21 => Take::ToldDead { t: self.below(4) },
            22 => {
                let own_name = self.chance(5);
                Take::Outlive { k, t: 1 + self.below(4), r: self.below(5), own_name }
            }
            23 => Take::Retake { k, t: 1 + self.below(4), r: self.below(5) },
            _ => Take::GraceBegins,
        }
    }

    /// Bends a state so that the guard holds more often.
    pub(super) fn suit(&mut self, s: &mut State, take: Take) {
        let holder = if self.chance(5) { PROBATION } else { LEADING };
        let future = s.now + 1 + self.below(9);
        match take {
            Take::Acquire => s.mode = IDLE,
            Take::Takeover { k, .. } => self.may_bid(s, k, PRESENT),
            Take::Outlive { k, .. } => {
                self.may_bid(s, k, PRESENT);
                let before = |age: i64| (s.now - age).max(0);
                s.seen = s.seen.max(1);
                (s.dead, s.doubt) = (s.seen, before(self.below(3)));
                s.since = before(s.retry * 3 / 2 + self.below(3));
                s.term_since = before(s.lease - 1 + self.below(4));
            }
            Take::Retake { k, .. } => {
                self.may_bid(s, k, PRESENT);
                (s.lost, s.lost_in) = (s.seen, s.uid);
            }
            Take::ToldDead { t } => s.term = if s.term == t { 0 } else { s.term },
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
            Take::Won { k, v, .. } | Take::WonToBeReleased { k, v, .. } => {
                let wins = matches!(take, Take::Won { .. });
                s.mode = if wins { CONTENDING } else { WITHDRAWING };
                let kind = if self.chance(5) { TAKEOVER } else { CREATE };
                s.slots[k] = Slot { kind, ..self.live(s, v) };
            }
            Take::Renewed { k, v, .. } => {
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
            Take::Show(Shown { v, r, owner, seen, uid, .. }) => {
                s.ver = self.below(v + 1);
                if self.chance(5) {
                    (s.known, s.rec, s.owner) = (PRESENT, r, owner.clamp(FOREIGN, FREE));
                    (s.seen, s.uid) = (seen, uid);
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
