//! What may be sent, one request at a time.
//!
//! rule 9: renewTime strictly increases
//! rule 10: at most two attempts are outstanding
//! rule 16: nothing but a term that was given up is released

use kunobi_ha_core::{Attempt, LeaseRecord, LeaseTime, Request, Term};

use super::{Broken, Promise, Scene, Sent, Witness, order::Order, written};

impl Witness {
    pub(super) fn send(&mut self, scene: &Scene, attempt: &Attempt) -> Result<(), Broken> {
        let watched = self.watched;
        let knew = self.knowledge.newest;
        let sent =
            Sent { request: attempt.request.clone(), at: scene.now, knew, order: self.order };
        let again = self.sent.insert(attempt.id, sent).is_some();
        watched.deny(Promise::Request, again, || format!("{} was used twice", attempt.id.get()))?;
        self.outstanding.insert(attempt.id, attempt.clone());
        let outstanding = self.outstanding.len();
        let many = outstanding > 2;
        watched.deny(Promise::Request, many, || format!("{outstanding} attempts outstanding"))?;
        let idle = self.order == Order::Idle;
        watched.deny(Promise::Request, idle, || format!("{attempt:?} was sent for nobody"))?;
        self.count_request(scene)?;
        self.check_wait(scene, attempt)?;
        self.check_handover(scene)?;
        let is_read = |attempt: &Attempt| attempt.request == Request::Read;
        let others = self.outstanding.values().filter(|other| other.id != attempt.id);
        let joins = is_read(attempt) && others.into_iter().any(is_read);
        self.early.sent(attempt.id, &attempt.request, scene.now, joins);
        match written(&attempt.request) {
            Some(record) => self.write(record),
            None => Ok(()),
        }
    }

    fn write(&mut self, record: &LeaseRecord) -> Result<(), Broken> {
        let releasing = matches!(self.order, Order::Releasing | Order::Withdrawing);
        self.watched.deny(Promise::Request, record.is_free() != releasing, || {
            format!("{:?} writes {record:?}", self.order)
        })?;
        let long = record.is_free() && record.duration_seconds != Some(1);
        self.watched.deny(Promise::Request, long, || "a release must ask for one second".into())?;
        let ended = |term: &Term| record.acquire_time == LeaseTime::At(term.acquire_time());
        let over = !record.is_free() && self.ended_terms.iter().any(ended);
        self.watched.deny(Promise::Request, over, || "an ended term was renewed".into())?;
        let LeaseTime::At(time) = record.renew_time else {
            return Err(Broken::new(Promise::Request, "a renewTime that is no time was written"));
        };
        let last = self.last_renew_time.replace(time);
        self.watched.deny(Promise::Request, last >= Some(time), || {
            "the renewTime of an attempt did not increase".into()
        })
    }
}
