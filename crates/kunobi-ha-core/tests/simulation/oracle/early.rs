//! What lets an elector take a held Lease before it has aged: news of a death, or a long term of its
//! own that an outage has ended.
//!
//! rule C4: news is of one term, says nothing of our own, and nothing soon after a rewind
//! rule C7: the record stays unchanged for 1.5 R, and the term was seen for L
//! rule O1: a term of 4 L, once an hour, after two prompt reads that show it

use std::{collections::VecDeque, time::Duration};

use kunobi_ha_core::{
    AttemptId, Input, Instant, Leadership, Lease, LeaseRecord, LeaseTime, Notice, Outcome, Request,
    StepDownReason, Term, Timestamp, TimingConfig, Uid, Version,
};

use super::{Broken, Promise, Scene, Witness, order::Order, shows, waits::Seen, written};

/// What one elector was told of deaths, and what it knows of its own last term.
#[derive(Debug, Default)]
pub(super) struct Early {
    deaths: Vec<(Box<str>, Timestamp)>,
    known: Option<Version>,
    /// What this elector has bid, newest last.
    bids: Vec<Bid>,
    news_from: Option<Instant>,
    led_since: Option<Instant>,
    lost: Option<(Term, Uid)>,
    /// When a long term ended.
    lapsed_at: Option<Instant>,
    /// The last bid that took a Lease back, and when its last attempt was sent.
    retaken: Option<(Timestamp, Instant)>,
    /// What was asked in this candidacy.
    asked: VecDeque<Asked>,
}

#[derive(Clone, Copy, Debug)]
struct Bid {
    acquire_time: Timestamp,
    /// Rule 9: a create is ours from its success on, and an update when it is sent.
    is_ours: bool,
}

/// A write, or a read with those that joined it.
#[derive(Clone, Debug)]
struct Asked {
    ids: Vec<AttemptId>,
    at: Instant,
    bid: Option<Timestamp>,
    answer: Answered,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Answered {
    Not,
    /// Within D/8, by a read that shows the term that was lost.
    Promptly,
    Otherwise,
}

impl Early {
    pub(super) fn restart(&mut self, now: Instant) {
        (self.lost, self.lapsed_at) = (None, None);
        self.asked.clear();
        if let Some((_, at)) = &mut self.retaken {
            *at = now;
        }
        if let Some(from) = &mut self.news_from {
            *from = (*from).max(now);
        }
    }

    /// Notes what was asked; `joins` tells whether another read is outstanding.
    pub(super) fn sent(&mut self, id: AttemptId, request: &Request, at: Instant, joins: bool) {
        let bid = match written(request).map(|record| (&record.acquire_time, record.is_free())) {
            Some((LeaseTime::At(time), false)) => Some(*time),
            Some(_) | None => None,
        };
        let is_ours = matches!(request, Request::Update { .. });
        match (bid, self.bids.last_mut()) {
            (Some(acquire_time), Some(last)) if last.acquire_time == acquire_time => {
                last.is_ours |= is_ours;
            }
            (Some(acquire_time), _) => self.bids.push(Bid { acquire_time, is_ours }),
            (None, _) => {}
        }
        if let Some(last) = self.asked.iter_mut().rfind(|asked| joins && asked.bid.is_none()) {
            last.ids.push(id);
            return;
        }
        self.asked.push_back(Asked { ids: vec![id], at, bid, answer: Answered::Not });
        if self.asked.len() > 8 {
            self.asked.pop_front();
        }
    }

    /// Tells whether what failed in the last ten retry periods may have been asked again soon.
    pub(super) fn presses(&self, scene: &Scene) -> bool {
        let TimingConfig { lease_duration, retry_period, .. } = scene.config;
        let since = |at: &Instant| scene.now.since(*at);
        self.lapsed_at.as_ref().is_some_and(|at| since(at) < *lease_duration + *retry_period * 10)
    }

    /// Returns from when on news allows that this is taken.
    fn died(&self, seen: &Seen, identity: &str, config: &TimingConfig) -> Option<Instant> {
        let told = |(holder, acquire_time): &&(Box<str>, Timestamp)| {
            seen.record.holder.as_ref() == Some(holder)
                && seen.record.acquire_time == LeaseTime::At(*acquire_time)
        };
        self.deaths.iter().find(told)?;
        let unchanged = seen.since.after(config.retry_period * 3 / 2);
        let again = seen.record.holder.as_deref() == Some(identity);
        let exempt = again && config.create_grace.is_zero();
        let settled =
            if exempt { seen.term_since } else { seen.term_since.after(config.lease_duration) };
        Some(unchanged.max(settled).max(self.news_from.unwrap_or(unchanged)))
    }

    /// Tells whether this bid may take back what it shows.
    fn may_retake(&self, seen: &Seen, scene: &Scene, bid: Timestamp) -> bool {
        let own = |(term, uid): &(Term, Uid)| {
            *uid == seen.uid && shows(&seen.record, scene.identity, term)
        };
        let rested =
            self.retaken.is_none_or(|(of, at)| of == bid || scene.now >= at.after(AN_HOUR));
        let mut before = self
            .asked
            .iter()
            .rev()
            .skip_while(|asked| asked.bid == Some(bid) && asked.answer == Answered::Not);
        let two = [before.next(), before.next()];
        let prompt =
            two.iter().all(|asked| asked.is_some_and(|asked| asked.answer == Answered::Promptly));
        self.lost.as_ref().is_some_and(own) && rested && prompt
    }
}

impl Witness {
    /// Returns what this elector has bid, newest last.
    pub(crate) fn bids(&self) -> impl DoubleEndedIterator<Item = Timestamp> {
        self.early.bids.iter().map(|bid| bid.acquire_time)
    }

    /// Notes what this step tells of deaths and of the own term; the Lease is seen by now.
    pub(super) fn hear_early(&mut self, scene: &Scene) -> Result<(), Broken> {
        let early = &mut self.early;
        let is_new = early.known.as_ref() != scene.known;
        early.known = scene.known.cloned();
        if let Some(seen) = self.view.seen() {
            let of_term = |(holder, time): &(Box<str>, Timestamp)| {
                seen.record.holder.as_ref() == Some(holder)
                    && seen.record.acquire_time == LeaseTime::At(*time)
            };
            // What was told may come before the record: only a record that is read contradicts it.
            if is_new {
                early.deaths.retain(of_term);
            }
            early.lost.take_if(|(term, uid)| {
                *uid != seen.uid || !shows(&seen.record, scene.identity, term)
            });
        }
        if scene.rewound().is_some() {
            early.news_from = Some(scene.now.after(scene.config.lease_duration));
            early.lost = None;
            early.bids.clear();
        }
        if let Some(Leadership::Leading { .. }) = &scene.step.publish {
            early.led_since.get_or_insert(scene.now);
            early.lost = None;
        }
        self.hear_answer(scene);
        self.hear_death(scene)
    }

    /// A term ends that was believed in until now.
    pub(super) fn lose_early(&mut self, scene: &Scene, term: Term, reason: StepDownReason) {
        let began = self.early.led_since.take();
        let Some((belief, began)) = self.belief.as_ref().zip(began) else { return };
        let long = belief.valid_until.since(began) >= scene.config.lease_duration * LONG_TERM;
        let lapsed = reason == StepDownReason::RenewDeadlineExceeded;
        let uid = belief.uid.clone().filter(|_| long && lapsed);
        self.early.lapsed_at = uid.as_ref().map(|_| scene.now);
        self.early.lost = uid.map(|uid| (term, uid));
    }

    fn hear_answer(&mut self, scene: &Scene) {
        let early = &mut self.early;
        if self.order != Order::Contending {
            early.asked.clear();
        }
        let Input::Answered { attempt, outcome } = scene.input else { return };
        if !self.outstanding.contains_key(attempt) {
            return;
        }
        let Some(asked) = early.asked.iter_mut().find(|asked| asked.ids.contains(attempt)) else {
            return;
        };
        let prompt = scene.now.since(asked.at) <= scene.config.renew_deadline / 8;
        let shows_it = match outcome {
            Outcome::Found(Lease { version, record, .. }) => {
                let own = |(term, _): &(Term, Uid)| shows(record, scene.identity, term);
                Some(version) == scene.known && early.lost.as_ref().is_some_and(own)
            }
            Outcome::Absent
            | Outcome::Written { .. }
            | Outcome::Conflict
            | Outcome::MethodNotAllowed
            | Outcome::Refused(_)
            | Outcome::Rejected { .. }
            | Outcome::Unknown { .. } => false,
        };
        asked.answer = if prompt && shows_it { Answered::Promptly } else { Answered::Otherwise };
    }

    /// Rule C4: this process lives, whatever is said of it.
    fn hear_death(&mut self, scene: &Scene) -> Result<(), Broken> {
        let told = scene.step.notices.contains(&Notice::ToldDead);
        let Input::HolderDied { holder, acquire_time } = scene.input else {
            return self.watched.deny(Promise::News, told, || "no news, and told dead".into());
        };
        let under_our_name = **holder == *scene.identity;
        let ours = |bid: &&Bid| under_our_name && bid.acquire_time == *acquire_time;
        let bid = self.early.bids.iter().rev().take(MOST_TERMS).find(ours);
        let must = bid.is_some_and(|bid| bid.is_ours);
        let may = self.early.bids.iter().any(|bid| ours(&bid));
        if !told {
            self.early.deaths.push((holder.clone(), *acquire_time));
        }
        self.watched.deny(Promise::News, (told && !may) || (must && !told), || {
            format!("news of {holder} at {acquire_time:?} was told to be of ourselves: {told}")
        })
    }

    /// Tells whether this bid may be sent although what it takes has not aged; notes it if it may.
    pub(super) fn may_come_early(&mut self, scene: &Scene, bid: &LeaseRecord) -> bool {
        let Some(seen) = self.view.seen() else { return false };
        let LeaseTime::At(bid) = bid.acquire_time else { return false };
        let died = self.early.died(seen, scene.identity, scene.config);
        if died.is_some_and(|from| scene.now >= from) {
            return true;
        }
        let retakes = self.early.may_retake(seen, scene, bid);
        if retakes {
            self.early.retaken = Some((bid, scene.now));
        }
        retakes
    }
}

const LONG_TERM: u32 = 4;
/// Older ones may be forgotten.
const MOST_TERMS: usize = 8;
const AN_HOUR: Duration = Duration::from_secs(3600);
