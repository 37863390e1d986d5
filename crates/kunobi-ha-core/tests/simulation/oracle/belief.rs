//! What counts as ours: belief rests on an applied write of this very elector, counts from its
//! send, and ends at once when the Lease shows anything else.
//!
//! rule 2: belief counts from the send of an applied write, and never outlives it
//! rule 14: what is not our term ends it at once
//! rule 15: belief rests on an applied write of this very elector

use kunobi_ha_core::{Input, Instant, Leadership, LeaseRecord, StepDownReason, Term, Version};

use super::{Belief, Broken, Promise, Scene, Witness, shows, written};

impl Witness {
    pub(super) fn believe(
        &mut self,
        scene: &Scene,
        term: Term,
        valid_until: Instant,
    ) -> Result<(), Broken> {
        let watched = self.watched;
        let revived = self.ended_terms.contains(&term);
        watched.deny(Promise::Order, revived, || format!("the ended term {term} was revived"))?;
        let before = self.belief.as_ref().map(|belief| belief.valid_until);
        watched.deny(Promise::Backwards, before > Some(valid_until), || {
            format!("the deadline of term {term} went back")
        })?;
        let late = valid_until <= scene.now;
        watched
            .deny(Promise::Belief, late, || format!("term {term} is over when it is published"))?;
        let far = valid_until > scene.now.after(scene.config.renew_deadline);
        watched
            .deny(Promise::Belief, far, || format!("term {term} lasts longer than from now on"))?;
        let rests_on = self.backing(scene, &term, valid_until);
        let unbacked = rests_on.is_none();
        watched.deny(Promise::Belief, unbacked, || {
            format!("no applied write backs term {term} until {valid_until:?}")
        })?;
        let begun = |version: &Version, record: &LeaseRecord| {
            version.resource_version.get() == term.fence() && shows(record, scene.identity, &term)
        };
        let guessed = before.is_none() && !scene.ledger.has(begun);
        watched
            .deny(Promise::Belief, guessed, || format!("nothing stands for the fence {term}"))?;
        let uid = scene.known.map(|version| version.uid.clone());
        self.belief = Some(Belief { term: Some(term), valid_until, uid, rests_on });
        Ok(())
    }

    /// Returns the applied write of this term that was sent exactly D before the deadline.
    fn backing(&self, scene: &Scene, term: &Term, valid_until: Instant) -> Option<usize> {
        self.sent.iter().rev().find_map(|(id, sent)| {
            let record = written(&sent.request)?;
            let fits = sent.at.after(scene.config.renew_deadline) == valid_until
                && shows(record, scene.identity, term);
            let place = fits.then(|| scene.ledger.applied(scene.who, *id))??;
            let newest =
                scene.known.is_some_and(|known| scene.ledger.has(|v, r| v == known && r == record));
            // Of two that were sent after each other, the later one may have been answered first.
            let renewed = self.belief.as_ref().is_some_and(|b| b.valid_until == valid_until);
            (newest || renewed).then_some(place)
        })
    }

    /// A leader that is shown something else, or whose time is over, must have said so.
    pub(super) fn check_end(
        &self,
        scene: &Scene,
        believed: Option<&Belief>,
        shown: Option<(&Version, &LeaseRecord)>,
    ) -> Result<(), Broken> {
        let (Some(belief), Some(before)) = (&self.belief, believed) else {
            return Ok(());
        };
        let over = belief.valid_until <= scene.now;
        self.watched
            .deny(Promise::Belief, over, || "a leader goes on after its deadline".into())?;
        let rewound = scene.rewound().is_some();
        self.watched.deny(Promise::Belief, rewound, || "a leader goes on after a rewind".into())?;
        let Some((version, record)) = shown else {
            return Ok(());
        };
        let news = self.knowledge.is_news(version) && self.must_hear(scene.input);
        let strange = !self.is_of_term(scene, before, version, record);
        self.watched.deny(Promise::Belief, news && strange, || {
            format!("a leader goes on though the Lease shows {record:?}")
        })
    }

    /// A term ends for the reason that is given.
    pub(super) fn check_reason(
        &self,
        scene: &Scene,
        shown: Option<(&Version, &LeaseRecord)>,
    ) -> Result<(), Broken> {
        let (Some(Leadership::Ended { reason, .. }), Some(belief)) =
            (&scene.step.publish, &self.belief)
        else {
            return Ok(());
        };
        // Another object is another term, unless this one made it on purpose.
        let strange = shown.is_some_and(|(version, record)| {
            belief.uid.as_ref() != Some(&version.uid)
                || belief.term.is_some_and(|term| !shows(record, scene.identity, &term))
        });
        let so = match reason {
            StepDownReason::Cancelled => matches!(scene.input, Input::StepDown | Input::Stop),
            StepDownReason::HolderChanged | StepDownReason::RecreationLost => strange,
            StepDownReason::RenewDeadlineExceeded => belief.valid_until <= scene.now,
            StepDownReason::ClockWentBack => self.went_back(scene),
            StepDownReason::Rewound => scene.rewound().is_some(),
            _ => false,
        };
        self.watched
            .deny(Promise::Belief, !so, || format!("a term ended for no reason: {reason:?}"))
    }
}
