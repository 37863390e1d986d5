//! What lets a candidate take a held Lease before it has its age: news of a death, or a long term of its
//! own that an outage has ended.
//!
//! The table has what safety needs of rules C4, C7 and O1. What serves others is checked here: that the
//! term was long, that the last hour had no other retake, and that the last two reads were answered
//! promptly.

use std::time::Duration;

use kunobi_ha_core::{AttemptId, Lease, LeaseRecord, LeaseTime, Notice, Request, Step, Timestamp};

use super::{
    attempts::{Answer, Sent},
    monitor::{Monitor, nanos},
    state::{LEADING, PRESENT, State},
    table::Take,
    violation::Violation,
};

/// What is remembered of the own terms, beside the abstract state.
#[derive(Clone, Debug, Default)]
pub(super) struct Early {
    led_since: i64,
    /// The term that was lost had lasted long enough.
    is_long: bool,
    /// When the last retake was sent, and for which bid.
    retaken: Option<(i64, LeaseTime)>,
    /// The last request before this candidacy.
    asked_before: Option<AttemptId>,
}

impl Early {
    /// The state changes from this mode.
    pub(super) const fn turns(&mut self, mode: i64, after: &State) {
        if mode == LEADING && after.lost != 0 {
            let lasted = after.until.saturating_sub(self.led_since);
            self.is_long = lasted >= after.lease.saturating_mul(LONG_TERM);
        } else if mode != LEADING && after.mode == LEADING {
            self.led_since = after.now;
        }
    }

    pub(super) const fn contends(&mut self, last_sent: Option<AttemptId>) {
        self.asked_before = last_sent;
    }

    /// The clock went back.
    pub(super) fn restart(&mut self, now: i64) {
        if let Some((at, _)) = &mut self.retaken {
            *at = now;
        }
    }
}

impl Monitor {
    /// Rule C4: news of our own terms are refused, and no others.
    pub(super) fn told_dead(
        &mut self,
        holder: &str,
        acquire_time: Timestamp,
        step: &Step,
    ) -> Result<(), Box<Violation>> {
        let t = self.book.named(holder, &LeaseTime::At(acquire_time), &self.identity);
        if step.notices.contains(&Notice::ToldDead) {
            let ours = self.book.term(t).is_some();
            return self.must("C4", "told dead", ours, "news of others are believed");
        }
        self.take(Take::ToldDead { t })
    }

    /// A bid for a Lease that is held or free: by the age of the record, by news, or as a retake.
    pub(super) fn bids(
        &mut self,
        k: usize,
        t: i64,
        r: i64,
        record: &LeaseRecord,
    ) -> Result<(), Box<Violation>> {
        let holder = self.lease_seen().and_then(|lease| lease.record.holder.as_deref());
        let own_name = holder == Some(&*self.identity);
        let [by_age, by_news, by_retake] = [
            Take::Takeover { k, t, r },
            Take::Outlive { k, t, r, own_name },
            Take::Retake { k, t, r },
        ];
        let holds = |take: Take| take.at(&self.state).broken().is_none();
        if holds(by_age) || holds(by_news) {
            return self.take(if holds(by_age) { by_age } else { by_news });
        }
        let State { seen, dead, lost, .. } = self.state;
        if lost != 0 && seen == lost {
            self.take(by_retake)?;
            return self.retakes(&record.acquire_time);
        }
        self.take(if dead != 0 && seen == dead { by_news } else { by_age })
    }

    fn retakes(&mut self, bid: &LeaseTime) -> Result<(), Box<Violation>> {
        let now = self.state.now;
        self.must("O1", "retake", self.early.is_long, "the term lasted 4 L")?;
        let an_hour = nanos(AN_HOUR);
        let rested = |(at, of): &(i64, LeaseTime)| of == bid || now >= at.saturating_add(an_hour);
        let rested = self.early.retaken.as_ref().is_none_or(rested);
        self.must("O1", "retake", rested, "there was no other within an hour")?;
        let of_bid = |sent: &Sent| match &sent.request {
            Request::Read => false,
            Request::Create { record, .. } | Request::Update { record, .. } => {
                record.acquire_time == *bid && sent.answer == Answer::Not
            }
        };
        let of_candidacy = self.attempts.iter().rev();
        let mut before = of_candidacy
            .take_while(|(id, _)| Some(**id) > self.early.asked_before)
            .map(|(_, sent)| sent)
            .filter(|sent| sent.joins.is_none())
            .skip_while(|sent| of_bid(sent));
        let last_two = [before.next(), before.next()];
        let prompt = |sent: &Sent| sent.answer == Answer::Prompt(self.state.rec);
        let prompt = last_two.iter().all(|sent| sent.is_some_and(prompt));
        self.must("O1", "retake", prompt, "the last two requests were prompt reads of it")?;
        self.early.retaken = Some((now, bid.clone()));
        Ok(())
    }

    /// A read was answered. It and those that join it are one request.
    pub(super) fn answered_promptly(&mut self, read: AttemptId, lease: &Lease) {
        let State { known, seen, uid, lost, lost_in, deadline, now, rec, .. } = self.state;
        let own = known == PRESENT && lost != 0 && seen == lost && uid == lost_in;
        let newest = self.lease_seen().is_some_and(|seen| seen.version == lease.version);
        let first = self.attempts.get(&read).and_then(|sent| sent.joins).unwrap_or(read);
        if let Some(sent) = self.attempts.get_mut(&first)
            && (own && newest)
            && now.saturating_sub(sent.at) <= deadline / 8
        {
            sent.answer = Answer::Prompt(rec);
        }
    }
}

/// In lease durations.
const LONG_TERM: i64 = 4;
const AN_HOUR: Duration = Duration::from_secs(3600);
