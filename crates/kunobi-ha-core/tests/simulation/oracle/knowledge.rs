//! Neither the known version nor what is believed goes back, but by a rewind that is reported.
//!
//! rule 13: neither version nor deadline goes back, and a rewind is reported

use std::mem;

use kunobi_ha_core::{Input, Leadership, Lease, Outcome, Version};

use super::{Broken, Promise, Scene, Witness};

/// The largest resourceVersion that this elector knew.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    pub(super) newest: u64,
    current: Option<u64>,
}

impl Knowledge {
    pub(super) fn is_news(&self, version: &Version) -> bool {
        version.resource_version.get() > self.newest
    }
}

impl Witness {
    /// A rewind is an answer with a smaller version to a read that was sent when the larger one
    /// was known; it is reported, and nothing else is.
    pub(super) fn check_rewind(&self, scene: &Scene) -> Result<(), Broken> {
        let newest = self.knowledge.newest;
        let mut went_back = None;
        if let Input::Answered { attempt, outcome: Outcome::Found(Lease { version, .. }) } =
            scene.input
            && self.outstanding.contains_key(attempt)
            && let Some(sent) = self.sent.get(attempt)
        {
            let read = version.resource_version.get();
            went_back = (sent.knew == newest && read < newest).then_some((newest, read));
        }
        // What time has ended before hears no more.
        let over = self.belief.as_ref().is_some_and(|belief| belief.valid_until <= scene.now);
        let told = scene.rewound();
        // A term without belief that time has ended is seen as a follower that has asked nothing.
        let grace = scene.config.create_grace + scene.config.renew_deadline;
        let lapsed = self.graces.runs(scene.now, grace)
            && matches!(scene.step.publish, Some(Leadership::Following { .. }));
        let over = over || (lapsed && told.is_none());
        let heard = !over && !self.went_back(scene) && self.must_hear(scene.input);
        let wrong = if heard { told != went_back } else { told.is_some() && told != went_back };
        self.watched.deny(Promise::Backwards, wrong, || {
            format!("went back {went_back:?}, but {told:?} was reported")
        })?;
        let never = told.is_some() && scene.fresh_reads && !scene.ledger.restored;
        self.watched.deny(Promise::Backwards, never, || "a rewind where nobody went back".into())
    }

    pub(super) fn learn(&mut self, scene: &Scene) -> Result<(), Broken> {
        let known = scene.known.map(|version| version.resource_version.get());
        let before = mem::replace(&mut self.knowledge.current, known);
        if scene.rewound().is_some() {
            self.knowledge.newest = known.unwrap_or(0);
            return Ok(());
        }
        let newest = self.knowledge.newest;
        self.knowledge.newest = newest.max(known.unwrap_or(0));
        // After a restore the next read shows that the server went back, not what we create there.
        let created = scene.ledger.restored
            && matches!(scene.input, Input::Answered { outcome: Outcome::Written { .. }, .. });
        let back = known.is_some_and(|known| known < newest) && known != before && !created;
        self.watched.deny(Promise::Backwards, back, || {
            format!("the known version went from {newest} to {known:?}")
        })
    }
}
